#include "stage/normalize_private.h"
#include "stage/options.h"
#include "stage/state.h"

static json_t *column_to_json(const struct weir_normalize_column *column)
{
    json_t *json = weir_state_new_column(column->name, &column->type);
    if (!json)
        return NULL;
    int failed = json_object_set_new(json, "method", json_string(weir_normalize_method_name(column->method)));
    failed |= json_object_set_new(json, "center", json_real(column->center));
    failed |= json_object_set_new(json, "deviation", json_real(column->deviation));
    if (column->empty)
        failed |= json_object_set_new(json, "empty", json_true());
    if (!failed)
        return json;
    json_decref(json);
    return NULL;
}

int weir_normalize_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                        struct weir_error *error)
{
    (void)blobs;
    const struct weir_normalize *self = stage->state;
    json_t *columns = json_array();
    for (size_t i = 0; columns && i < self->count; i++)
        weir_state_append(&columns, column_to_json(&self->columns[i]));
    return weir_state_of_columns(columns, state, error);
}

int weir_normalize_save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                              struct weir_error *error)
{
    const struct weir_normalize *self = stage->state;
    *merge = json_array();
    if (!*merge)
        return weir_fail_memory(error);
    for (size_t i = 0; i < self->count; i++) {
        const struct weir_normalize_column *column = &self->columns[i];
        json_t *json = json_object();
        int result = json && json_array_append_new(*merge, json) == 0 ? 0 : weir_fail_memory(error);
        if (result == 0 && column->learned && weir_normalize_method_learns(column->method)) {
            json_t *statistics = weir_statistics_to_json(&column->statistics, error);
            result = statistics ? json_object_set_new(json, "statistics", statistics)
                                : weir_fail_in(error, "column %s", WEIR_SHOW(column->name));
            if (result == 0 && column->quantiles.sketch) {
                json_t *sketch = weir_quantiles_to_blob(column->quantiles.sketch, blobs, error);
                result = sketch ? json_object_set_new(json, "quantiles", sketch) : -1;
            }
        }
        if (result < 0) {
            json_decref(*merge);
            *merge = NULL;
            return -1;
        }
    }
    return 0;
}

static int restore_method(struct weir_normalize_column *column, const json_t *json, struct weir_error *error)
{
    const char *method;
    if (weir_state_text(json, "method", &method, error) < 0)
        return -1;
    for (int i = WEIR_NORMALIZE_ZSCORE; i <= WEIR_NORMALIZE_SCALE; i++)
        if (strcmp(method, weir_normalize_method_name((enum weir_normalize_method)i)) == 0) {
            column->method = (enum weir_normalize_method)i;
            return 0;
        }
    return weir_fail(error, WEIR_BAD_DATA, "its 'method' %s is none of normalize's", WEIR_SHOW(method));
}

static int restore_column(struct weir_normalize_column *column, const json_t *json, struct weir_error *error)
{
    if (weir_state_name_and_type(json, &column->name, &column->type, error) < 0 ||
        restore_method(column, json, error) < 0 || weir_state_number(json, "center", &column->center, error) < 0 ||
        weir_state_number(json, "deviation", &column->deviation, error) < 0)
        return -1;
    const struct weir_type *number =
        column->type.kind == WEIR_FIXED_LIST ? &column->type.children[0].type : &column->type;
    if (!weir_kind_is_integer(number->kind) && !weir_kind_is_float(number->kind))
        return weir_fail(error, WEIR_BAD_DATA, "its type is no number");
    column->empty = json_is_true(json_object_get(json, "empty"));
    return 0;
}

static int restore_merge(struct weir_normalize_column *column, const json_t *json, const struct weir_blobs *blobs,
                         struct weir_error *error)
{
    static const double robust[] = { 0.5, 0.25, 0.75 };
    if (!weir_normalize_method_learns(column->method)) {
        column->learned = true;
        return 0;
    }
    if (weir_statistics_from_json(&column->statistics, json_object_get(json, "statistics"), error) < 0)
        return -1;
    if (column->method == WEIR_NORMALIZE_ROBUST) {
        struct weir_quantiles *sketch;
        if (weir_quantiles_from_blob(&sketch, json_object_get(json, "quantiles"), blobs, error) < 0)
            return -1;
        column->quantiles.sketch = sketch;
        column->quantiles.count = 3;
        memcpy(column->quantiles.wanted, robust, sizeof robust);
    }
    column->learned = true;
    return 0;
}

int weir_normalize_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                           struct weir_error *error)
{
    struct weir_normalize *self = stage->state;
    const json_t *columns, *merge;
    if (weir_state_columns_and_merge(state, &columns, &merge, error) < 0)
        return -1;
    weir_normalize_release_columns(self);
    self->columns = weir_allocate_zero(json_array_size(columns), sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    for (size_t i = 0; i < json_array_size(columns); i++) {
        struct weir_normalize_column *column = &self->columns[self->count++];
        if (restore_column(column, json_array_get(columns, i), error) < 0 ||
            (merge && restore_merge(column, json_array_get(merge, i), blobs, error) < 0))
            return weir_fail_in(error, "column %s", column->name ? WEIR_SHOW(column->name) : "");
    }
    return 0;
}

static int merge_column(struct weir_normalize_column *into, const struct weir_normalize_column *from,
                        struct weir_error *error)
{
    if (strcmp(into->name, from->name) != 0 || into->method != from->method ||
        !weir_type_equal(&into->type, &from->type))
        return weir_fail(error, WEIR_BAD_DATA, "the states differ in column %s", WEIR_SHOW(into->name));
    if (!into->learned || !from->learned)
        return weir_fail(error, WEIR_BAD_DATA, "a state without its part for merging cannot be merged");
    if (!weir_normalize_method_learns(into->method))
        return 0;
    struct weir_statistics other = from->statistics;
    weir_statistics_merge(&into->statistics, &other);
    if (into->method == WEIR_NORMALIZE_ROBUST) {
        if (weir_quantiles_merge(into->quantiles.sketch, from->quantiles.sketch, error) < 0 ||
            weir_quantile_learner_settle(&into->quantiles, error) < 0)
            return -1;
    }
    return weir_normalize_settle(into, error);
}

int weir_normalize_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct weir_normalize *into = stage->state;
    const struct weir_normalize *from = other->state;
    if (weir_state_check_merge(stage, into->count, other, from->count, error) < 0)
        return -1;
    for (size_t i = 0; i < into->count; i++)
        if (merge_column(&into->columns[i], &from->columns[i], error) < 0)
            return -1;
    return 0;
}
