#include "stage/features_bins_private.h"
#include "stage/options.h"
#include "stage/state.h"
#include <math.h>

json_t *weir_bins_edges(const struct bins_column *column)
{
    json_t *edges = json_array();
    for (size_t i = 0; edges && i < column->count; i++)
        weir_state_append(&edges, json_real(column->edges[i]));
    return edges;
}

int weir_bins_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    (void)blobs;
    const struct bins *self = stage->state;
    json_t *columns = json_array();
    for (size_t i = 0; columns && i < self->count; i++) {
        json_t *column = weir_state_new_column(self->columns[i].name, &self->columns[i].type);
        if (column && json_object_set_new(column, "edges", weir_bins_edges(&self->columns[i])) < 0) {
            json_decref(column);
            column = NULL;
        }
        weir_state_append(&columns, column);
    }
    return weir_state_of_columns(columns, state, error);
}

/* {"minimum": ..., "maximum": ..., "quantiles": ...}; {} of a column without a number, or of given edges. */
static json_t *merge_to_json(const struct bins_column *column, struct weir_blobs *blobs, struct weir_error *error)
{
    if (!(column->minimum <= column->maximum && isfinite(column->minimum)))
        return json_object();
    json_t *json = json_pack("{s:f, s:f}", "minimum", column->minimum, "maximum", column->maximum);
    if (!json || !column->sketch)
        return json;
    json_t *sketch = weir_quantiles_to_blob(column->sketch, blobs, error);
    if (sketch && json_object_set_new(json, "quantiles", sketch) == 0)
        return json;
    json_decref(json);
    return NULL;
}

int weir_bins_save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                         struct weir_error *error)
{
    const struct bins *self = stage->state;
    *merge = json_array();
    for (size_t i = 0; *merge && i < self->count; i++)
        weir_state_append(merge, merge_to_json(&self->columns[i], blobs, error));
    return *merge ? 0 : weir_fail_memory(error);
}

static int restore_column(struct bins_column *column, const json_t *json, struct weir_error *error)
{
    const json_t *edges = json_object_get(json, "edges");
    if (weir_state_name_and_type(json, &column->name, &column->type, error) < 0)
        return -1;
    struct weir_field field = { .type = column->type };
    if (!weir_bins_take(&field, NULL))
        return weir_fail(error, WEIR_BAD_DATA, "its type is no number");
    if (!json_is_array(edges) || json_array_size(edges) > BINS_MOST - 1)
        return weir_fail(error, WEIR_BAD_DATA, "its 'edges' are no list of %d numbers at most", BINS_MOST - 1);
    column->edges = weir_allocate(json_array_size(edges), sizeof *column->edges);
    if (!column->edges)
        return weir_fail_memory(error);
    for (; column->count < json_array_size(edges); column->count++) {
        const json_t *edge = json_array_get(edges, column->count);
        double number = json_number_value(edge);
        if (!json_is_number(edge) || !isfinite(number) ||
            (column->count > 0 && !(number > column->edges[column->count - 1])))
            return weir_fail(error, WEIR_BAD_DATA, "its 'edges' do not ascend");
        column->edges[column->count] = number;
    }
    return 0;
}

static int restore_merge(const struct bins *self, struct bins_column *column, const json_t *json, size_t count,
                         const struct weir_blobs *blobs, struct weir_error *error)
{
    column->minimum = (double)INFINITY;
    column->maximum = -(double)INFINITY;
    bool empty = json_object_size(json) == 0;
    if (!empty && (weir_state_number(json, "minimum", &column->minimum, error) < 0 ||
                   weir_state_number(json, "maximum", &column->maximum, error) < 0))
        return -1;
    if (self->equal_width || self->given)
        return 0;
    if (!empty)
        return weir_quantiles_from_blob(&column->sketch, json_object_get(json, "quantiles"), blobs, error);
    column->sketch = weir_quantiles_new(weir_quantile_limit(count));
    return column->sketch ? 0 : weir_fail_memory(error);
}

int weir_bins_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                      struct weir_error *error)
{
    struct bins *self = stage->state;
    const json_t *columns, *merge;
    weir_bins_release(self);
    if (weir_state_columns_and_merge(state, &columns, &merge, error) < 0)
        return -1;
    size_t count = json_array_size(columns);
    self->columns = weir_allocate_zero(count, sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    while (self->count < count) {
        struct bins_column *column = &self->columns[self->count];
        const json_t *json = json_array_get(columns, self->count), *more = json_array_get(merge, self->count);
        self->count++;
        column->minimum = (double)NAN; /* unless it came with its part for merging */
        if (restore_column(column, json, error) < 0 ||
            (merge && restore_merge(self, column, more, count, blobs, error) < 0))
            return weir_fail_in(error, "column %s", column->name ? WEIR_SHOW(column->name) : "");
    }
    return 0;
}

static int merge_column(const struct bins *self, struct bins_column *into, const struct bins_column *from,
                        struct weir_error *error)
{
    if (strcmp(into->name, from->name) != 0 || !weir_type_equal(&into->type, &from->type))
        return weir_fail(error, WEIR_BAD_DATA, "the states differ in column %s", WEIR_SHOW(into->name));
    if (self->given)
        return 0;
    if (self->equal_width ? isnan(into->minimum) || isnan(from->minimum) : !into->sketch || !from->sketch)
        return weir_fail(error, WEIR_BAD_DATA, "a state without its part for merging cannot be merged");
    if (!self->equal_width && weir_quantiles_merge(into->sketch, from->sketch, error) < 0)
        return -1;
    into->minimum = fmin(into->minimum, from->minimum);
    into->maximum = fmax(into->maximum, from->maximum);
    return weir_bins_settle(self, into, error);
}

int weir_bins_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct bins *into = stage->state;
    const struct bins *from = other->state;
    if (weir_state_check_merge(stage, into->count, other, from->count, error) < 0)
        return -1;
    for (size_t i = 0; i < into->count; i++)
        if (merge_column(into, &into->columns[i], &from->columns[i], error) < 0)
            return -1;
    return 0;
}
