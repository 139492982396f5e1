/* features --method row: statistics of the numbers that stand in one row, those of tensors among them. */
#include "math/moments.h"
#include "math/ordered.h"
#include "math/quantile.h"
#include "math/sort.h"
#include "stage/derive.h"
#include "stage/features.h"
#include "stage/features_statistics.h"
#include "stage/learn.h"
#include "stage/learned_columns.h"
#include "stage/options.h"

/* Numbers that are laid out in one go. */
enum { CHUNK = 1 << 16, FEW = 64 };

struct row_features {
    const json_t *columns_option;
    const char *prefix;
    int ddof;
    struct weir_statistic_list statistics;
    struct weir_learned_columns columns;
};

struct row_binding {
    int *at;
    enum weir_kind *kinds; /* of the numbers */
    int64_t *widths, width;
    struct weir_derived derived;
    struct weir_scratch part, table, present, ordered; /* the last: twice as many */
};

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "column", "statistics", "prefix", "ddof", NULL };
    struct row_features *self = stage->state = weir_allocate_zero(1, sizeof *self);
    int64_t ddof = 0;
    if (!self)
        return weir_fail_memory(error);
    if (weir_option_known(stage, known, error) < 0 ||
        weir_option_list(stage->options, "column", &self->columns_option, error) < 0 ||
        weir_option_text(stage->options, "prefix", "row", &self->prefix, error) < 0 ||
        weir_option_integer(stage->options, "ddof", 0, 1, &ddof, error) < 0)
        return -1;
    self->ddof = (int)ddof;
    return weir_statistic_list_read(&self->statistics, stage, false, error);
}

static void destroy(struct weir_stage *stage)
{
    struct row_features *self = stage->state;
    if (!self)
        return;
    weir_statistic_list_release(&self->statistics);
    weir_learned_columns_release(&self->columns);
    free(self);
}

/* ---- The columns --------------------------------------------------------------------------------------------- */

static bool is_number(const struct weir_type *type)
{
    return weir_kind_is_integer(type->kind) || weir_kind_is_float(type->kind);
}

static bool fits(const struct weir_field *field, void *context)
{
    (void)context;
    const struct weir_type *type = &field->type;
    return is_number(type) || (type->kind == WEIR_FIXED_LIST && is_number(&type->children[0].type));
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct row_features *self = stage->state;
    if (weir_learned_columns_learn(&self->columns, in, self->columns_option, fits, NULL, error) < 0)
        return -1;
    return self->columns.count > 0 ? 0 : weir_fail(error, WEIR_USAGE, "there is no column of numbers to take");
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    (void)stage, (void)batch, (void)error;
    return 0;
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    const struct row_features *self = stage->state, *from = other->state;
    return weir_learned_columns_merge(stage, &self->columns, other, &from->columns, error);
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    const struct row_features *self = stage->state;
    (void)blobs;
    return weir_learned_columns_save(&self->columns, state, error);
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    struct row_features *self = stage->state;
    (void)blobs;
    return weir_learned_columns_restore(&self->columns, state, error);
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct row_features *self = binding->stage->state;
    size_t count = self->columns.count;
    struct row_binding *bound = binding->state = weir_allocate_zero(1, sizeof *bound);
    if (!bound)
        return weir_fail_memory(error);
    bound->at = weir_allocate(count, sizeof *bound->at);
    bound->kinds = weir_allocate(count, sizeof *bound->kinds);
    bound->widths = weir_allocate(count, sizeof *bound->widths);
    if (!bound->at || !bound->kinds || !bound->widths)
        return weir_fail_memory(error);
    if (weir_learned_columns_find(&self->columns, in, fits, NULL, bound->at, error) < 0 ||
        weir_derive_keep(&bound->derived, &binding->out, in, error) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct weir_type *type = &in->fields[bound->at[i]].type;
        bool tensor = type->kind == WEIR_FIXED_LIST;
        bound->kinds[i] = tensor ? type->children[0].type.kind : type->kind;
        bound->widths[i] = tensor ? type->list_size : 1;
        bound->width += bound->widths[i];
    }
    for (size_t i = 0; i < self->statistics.count; i++) {
        const struct weir_statistic_item *item = &self->statistics.items[i];
        struct weir_buffer name = { 0 };
        weir_buffer_format(&name, "%s_%s", self->prefix, item->name);
        int added = weir_buffer_check(&name, error) < 0
                        ? -1
                        : weir_derive_add(&bound->derived, &binding->out, name.bytes, weir_statistic_kind(item), error);
        weir_buffer_release(&name);
        if (added < 0)
            return -1;
    }
    return 0;
}

static void unbind(struct weir_binding *binding)
{
    struct row_binding *bound = binding->state;
    if (!bound)
        return;
    free(bound->at);
    free(bound->kinds);
    free(bound->widths);
    weir_derived_release(&bound->derived);
    weir_scratch_release(&bound->part);
    weir_scratch_release(&bound->table);
    weir_scratch_release(&bound->present);
    weir_scratch_release(&bound->ordered);
    free(bound);
}

/* ---- Applying ------------------------------------------------------------------------------------------------ */

/* table[row * width + ...]: the column's numbers, NaN where there is none. */
static int lay_out_column(struct row_binding *bound, size_t i, const struct weir_column *column, int64_t first,
                          int64_t rows, double *table, struct weir_error *error)
{
    int64_t size = bound->widths[i], missing;
    bool tensor = column->child_count > 0;
    struct weir_type number = { .kind = bound->kinds[i] };
    struct weir_column part = { 0 };
    if (weir_column_slice(&part, tensor ? &column->children[0] : column, &number, first * size, rows * size) < 0)
        return weir_fail_memory(error);
    int result = weir_scratch_numbers(&bound->part, &part, bound->kinds[i], &missing, error);
    weir_column_release(&part);
    const double *numbers = bound->part.numbers;
    for (int64_t row = 0; result == 0 && row < rows; row++) {
        bool there = !tensor || weir_valid(column, first + row);
        for (int64_t j = 0; j < size; j++)
            table[row * bound->width + j] = there ? numbers[row * size + j] : (double)NAN;
    }
    return result;
}

static const double *in_order(struct row_binding *bound, const double *x, size_t count)
{
    double *ordered = bound->ordered.numbers;
    if (count <= FEW) {
        for (size_t i = 0; i < count; i++)
            weir_ordered_insert(ordered, i, x[i]);
        return ordered;
    }
    uint64_t *keys = (uint64_t *)(void *)ordered;
    for (size_t i = 0; i < count; i++)
        keys[i] = weir_key(x[i]);
    weir_sort_keys(keys, keys + bound->width, count);
    for (size_t i = 0; i < count; i++) {
        double value = weir_key_value(keys[i]);
        memcpy(&ordered[i], &value, sizeof value);
    }
    return ordered;
}

static double quantile(const double *ordered, size_t count, double q)
{
    int64_t first, last;
    double fraction;
    if (count == 0)
        return (double)NAN;
    weir_quantile_places(q, (int64_t)count, &first, &last, &fraction);
    return weir_quantile_between(ordered[first], ordered[last], fraction);
}

static double measure(const struct weir_statistic_item *item, const struct weir_moments *moments, const double *ordered,
                      double least, double greatest, int64_t width, int ddof)
{
    switch (item->kind) {
    case WEIR_COUNT:
        return moments->count;
    case WEIR_MISSING:
        return (double)width - moments->count;
    case WEIR_SUM:
        return weir_moments_sum(moments);
    case WEIR_MEAN:
        return weir_moments_mean(moments);
    case WEIR_DEVIATION:
        return weir_moments_deviation(moments, ddof);
    case WEIR_SKEWNESS:
        return weir_moments_skewness(moments, ddof);
    case WEIR_KURTOSIS:
        return weir_moments_kurtosis(moments, ddof);
    case WEIR_MINIMUM:
        return least;
    case WEIR_MAXIMUM:
        return greatest;
    case WEIR_RANGE:
        return greatest - least;
    default:
        return quantile(ordered, (size_t)moments->count, item->quantile);
    }
}

static void measure_row(struct row_binding *bound, const struct row_features *self, const double *row, double **out,
                        int64_t at)
{
    double *present = bound->present.numbers, least = (double)NAN, greatest = (double)NAN;
    size_t count = 0;
    for (int64_t i = 0; i < bound->width; i++) {
        present[count] = row[i];
        count += !isnan(row[i]);
    }
    for (size_t i = 0; i < count; i++) {
        least = present[i] >= least ? least : present[i];
        greatest = present[i] <= greatest ? greatest : present[i];
    }
    const struct weir_moments moments = weir_moments_of(present, count);
    const double *ordered = self->statistics.quantiles > 0 ? in_order(bound, present, count) : NULL;
    for (size_t i = 0; i < self->statistics.count; i++)
        out[i][at] = measure(&self->statistics.items[i], &moments, ordered, least, greatest, bound->width, self->ddof);
}

static int measure_rows(struct row_binding *bound, const struct row_features *self, const struct weir_batch *in,
                        double **out, struct weir_error *error)
{
    int64_t width = bound->width, step = width >= CHUNK ? 1 : width > 0 ? CHUNK / width : CHUNK;
    if (weir_scratch_reserve(&bound->table, step * width, error) < 0 ||
        weir_scratch_reserve(&bound->present, width + 1, error) < 0 ||
        weir_scratch_reserve(&bound->ordered, 2 * width, error) < 0)
        return -1;
    for (int64_t first = 0; first < in->rows; first += step) {
        int64_t rows = in->rows - first < step ? in->rows - first : step;
        double *table = bound->table.numbers;
        for (size_t i = 0; i < self->columns.count; table += bound->widths[i++])
            if (lay_out_column(bound, i, &in->columns[bound->at[i]], first, rows, table, error) < 0)
                return -1;
        for (int64_t row = 0; row < rows; row++)
            measure_row(bound, self, bound->table.numbers + row * width, out, first + row);
    }
    return 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    const struct row_features *self = binding->stage->state;
    struct row_binding *bound = binding->state;
    (void)reasons;
    size_t count = self->statistics.count;
    double **values = weir_allocate_zero(count, sizeof *values);
    if (!values)
        return weir_fail_memory(error);
    int result = weir_derive_share(&bound->derived, in, out, error);
    struct weir_column *made = result == 0 ? &out->columns[in->count] : NULL;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = weir_statistic_begin(&made[i], in->rows, &values[i], error);
    if (result == 0)
        result = measure_rows(bound, self, in, values, error);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = weir_statistic_seal(&made[i], values[i], &self->statistics.items[i], error);
    free(values);
    return result;
}

const struct weir_stage_kind weir_features_row_kind = {
    .name = "features",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .merge = merge,
    .save = save,
    .restore = restore,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
};
