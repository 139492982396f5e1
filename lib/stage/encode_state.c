#include "stage/encode_private.h"
#include "stage/options.h"
#include "stage/state.h"

static const char *const form_names[] = { "", "removed", "category", "number" };

void weir_encode_release_columns(struct weir_encode *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->columns[i].name);
        weir_type_release(&self->columns[i].type);
        weir_counts_release(&self->columns[i].categories);
        weir_counts_release(&self->columns[i].counts);
    }
    free(self->columns);
    free(self->source);
    self->columns = NULL;
    self->source = NULL;
    self->count = 0;
}

json_t *weir_encode_categories_json(const struct weir_encode_column *column)
{
    json_t *values = json_array();
    for (size_t i = 0; values && i < column->categories.count; i++)
        weir_state_append(&values,
                          json_stringn(weir_counts_value(&column->categories, i), column->categories.items[i].size));
    json_t *json = values ? json_pack("{s:o, s:i}", "values", values, "other", column->other) : NULL;
    if (json && column->missing >= 0 && json_object_set_new(json, "missing", json_integer(column->missing)) < 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *column_to_json(const struct weir_encode_column *column)
{
    json_t *json = weir_state_new_column(column->name, &column->type);
    int failed = json ? json_object_set_new(json, "form", json_string(form_names[column->form])) : 0;
    if (json && column->form == WEIR_ENCODE_CATEGORY) {
        json_t *categories = weir_encode_categories_json(column);
        failed |= json_object_set(json, "values", json_object_get(categories, "values"));
        failed |= json_object_set_new(json, "missing", json_boolean(column->missing >= 0));
        json_decref(categories);
    } else if (json && column->form == WEIR_ENCODE_NUMBER) {
        failed |= json_object_set_new(json, "center", json_real(column->center));
        failed |= json_object_set_new(json, "deviation", json_real(column->deviation));
    }
    if (failed) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

int weir_encode_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    (void)blobs;
    const struct weir_encode *self = stage->state;
    json_t *columns = json_array();
    for (size_t i = 0; columns && i < self->count; i++)
        weir_state_append(&columns, column_to_json(&self->columns[i]));
    return weir_state_of_columns(columns, state, error);
}

int weir_encode_save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                           struct weir_error *error)
{
    (void)blobs;
    const struct weir_encode *self = stage->state;
    *merge = json_array();
    for (size_t i = 0; *merge && i < self->count; i++) {
        const struct weir_encode_column *column = &self->columns[i];
        json_t *json = json_pack("{s:I, s:I}", "rows", (json_int_t)column->rows, "nulls", (json_int_t)column->nulls);
        int failed = !json;
        if (json && weir_encode_is_text(&column->type))
            failed = json_object_set_new(json, "counts", weir_counts_to_json(&column->counts));
        else if (json)
            failed = json_object_set_new(json, "statistics", weir_statistics_to_json(&column->statistics, error));
        if (failed) {
            json_decref(json);
            json = NULL;
        }
        weir_state_append(merge, json);
    }
    return *merge ? 0 : weir_fail_memory(error);
}

static int restore_categories(struct weir_encode_column *column, const json_t *json, struct weir_error *error)
{
    const json_t *values = json_object_get(json, "values"), *missing = json_object_get(json, "missing");
    if (!json_is_array(values) || json_array_size(values) > WEIR_COUNTS_VALUES / 2 || !json_is_boolean(missing))
        return weir_fail(error, WEIR_BAD_DATA, "its 'values' are no list of categories");
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *value = json_array_get(values, i);
        if (!json_is_string(value))
            return weir_fail(error, WEIR_BAD_DATA, "category %zu is no text", i);
        if (weir_counts_add(&column->categories, json_string_value(value), json_string_length(value), 1) < 0)
            return weir_fail_memory(error);
        if (column->categories.count != i + 1)
            return weir_fail(error, WEIR_BAD_DATA, "category %zu stands there twice or is too long", i);
    }
    weir_encode_lay_out(column, json_is_true(missing));
    return 0;
}

static int restore_column(struct weir_encode_column *column, const json_t *json, struct weir_error *error)
{
    const char *form;
    if (weir_state_name_and_type(json, &column->name, &column->type, error) < 0 ||
        weir_state_text(json, "form", &form, error) < 0)
        return -1;
    for (int i = WEIR_ENCODE_REMOVED; i <= WEIR_ENCODE_NUMBER; i++)
        if (strcmp(form, form_names[i]) == 0)
            column->form = (enum weir_encode_form)i;
    bool text = weir_encode_is_text(&column->type);
    if (column->form == WEIR_ENCODE_NOT ||
        (!text && !weir_encode_is_time(&column->type) && column->type.kind != WEIR_BOOL) ||
        (column->form != WEIR_ENCODE_REMOVED && text != (column->form == WEIR_ENCODE_CATEGORY)))
        return weir_fail(error, WEIR_BAD_DATA, "its 'form' does not fit its 'type'");
    if (column->form == WEIR_ENCODE_CATEGORY)
        return restore_categories(column, json, error);
    if (column->form == WEIR_ENCODE_REMOVED)
        return 0;
    if (weir_state_number(json, "center", &column->center, error) < 0 ||
        weir_state_number(json, "deviation", &column->deviation, error) < 0)
        return -1;
    return column->deviation > 0 ? 0 : weir_fail(error, WEIR_BAD_DATA, "its 'deviation' is not above 0");
}

static int restore_merge(struct weir_encode_column *column, const json_t *json, struct weir_error *error)
{
    if (weir_state_integer(json, "rows", 0, INT64_MAX / 4, &column->rows, error) < 0 ||
        weir_state_integer(json, "nulls", 0, column->rows, &column->nulls, error) < 0)
        return -1;
    column->learned = true;
    if (weir_encode_is_text(&column->type))
        return weir_counts_from_json(&column->counts, json_object_get(json, "counts"), error);
    return weir_statistics_from_json(&column->statistics, json_object_get(json, "statistics"), error);
}

int weir_encode_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                        struct weir_error *error)
{
    (void)blobs;
    struct weir_encode *self = stage->state;
    const json_t *columns, *merge;
    if (weir_state_columns_and_merge(state, &columns, &merge, error) < 0)
        return -1;
    weir_encode_release_columns(self);
    self->columns = weir_allocate_zero(json_array_size(columns), sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    for (size_t i = 0; i < json_array_size(columns); i++) {
        struct weir_encode_column *column = &self->columns[self->count++];
        if (restore_column(column, json_array_get(columns, i), error) < 0 ||
            (merge && restore_merge(column, json_array_get(merge, i), error) < 0))
            return weir_fail_in(error, "column %s", column->name ? WEIR_SHOW(column->name) : "");
    }
    return 0;
}

int weir_encode_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct weir_encode *into = stage->state;
    const struct weir_encode *from = other->state;
    if (weir_state_check_merge(stage, into->count, other, from->count, error) < 0)
        return -1;
    for (size_t i = 0; i < into->count; i++) {
        struct weir_encode_column *a = &into->columns[i];
        const struct weir_encode_column *b = &from->columns[i];
        if (strcmp(a->name, b->name) != 0 || weir_encode_is_text(&a->type) != weir_encode_is_text(&b->type))
            return weir_fail(error, WEIR_BAD_DATA, "the states differ in column %s", WEIR_SHOW(a->name));
        if (!a->learned || !b->learned)
            return weir_fail(error, WEIR_BAD_DATA, "a state without its part for merging cannot be merged");
        struct weir_statistics statistics = b->statistics;
        weir_statistics_merge(&a->statistics, &statistics);
        a->rows += b->rows;
        a->nulls += b->nulls;
        if (weir_counts_merge(&a->counts, &b->counts) < 0)
            return weir_fail_memory(error);
        if (weir_encode_settle(into, a, error) < 0)
            return -1;
    }
    return 0;
}
