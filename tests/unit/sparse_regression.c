/* Products of sparse matrices against plain loops; the regressions on sparse rows against scikit-learn's objective and
 * against central differences of it; the steps of the stochastic optimizers against plain ones in double. */
#include "model/sparse_regression.h"
#include "base/memory.h"
#include "check.h"
#include "nn/sparse_optimizer.h"
#include <stdlib.h>

#include "../golden/sparse.h"

static float x[ROWS][PLACES];

static struct weir_entry *make_entries(void)
{
    struct weir_entry *entries = weir_allocate((size_t)offsets[ROWS], sizeof *entries);
    for (int r = 0; r < ROWS; r++)
        for (int64_t i = offsets[r]; i < offsets[r + 1]; i++) {
            entries[i] = (struct weir_entry){ indices[i], values[i] };
            x[r][indices[i]] = values[i];
        }
    return entries;
}

static void check_products(const struct weir_entry *entries)
{
    const struct weir_sparse_matrix matrix = { ROWS, offsets, entries };
    for (int width = 1; width <= 11; width++) {
        double in[PLACES * 11], out[ROWS * 11], squares[ROWS * 11];
        for (int i = 0; i < PLACES * width; i++)
            in[i] = sin(i);
        weir_sparse_product(&matrix, 3, ROWS, in, width, out);
        weir_sparse_product_squares(&matrix, 3, ROWS, in, width, squares);
        for (int r = 3; r < ROWS; r++)
            for (int k = 0; k < width; k++) {
                double sum = 0, square_sum = 0;
                for (int j = 0; j < PLACES; j++) {
                    sum += (double)x[r][j] * in[j * width + k];
                    square_sum += (double)x[r][j] * x[r][j] * in[j * width + k];
                }
                CHECK_NEAR(out[(r - 3) * width + k], sum, 1e-12);
                CHECK_NEAR(squares[(r - 3) * width + k], square_sum, 1e-12);
            }
    }
}

/* ---- To the end ------------------------------------------------------------------------------------------- */

struct form {
    enum weir_loss_kind loss;
    int outputs;
    double l2, smoothing;
    double objective; /* 0: scikit-learn has none */
};

/* What is to be made small, in the plainest way; row_step: of every so many rows only. */
static double objective(const struct form *form, const double *w, const double *b, int row_step)
{
    double sum = 0;
    for (int r = 0; r < ROWS; r += row_step) {
        double z[3] = { 0 }, loss = 0, all = 0;
        for (int k = 0; k < form->outputs; k++) {
            z[k] = b[k];
            for (int j = 0; j < PLACES; j++)
                z[k] += w[k * PLACES + j] * x[r][j];
            all += exp(z[k]);
        }
        for (int k = 0; k < form->outputs; k++) {
            bool own = form->outputs == 1 ? classes[r] == 2 : classes[r] == k;
            double spread = form->loss == WEIR_CROSS_ENTROPY ? 1.0 / form->outputs : 0.5;
            double target = own * (1 - form->smoothing) + spread * form->smoothing;
            if (form->loss == WEIR_MSE)
                loss += 0.5 * (targets[r] - z[k]) * (targets[r] - z[k]);
            else if (form->loss == WEIR_CROSS_ENTROPY)
                loss -= target * (z[k] - log(all));
            else
                loss += log1p(exp(z[k])) - target * z[k];
        }
        sum += weights[r] * loss;
    }
    for (int i = 0; i < form->outputs * PLACES; i++)
        sum += 0.5 * form->l2 * w[i] * w[i];
    return sum;
}

static void fit(const struct form *form, int row_step, int threads, size_t memory, float *weight, float *bias)
{
    struct weir_error error = { 0 };
    struct weir_pool *pool = weir_pool_new(threads);
    struct weir_entries entries;
    int32_t class[ROWS];
    int64_t rows[ROWS], count = 0;
    weir_entries_init(&entries, memory);
    for (int r = 0; r < ROWS; r++) {
        size_t size = (size_t)(offsets[r + 1] - offsets[r]);
        struct weir_entry *to = weir_entries_append(&entries, size, &error);
        for (size_t i = 0; CHECK(to != NULL) && i < size; i++)
            to[i] = (struct weir_entry){ indices[offsets[r] + (int64_t)i], values[offsets[r] + (int64_t)i] };
        class[r] = form->outputs == 1 ? classes[r] == 2 : classes[r];
        if (r % row_step == 0)
            rows[count++] = r;
    }
    CHECK_INT(weir_entries_finish(&entries, &error), 0);
    CHECK((memory == 0) == (entries.mapped > 0));
    struct weir_regression regression = { .rows = rows,
                                          .count = count,
                                          .classes = form->loss == WEIR_MSE ? NULL : class,
                                          .targets = form->loss == WEIR_MSE ? targets : NULL,
                                          .weights = weights,
                                          .loss = form->loss,
                                          .outputs = form->outputs,
                                          .label_smoothing = form->smoothing,
                                          .l2 = form->l2,
                                          .max_iterations = 1000,
                                          .tolerance = 1e-12 };
    struct weir_regression_result result;
    CHECK_INT(weir_sparse_regression_fit(&regression, &entries, PLACES, pool, weight, bias, &result, &error), 0);
    CHECK(result.converged);
    weir_entries_release(&entries);
    weir_pool_free(pool);
}

static void check_fit(const struct form *form, int row_step)
{
    enum { MOST = 3 * PLACES };
    float weight[MOST], bias[3], other[MOST], other_bias[3];
    double w[MOST], b[3], scale;
    size_t size = (size_t)(form->outputs * PLACES) * sizeof *weight;
    fit(form, row_step, 1, SIZE_MAX, weight, bias);
    fit(form, row_step, 3, 0, other, other_bias); /* threads and a file change no bit */
    CHECK(memcmp(weight, other, size) == 0 && memcmp(bias, other_bias, (size_t)form->outputs * sizeof *bias) == 0);
    for (int i = 0; i < form->outputs * PLACES; i++)
        w[i] = weight[i];
    for (int k = 0; k < form->outputs; k++)
        b[k] = bias[k];
    double least = objective(form, w, b, row_step);
    scale = form->loss == WEIR_MSE ? 1e-2 : 2e-4;
    if (form->objective > 0)
        CHECK_NEAR(least, form->objective, 1e-7 * form->objective);
    for (int i = 0; i < form->outputs * (PLACES + 1); i++) {
        double *at = i < form->outputs * PLACES ? &w[i] : &b[i - form->outputs * PLACES], kept = *at, step = 1e-5;
        *at = kept + step;
        double above = objective(form, w, b, row_step);
        *at = kept - step;
        double below = objective(form, w, b, row_step);
        *at = kept;
        CHECK_NEAR((above - below) / (2 * step), 0, scale);
    }
}

/* A slope on numbers around 1000: the first steps take y's mean along the large numbers, and then short ones promise
 * next to nothing. */
static void check_fit_far_from_zero(void)
{
    enum { FEW = 20 };
    struct weir_error error = { 0 };
    struct weir_pool *pool = weir_pool_new(1);
    struct weir_entries entries;
    double y[FEW];
    int64_t rows[FEW];
    weir_entries_init(&entries, SIZE_MAX);
    for (int r = 0; r < FEW; r++) {
        struct weir_entry *to = weir_entries_append(&entries, 1, &error);
        if (CHECK(to != NULL))
            *to = (struct weir_entry){ 0, 1000.0F + (float)r };
        y[r] = r + (r % 2 ? 20 : -20);
        rows[r] = r;
    }
    CHECK_INT(weir_entries_finish(&entries, &error), 0);
    struct weir_regression regression = { .rows = rows,
                                          .count = FEW,
                                          .targets = y,
                                          .loss = WEIR_MSE,
                                          .outputs = 1,
                                          .max_iterations = 1000,
                                          .tolerance = 1e-5 };
    struct weir_regression_result result;
    float weight, bias;
    CHECK_INT(weir_sparse_regression_fit(&regression, &entries, 1, pool, &weight, &bias, &result, &error), 0);
    CHECK(result.converged);
    const double slope = 1 + 200.0 / 665; /* sum (x - mean) y / sum (x - mean)^2 */
    CHECK_NEAR(weight, slope, 0.01);
    CHECK_NEAR(bias, 9.5 - slope * 1009.5, 10);
    weir_entries_release(&entries);
    weir_pool_free(pool);
}

/* ---- Steps ------------------------------------------------------------------------------------------------ */

/* The formulas of nn/sparse_optimizer.h on all places, in double: shares of the penalty are taken by a place just
 * before a row that names it, and by all at the end. */
struct plain {
    double w[PLACES + 1], g[PLACES + 1], squares[PLACES + 1], z[PLACES + 1], due[PLACES + 1];
    bool touched[PLACES + 1];
    double rows, pass_rows, pass;
};

static double soften(double w, double l1)
{
    return fabs(w) > l1 ? w - copysign(l1, w) : 0;
}

static void take(const struct weir_sparse_optimizer_options *o, struct plain *p, int j)
{
    double rate = o->kind == WEIR_SPARSE_ADAGRAD ? o->rate / (1e-6 + sqrt(p->squares[j])) : o->rate;
    if (j < PLACES && o->kind != WEIR_SPARSE_FTRL && p->w[j] != 0)
        p->w[j] = soften(p->w[j] / (1 + rate * p->due[j] * o->l2), rate * p->due[j] * o->l1);
    p->due[j] = 0;
}

static double ftrl(const struct weir_sparse_optimizer_options *o, const struct plain *p, int j)
{
    double l1 = j < PLACES ? o->l1 * p->pass : 0, l2 = j < PLACES ? o->l2 * p->pass : 0;
    return -soften(p->z[j], l1) / ((1 + sqrt(p->squares[j])) / o->rate + l2);
}

static void step(const struct weir_sparse_optimizer_options *o, struct plain *p, int batch)
{
    p->rows += batch;
    for (int j = 0; j <= PLACES; j++) {
        double g = p->g[j], squares = p->squares[j] + g * g;
        if (p->touched[j] && o->kind == WEIR_SPARSE_SGD)
            p->w[j] -= o->rate * g / batch;
        if (p->touched[j] && o->kind == WEIR_SPARSE_ADAGRAD)
            p->w[j] -= o->rate / (1e-6 + sqrt(squares)) * g;
        if (p->touched[j] && o->kind == WEIR_SPARSE_FTRL)
            p->z[j] += g - (sqrt(squares) - sqrt(p->squares[j])) / o->rate * p->w[j];
        p->squares[j] = squares;
        if (p->touched[j] && o->kind == WEIR_SPARSE_FTRL)
            p->w[j] = ftrl(o, p, j);
        p->g[j] = 0;
        p->touched[j] = false;
        p->due[j] += (o->kind == WEIR_SPARSE_ADAGRAD ? batch : 1) / (p->pass_rows > 0 ? p->pass_rows : p->rows);
    }
}

static void learn(const struct weir_sparse_optimizer_options *o, struct plain *p, struct weir_sparse_optimizer *ours,
                  const struct weir_entry *entries, int batch)
{
    for (int r = 0; r < ROWS; r++) {
        double z = 0, score, derivative;
        for (int j = 0; j <= PLACES; j++) {
            bool named = j == PLACES || x[r][j] != 0;
            if (!named)
                continue;
            take(o, p, j);
            z += p->w[j] * (j == PLACES ? 1 : x[r][j]);
        }
        weir_sparse_optimizer_score(ours, entries + offsets[r], offsets[r + 1] - offsets[r], &score);
        CHECK_NEAR(score, z, 1e-4 * (1 + fabs(z)));
        derivative = 1 / (1 + exp(-z)) - (classes[r] == 2);
        for (int j = 0; j <= PLACES; j++)
            if (j == PLACES || x[r][j] != 0) {
                p->g[j] += derivative * (j == PLACES ? 1 : x[r][j]);
                p->touched[j] = true;
            }
        CHECK_INT(weir_sparse_optimizer_add(ours, entries + offsets[r], offsets[r + 1] - offsets[r], &derivative), 0);
        if ((r + 1) % batch == 0) {
            step(o, p, batch);
            weir_sparse_optimizer_step(ours, batch);
        }
    }
}

static void check_steps(const struct weir_entry *entries, enum weir_sparse_optimizer_kind kind, int batch, double l1,
                        double l2)
{
    const struct weir_sparse_optimizer_options options = { kind, weir_sparse_optimizer_rate(kind, false), l1, l2 };
    struct weir_sparse_optimizer *ours = NULL;
    struct weir_error error = { 0 };
    struct plain plain = { .pass = 1 };
    int zeros = 0;
    CHECK_INT(weir_sparse_optimizer_new(&ours, &options, PLACES, 1, &error), 0);
    for (int pass = 1; pass <= 3; pass++) {
        learn(&options, &plain, ours, entries, batch);
        if (pass == 3)
            break;
        plain.pass_rows = ROWS;
        plain.pass++;
        for (int j = 0; j <= PLACES && kind == WEIR_SPARSE_FTRL; j++)
            plain.w[j] = ftrl(&options, &plain, j);
        weir_sparse_optimizer_next_pass(ours);
    }
    weir_sparse_optimizer_finish(ours);
    for (int j = 0; j <= PLACES; j++) {
        take(&options, &plain, j);
        float weight = weir_sparse_optimizer_weight(ours, j, 0);
        CHECK_NEAR(weight, plain.w[j], 1e-4 * (1 + fabs(plain.w[j])));
        if (fabs(plain.w[j]) < 1e-12)
            CHECK(weight == 0); /* what the penalty takes away is a true zero */
        zeros += weight == 0;
    }
    CHECK(zeros > (l1 > 0)); /* one place is in no row */
    weir_sparse_optimizer_free(ours);
}

/* More outputs keep what was learned: one negated, one as it was, one new. */
static void check_expand(const struct weir_entry *entries)
{
    const struct weir_sparse_optimizer_options options = { WEIR_SPARSE_ADAGRAD, 0.5, 0, 0 };
    struct weir_sparse_optimizer *ours = NULL;
    struct weir_error error = { 0 };
    struct plain plain = { .pass = 1 };
    double z[3], before;
    CHECK_INT(weir_sparse_optimizer_new(&ours, &options, PLACES, 1, &error), 0);
    learn(&options, &plain, ours, entries, 1);
    weir_sparse_optimizer_score(ours, entries, offsets[1], &before);
    CHECK_INT(weir_sparse_optimizer_expand(ours, 3, (int32_t[]){ -1, 0, INT32_MAX }, &error), 0);
    CHECK_INT(weir_sparse_optimizer_outputs(ours), 3);
    weir_sparse_optimizer_score(ours, entries, offsets[1], z);
    CHECK(z[0] == -before && z[1] == before && z[2] == 0 && before != 0);
    weir_sparse_optimizer_free(ours);
}

int main(void)
{
    struct weir_entry *entries = make_entries();
    const struct form forms[] = { { WEIR_BINARY_CROSS_ENTROPY, 1, 0.5, 0, objectives[0] },
                                  { WEIR_CROSS_ENTROPY, 3, 0.5, 0, objectives[1] },
                                  { WEIR_BINARY_CROSS_ENTROPY, 3, 2, 0, objectives[2] },
                                  { WEIR_MSE, 1, 0.5, 0, objectives[3] },
                                  { WEIR_CROSS_ENTROPY, 3, 0.5, 0.2, 0 },
                                  { WEIR_BINARY_CROSS_ENTROPY, 1, 0.5, 0.2, 0 },
                                  { WEIR_BINARY_CROSS_ENTROPY, 3, 0.5, 0.2, 0 } };
    check_products(entries);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        check_fit(&forms[i], 1);
        if (forms[i].objective == 0)
            check_fit(&forms[i], 3); /* some of the rows */
    }
    check_fit_far_from_zero();
    for (int kind = 0; kind < 3; kind++)
        for (int batch = 1; batch <= 8; batch += 7) { /* both divide the rows */
            check_steps(entries, (enum weir_sparse_optimizer_kind)kind, batch, 0, 0);
            check_steps(entries, (enum weir_sparse_optimizer_kind)kind, batch, 0, 1.5);
            check_steps(entries, (enum weir_sparse_optimizer_kind)kind, batch, 2, 0.1);
        }
    check_expand(entries);
    free(entries);
    return check_result();
}
