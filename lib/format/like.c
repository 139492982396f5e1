/* What `load` did, as data: written into step 0 of the plan, and followed again with --like. */
#include "format/load_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* {"name", "type", "role", "given"}: the last two when they say something. */
static json_t *column_json(const struct weir_field *field, bool given)
{
    struct weir_buffer type = { 0 };
    weir_type_describe(&field->type, &type);
    json_t *column = json_object();
    int code = !column || type.failed || json_object_set_new(column, "name", json_string(field->name)) ||
               json_object_set_new(column, "type", json_string(type.bytes));
    weir_buffer_release(&type);
    if (field->role != WEIR_FEATURE)
        code = code || json_object_set_new(column, "role", json_string(weir_role_name(field->role)));
    if (given)
        code = code || json_object_set_new(column, "given", json_true());
    if (code) {
        json_decref(column);
        return NULL;
    }
    return column;
}

/* The columns that the input gave, without what --bad flag adds. -1: out of memory. */
static int append_columns(const struct weir_load *load, json_t *columns)
{
    const struct weir_known_list *known = load->format.known;
    int count = load->schema.count - (load->format.bad == WEIR_BAD_FLAG);
    struct weir_schema_index index;
    bool *given = weir_allocate_zero((size_t)load->schema.count, sizeof *given);
    int code = !given || weir_schema_index_init(&index, &load->schema) ? -1 : 0;
    for (size_t i = 0; known && i < known->count && code == 0; i++) {
        int at = known->items[i].given ? weir_schema_index_find(&index, known->items[i].name) : -1;
        if (at >= 0)
            given[at] = true;
    }
    if (code == 0)
        weir_schema_index_release(&index);
    for (int i = 0; i < count && code == 0; i++)
        code = json_array_append_new(columns, column_json(&load->schema.fields[i], given[i]));
    free(given);
    return code;
}

/* How pictures and labels were read: {"size": "64x64" (when it was given), "gray", "fit"}, "label_from" (no table). */
static int files_state(const struct weir_load *load, json_t *state)
{
    const struct weir_image_reading *image = &load->format.image;
    char size[32];
    snprintf(size, sizeof size, "%dx%d", image->width, image->height);
    json_t *reading = json_object();
    int code = !reading || (image->width && json_object_set_new(reading, "size", json_string(size))) ||
               json_object_set_new(reading, "gray", json_boolean(image->gray)) ||
               json_object_set_new(reading, "fit", json_string(weir_fit_name(image->fit))) ||
               json_object_set(state, "image", reading);
    json_decref(reading);
    const char *from = load->label_from ? weir_label_from_text(load->label_from) : NULL;
    return code || (from && json_object_set_new(state, "label_from", json_string(from)));
}

json_t *weir_load_state(const struct weir_load *load)
{
    json_t *state = json_object(), *columns = json_array(), *missing = json_array();
    const struct weir_format_options *format = &load->format;
    bool csv = load->marks.delimiter != 0;
    int code = !state || !columns || !missing;
    code = code || json_object_set_new(state, "format", json_string(load->first_format->name));
    if (csv && code == 0)
        code = json_object_set_new(state, "delimiter", json_stringn(&load->marks.delimiter, 1)) ||
               json_object_set_new(state, "quote",
                                   load->marks.quote ? json_stringn(&load->marks.quote, 1) : json_string("none")) ||
               json_object_set_new(state, "header", json_boolean(!load->names));
    if (load->names && code == 0)
        code = json_object_set(state, "names", load->names);
    for (size_t i = 0; i < format->missing.count && code == 0; i++)
        code = json_array_append_new(missing, json_string(format->missing.items[i]));
    code = code || append_columns(load, columns);
    if (load->first_format == weir_format_find("files") && code == 0)
        code = files_state(load, state);
    if (load->first_format->text && code == 0)
        code = json_object_set(state, "missing", missing);
    if (code == 0)
        code = json_object_set(state, "columns", columns);
    json_decref(missing);
    json_decref(columns);
    if (code) {
        json_decref(state);
        return NULL;
    }
    return state;
}

/* A dictionary is written as its values, and so read as them. */
static int set_type(struct weir_known *known, const struct weir_type *type, struct weir_error *error)
{
    const struct weir_type *plain = type->kind == WEIR_DICTIONARY ? &type->children[0].type : type;
    if (weir_type_copy(&known->type, plain))
        return weir_fail_memory(error);
    if (known->type.kind == WEIR_NULL) /* nothing is known of it: as if it had been inferred */
        known->type.kind = WEIR_UTF8;
    return 0;
}

static bool may_lack(enum weir_role role)
{
    return role == WEIR_LABEL || role == WEIR_WEIGHT || role == WEIR_ID;
}

int weir_load_like_schema(struct weir_load_reference *reference, const struct weir_schema *schema,
                          struct weir_error *error)
{
    for (int i = 0; i < schema->count; i++) {
        const struct weir_field *field = &schema->fields[i];
        struct weir_known *item = weir_known_add(&reference->known, field->name);
        if (!item)
            return weir_fail_memory(error);
        item->like = true;
        item->role = field->role;
        item->required = !may_lack(field->role);
        if (set_type(item, &field->type, error))
            return -1;
    }
    return 0;
}

static int like_column(const json_t *column, struct weir_known_list *known, struct weir_error *error)
{
    const char *name = json_string_value(json_object_get(column, "name"));
    const char *type = json_string_value(json_object_get(column, "type"));
    const char *role = json_string_value(json_object_get(column, "role"));
    if (!name || !type)
        return weir_fail(error, WEIR_BAD_DATA, "a column of the plan's step 'load' has no name or no type");
    struct weir_known *item = weir_known_add(known, name);
    if (!item)
        return weir_fail_memory(error);
    item->like = true;
    if (role && !weir_role_parse(role, &item->role))
        return weir_fail(error, WEIR_BAD_DATA, "the plan's step 'load' knows a role that is none");
    item->given = json_is_true(json_object_get(column, "given"));
    item->required = !may_lack(item->role);
    struct weir_type parsed = { 0 };
    int code = weir_type_parse(type, &parsed, error);
    if (code == 0)
        code = set_type(item, &parsed, error);
    weir_type_release(&parsed);
    return code;
}

/* A list of texts, copied; none when it is not there. */
static int copy_texts(const json_t *list, char ***texts, size_t *count, struct weir_error *error)
{
    *texts = weir_allocate_zero(json_array_size(list), sizeof **texts);
    if (!*texts)
        return weir_fail_memory(error);
    for (*count = 0; *count < json_array_size(list); ++*count) {
        const char *text = json_string_value(json_array_get(list, *count));
        if (!text)
            return weir_fail(error, WEIR_BAD_DATA, "the plan's step 'load' has a name or a marker that is no text");
        if (!((*texts)[*count] = weir_duplicate_string(text)))
            return weir_fail_memory(error);
    }
    return 0;
}

/* How files were read, as far as the options do not say. */
static int like_files(struct weir_load_reference *reference, const json_t *state, struct weir_format_options *options,
                      struct weir_error *error)
{
    const json_t *image = json_object_get(state, "image"), *label_from = json_object_get(state, "label_from");
    const char *size = json_string_value(json_object_get(image, "size"));
    const char *fit = json_string_value(json_object_get(image, "fit"));
    options->image.gray |= json_is_true(json_object_get(image, "gray"));
    if (fit && !options->image.fit_given && !weir_fit_parse(fit, &options->image.fit))
        return weir_fail(error, WEIR_BAD_DATA, "the plan's step 'load' fits pictures in a way that is not known");
    if (size && !options->image.width && !weir_image_size_parse(size, &options->image))
        return weir_fail(error, WEIR_BAD_DATA, "the plan's step 'load' knows a size of pictures that is none");
    if (!label_from)
        return 0;
    const char *from = json_string_value(label_from);
    if (!from || weir_label_from_is_table(from)) /* a plan opens nothing */
        return weir_fail(error, WEIR_BAD_DATA, "the plan's step 'load' takes labels from where there can be none");
    return (reference->label_from = weir_duplicate_string(from)) ? 0 : weir_fail_memory(error);
}

int weir_load_like(struct weir_load_reference *reference, const json_t *state, struct weir_format_options *options,
                   struct weir_error *error)
{
    const json_t *delimiter = json_object_get(state, "delimiter"), *columns = json_object_get(state, "columns"), *item;
    const char *quote = json_string_value(json_object_get(state, "quote"));
    size_t i;
    if (!json_is_array(columns))
        return weir_fail(error, WEIR_BAD_DATA, "the plan's step 'load' has no columns");
    json_array_foreach(columns, i, item)
    {
        if (like_column(item, &reference->known, error))
            return -1;
    }
    if (copy_texts(json_object_get(state, "missing"), &reference->missing, &reference->missing_count, error) ||
        copy_texts(json_object_get(state, "names"), &reference->names, &reference->name_count, error))
        return -1;
    if (like_files(reference, state, options, error))
        return -1;
    options->like_form = !options->delimiter && !options->quote && !options->unquoted && !options->no_header &&
                         options->names.count == 0 && delimiter;
    if (!options->delimiter && delimiter &&
        (!json_is_string(delimiter) || weir_delimiter_parse(json_string_value(delimiter), &options->delimiter)))
        return weir_fail(error, WEIR_BAD_DATA, "the plan's step 'load' knows a delimiter that is none");
    if (!options->quote && !options->unquoted && quote && weir_quote_parse(quote, options))
        return weir_fail(error, WEIR_BAD_DATA, "the plan's step 'load' knows a quote that is none");
    if (options->missing.count == 0)
        options->missing = (struct weir_texts){ reference->missing, reference->missing_count };
    if (json_is_false(json_object_get(state, "header"))) {
        options->no_header = true;
        if (options->names.count == 0)
            options->names = (struct weir_texts){ reference->names, reference->name_count };
    }
    return 0;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void weir_load_reference_release(struct weir_load_reference *reference)
{
    weir_known_release(&reference->known);
    free(reference->label_from);
    free_texts(reference->missing, reference->missing_count);
    free_texts(reference->names, reference->name_count);
    *reference = (struct weir_load_reference){ 0 };
}
