#include "base/memory.h"
#include "math/lbfgs.h"
#include "math/logistic.h"
#include "math/vector.h"
#include "model/regression_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECT_WIDTH = 512, BLOCK_BYTES = 64 << 10 };

/* ---- Shards ----------------------------------------------------------------------------------------------- */

void weir_shard_rows(const struct weir_fit *fit, int index, int64_t *first, int64_t *end)
{
    int64_t count = fit->regression->count;
    *first = count * index / WEIR_SHARDS;
    *end = count * (index + 1) / WEIR_SHARDS;
}

/* Clears what the shards sum, runs the task, and adds the shards' sums[count] into out. */
void weir_fit_run(struct weir_fit *fit, void (*task)(void *, int, int), int64_t count, double *out)
{
    for (int s = 0; s < WEIR_SHARDS; s++) {
        memset(fit->shards[s].sums, 0, (size_t)count * sizeof *out);
        fit->shards[s].loss = fit->shards[s].weight = 0;
        fit->shards[s].correct = 0;
    }
    weir_pool_run(fit->pool, WEIR_SHARDS, task, fit);
    memcpy(out, fit->shards[0].sums, (size_t)count * sizeof *out);
    for (int s = 1; s < WEIR_SHARDS; s++)
        for (int64_t i = 0; i < count; i++)
            out[i] += fit->shards[s].sums[i];
}

/* The rows from `first` on, at most those before `end`. */
static void take_block(const struct weir_fit *fit, int64_t first, int64_t end, struct weir_row_block *block)
{
    block->rows = end - first < fit->block_rows ? end - first : fit->block_rows;
    block->index = fit->regression->rows + first;
    for (int64_t r = 0; r < block->rows; r++)
        block->records[r] = weir_dataset_record(fit->regression->dataset, block->index[r]);
}

static double shard_sum_loss(const struct weir_fit *fit)
{
    double sum = 0;
    for (int s = 0; s < WEIR_SHARDS; s++)
        sum += fit->shards[s].loss;
    return sum;
}

static void sum_features(void *context, int index, int thread)
{
    (void)thread;
    struct weir_fit *fit = context;
    struct weir_shard *shard = &fit->shards[index];
    struct weir_row_block block;
    int64_t first, end;
    weir_shard_rows(fit, index, &first, &end);
    for (; first < end; first += block.rows) {
        take_block(fit, first, end, &block);
        for (int64_t r = 0; r < block.rows; r++) {
            double weight = weir_row_weight(fit->regression, block.index[r]);
            shard->z[r] = weight;
            shard->weight += weight;
            if (fit->regression->targets)
                shard->loss += weight * fit->regression->targets[block.index[r]];
        }
        weir_fit_add(fit, &block, 1, shard);
    }
}

/* Squares of the distance from the mean; for slots they follow from the mean itself. */
static void sum_squares(void *context, int index, int thread)
{
    (void)thread;
    struct weir_fit *fit = context;
    struct weir_shard *shard = &fit->shards[index];
    const struct weir_dataset *dataset = fit->regression->dataset;
    int64_t first, end;
    weir_shard_rows(fit, index, &first, &end);
    for (int64_t i = first; i < end; i++) {
        int64_t row = fit->regression->rows[i];
        double weight = weir_row_weight(fit->regression, row);
        const uint8_t *record = weir_dataset_record(dataset, row);
        for (size_t s = 0; s < dataset->segment_count; s++) {
            const struct weir_segment *segment = &dataset->segments[s];
            const float *x = weir_run_floats(segment, record, shard->x);
            const double *mean = fit->mean + segment->x;
            double *sums = shard->sums + segment->x;
            for (int64_t j = 0; x && j < segment->width; j++)
                sums[j] += weight * (x[j] - mean[j]) * (x[j] - mean[j]);
        }
        if (fit->regression->targets) {
            double distance = fit->regression->targets[row] - fit->target_mean;
            shard->loss += weight * distance * distance;
        }
    }
}

/* Mean and scale of each number of x and of the target. The scale makes the penalized curvature of the loss about 1 in
 * every direction. */
static void standardize(struct weir_fit *fit)
{
    const struct weir_dataset *dataset = fit->regression->dataset;
    weir_fit_run(fit, sum_features, fit->width, fit->mean);
    for (int s = 0; s < WEIR_SHARDS; s++)
        fit->total_weight += fit->shards[s].weight;
    double n = fit->total_weight;
    for (int64_t j = 0; j < fit->width; j++)
        fit->mean[j] /= n;
    fit->target_mean = shard_sum_loss(fit) / n;
    weir_fit_run(fit, sum_squares, fit->width, fit->scale);
    double target_variance = shard_sum_loss(fit) / n;
    fit->target_scale = target_variance > 0 ? sqrt(target_variance) : 1;
    for (size_t s = 0; s < dataset->segment_count; s++) {
        const struct weir_segment *segment = &dataset->segments[s];
        for (int64_t j = segment->x; segment->storage == WEIR_STORE_SLOT && j < segment->x + segment->width; j++)
            fit->scale[j] = n * fit->mean[j] * (1 - fit->mean[j]);
    }
    for (int64_t j = 0; j < fit->width; j++) {
        /* What rounding makes of a column that does not vary counts as none. */
        double variance = fit->scale[j] / n;
        if (!(variance > 1e-14 * fit->mean[j] * fit->mean[j]))
            variance = 0;
        double curvature = variance + (variance > 0 ? 4 * fit->regression->l2 / n : 0);
        fit->scale[j] = curvature > 0 ? 1 / sqrt(curvature) : 0;
    }
}

/* ---- The loss --------------------------------------------------------------------------------------------- */

/* From scores z[outputs] of one row to its loss; they become their derivatives. */
static double residual_value(struct weir_fit *fit, int64_t row, double *z)
{
    double target = (fit->regression->targets[row] - fit->target_mean) / fit->target_scale;
    double distance = z[0] - target;
    z[0] = distance;
    return 0.5 * distance * distance;
}

static double residual_classes(struct weir_fit *fit, int64_t row, double *z, int64_t *correct)
{
    int32_t class = fit->regression->classes[row];
    *correct += weir_vector_largest(z, fit->outputs) == class;
    return weir_softmax_loss(z, fit->outputs, class, fit->regression->label_smoothing);
}

/* The same for one score a row; loss[rows]. Counts the rows whose class is the likelier one. */
static int64_t residuals_binary(struct weir_fit *fit, const struct weir_row_block *block, double *z, double *loss)
{
    double targets[WEIR_BLOCK_ROWS], smoothing = fit->regression->label_smoothing;
    int64_t correct = 0;
    for (int64_t r = 0; r < block->rows; r++) {
        int32_t class = fit->regression->classes[block->index[r]];
        targets[r] = class * (1 - smoothing) + 0.5 * smoothing;
        correct += (z[r] > 0) == (class == 1);
    }
    weir_logistic_loss(z, targets, loss, block->rows);
    return correct;
}

static void evaluate_shard(void *context, int index, int thread)
{
    (void)thread;
    struct weir_fit *fit = context;
    const struct weir_regression *regression = fit->regression;
    struct weir_shard *shard = &fit->shards[index];
    double *bias_sums = shard->sums + fit->width * fit->outputs;
    double loss[WEIR_BLOCK_ROWS];
    struct weir_row_block block;
    int64_t first, end;
    weir_shard_rows(fit, index, &first, &end);
    for (; first < end; first += block.rows) {
        take_block(fit, first, end, &block);
        weir_fit_score(fit, &block, shard);
        if (regression->loss == WEIR_BINARY_CROSS_ENTROPY)
            shard->correct += residuals_binary(fit, &block, shard->z, loss);
        else if (regression->loss == WEIR_MSE)
            for (int64_t r = 0; r < block.rows; r++)
                loss[r] = residual_value(fit, block.index[r], shard->z + r);
        else
            for (int64_t r = 0; r < block.rows; r++)
                loss[r] = residual_classes(fit, block.index[r], shard->z + r * fit->outputs, &shard->correct);
        for (int64_t r = 0; r < block.rows; r++) {
            double weight = weir_row_weight(regression, block.index[r]), *z = shard->z + r * fit->outputs;
            shard->loss += weight * loss[r];
            for (int64_t k = 0; k < fit->outputs; k++) {
                z[k] *= weight;
                bias_sums[k] += z[k];
            }
        }
        weir_fit_add(fit, &block, fit->outputs, shard);
    }
}

/* v = [width][outputs] weights of the standardized features, then the biases at their mean. */
static void to_units(struct weir_fit *fit, const double *v)
{
    int64_t outputs = fit->outputs;
    memcpy(fit->bias, v + fit->width * outputs, (size_t)outputs * sizeof *fit->bias);
    for (int64_t j = 0; j < fit->width; j++)
        for (int64_t k = 0; k < outputs; k++) {
            double weight = v[j * outputs + k] * fit->scale[j];
            fit->weight[j * outputs + k] = weight;
            fit->bias[k] -= weight * fit->mean[j];
        }
}

/* The mean loss with the penalty, and its gradient. */
static double evaluate(void *context, const double *v, double *gradient)
{
    struct weir_fit *fit = context;
    int64_t outputs = fit->outputs, width = fit->width;
    double penalty = 0, l2 = fit->regression->l2, n = fit->total_weight;
    to_units(fit, v);
    weir_fit_run(fit, evaluate_shard, width * outputs + outputs, gradient);
    const double *bias_gradient = gradient + width * outputs;
    for (int64_t j = 0; j < width; j++)
        for (int64_t k = 0; k < outputs; k++) {
            double weight = fit->weight[j * outputs + k];
            double g = gradient[j * outputs + k] - fit->mean[j] * bias_gradient[k] + l2 * weight;
            penalty += 0.5 * l2 * weight * weight;
            gradient[j * outputs + k] = g * fit->scale[j] / n;
        }
    for (int64_t k = 0; k < outputs; k++)
        gradient[width * outputs + k] /= n;
    return (shard_sum_loss(fit) + penalty) / n;
}

static bool report(void *context, int iteration, double value, double gradient)
{
    (void)gradient;
    const struct weir_regression *regression = ((struct weir_fit *)context)->regression;
    return regression->progress && regression->progress(regression->context, iteration, value);
}

static int fit_lbfgs(struct weir_fit *fit, double *v, struct weir_regression_result *result, struct weir_error *error)
{
    struct weir_lbfgs_problem problem = { fit, evaluate, report };
    struct weir_lbfgs_options options = { .max_iterations = fit->regression->max_iterations,
                                          .tolerance = fit->regression->tolerance };
    struct weir_lbfgs_result end;
    if (weir_lbfgs(v, fit->width * fit->outputs + fit->outputs, &problem, &options, &end))
        return weir_fail_memory(error);
    if (end.end == WEIR_LBFGS_NOT_FINITE)
        return weir_fail(error, WEIR_BAD_DATA, "the loss is not finite: the features or weights are too large");
    result->iterations = end.iterations;
    result->stopped = end.end == WEIR_LBFGS_STOPPED;
    result->converged = end.end == WEIR_LBFGS_CONVERGED || end.end == WEIR_LBFGS_STALLED;
    return 0;
}

/* ---- All together ----------------------------------------------------------------------------------------- */

static int begin(struct weir_fit *fit, bool direct, struct weir_error *error)
{
    size_t width = (size_t)fit->width, outputs = (size_t)fit->outputs, parameters, sums;
    if (!weir_multiply(width + 1, outputs, &parameters))
        return weir_fail_memory(error);
    size_t row_bytes = fit->regression->dataset->record_size + outputs * sizeof(double);
    fit->block_rows = row_bytes < BLOCK_BYTES / WEIR_BLOCK_ROWS ? WEIR_BLOCK_ROWS
                      : row_bytes < BLOCK_BYTES                 ? (int64_t)(BLOCK_BYTES / row_bytes)
                                                                : 1;
    sums = direct && (width + 1) * (width + 1) > parameters ? (width + 1) * (width + 1) : parameters;
    fit->mean = weir_allocate_zero(width, sizeof *fit->mean);
    fit->scale = weir_allocate_zero(width, sizeof *fit->scale);
    fit->weight = weir_allocate_zero(parameters, sizeof *fit->weight);
    fit->bias = weir_allocate_zero(outputs, sizeof *fit->bias);
    if (!fit->mean || !fit->scale || !fit->weight || !fit->bias)
        return weir_fail_memory(error);
    for (int s = 0; s < WEIR_SHARDS; s++) {
        struct weir_shard *shard = &fit->shards[s];
        shard->sums = weir_allocate_aligned(sums, sizeof *shard->sums);
        shard->z = weir_allocate_aligned((size_t)fit->block_rows * outputs, sizeof *shard->z);
        shard->x = weir_allocate_aligned(width, sizeof *shard->x);
        shard->row = weir_allocate_aligned(width + 1, sizeof *shard->row);
        if (!shard->sums || !shard->z || !shard->x || !shard->row)
            return weir_fail_memory(error);
    }
    return 0;
}

static void end(struct weir_fit *fit)
{
    for (int s = 0; s < WEIR_SHARDS; s++) {
        free(fit->shards[s].sums);
        free(fit->shards[s].z);
        free(fit->shards[s].x);
        free(fit->shards[s].row);
    }
    free(fit->mean);
    free(fit->scale);
    free(fit->weight);
    free(fit->bias);
}

/* The loss at v in the units of the label, then the layer in floats. */
static void finish(struct weir_fit *fit, const double *v, double *room, float *weight, float *bias,
                   struct weir_regression_result *result)
{
    bool values = fit->regression->loss == WEIR_MSE;
    double scale = values ? fit->target_scale : 1;
    evaluate(fit, v, room);
    result->loss = shard_sum_loss(fit) / fit->total_weight * (values ? 2 * scale * scale : 1);
    result->correct = 0;
    for (int s = 0; s < WEIR_SHARDS; s++)
        result->correct += fit->shards[s].correct;
    for (int64_t k = 0; k < fit->outputs; k++) {
        for (int64_t j = 0; j < fit->width; j++)
            weight[k * fit->width + j] = (float)(fit->weight[j * fit->outputs + k] * scale);
        bias[k] = (float)(fit->bias[k] * scale + (values ? fit->target_mean : 0));
    }
}

int weir_regression_fit(const struct weir_regression *regression, struct weir_pool *pool, float *weight, float *bias,
                        struct weir_regression_result *result, struct weir_error *error)
{
    struct weir_fit fit = {
        .regression = regression, .pool = pool, .width = regression->dataset->width, .outputs = regression->outputs
    };
    bool direct = regression->loss == WEIR_MSE && fit.width <= DIRECT_WIDTH;
    size_t parameters = (size_t)((fit.width + 1) * fit.outputs);
    double *v = weir_allocate_zero(parameters, sizeof *v);
    double *room = weir_allocate_zero(parameters, sizeof *room);
    *result = (struct weir_regression_result){ .converged = true };
    int status = v && room ? begin(&fit, direct, error) : weir_fail_memory(error);
    if (status == 0) {
        standardize(&fit);
        if (!(fit.total_weight > 0))
            status = weir_fail(error, WEIR_BAD_DATA, "all weights are 0: there is nothing to learn from");
        else
            status = direct ? weir_fit_directly(&fit, v, error) : fit_lbfgs(&fit, v, result, error);
    }
    if (status == 0) {
        finish(&fit, v, room, weight, bias, result);
        if (!isfinite(result->loss))
            status = weir_fail(error, WEIR_BAD_DATA, "the loss is not finite: the features or the label are too large");
        else if (!weir_vector_is_finite(weight, fit.width * fit.outputs) || !weir_vector_is_finite(bias, fit.outputs))
            status = weir_fail(error, WEIR_BAD_DATA,
                               "a weight is beyond 3.4e38: the label is too large for the features, or they too small");
    }
    end(&fit);
    free(v);
    free(room);
    return status;
}
