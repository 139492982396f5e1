/* Powers and products of columns, so that what is linear in them is a polynomial: for the columns a and b and degree 2
 *
 *     a^2, a*b, b^2        (a and b stay as they are; with interactions-only a*b alone)
 *
 * One column for each term of degree 2 .. N, in the order of the degree and then of the columns. */
#include "stage/derive.h"
#include "stage/feature_columns.h"
#include "stage/features.h"
#include "stage/learn.h"
#include "stage/options.h"
#include "stage/state.h"
#include <float.h>

enum { MOST_TERMS = 10000, MOST_DEGREE = 16, MOST_COLUMNS = 10000 };

struct polynomial {
    const json_t *chosen;
    int64_t degree;
    bool interactions_only;
    struct weir_feature_columns columns;
    int64_t terms;
    int16_t *factors; /* [terms][degree] columns, ascending; -1: no further */
};

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "column", "degree", "interactions-only", NULL };
    struct polynomial *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->degree = 2;
    return weir_option_known(stage, known, error) < 0 ||
                   weir_option_list(stage->options, "column", &self->chosen, error) < 0 ||
                   weir_option_integer(stage->options, "degree", 2, MOST_DEGREE, &self->degree, error) < 0 ||
                   weir_option_flag(stage->options, "interactions-only", &self->interactions_only, error) < 0
               ? -1
               : 0;
}

static void release(struct polynomial *self)
{
    weir_feature_columns_release(&self->columns);
    free(self->factors);
    self->factors = NULL;
    self->terms = 0;
}

static void destroy(struct weir_stage *stage)
{
    struct polynomial *self = stage->state;
    if (!self)
        return;
    release(self);
    free(self);
}

/* ---- Terms -------------------------------------------------------------------------------------------------- */

/* How many terms of exactly that degree: C(n, k), or with powers C(n + k - 1, k); a double holds more than any limit.
 */
static double term_count(const struct polynomial *self, int64_t degree)
{
    double count = 1, n = (double)self->columns.count;
    for (int64_t i = 0; i < degree; i++)
        count = count * (self->interactions_only ? n - (double)i : n + (double)i) / (double)(i + 1);
    return count > 0 ? count : 0;
}

/* The next term of `degree` factors in their order, after the one in `term`: false when there is none. */
static bool next_term(const struct polynomial *self, int16_t *term, int64_t degree)
{
    int64_t n = (int64_t)self->columns.count;
    for (int64_t i = degree - 1; i >= 0; i--) {
        int64_t most = self->interactions_only ? n - degree + i : n - 1;
        if (term[i] >= most)
            continue;
        term[i]++;
        for (int64_t j = i + 1; j < degree; j++)
            term[j] = (int16_t)(self->interactions_only ? term[j - 1] + 1 : term[i]);
        return true;
    }
    return false;
}

static int make_terms(struct polynomial *self, struct weir_error *error)
{
    double count = 0;
    for (int64_t degree = 2; degree <= self->degree; degree++)
        count += term_count(self, degree);
    if (count == 0)
        return weir_fail(error, WEIR_USAGE, "--interactions-only makes nothing of one column: it takes two or more");
    if (count > MOST_TERMS)
        return weir_fail(error, WEIR_USAGE,
                         "%zu columns to degree %lld make %.0f new ones, and %d are the most: choose fewer with "
                         "--column, or take --interactions-only",
                         self->columns.count, (long long)self->degree, count, MOST_TERMS);
    self->factors = weir_allocate((size_t)count, (size_t)self->degree * sizeof *self->factors);
    if (!self->factors)
        return weir_fail_memory(error);
    for (int64_t degree = 2; degree <= self->degree && term_count(self, degree) > 0; degree++) {
        int16_t term[MOST_DEGREE];
        for (int64_t i = 0; i < degree; i++)
            term[i] = (int16_t)(self->interactions_only ? i : 0);
        do {
            int16_t *factors = self->factors + self->terms++ * self->degree;
            for (int64_t i = 0; i < self->degree; i++)
                factors[i] = i < degree ? term[i] : -1;
        } while (next_term(self, term, degree));
    }
    return 0;
}

/* "a^2*b" */
static void name_term(const struct polynomial *self, int64_t term, struct weir_buffer *name)
{
    const int16_t *factors = self->factors + term * self->degree;
    weir_buffer_clear(name);
    for (int64_t i = 0, power; i < self->degree && factors[i] >= 0; i += power) {
        for (power = 1; i + power < self->degree && factors[i + power] == factors[i];)
            power++;
        weir_buffer_format(name, "%s%s", i > 0 ? "*" : "", self->columns.items[factors[i]].name);
        if (power > 1)
            weir_buffer_format(name, "^%lld", (long long)power);
    }
}

/* ---- State -------------------------------------------------------------------------------------------------- */

static int check_scalars(const struct polynomial *self, struct weir_error *error)
{
    for (size_t i = 0; i < self->columns.count; i++)
        if (self->columns.items[i].type.kind == WEIR_FIXED_LIST)
            return weir_fail(error, WEIR_USAGE,
                             "column %s holds lists, and products are made of single numbers: choose others with "
                             "--column",
                             WEIR_SHOW(self->columns.items[i].name));
    return 0;
}

/* Returns 0: the columns are known, and no row need be seen. */
static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct polynomial *self = stage->state;
    release(self);
    if (weir_feature_columns_choose(&self->columns, in, self->chosen, MOST_COLUMNS, error) < 0 ||
        check_scalars(self, error) < 0)
        return -1;
    return make_terms(self, error);
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    (void)stage, (void)batch, (void)error;
    return 0;
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    (void)blobs;
    const struct polynomial *self = stage->state;
    return weir_state_of_columns(weir_feature_columns_to_json(&self->columns), state, error);
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    (void)blobs;
    struct polynomial *self = stage->state;
    release(self);
    if (weir_feature_columns_from_json(&self->columns, state, MOST_COLUMNS, error) < 0 ||
        check_scalars(self, error) < 0 || make_terms(self, error) < 0) {
        if (error && error->status == WEIR_USAGE)
            error->status = WEIR_BAD_DATA;
        return -1;
    }
    return 0;
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    const struct polynomial *into = stage->state, *from = other->state;
    return weir_state_check_merge(stage, into->columns.count, other, from->columns.count, error) < 0
               ? -1
               : weir_feature_columns_check_merge(&into->columns, &from->columns, error);
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

struct applying {
    const struct polynomial *self;
    struct weir_feature_bound bound;
    struct weir_derived derived;
    int first;                    /* new column */
    struct weir_scratch *numbers; /* [columns] the batch's */
    double *product;
    size_t product_capacity;
    int64_t rows, missing; /* so far; new values that are missing because of a factor */
};

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct polynomial *self = binding->stage->state;
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    struct weir_buffer name = { 0 };
    binding->state = applying;
    if (!applying)
        return weir_fail_memory(error);
    applying->self = self;
    applying->numbers = weir_allocate_zero(self->columns.count, sizeof *applying->numbers);
    if (!applying->numbers)
        return weir_fail_memory(error);
    if (weir_feature_columns_bind(&applying->bound, &self->columns, in, error) < 0 ||
        weir_derive_keep(&applying->derived, &binding->out, in, error) < 0)
        return -1;
    applying->first = in->count;
    int result = 0;
    for (int64_t term = 0; result >= 0 && term < self->terms; term++) {
        name_term(self, term, &name);
        result = weir_buffer_check(&name, error);
        if (result >= 0)
            result = weir_derive_add(&applying->derived, &binding->out, name.bytes, WEIR_FLOAT32, error);
    }
    weir_buffer_release(&name);
    return result < 0 ? -1 : 0;
}

static void unbind(struct weir_binding *binding)
{
    struct applying *applying = binding->state;
    if (!applying)
        return;
    for (size_t i = 0; applying->numbers && i < applying->self->columns.count; i++)
        weir_scratch_release(&applying->numbers[i]);
    free(applying->numbers);
    free(applying->product);
    weir_feature_bound_release(&applying->bound);
    weir_derived_release(&applying->derived);
    free(applying);
}

static int fail_row(const struct applying *applying, int64_t row, const char *what, int64_t term,
                    struct weir_error *error)
{
    struct weir_buffer name = { 0 };
    name_term(applying->self, term, &name);
    weir_fail(error, WEIR_BAD_DATA, "column %s, row %lld: %s", name.bytes ? WEIR_SHOW(name.bytes) : "",
              (long long)(applying->rows + row + 1), what);
    weir_buffer_release(&name);
    return -1;
}

/* An infinite factor and a 0 give NaN too, and are no missing value. */
static bool misses_factor(const struct applying *applying, const int16_t *factors, int64_t row)
{
    for (int64_t i = 0; i < applying->self->degree && factors[i] >= 0; i++)
        if (isnan(applying->numbers[factors[i]].numbers[row]))
            return true;
    return false;
}

/* The term's products. */
static int make_column(struct applying *applying, int64_t term, int64_t rows, struct weir_column *column,
                       struct weir_reasons *reasons, struct weir_error *error)
{
    const struct polynomial *self = applying->self;
    const int16_t *factors = self->factors + term * self->degree;
    double *product = applying->product;
    float *y = weir_slice_new(&column->values, (size_t)rows, sizeof *y);
    if (!y)
        return weir_fail_memory(error);
    memcpy(product, applying->numbers[factors[0]].numbers, (size_t)rows * sizeof *product);
    for (int64_t i = 1; i < self->degree && factors[i] >= 0; i++) {
        const double *x = applying->numbers[factors[i]].numbers;
        for (int64_t row = 0; row < rows; row++)
            product[row] *= x[row];
    }
    uint8_t *bits = NULL;
    column->rows = rows;
    for (int64_t row = 0; row < rows; row++) {
        bool good = fabs(product[row]) <= FLT_MAX;
        y[row] = good ? (float)product[row] : 0;
        if (good)
            continue;
        if (!bits) {
            bits = weir_slice_new(&column->validity, (size_t)((rows + 7) / 8), 1);
            if (!bits)
                return weir_fail_memory(error);
            memset(bits, 0xFF, column->validity.size);
        }
        bits[row / 8] &= (uint8_t) ~(1u << row % 8);
        column->null_count++;
        if (misses_factor(applying, factors, row)) {
            applying->missing++;
            continue;
        }
        if (!reasons)
            return fail_row(applying, row,
                            "a number that is infinite or out of float32's range; normalize, put in "
                            "front, scales numbers",
                            term, error);
        weir_give_reason(reasons, row, "a product is out of float32's range");
    }
    return 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    struct applying *applying = binding->state;
    const struct polynomial *self = applying->self;
    if (weir_derive_share(&applying->derived, in, out, error) < 0)
        return -1;
    if (weir_grow((void **)&applying->product, &applying->product_capacity, (size_t)in->rows + 1,
                  sizeof *applying->product) < 0)
        return weir_fail_memory(error);
    for (size_t c = 0; c < self->columns.count; c++)
        if (weir_scratch_reserve(&applying->numbers[c], in->rows, error) < 0 ||
            weir_numbers(&in->columns[applying->bound.index[c]], applying->bound.types[c].kind,
                         applying->numbers[c].numbers, error) < 0)
            return -1;
    for (int64_t term = 0; term < self->terms; term++)
        if (make_column(applying, term, in->rows, &out->columns[applying->first + term], reasons, error) < 0)
            return -1;
    applying->rows += in->rows;
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct applying *applying = binding->state;
    const struct polynomial *self = applying->self;
    weir_buffer_format(out, "%lld new column%s of %zu", (long long)self->terms, self->terms == 1 ? "" : "s",
                       self->columns.count);
    if (applying->missing > 0)
        weir_buffer_format(out, ", %lld products of a missing value", (long long)applying->missing);
}

const struct weir_stage_kind weir_features_polynomial_kind = {
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
    .summary = summary,
};
