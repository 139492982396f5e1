#include "model/features.h"
#include "base/memory.h"
#include "stream/sparse.h"
#include <stdlib.h>
#include <string.h>

/* More numbers a row than any machine could train on: a guard for sums of widths. */
enum { MAX_WIDTH = 1 << 30 };

/* ---- The list --------------------------------------------------------------------------------------------- */

static char *reason(const char *name, const char *text)
{
    struct weir_buffer out = { 0 };
    weir_buffer_string(&out, "'");
    weir_buffer_escaped(&out, name, strlen(name));
    weir_buffer_string(&out, text);
    if (out.failed)
        weir_buffer_release(&out);
    return out.bytes;
}

static void release_column(struct weir_feature_column *column)
{
    free(column->name);
    free(column->missing);
    free(column->not_finite);
    weir_type_release(&column->type);
}

static int add_column(struct weir_feature_list *features, const char *name, const struct weir_type *type, int64_t width)
{
    bool sparse = weir_sparse_is(type);
    if (weir_grow((void **)&features->columns, &features->capacity, features->count + 1, sizeof *features->columns))
        return -1;
    struct weir_feature_column column = { .name = weir_duplicate_string(name), .width = width, .sparse = sparse };
    column.missing = reason(name, "' is missing");
    column.not_finite = reason(name, "' is not a number");
    if (!column.name || !column.missing || !column.not_finite || weir_type_copy(&column.type, type)) {
        release_column(&column);
        return -1;
    }
    features->columns[features->count++] = column;
    features->width += width;
    features->sparse_count += sparse;
    return 0;
}

void weir_features_release(struct weir_feature_list *features)
{
    for (size_t i = 0; i < features->count; i++)
        release_column(&features->columns[i]);
    free(features->columns);
    *features = (struct weir_feature_list){ 0 };
}

static void describe(const char *name, const struct weir_type *type, struct weir_buffer *shown_name,
                     struct weir_buffer *shown_type)
{
    weir_buffer_escaped(shown_name, name, strlen(name));
    weir_type_describe(type, shown_type);
}

static int no_number(const struct weir_field *field, struct weir_error *error)
{
    struct weir_buffer name = { 0 }, type = { 0 };
    describe(field->name, &field->type, &name, &type);
    const char *shown = name.bytes ? name.bytes : "";
    if (field->type.kind == WEIR_NULL)
        weir_fail(error, WEIR_BAD_DATA, "column '%s' has no value at all: take it out with `--drop %s`", shown, shown);
    else
        weir_fail(error, WEIR_BAD_DATA, "column '%s' is %s, which no model learns from: take it out with `--drop %s`",
                  shown, type.bytes ? type.bytes : "", shown);
    weir_buffer_release(&name);
    weir_buffer_release(&type);
    return -1;
}

const char *weir_features_sparse_name(const struct weir_feature_list *features)
{
    for (size_t i = 0; i < features->count; i++)
        if (features->columns[i].sparse)
            return features->columns[i].name;
    return NULL;
}

int weir_features_from_schema(struct weir_feature_list *features, const struct weir_schema *schema,
                              struct weir_error *error)
{
    for (int i = 0; i < schema->count; i++) {
        const struct weir_field *field = &schema->fields[i];
        if (field->role != WEIR_FEATURE)
            continue;
        int64_t width =
            weir_sparse_is(&field->type) ? weir_sparse_width(field, error) : weir_feature_width(&field->type);
        if (width < 0)
            return -1;
        if (width == 0)
            return no_number(field, error);
        if (width > MAX_WIDTH - features->width)
            return weir_fail(error, WEIR_BAD_DATA, "the features take more than %d numbers a row", MAX_WIDTH);
        if (add_column(features, field->name, &field->type, width))
            return weir_fail_memory(error);
    }
    return 0;
}

/* ---- JSON ------------------------------------------------------------------------------------------------- */

json_t *weir_features_to_json(const struct weir_feature_list *features)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < features->count; i++) {
        const struct weir_feature_column *column = &features->columns[i];
        struct weir_buffer type = { 0 };
        weir_type_describe(&column->type, &type);
        json_t *entry = type.failed || !type.bytes ? NULL
                                                   : json_pack("{s:s, s:s, s:I}", "name", column->name, "type",
                                                               type.bytes, "width", (json_int_t)column->width);
        weir_buffer_release(&type);
        if (!entry || json_array_append_new(list, entry)) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

int weir_features_from_json(struct weir_feature_list *features, const json_t *json, struct weir_error *error)
{
    if (!json_is_array(json))
        return weir_fail(error, WEIR_BAD_DATA, "the list of features is no list");
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *entry = json_array_get(json, i);
        const char *name = json_string_value(json_object_get(entry, "name"));
        const char *type_name = json_string_value(json_object_get(entry, "type"));
        json_int_t width = json_integer_value(json_object_get(entry, "width"));
        struct weir_type type = { 0 };
        if (!name || !type_name)
            return weir_fail(error, WEIR_BAD_DATA, "feature %zu has no name and type", i);
        if (weir_type_parse(type_name, &type, error))
            return weir_fail_in(error, "feature %zu", i);
        int result = 0;
        bool sparse = weir_sparse_is(&type);
        if ((!sparse && weir_feature_width(&type) != width) || width <= 0 || width > MAX_WIDTH - features->width)
            result = weir_fail(error, WEIR_BAD_DATA, "feature %zu has another width than its type", i);
        else if (add_column(features, name, &type, width))
            result = weir_fail_memory(error);
        weir_type_release(&type);
        if (result)
            return result;
    }
    return 0;
}

/* ---- Binding ---------------------------------------------------------------------------------------------- */

/* Numbers of every width become the same floats, so any of them will do; a tensor must have the same shape. */
static bool fits(const struct weir_type *wanted, const struct weir_type *given)
{
    if (weir_sparse_is(wanted) || weir_sparse_is(given))
        return weir_sparse_is(wanted) && weir_sparse_is(given);
    if (weir_feature_width(given) != weir_feature_width(wanted))
        return false;
    if (wanted->kind != WEIR_FIXED_LIST || given->kind != WEIR_FIXED_LIST)
        return wanted->kind != WEIR_FIXED_LIST && given->kind != WEIR_FIXED_LIST;
    if (wanted->rank == 0 || given->rank == 0)
        return true;
    if (wanted->rank != given->rank)
        return false;
    for (int i = 0; i < wanted->rank; i++)
        if (wanted->shape[i] != given->shape[i])
            return false;
    return true;
}

static int check_width(const struct weir_feature_column *column, const struct weir_field *given,
                       struct weir_error *error)
{
    int64_t width = weir_sparse_width(given, error);
    if (width < 0 || width == column->width)
        return width < 0 ? -1 : 0;
    struct weir_buffer name = { 0 };
    weir_buffer_escaped(&name, column->name, strlen(column->name));
    weir_fail(error, WEIR_BAD_DATA,
              "the sparse rows of column '%s' are %lld wide here, and the model learned from %lld",
              name.bytes ? name.bytes : "", (long long)width, (long long)column->width);
    weir_buffer_release(&name);
    return -1;
}

static int fail_absent(const struct weir_buffer *absent, int count, struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "the model reads %s %s, and %s not here", count == 1 ? "column" : "columns",
                     absent->bytes ? absent->bytes : "", count == 1 ? "it is" : "they are");
}

/* index[i]: the column of that name. Nearly always the next column is the one: then nothing is searched. */
static int find_columns(const struct weir_feature_list *features, const struct weir_schema *schema, int *index,
                        struct weir_error *error)
{
    struct weir_schema_index names = { 0 };
    struct weir_buffer absent = { 0 };
    int count = 0, result = 0;
    for (size_t i = 0; result == 0 && i < features->count; i++) {
        const char *name = features->columns[i].name;
        index[i] = i ? index[i - 1] + 1 : 0;
        if (index[i] < schema->count && strcmp(schema->fields[index[i]].name, name) == 0)
            continue;
        if (!names.slots && weir_schema_index_init(&names, schema)) {
            result = weir_fail_memory(error);
            break;
        }
        index[i] = weir_schema_index_find(&names, name);
        if (index[i] >= 0)
            continue;
        weir_buffer_string(&absent, count++ ? ", '" : "'");
        weir_buffer_escaped(&absent, name, strlen(name));
        weir_buffer_string(&absent, "'");
    }
    if (result == 0 && count)
        result = fail_absent(&absent, count, error);
    weir_schema_index_release(&names);
    weir_buffer_release(&absent);
    return result;
}

static int fail_type(const struct weir_feature_column *column, const struct weir_type *given, struct weir_error *error)
{
    struct weir_buffer name = { 0 }, wanted_type = { 0 }, given_type = { 0 };
    describe(column->name, &column->type, &name, &wanted_type);
    weir_type_describe(given, &given_type);
    weir_fail(error, WEIR_BAD_DATA, "column '%s' is %s here, and the model learned from %s",
              name.bytes ? name.bytes : "", given_type.bytes ? given_type.bytes : "",
              wanted_type.bytes ? wanted_type.bytes : "");
    weir_buffer_release(&name);
    weir_buffer_release(&wanted_type);
    weir_buffer_release(&given_type);
    return -1;
}

int weir_features_bind(const struct weir_feature_list *features, const struct weir_schema *schema, int *index,
                       struct weir_error *error)
{
    if (find_columns(features, schema, index, error))
        return -1;
    for (size_t i = 0; i < features->count; i++) {
        const struct weir_feature_column *column = &features->columns[i];
        const struct weir_field *given = &schema->fields[index[i]];
        if (!fits(&column->type, &given->type))
            return fail_type(column, &given->type, error);
        if (column->sparse && check_width(column, given, error))
            return -1;
    }
    return 0;
}
