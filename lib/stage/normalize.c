#include "base/number.h"
#include "math/clones.h"
#include "stage/choose.h"
#include "stage/kinds.h"
#include "stage/normalize_private.h"
#include "stage/options.h"
#include <float.h>
#include <math.h>

/* Numbers of a tensor column that are looked at in one go. */
enum { CHUNK = 1 << 16 };

static const char *const method_names[] = { "default", "zscore", "minmax", "robust", "maxabs", "unit", "scale" };

const char *weir_normalize_method_name(enum weir_normalize_method method)
{
    return method_names[method];
}

bool weir_normalize_method_learns(enum weir_normalize_method method)
{
    return method != WEIR_NORMALIZE_UNIT && method != WEIR_NORMALIZE_SCALE;
}

static int parse_method(struct weir_normalize *self, const char *text, struct weir_error *error)
{
    if (!text)
        return 0;
    for (int i = WEIR_NORMALIZE_ZSCORE; i <= WEIR_NORMALIZE_UNIT; i++)
        if (strcmp(text, method_names[i]) == 0) {
            self->method = (enum weir_normalize_method)i;
            return 0;
        }
    if (strncmp(text, "scale=", 6) == 0 && weir_parse_double(text + 6, strlen(text + 6), &self->scale) &&
        isfinite(self->scale) && self->scale != 0) {
        self->method = WEIR_NORMALIZE_SCALE;
        return 0;
    }
    return weir_fail(error, WEIR_USAGE,
                     "option '--method' takes zscore, minmax, robust, maxabs, unit or scale=NUMBER (not 0), not %s",
                     WEIR_SHOW(text));
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "columns", NULL };
    struct weir_normalize *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->scale = 255;
    const char *method;
    if (weir_option_known(stage, known, error) < 0 ||
        weir_option_text(stage->options, "method", NULL, &method, error) < 0 ||
        weir_option_list(stage->options, "columns", &self->columns_option, error) < 0)
        return -1;
    return parse_method(self, method, error);
}

void weir_normalize_release_columns(struct weir_normalize *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->columns[i].name);
        weir_type_release(&self->columns[i].type);
        weir_quantile_learner_release(&self->columns[i].quantiles);
    }
    free(self->columns);
    free(self->source);
    self->columns = NULL;
    self->source = NULL;
    self->count = 0;
}

static void destroy(struct weir_stage *stage)
{
    struct weir_normalize *self = stage->state;
    if (!self)
        return;
    weir_normalize_release_columns(self);
    weir_scratch_release(&self->scratch);
    free(self);
}

/* ---- Learning ----------------------------------------------------------------------------------------------- */

static bool is_number(enum weir_kind kind)
{
    return weir_kind_is_integer(kind) || weir_kind_is_float(kind);
}

static bool is_tensor(const struct weir_field *field)
{
    return field->type.kind == WEIR_FIXED_LIST && is_number(field->type.children[0].type.kind);
}

/* One-hot vectors of `encode` stay as they are unless they are named. */
static bool fits(const struct weir_field *field, void *context)
{
    const struct weir_normalize *self = context;
    if (is_number(field->type.kind))
        return true;
    if (!is_tensor(field))
        return false;
    if (self->columns_option)
        return true;
    if (weir_metadata_get(&field->metadata, "weir:categories"))
        return false;
    return self->method != WEIR_NORMALIZE_DEFAULT || field->type.children[0].type.kind == WEIR_UINT8;
}

static enum weir_normalize_method method_for(const struct weir_normalize *self, const struct weir_field *field)
{
    if (self->method != WEIR_NORMALIZE_DEFAULT)
        return self->method;
    bool bytes = is_tensor(field) && field->type.children[0].type.kind == WEIR_UINT8;
    return bytes ? WEIR_NORMALIZE_SCALE : WEIR_NORMALIZE_ZSCORE;
}

static int add_columns(struct weir_normalize *self, const struct weir_schema *in, bool sketch, struct weir_error *error)
{
    size_t count;
    if (weir_choose_columns(in, self->columns_option, "normalize", fits, self, &self->source, &count, error) < 0)
        return -1;
    self->columns = weir_allocate_zero(count, sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    static const double robust[] = { 0.5, 0.25, 0.75 };
    int limit = weir_quantile_limit(count);
    while (self->count < count) {
        const struct weir_field *field = &in->fields[self->source[self->count]];
        struct weir_normalize_column *column = &self->columns[self->count++];
        column->name = weir_duplicate_string(field->name);
        if (!column->name || weir_type_copy(&column->type, &field->type) < 0)
            return weir_fail_memory(error);
        column->method = method_for(self, field);
        column->deviation = column->method == WEIR_NORMALIZE_SCALE ? self->scale : 1;
        column->learned = true;
        if (column->method == WEIR_NORMALIZE_ROBUST &&
            weir_quantile_learner_begin(&column->quantiles, robust, 3, limit, sketch, error) < 0)
            return -1;
    }
    return 0;
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct weir_normalize *self = stage->state;
    weir_normalize_release_columns(self);
    self->second_pass = false;
    self->rows = 0;
    if (add_columns(self, in, stage->keep_merge, error) < 0)
        return -1;
    for (size_t i = 0; i < self->count; i++)
        if (weir_normalize_method_learns(self->columns[i].method))
            return 1;
    return 0;
}

/* Compared by their bits, as whole numbers, of which the compiler makes vectors. */
WEIR_CLONES static bool any_infinite(const double *numbers, int64_t count)
{
    const double infinity = (double)INFINITY;
    int64_t infinite = 0, infinite_bits;
    memcpy(&infinite_bits, &infinity, sizeof infinite_bits);
    for (int64_t i = 0; i < count; i++) {
        int64_t bits;
        memcpy(&bits, &numbers[i], sizeof bits);
        infinite |= -(int64_t)((bits & INT64_MAX) == infinite_bits);
    }
    return infinite != 0;
}

/* `count` numbers, `width` to a row, from `row` of the batch on. NaN is missing; an infinity would make every other
 * number worthless. */
static int learn_numbers(struct weir_normalize *self, struct weir_normalize_column *column, const double *numbers,
                         int64_t row, int64_t width, int64_t count, struct weir_error *error)
{
    if (!self->second_pass) {
        weir_statistics_add(&column->statistics, numbers, (size_t)count);
        for (int64_t i = any_infinite(numbers, count) ? 0 : count; i < count; i++)
            if (isinf(numbers[i]))
                return weir_fail(error, WEIR_BAD_DATA,
                                 "column %s, row %lld: an infinite number; clean, put in front, takes it as missing",
                                 WEIR_SHOW(column->name), (long long)(self->rows + row + i / width + 1));
    }
    if (column->method == WEIR_NORMALIZE_ROBUST)
        return weir_quantile_learner_add(&column->quantiles, numbers, (size_t)count, error);
    return 0;
}

/* The numbers of the tensors that are there, some rows at a time. */
static int learn_tensor(struct weir_normalize *self, struct weir_normalize_column *column,
                        const struct weir_column *data, struct weir_error *error)
{
    enum weir_kind kind = column->type.children[0].type.kind;
    int64_t size = column->type.list_size, step = size > CHUNK ? 1 : size > 0 ? CHUNK / size : data->rows;
    int result = 0;
    for (int64_t first = 0; result == 0 && size > 0 && first < data->rows; first += step) {
        int64_t rows = data->rows - first < step ? data->rows - first : step;
        struct weir_column part = { 0 };
        if (weir_column_slice(&part, &data->children[0], &column->type.children[0].type, first * size, rows * size) < 0)
            return weir_fail_memory(error);
        result = weir_scratch_reserve(&self->scratch, rows * size, error);
        if (result == 0)
            result = weir_numbers(&part, kind, self->scratch.numbers, error);
        for (int64_t row = 0; result == 0 && data->null_count > 0 && row < rows; row++)
            for (int64_t i = 0; !weir_valid(data, first + row) && i < size; i++)
                self->scratch.numbers[row * size + i] = (double)NAN;
        if (result == 0)
            result = learn_numbers(self, column, self->scratch.numbers, first, size, rows * size, error);
        weir_column_release(&part);
    }
    return result;
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_normalize *self = stage->state;
    for (size_t i = 0; i < self->count; i++) {
        struct weir_normalize_column *column = &self->columns[i];
        const struct weir_column *data = &batch->columns[self->source[i]];
        if (!weir_normalize_method_learns(column->method))
            continue;
        int result;
        if (column->type.kind == WEIR_FIXED_LIST) {
            result = learn_tensor(self, column, data, error);
        } else {
            const double *numbers = weir_scratch_view(&self->scratch, data, column->type.kind, error);
            result = numbers ? learn_numbers(self, column, numbers, 0, 1, data->rows, error) : -1;
        }
        if (result < 0)
            return -1;
    }
    self->rows += batch->rows;
    return 0;
}

int weir_normalize_settle(struct weir_normalize_column *column, struct weir_error *error)
{
    struct weir_statistics *statistics = &column->statistics;
    const double *quantiles = column->quantiles.values;
    column->empty = statistics->count == 0;
    column->center = 0;
    column->deviation = 1;
    switch (column->method) {
    case WEIR_NORMALIZE_ZSCORE:
        column->center = statistics->mean;
        column->deviation = weir_statistics_deviation(statistics, 0);
        break;
    case WEIR_NORMALIZE_MINMAX:
        column->center = statistics->minimum;
        column->deviation = statistics->maximum - statistics->minimum;
        break;
    case WEIR_NORMALIZE_ROBUST:
        column->center = column->empty ? 0 : quantiles[0];
        column->deviation = column->empty || quantiles[2] == quantiles[1] ? 1 : quantiles[2] - quantiles[1];
        break;
    case WEIR_NORMALIZE_MAXABS:
        column->deviation = statistics->maximum_magnitude;
        break;
    default:
        break;
    }
    if (statistics->minimum == statistics->maximum)
        column->deviation = 0;
    if (isfinite(column->center) && isfinite(column->deviation))
        return 0;
    return weir_fail(error, WEIR_BAD_DATA, "column %s: its numbers are too large to be summed up",
                     WEIR_SHOW(column->name));
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct weir_normalize *self = stage->state;
    int more = 0;
    for (size_t i = 0; i < self->count; i++) {
        struct weir_normalize_column *column = &self->columns[i];
        if (!weir_normalize_method_learns(column->method))
            continue;
        if (!self->second_pass)
            weir_statistics_finish(&column->statistics);
        if (column->method == WEIR_NORMALIZE_ROBUST && !column->quantiles.known) {
            int result = weir_quantile_learner_end(&column->quantiles, error);
            if (result < 0)
                return -1;
            more |= result;
        }
        if (weir_normalize_settle(column, error) < 0)
            return -1;
    }
    self->second_pass = true;
    return more;
}

const struct weir_stage_kind weir_normalize_kind = {
    .name = "normalize",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .learn_end = learn_end,
    .merge = weir_normalize_merge,
    .save = weir_normalize_save,
    .save_merge = weir_normalize_save_merge,
    .restore = weir_normalize_restore,
    .bind = weir_normalize_bind,
    .apply = weir_normalize_apply,
    .unbind = weir_normalize_unbind,
    .summary = weir_normalize_summary,
};
