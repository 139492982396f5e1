/* Numbers to the interval that they lie in: bin b holds edge_b <= x < edge_(b + 1), the first all below, the last all
 * above. Edges are given, or of equal width between the least and the greatest number, or quantiles, so that bins hold
 * equally many rows; those are exact, by a second pass where the rows are many. Edges that coincide, as of a column
 * with few values, are one. */
#include "base/number.h"
#include "stage/choose.h"
#include "stage/features.h"
#include "stage/features_bins_private.h"
#include "stage/options.h"
#include <math.h>

/* ---- Options ------------------------------------------------------------------------------------------------ */

static int read_edges(struct bins *self, const json_t *list, struct weir_error *error)
{
    size_t count = weir_option_items(list);
    self->given = weir_allocate(count, sizeof *self->given);
    if (!self->given)
        return weir_fail_memory(error);
    for (; self->given_count < count; self->given_count++) {
        const char *text = weir_option_item(list, self->given_count);
        double *edge = &self->given[self->given_count];
        if (!weir_parse_double(text, strlen(text), edge) || !isfinite(*edge))
            return weir_fail(error, WEIR_USAGE, "option '--edges' takes finite numbers, not %s", WEIR_SHOW(text));
        if (self->given_count > 0 && !(*edge > edge[-1]))
            return weir_fail(error, WEIR_USAGE, "option '--edges' takes numbers that ascend, and %s does not",
                             WEIR_SHOW(text));
    }
    if (count > BINS_MOST - 1)
        return weir_fail(error, WEIR_USAGE, "option '--edges' takes %d numbers at most", BINS_MOST - 1);
    return 0;
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "column", "into", "bins", "equal-width", "edges", "one-hot", NULL };
    struct bins *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->bins = 10;
    const json_t *options = stage->options, *edges;
    if (weir_option_known(stage, known, error) < 0 || weir_option_list(options, "column", &self->chosen, error) < 0 ||
        weir_option_text(options, "into", NULL, &self->into, error) < 0 ||
        weir_option_integer(options, "bins", 2, BINS_MOST, &self->bins, error) < 0 ||
        weir_option_flag(options, "equal-width", &self->equal_width, error) < 0 ||
        weir_option_flag(options, "one-hot", &self->one_hot, error) < 0 ||
        weir_option_list(options, "edges", &edges, error) < 0)
        return -1;
    if (edges && (json_object_get(options, "bins") || self->equal_width))
        return weir_fail(error, WEIR_USAGE,
                         "--edges says where the bins are: --bins and --equal-width cannot stand "
                         "beside it");
    return edges ? read_edges(self, edges, error) : 0;
}

static void free_refinements(struct bins_column *column, int64_t bins)
{
    for (int64_t i = 0; column->refinements && i < bins - 1; i++)
        weir_refinement_free(column->refinements[i]);
    free(column->refinements);
    free(column->exact);
    column->refinements = NULL;
    column->exact = NULL;
}

void weir_bins_release(struct bins *self)
{
    for (size_t i = 0; i < self->count; i++) {
        struct bins_column *column = &self->columns[i];
        free(column->name);
        weir_type_release(&column->type);
        free(column->edges);
        weir_quantiles_free(column->sketch);
        free_refinements(column, self->bins);
    }
    free(self->columns);
    free(self->source);
    self->columns = NULL;
    self->source = NULL;
    self->count = 0;
}

static void destroy(struct weir_stage *stage)
{
    struct bins *self = stage->state;
    if (!self)
        return;
    weir_bins_release(self);
    weir_scratch_release(&self->scratch);
    free(self->given);
    free(self);
}

/* ---- Edges -------------------------------------------------------------------------------------------------- */

/* Takes edges[count], ascending, as far as they part numbers: no two alike, none at or below the least. */
static int set_edges(struct bins_column *column, const double *edges, size_t count, struct weir_error *error)
{
    free(column->edges);
    column->count = 0;
    column->edges = weir_allocate(count, sizeof *column->edges);
    if (!column->edges)
        return weir_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        double before = column->count > 0 ? column->edges[column->count - 1] : column->minimum;
        if (edges[i] > before)
            column->edges[column->count++] = edges[i];
    }
    return 0;
}

int weir_bins_settle(const struct bins *self, struct bins_column *column, struct weir_error *error)
{
    double edges[BINS_MOST] = { 0 };
    size_t count = column->minimum <= column->maximum ? (size_t)self->bins - 1 : 0;
    for (size_t i = 0; i < count; i++) {
        double share = (double)(i + 1) / (double)self->bins;
        if (self->equal_width)
            edges[i] = fmin(column->minimum * (1 - share) + column->maximum * share, column->maximum);
        else if (column->refinements) {
            if (weir_refinement_value(column->refinements[i], &edges[i], error) < 0)
                return -1;
        } else if (weir_quantiles_value(column->sketch, share, &edges[i]) < 0)
            return weir_fail_memory(error);
    }
    return set_edges(column, edges, count, error);
}

/* ---- Learning ----------------------------------------------------------------------------------------------- */

bool weir_bins_take(const struct weir_field *field, void *context)
{
    (void)context;
    enum weir_kind kind = field->type.kind;
    return kind != WEIR_FLOAT16 && (weir_kind_is_integer(kind) || weir_kind_is_float(kind));
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct bins *self = stage->state;
    size_t count;
    weir_bins_release(self);
    if (weir_choose_columns(in, self->chosen, "features", weir_bins_take, NULL, &self->source, &count, error) < 0)
        return -1;
    if (count == 0)
        return weir_fail(error, WEIR_BAD_DATA, "no column of numbers here to make features of");
    if (self->into && count > 1)
        return weir_fail(error, WEIR_USAGE,
                         "--into names one new column, and %zu become bins: choose one with --column", count);
    self->columns = weir_allocate_zero(count, sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    while (self->count < count) {
        struct bins_column *column = &self->columns[self->count];
        const struct weir_field *field = &in->fields[self->source[self->count++]];
        column->name = weir_duplicate_string(field->name);
        column->minimum = (double)INFINITY;
        column->maximum = -(double)INFINITY;
        if (!column->name || weir_type_copy(&column->type, &field->type) < 0)
            return weir_fail_memory(error);
        if (self->given) {
            column->minimum = -(double)INFINITY;
            if (set_edges(column, self->given, self->given_count, error) < 0)
                return -1;
        } else if (!self->equal_width && !(column->sketch = weir_quantiles_new(weir_quantile_limit(count)))) {
            return weir_fail_memory(error);
        }
    }
    return self->given ? 0 : 1;
}

static int learn_numbers(const struct bins *self, struct bins_column *column, const double *x, int64_t rows,
                         struct weir_error *error)
{
    if (column->refinements) {
        for (int64_t i = 0; i < self->bins - 1; i++)
            if (!column->exact[i] && weir_refinement_add(column->refinements[i], x, (size_t)rows) < 0)
                return weir_fail_memory(error);
        return 0;
    }
    for (int64_t row = 0; row < rows; row++) {
        column->minimum = x[row] < column->minimum ? x[row] : column->minimum;
        column->maximum = x[row] > column->maximum ? x[row] : column->maximum;
    }
    if (column->sketch && weir_quantiles_add(column->sketch, x, (size_t)rows) < 0)
        return weir_fail_memory(error);
    return 0;
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    struct bins *self = stage->state;
    for (size_t i = 0; i < self->count; i++) {
        struct bins_column *column = &self->columns[i];
        int64_t missing;
        if (weir_scratch_numbers(&self->scratch, &batch->columns[self->source[i]], column->type.kind, &missing, error) <
                0 ||
            learn_numbers(self, column, self->scratch.numbers, batch->rows, error) < 0)
            return -1;
    }
    return 0;
}

static int begin_refinements(const struct bins *self, struct bins_column *column, struct weir_error *error)
{
    column->refinements = weir_allocate_zero((size_t)self->bins - 1, sizeof(struct weir_refinement *));
    column->exact = weir_allocate_zero((size_t)self->bins - 1, sizeof *column->exact);
    if (!column->refinements || !column->exact)
        return weir_fail_memory(error);
    /* A refinement is two arrays, and few have the width that is certain: four times as many take about as much. */
    int limit = weir_quantile_limit(self->count * (size_t)self->bins / 4);
    for (int64_t i = 0; i < self->bins - 1; i++) {
        column->refinements[i] = weir_refinement_new(column->sketch, (double)(i + 1) / (double)self->bins, limit);
        if (!column->refinements[i])
            return weir_fail_memory(error);
    }
    return 1;
}

/* 1: another pass makes the quantiles exact. */
static int end_column(const struct bins *self, struct bins_column *column, struct weir_error *error)
{
    if (column->sketch && column->minimum <= column->maximum) {
        if (!column->refinements && !weir_quantiles_are_exact(column->sketch))
            return begin_refinements(self, column, error);
        int more = 0;
        for (int64_t i = 0; column->refinements && i < self->bins - 1; i++) {
            column->exact[i] |= weir_refinement_is_exact(column->refinements[i]);
            if (column->exact[i])
                continue;
            if (weir_refinement_narrow(column->refinements[i]) < 0)
                return weir_fail_memory(error);
            more = 1;
        }
        if (more)
            return 1;
    }
    return weir_bins_settle(self, column, error);
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct bins *self = stage->state;
    int more = 0;
    for (size_t i = 0; i < self->count; i++) {
        int result = end_column(self, &self->columns[i], error);
        if (result < 0)
            return -1;
        more |= result;
    }
    for (size_t i = 0; !more && i < self->count; i++)
        free_refinements(&self->columns[i], self->bins);
    return more;
}

const struct weir_stage_kind weir_features_bins_kind = {
    .name = "features",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .learn_end = learn_end,
    .merge = weir_bins_merge,
    .save = weir_bins_save,
    .save_merge = weir_bins_save_merge,
    .restore = weir_bins_restore,
    .bind = weir_bins_bind,
    .apply = weir_bins_apply,
    .unbind = weir_bins_unbind,
    .summary = weir_bins_summary,
};
