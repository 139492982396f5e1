/* What `load` did, as data: written into step 0 of the plan, and followed again with --like. */
#include "format/load_private.h"
#include <stdlib.h>
#include <string.h>

/* {"name", "type", "role", "given"}: the last two when they say something. */
static json_t *column_json(const struct weir_load *load, const struct weir_field *field)
{
    struct weir_buffer type = { 0 };
    weir_type_describe(&field->type, &type);
    json_t *column = json_object();
    int code = !column || type.failed || json_object_set_new(column, "name", json_string(field->name)) ||
               json_object_set_new(column, "type", json_string(type.bytes));
    weir_buffer_release(&type);
    if (field->role != WEIR_FEATURE)
        code = code || json_object_set_new(column, "role", json_string(weir_role_name(field->role)));
    const struct weir_known_list *known = load->format.known;
    for (size_t i = 0; known && i < known->count && code == 0; i++)
        if (known->items[i].given && strcmp(known->items[i].name, field->name) == 0)
            code = json_object_set_new(column, "given", json_true());
    if (code) {
        json_decref(column);
        return NULL;
    }
    return column;
}

json_t *weir_load_state(const struct weir_load *load)
{
    json_t *state = json_object(), *columns = json_array(), *missing = json_array();
    const struct weir_format_options *format = &load->format;
    bool csv = load->delimiter != 0;
    int code = !state || !columns || !missing;
    code = code || json_object_set_new(state, "format", json_string(load->first_format->name));
    if (csv && code == 0)
        code = json_object_set_new(state, "delimiter", json_stringn(&load->delimiter, 1)) ||
               json_object_set_new(state, "header", json_boolean(!format->no_header));
    for (size_t i = 0; i < format->missing.count && code == 0; i++)
        code = json_array_append_new(missing, json_string(format->missing.items[i]));
    int from_data = load->schema.count - (load->format.bad == WEIR_BAD_FLAG);
    for (int i = 0; i < from_data && code == 0; i++)
        code = json_array_append_new(columns, column_json(load, &load->schema.fields[i]));
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
    return weir_type_copy(&known->type, plain) ? weir_fail_memory(error) : 0;
}

static bool may_lack(enum weir_role role)
{
    return role == WEIR_LABEL || role == WEIR_WEIGHT || role == WEIR_ID;
}

int weir_load_like_schema(const struct weir_schema *schema, struct weir_known_list *known, struct weir_error *error)
{
    for (int i = 0; i < schema->count; i++) {
        const struct weir_field *field = &schema->fields[i];
        struct weir_known *item = weir_known_add(known, field->name);
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

int weir_load_like(const json_t *state, struct weir_format_options *options, struct weir_known_list *known,
                   char ***missing_out, size_t *missing_count, struct weir_error *error)
{
    const json_t *delimiter = json_object_get(state, "delimiter"), *header = json_object_get(state, "header");
    const json_t *missing = json_object_get(state, "missing"), *columns = json_object_get(state, "columns"), *item;
    size_t i;
    if (!json_is_array(columns))
        return weir_fail(error, WEIR_BAD_DATA, "the plan's step 'load' has no columns");
    if (!options->delimiter && json_is_string(delimiter) && json_string_length(delimiter) == 1)
        options->delimiter = json_string_value(delimiter)[0];
    if (json_is_false(header))
        options->no_header = true;
    json_array_foreach(columns, i, item) if (like_column(item, known, error)) return -1;
    size_t count = json_array_size(missing);
    char **texts = *missing_out = weir_allocate_zero(count, sizeof *texts);
    if (!texts)
        return weir_fail_memory(error);
    for (*missing_count = 0; *missing_count < count; ++*missing_count) {
        const char *text = json_string_value(json_array_get(missing, *missing_count));
        if (!text)
            return weir_fail(error, WEIR_BAD_DATA, "the plan's step 'load' has a missing marker that is no text");
        if (!(texts[*missing_count] = weir_duplicate_string(text)))
            return weir_fail_memory(error);
    }
    return 0;
}
