#include "model/sparse_regression.h"
#include "base/memory.h"
#include "math/logistic.h"
#include "math/tron.h"
#include "math/vector.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows of one task, and entries of one task over columns, at least. */
enum { TILE_ROWS = 1024, TILE_ENTRIES = 1 << 15 };

struct fit {
    const struct weir_regression *regression;
    struct weir_sparse_matrix rows, columns;
    int64_t width, outputs;
    struct weir_pool *pool;
    double *row_weight; /* [rows]: 0 for those that are not learned from */
    double total_weight;
    double *z;         /* [rows][outputs] scores at the point that was tried last */
    double *p;         /* [rows][outputs] at the present point: probabilities; p (1 - p) where outputs stand alone */
    double *a;         /* [rows][outputs] what is multiplied with the columns */
    double *tile_sums; /* [row tiles][outputs] of a */
    double *tile_loss; /* [row tiles] */
    int64_t *tile_correct; /* [row tiles] */
    int row_tiles, column_tiles;
    int64_t *column_starts; /* [column tiles + 1] */
    /* Of the product under way. */
    const double *in; /* [width][outputs], [outputs] */
    double *out;      /* [width][outputs] */
    bool squares;
    void (*row_task)(struct fit *fit, int64_t row);
};

static bool is_softmax(const struct fit *fit)
{
    return fit->regression->loss == WEIR_CROSS_ENTROPY;
}

/* ---- Tasks ------------------------------------------------------------------------------------------------ */

static void tile_rows(const struct fit *fit, int tile, int64_t *first, int64_t *end)
{
    *first = (int64_t)tile * TILE_ROWS;
    *end = *first + TILE_ROWS < fit->rows.rows ? *first + TILE_ROWS : fit->rows.rows;
}

/* to[row] = bias + x[row] weights */
static void score_tile(const struct fit *fit, int tile, double *to)
{
    const double *bias = fit->in + fit->width * fit->outputs;
    int64_t first, end;
    tile_rows(fit, tile, &first, &end);
    weir_sparse_product(&fit->rows, first, end, fit->in, fit->outputs, to + first * fit->outputs);
    for (int64_t r = first; r < end; r++)
        for (int64_t k = 0; k < fit->outputs; k++)
            to[r * fit->outputs + k] += bias[k];
}

/* Runs row_task on each row of a tile, and sums a up. */
static void run_rows(struct fit *fit, int tile)
{
    double *sums = fit->tile_sums + tile * fit->outputs;
    int64_t first, end;
    tile_rows(fit, tile, &first, &end);
    memset(sums, 0, (size_t)fit->outputs * sizeof *sums);
    for (int64_t r = first; r < end; r++) {
        fit->row_task(fit, r);
        for (int64_t k = 0; k < fit->outputs; k++)
            sums[k] += fit->a[r * fit->outputs + k];
    }
}

/* out = columns a: the gradient's or the product's part of each place. */
static void column_task(void *context, int tile, int thread)
{
    (void)thread;
    struct fit *fit = context;
    int64_t first = fit->column_starts[tile], end = fit->column_starts[tile + 1];
    double *out = fit->out + first * fit->outputs;
    if (fit->squares)
        weir_sparse_product_squares(&fit->columns, first, end, fit->a, fit->outputs, out);
    else
        weir_sparse_product(&fit->columns, first, end, fit->a, fit->outputs, out);
}

static void sum_columns(struct fit *fit, double *out, bool squares)
{
    double *bias = out + fit->width * fit->outputs;
    fit->out = out;
    fit->squares = squares;
    weir_pool_run(fit->pool, fit->column_tiles, column_task, fit);
    memset(bias, 0, (size_t)fit->outputs * sizeof *bias);
    for (int tile = 0; tile < fit->row_tiles; tile++)
        for (int64_t k = 0; k < fit->outputs; k++)
            bias[k] += fit->tile_sums[tile * fit->outputs + k];
}

/* ---- The loss --------------------------------------------------------------------------------------------- */

static double target_of(const struct fit *fit, int64_t row, int64_t k)
{
    int32_t class = fit->regression->classes[row];
    double smoothing = fit->regression->label_smoothing;
    if (is_softmax(fit))
        return (k == class ? 1 - smoothing : 0) + smoothing / (double)fit->outputs;
    return (fit->outputs == 1 ? class == 1 : k == class) * (1 - smoothing) + 0.5 * smoothing;
}

/* The logistic losses of some rows, many numbers at once; as row_losses. */
static void logistic_losses(const struct fit *fit, int64_t first, int64_t end, double *loss)
{
    enum { AT_ONCE = 256 };
    double targets[AT_ONCE], losses[AT_ONCE], *a = fit->a + first * fit->outputs;
    int64_t outputs = fit->outputs, row = first, k = 0;
    for (int64_t left = (end - first) * outputs; left > 0; left -= AT_ONCE, a += AT_ONCE) {
        int64_t count = left < AT_ONCE ? left : AT_ONCE;
        int64_t target_row = row, target_k = k;
        for (int64_t i = 0; i < count; i++) {
            targets[i] = target_of(fit, target_row, target_k);
            if (++target_k == outputs)
                target_k = 0, target_row++;
        }
        weir_logistic_loss(a, targets, losses, count);
        for (int64_t i = 0; i < count; i++) {
            loss[row - first] += losses[i];
            if (++k == outputs)
                k = 0, row++;
        }
    }
}

/* The losses of rows first .. end - 1 from their scores in a, which become their derivatives; neither is weighted. */
static void row_losses(const struct fit *fit, int64_t first, int64_t end, double *loss)
{
    const struct weir_regression *regression = fit->regression;
    memset(loss, 0, (size_t)(end - first) * sizeof *loss);
    if (regression->loss == WEIR_BINARY_CROSS_ENTROPY)
        logistic_losses(fit, first, end, loss);
    for (int64_t r = first; r < end && regression->loss != WEIR_BINARY_CROSS_ENTROPY; r++) {
        double *a = fit->a + r * fit->outputs;
        if (is_softmax(fit)) {
            loss[r - first] = weir_softmax_loss(a, fit->outputs, regression->classes[r], regression->label_smoothing);
        } else {
            a[0] -= regression->targets[r];
            loss[r - first] = 0.5 * a[0] * a[0];
        }
    }
}

static bool is_correct(const struct fit *fit, int64_t row)
{
    const double *z = fit->z + row * fit->outputs;
    int32_t class = fit->regression->classes[row];
    return fit->outputs == 1 ? (z[0] > 0) == (class == 1) : weir_vector_largest(z, fit->outputs) == class;
}

/* Of the scores of a tile's rows: a and loss, as row_losses gives them. */
static void tile_losses(const struct fit *fit, int64_t first, int64_t end, double *loss)
{
    size_t numbers = (size_t)((end - first) * fit->outputs);
    memcpy(fit->a + first * fit->outputs, fit->z + first * fit->outputs, numbers * sizeof *fit->a);
    row_losses(fit, first, end, loss);
}

static void value_task(void *context, int tile, int thread)
{
    (void)thread;
    struct fit *fit = context;
    double loss[TILE_ROWS];
    int64_t first, end;
    score_tile(fit, tile, fit->z);
    tile_rows(fit, tile, &first, &end);
    tile_losses(fit, first, end, loss);
    fit->tile_loss[tile] = 0;
    fit->tile_correct[tile] = 0;
    for (int64_t r = first; r < end; r++) {
        if (!(fit->row_weight[r] > 0))
            continue;
        fit->tile_loss[tile] += fit->row_weight[r] * loss[r - first];
        fit->tile_correct[tile] += fit->regression->classes && is_correct(fit, r);
    }
}

static double sum_loss(const struct fit *fit)
{
    double sum = 0;
    for (int tile = 0; tile < fit->row_tiles; tile++)
        sum += fit->tile_loss[tile];
    return sum;
}

static double value(void *context, const double *x)
{
    struct fit *fit = context;
    double penalty = 0;
    fit->in = x;
    weir_pool_run(fit->pool, fit->row_tiles, value_task, fit);
    for (int64_t i = 0; i < fit->width * fit->outputs; i++)
        penalty += x[i] * x[i];
    return sum_loss(fit) + 0.5 * fit->regression->l2 * penalty;
}

/* From the derivatives to p and the weighted ones. */
static void derive_row(struct fit *fit, int64_t row)
{
    int64_t outputs = fit->outputs;
    double *a = fit->a + row * outputs, *p = fit->p + row * outputs, weight = fit->row_weight[row];
    for (int64_t k = 0; k < outputs; k++) {
        double probability = fit->regression->loss == WEIR_MSE ? 1 : a[k] + target_of(fit, row, k);
        p[k] = fit->regression->loss == WEIR_BINARY_CROSS_ENTROPY ? probability * (1 - probability) : probability;
        a[k] = weight > 0 ? a[k] * weight : 0;
    }
}

static void diagonal_row(struct fit *fit, int64_t row)
{
    const double *p = fit->p + row * fit->outputs;
    double *a = fit->a + row * fit->outputs;
    for (int64_t k = 0; k < fit->outputs; k++)
        a[k] = fit->row_weight[row] * (is_softmax(fit) ? p[k] * (1 - p[k]) : p[k]);
}

/* From a = x v to the weighted curvature along it. */
static void curve_row(struct fit *fit, int64_t row)
{
    int64_t outputs = fit->outputs;
    const double *p = fit->p + row * outputs;
    double *a = fit->a + row * outputs, weight = fit->row_weight[row], mean = 0;
    for (int64_t k = 0; is_softmax(fit) && k < outputs; k++)
        mean += p[k] * a[k];
    for (int64_t k = 0; k < outputs; k++)
        a[k] = weight > 0 ? weight * p[k] * (a[k] - mean) : 0;
}

static void row_task(void *context, int tile, int thread)
{
    (void)thread;
    run_rows(context, tile);
}

static void derive_task(void *context, int tile, int thread)
{
    (void)thread;
    struct fit *fit = context;
    double loss[TILE_ROWS];
    int64_t first, end;
    tile_rows(fit, tile, &first, &end);
    tile_losses(fit, first, end, loss);
    run_rows(fit, tile);
}

static void product_task(void *context, int tile, int thread)
{
    (void)thread;
    struct fit *fit = context;
    score_tile(fit, tile, fit->a);
    run_rows(fit, tile);
}

static void derive(void *context, const double *x, double *gradient, double *diagonal)
{
    struct fit *fit = context;
    int64_t weights = fit->width * fit->outputs;
    double l2 = fit->regression->l2;
    fit->row_task = derive_row;
    weir_pool_run(fit->pool, fit->row_tiles, derive_task, fit);
    sum_columns(fit, gradient, false);
    fit->row_task = diagonal_row;
    weir_pool_run(fit->pool, fit->row_tiles, row_task, fit);
    sum_columns(fit, diagonal, true);
    for (int64_t i = 0; i < weights; i++) {
        gradient[i] += l2 * x[i];
        diagonal[i] += l2;
    }
    for (int64_t i = 0; i < weights + fit->outputs; i++)
        if (!(diagonal[i] > 0))
            diagonal[i] = 1; /* a place that no row names */
}

static void product(void *context, const double *v, double *out)
{
    struct fit *fit = context;
    fit->in = v;
    fit->row_task = curve_row;
    weir_pool_run(fit->pool, fit->row_tiles, product_task, fit);
    sum_columns(fit, out, false);
    for (int64_t i = 0; i < fit->width * fit->outputs; i++)
        out[i] += fit->regression->l2 * v[i];
}

static bool report(void *context, int iteration, double loss)
{
    const struct fit *fit = context;
    const struct weir_regression *regression = fit->regression;
    return regression->progress && regression->progress(regression->context, iteration, loss / fit->total_weight);
}

/* ---- All together ----------------------------------------------------------------------------------------- */

static void weigh_rows(struct fit *fit)
{
    const struct weir_regression *regression = fit->regression;
    for (int64_t i = 0; i < regression->count; i++) {
        int64_t row = regression->rows[i];
        fit->row_weight[row] = regression->weights ? regression->weights[row] : 1;
        fit->total_weight += fit->row_weight[row];
    }
}

/* Tiles of columns with about as many entries each. */
static int split_columns(struct fit *fit)
{
    int64_t entries = fit->columns.offsets[fit->width];
    size_t most = (size_t)(entries / TILE_ENTRIES + fit->width / TILE_ENTRIES + 2);
    fit->column_starts = weir_allocate(most + 1, sizeof *fit->column_starts);
    if (!fit->column_starts)
        return -1;
    fit->column_starts[0] = 0;
    for (int64_t c = 0, first = 0; c < fit->width; c++) {
        int64_t work = fit->columns.offsets[c + 1] - fit->columns.offsets[first] + c + 1 - first;
        if (work < TILE_ENTRIES && c + 1 < fit->width)
            continue;
        fit->column_starts[++fit->column_tiles] = first = c + 1;
    }
    return 0;
}

static int begin(struct fit *fit, struct weir_error *error)
{
    size_t rows = (size_t)fit->rows.rows, numbers;
    size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS, outputs = (size_t)fit->outputs;
    fit->row_tiles = (int)tiles;
    if (!weir_multiply(rows, outputs, &numbers) || tiles > INT32_MAX || split_columns(fit))
        return weir_fail_memory(error);
    fit->row_weight = weir_allocate_zero(rows, sizeof *fit->row_weight);
    fit->z = weir_allocate(numbers, sizeof *fit->z);
    fit->p = weir_allocate(numbers, sizeof *fit->p);
    fit->a = weir_allocate(numbers, sizeof *fit->a);
    fit->tile_sums = weir_allocate(tiles * outputs, sizeof *fit->tile_sums);
    fit->tile_loss = weir_allocate(tiles, sizeof *fit->tile_loss);
    fit->tile_correct = weir_allocate(tiles, sizeof *fit->tile_correct);
    if (!fit->row_weight || !fit->z || !fit->p || !fit->a || !fit->tile_sums || !fit->tile_loss || !fit->tile_correct)
        return weir_fail_memory(error);
    weigh_rows(fit);
    return fit->total_weight > 0 ? 0
                                 : weir_fail(error, WEIR_BAD_DATA, "all weights are 0: there is nothing to learn from");
}

static void end(struct fit *fit)
{
    free(fit->row_weight);
    free(fit->z);
    free(fit->p);
    free(fit->a);
    free(fit->tile_sums);
    free(fit->tile_loss);
    free(fit->tile_correct);
    free(fit->column_starts);
}

/* Values begin at their mean. */
static void start(const struct fit *fit, double *x)
{
    const struct weir_regression *regression = fit->regression;
    double sum = 0;
    for (int64_t i = 0; regression->targets && i < regression->count; i++)
        sum += fit->row_weight[regression->rows[i]] * regression->targets[regression->rows[i]];
    if (regression->targets)
        x[fit->width] = sum / fit->total_weight;
}

static int finish(struct fit *fit, const double *x, float *weight, float *bias, struct weir_regression_result *result,
                  struct weir_error *error)
{
    int64_t width = fit->width, outputs = fit->outputs;
    value(fit, x);
    result->loss = sum_loss(fit) / fit->total_weight * (fit->regression->loss == WEIR_MSE ? 2 : 1);
    result->correct = 0;
    for (int tile = 0; tile < fit->row_tiles; tile++)
        result->correct += fit->tile_correct[tile];
    for (int64_t j = 0; j < width; j++)
        for (int64_t k = 0; k < outputs; k++)
            weight[k * width + j] = (float)x[j * outputs + k];
    for (int64_t k = 0; k < outputs; k++)
        bias[k] = (float)x[width * outputs + k];
    if (!isfinite(result->loss) || !weir_vector_is_finite(weight, width * outputs) ||
        !weir_vector_is_finite(bias, outputs))
        return weir_fail(error, WEIR_BAD_DATA,
                         "a weight is beyond 3.4e38: the label is too large for the features, or they too small");
    return 0;
}

static int minimize(struct fit *fit, double *x, struct weir_regression_result *result, struct weir_error *error)
{
    const struct weir_tron_problem problem = { fit, value, derive, product, report };
    const struct weir_tron_options options = { .max_iterations = fit->regression->max_iterations,
                                               .tolerance = fit->regression->tolerance };
    struct weir_tron_result newton;
    if (weir_tron(x, (fit->width + 1) * fit->outputs, &problem, &options, &newton))
        return weir_fail_memory(error);
    if (!newton.finite)
        return weir_fail(error, WEIR_BAD_DATA, "the loss is not finite: the features or the label are too large");
    result->iterations = newton.iterations;
    result->converged = newton.converged;
    result->stopped = newton.stopped;
    return 0;
}

int weir_sparse_regression_fit(const struct weir_regression *regression, const struct weir_entries *entries,
                               int64_t width, struct weir_pool *pool, float *weight, float *bias,
                               struct weir_regression_result *result, struct weir_error *error)
{
    struct weir_entries columns;
    struct fit fit = { .regression = regression, .width = width, .outputs = regression->outputs, .pool = pool };
    size_t variables;
    double *x = weir_multiply((size_t)width + 1, (size_t)fit.outputs, &variables)
                    ? weir_allocate_zero(variables, sizeof *x)
                    : NULL;
    *result = (struct weir_regression_result){ 0 };
    int status = weir_entries_transpose(entries, width, &columns, error);
    if (status == 0 && !x)
        status = weir_fail_memory(error);
    if (status == 0) {
        fit.rows = weir_entries_matrix(entries);
        fit.columns = weir_entries_matrix(&columns);
        status = begin(&fit, error);
    }
    if (status == 0) {
        start(&fit, x);
        status = minimize(&fit, x, result, error);
    }
    if (status == 0)
        status = finish(&fit, x, weight, bias, result, error);
    end(&fit);
    weir_entries_release(&columns);
    free(x);
    return status;
}
