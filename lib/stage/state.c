#include "stage/state.h"
#include "stage/options.h"
#include <math.h>

enum { MOST_COLUMNS = 1000000 };

int weir_state_number(const json_t *object, const char *key, double *out, struct weir_error *error)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value) || !isfinite(json_number_value(value)))
        return weir_fail(error, WEIR_BAD_DATA, "its '%s' is no number", key);
    *out = json_number_value(value);
    return 0;
}

int weir_state_integer(const json_t *object, const char *key, int64_t minimum, int64_t maximum, int64_t *out,
                       struct weir_error *error)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < minimum || json_integer_value(value) > maximum)
        return weir_fail(error, WEIR_BAD_DATA, "its '%s' is no whole number from %lld to %lld", key, (long long)minimum,
                         (long long)maximum);
    *out = json_integer_value(value);
    return 0;
}

int weir_state_text(const json_t *object, const char *key, const char **out, struct weir_error *error)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return weir_fail(error, WEIR_BAD_DATA, "its '%s' is no text", key);
    *out = json_string_value(value);
    return 0;
}

const json_t *weir_state_columns(const json_t *state, struct weir_error *error)
{
    const json_t *columns = json_object_get(state, "columns");
    if (!json_is_array(columns) || json_array_size(columns) > MOST_COLUMNS) {
        weir_fail(error, WEIR_BAD_DATA, "its 'columns' are no array");
        return NULL;
    }
    json_t *names = json_object();
    if (!names) {
        weir_fail_memory(error);
        return NULL;
    }
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(columns, i), "name"));
        int bad = 0;
        if (!name)
            bad = weir_fail(error, WEIR_BAD_DATA, "column %zu has no name", i);
        else if (json_object_get(names, name))
            bad = weir_fail(error, WEIR_BAD_DATA, "column %s stands there twice", WEIR_SHOW(name));
        else if (json_object_set_new(names, name, json_true()) < 0)
            bad = weir_fail_memory(error);
        if (bad < 0) {
            json_decref(names);
            return NULL;
        }
    }
    json_decref(names);
    return columns;
}

int weir_state_columns_and_merge(const json_t *state, const json_t **columns, const json_t **merge,
                                 struct weir_error *error)
{
    *merge = json_object_get(state, "merge");
    *columns = weir_state_columns(state, error);
    if (!*columns)
        return -1;
    if (*merge && (!json_is_array(*merge) || json_array_size(*merge) != json_array_size(*columns)))
        return weir_fail(error, WEIR_BAD_DATA, "its 'merge' does not fit its 'columns'");
    return 0;
}

int weir_state_name_and_type(const json_t *column, char **name, struct weir_type *type, struct weir_error *error)
{
    const char *text = NULL;
    *name = weir_duplicate_string(json_string_value(json_object_get(column, "name")));
    if (!*name)
        return weir_fail_memory(error);
    if (weir_state_text(column, "type", &text, error) < 0)
        return -1;
    return weir_type_parse(text, type, error);
}

json_t *weir_state_new_column(const char *name, const struct weir_type *type)
{
    struct weir_buffer text = { 0 };
    weir_type_describe(type, &text);
    json_t *column = text.failed ? NULL : json_pack("{s:s, s:s}", "name", name, "type", text.bytes);
    weir_buffer_release(&text);
    return column;
}

void weir_state_append(json_t **list, json_t *item)
{
    if (json_array_append_new(*list, item) == 0)
        return;
    json_decref(*list);
    *list = NULL;
}

int weir_state_of_columns(json_t *columns, json_t **state, struct weir_error *error)
{
    *state = columns ? json_pack("{s:o}", "columns", columns) : NULL;
    return *state ? 0 : weir_fail_memory(error);
}

int weir_state_check_merge(const struct weir_stage *into, size_t into_columns, const struct weir_stage *from,
                           size_t from_columns, struct weir_error *error)
{
    if (!json_equal(into->options, from->options))
        return weir_fail(error, WEIR_BAD_DATA, "the states were learned with different options");
    if (into_columns != from_columns)
        return weir_fail(error, WEIR_BAD_DATA, "the states are of different columns");
    return 0;
}
