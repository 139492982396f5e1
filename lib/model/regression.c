#include "model/regression.h"
#include "base/memory.h"
#include "math/clones.h"
#include "math/lbfgs.h"
#include "math/logistic.h"
#include "math/vector.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 16, DIRECT_WIDTH = 512 };
/* Rows that are taken together: their records stay in the nearest caches from the first use to the last. */
enum { BLOCK_ROWS = 256, BLOCK_BYTES = 64 << 10 };

/* What one shard sums up. */
struct shard {
    double *sums; /* [width * outputs + outputs], or the Gram matrix */
    double *z;    /* [rows of a block][outputs] scores of the rows, then their residuals */
    double loss, weight;
    int64_t correct;
    float *x;    /* [width] one row's numbers */
    double *row; /* [width + 1] the same standardized, and the target */
};

/* Some rows of a shard. */
struct block {
    int64_t rows;
    const int64_t *index; /* [rows] in the dataset */
    const uint8_t *records[BLOCK_ROWS];
};

struct fit {
    const struct weir_regression *regression;
    struct weir_pool *pool;
    int64_t width, outputs;
    int64_t block_rows;
    double *mean, *scale;  /* [width]: x' = (x - mean) * scale */
    double *weight, *bias; /* [width][outputs], [outputs]: in the units of x */
    double target_mean, target_scale;
    double total_weight;
    struct shard shards[SHARDS];
};

static double row_weight(const struct weir_regression *regression, int64_t row)
{
    return regression->weights ? regression->weights[row] : 1;
}

/* ---- Rows ------------------------------------------------------------------------------------------------- */

/* z[r] += sum of x[r][i] w[i], in eight lanes. */
WEIR_CLONES static void dot_rows(const float *const *x, const double *restrict w, int64_t n, int64_t rows,
                                 double *restrict z)
{
    for (int64_t r = 0; r < rows; r++) {
        double lanes[8] = { 0 };
        int64_t i = 0;
        for (; i + 8 <= n; i += 8)
            for (int l = 0; l < 8; l++)
                lanes[l] += (double)x[r][i + l] * w[i + l];
        double sum = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
        for (; i < n; i++)
            sum += (double)x[r][i] * w[i];
        z[r] += sum;
    }
}

/* g[i] += sum of x[r][i] a[r], row after row. */
WEIR_CLONES static void add_rows(const float *const *x, const double *restrict a, int64_t n, int64_t rows,
                                 double *restrict g)
{
    enum { LANES = 16 }; /* sums that stay in registers from row to row */
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        double sum[LANES];
        memcpy(sum, g + i, sizeof sum);
        for (int64_t r = 0; r < rows; r++)
            for (int l = 0; l < LANES; l++)
                sum[l] += (double)x[r][i + l] * a[r];
        memcpy(g + i, sum, sizeof sum);
    }
    for (int64_t r = 0; r < rows && i < n; r++)
        for (int64_t j = i; j < n; j++)
            g[j] += (double)x[r][j] * a[r];
}

/* z[k] += x[i] w[i][k] */
WEIR_CLONES static void multiply(const float *restrict x, const double *restrict w, int64_t n, int64_t outputs,
                                 double *restrict z)
{
    for (int64_t i = 0; i < n; i++) {
        double value = x[i];
        if (value == 0)
            continue;
        for (int64_t k = 0; k < outputs; k++)
            z[k] += value * w[i * outputs + k];
    }
}

/* g[i][k] += x[i] r[k] */
WEIR_CLONES static void multiply_back(const float *restrict x, const double *restrict r, int64_t n, int64_t outputs,
                                      double *restrict g)
{
    for (int64_t i = 0; i < n; i++) {
        double value = x[i];
        if (value == 0)
            continue;
        for (int64_t k = 0; k < outputs; k++)
            g[i * outputs + k] += value * r[k];
    }
}

/* The numbers of a run as floats: in the record itself, or in `room`. NULL for slots. */
static const float *run_floats(const struct weir_segment *segment, const uint8_t *record, float *room)
{
    const uint8_t *from = record + segment->offset;
    if (segment->storage == WEIR_STORE_FLOAT)
        return (const float *)(const void *)from;
    if (segment->storage == WEIR_STORE_SLOT)
        return NULL;
    for (int64_t i = 0; i < segment->width; i++)
        room[i] = segment->storage == WEIR_STORE_INT8 ? (float)(int8_t)from[i] : (float)from[i];
    return room;
}

static int32_t run_slot(const struct weir_segment *segment, const uint8_t *record)
{
    int32_t slot;
    memcpy(&slot, record + segment->offset, sizeof slot);
    return slot;
}

/* Where each row's floats stand, for what stores floats. */
static void find_floats(const struct weir_segment *segment, const struct block *block, const float **x)
{
    for (int64_t r = 0; r < block->rows; r++)
        x[r] = (const float *)(const void *)(block->records[r] + segment->offset);
}

/* z[r] = bias + weight x[r] */
static void score_rows(const struct fit *fit, const struct block *block, struct shard *shard)
{
    const struct weir_dataset *dataset = fit->regression->dataset;
    int64_t outputs = fit->outputs;
    const float *x[BLOCK_ROWS];
    for (int64_t r = 0; r < block->rows; r++)
        memcpy(shard->z + r * outputs, fit->bias, (size_t)outputs * sizeof *shard->z);
    for (size_t s = 0; s < dataset->segment_count; s++) {
        const struct weir_segment *segment = &dataset->segments[s];
        const double *weight = fit->weight + segment->x * outputs;
        if (segment->storage == WEIR_STORE_FLOAT && outputs == 1) {
            find_floats(segment, block, x);
            dot_rows(x, weight, segment->width, block->rows, shard->z);
            continue;
        }
        for (int64_t r = 0; r < block->rows; r++) {
            double *z = shard->z + r * outputs;
            x[0] = run_floats(segment, block->records[r], shard->x);
            if (x[0] && outputs == 1) {
                dot_rows(x, weight, segment->width, 1, z);
            } else if (x[0]) {
                multiply(x[0], weight, segment->width, outputs, z);
            } else {
                int32_t slot = run_slot(segment, block->records[r]);
                for (int64_t k = 0; slot >= 0 && k < outputs; k++)
                    z[k] += weight[slot * outputs + k];
            }
        }
    }
}

/* sums[i][k] += x[r][i] a[r][k], row after row; a stands in shard->z. */
static void add_block(const struct fit *fit, const struct block *block, int64_t outputs, struct shard *shard)
{
    const struct weir_dataset *dataset = fit->regression->dataset;
    const float *x[BLOCK_ROWS];
    for (size_t s = 0; s < dataset->segment_count; s++) {
        const struct weir_segment *segment = &dataset->segments[s];
        double *sums = shard->sums + segment->x * outputs;
        if (segment->storage == WEIR_STORE_FLOAT && outputs == 1) {
            find_floats(segment, block, x);
            add_rows(x, shard->z, segment->width, block->rows, sums);
            continue;
        }
        for (int64_t r = 0; r < block->rows; r++) {
            const double *a = shard->z + r * outputs;
            x[0] = run_floats(segment, block->records[r], shard->x);
            if (x[0] && outputs == 1) {
                add_rows(x, a, segment->width, 1, sums);
            } else if (x[0]) {
                multiply_back(x[0], a, segment->width, outputs, sums);
            } else {
                int32_t slot = run_slot(segment, block->records[r]);
                for (int64_t k = 0; slot >= 0 && k < outputs; k++)
                    sums[slot * outputs + k] += a[k];
            }
        }
    }
}

/* ---- Shards ----------------------------------------------------------------------------------------------- */

static void shard_rows(const struct fit *fit, int index, int64_t *first, int64_t *end)
{
    int64_t count = fit->regression->count;
    *first = count * index / SHARDS;
    *end = count * (index + 1) / SHARDS;
}

/* The rows from `first` on, at most those before `end`. */
static void take_block(const struct fit *fit, int64_t first, int64_t end, struct block *block)
{
    block->rows = end - first < fit->block_rows ? end - first : fit->block_rows;
    block->index = fit->regression->rows + first;
    for (int64_t r = 0; r < block->rows; r++)
        block->records[r] = weir_dataset_record(fit->regression->dataset, block->index[r]);
}

/* Clears what the shards sum, runs the task, and adds the shards' sums[count] into out. */
static void run_shards(struct fit *fit, void (*task)(void *, int, int), int64_t count, double *out)
{
    for (int s = 0; s < SHARDS; s++) {
        memset(fit->shards[s].sums, 0, (size_t)count * sizeof *out);
        fit->shards[s].loss = fit->shards[s].weight = 0;
        fit->shards[s].correct = 0;
    }
    weir_pool_run(fit->pool, SHARDS, task, fit);
    memcpy(out, fit->shards[0].sums, (size_t)count * sizeof *out);
    for (int s = 1; s < SHARDS; s++)
        for (int64_t i = 0; i < count; i++)
            out[i] += fit->shards[s].sums[i];
}

static double shard_sum_loss(const struct fit *fit)
{
    double sum = 0;
    for (int s = 0; s < SHARDS; s++)
        sum += fit->shards[s].loss;
    return sum;
}

static void sum_features(void *context, int index, int thread)
{
    (void)thread;
    struct fit *fit = context;
    struct shard *shard = &fit->shards[index];
    struct block block;
    int64_t first, end;
    shard_rows(fit, index, &first, &end);
    for (; first < end; first += block.rows) {
        take_block(fit, first, end, &block);
        for (int64_t r = 0; r < block.rows; r++) {
            double weight = row_weight(fit->regression, block.index[r]);
            shard->z[r] = weight;
            shard->weight += weight;
            if (fit->regression->targets)
                shard->loss += weight * fit->regression->targets[block.index[r]];
        }
        add_block(fit, &block, 1, shard);
    }
}

/* Squares of the distance from the mean; for slots they follow from the mean itself. */
static void sum_squares(void *context, int index, int thread)
{
    (void)thread;
    struct fit *fit = context;
    struct shard *shard = &fit->shards[index];
    const struct weir_dataset *dataset = fit->regression->dataset;
    int64_t first, end;
    shard_rows(fit, index, &first, &end);
    for (int64_t i = first; i < end; i++) {
        int64_t row = fit->regression->rows[i];
        double weight = row_weight(fit->regression, row);
        const uint8_t *record = weir_dataset_record(dataset, row);
        for (size_t s = 0; s < dataset->segment_count; s++) {
            const struct weir_segment *segment = &dataset->segments[s];
            const float *x = run_floats(segment, record, shard->x);
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
static void standardize(struct fit *fit)
{
    const struct weir_dataset *dataset = fit->regression->dataset;
    run_shards(fit, sum_features, fit->width, fit->mean);
    for (int s = 0; s < SHARDS; s++)
        fit->total_weight += fit->shards[s].weight;
    double n = fit->total_weight;
    for (int64_t j = 0; j < fit->width; j++)
        fit->mean[j] /= n;
    fit->target_mean = shard_sum_loss(fit) / n;
    run_shards(fit, sum_squares, fit->width, fit->scale);
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
static double residual_value(struct fit *fit, int64_t row, double *z)
{
    double target = (fit->regression->targets[row] - fit->target_mean) / fit->target_scale;
    double distance = z[0] - target;
    z[0] = distance;
    return 0.5 * distance * distance;
}

static double residual_classes(struct fit *fit, int64_t row, double *z, int64_t *correct)
{
    double smoothing = fit->regression->label_smoothing;
    int32_t class = fit->regression->classes[row];
    int64_t best = 0, outputs = fit->outputs;
    for (int64_t k = 1; k < outputs; k++)
        if (z[k] > z[best])
            best = k;
    double most = z[best], sum = 0, mean = 0, own = z[class];
    for (int64_t k = 0; k < outputs; k++) {
        mean += z[k] / (double)outputs;
        sum += exp(z[k] - most);
    }
    *correct += best == class;
    double loss = most + log(sum) - (1 - smoothing) * own - smoothing * mean;
    for (int64_t k = 0; k < outputs; k++)
        z[k] = exp(z[k] - most) / sum - smoothing / (double)outputs - (k == class ? 1 - smoothing : 0);
    return loss;
}

/* The same for one score a row; loss[rows]. Counts the rows whose class is the likelier one. */
static int64_t residuals_binary(struct fit *fit, const struct block *block, double *z, double *loss)
{
    double targets[BLOCK_ROWS], smoothing = fit->regression->label_smoothing;
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
    struct fit *fit = context;
    const struct weir_regression *regression = fit->regression;
    struct shard *shard = &fit->shards[index];
    double *bias_sums = shard->sums + fit->width * fit->outputs;
    double loss[BLOCK_ROWS];
    struct block block;
    int64_t first, end;
    shard_rows(fit, index, &first, &end);
    for (; first < end; first += block.rows) {
        take_block(fit, first, end, &block);
        score_rows(fit, &block, shard);
        if (regression->loss == WEIR_BINARY_CROSS_ENTROPY)
            shard->correct += residuals_binary(fit, &block, shard->z, loss);
        else if (regression->loss == WEIR_MSE)
            for (int64_t r = 0; r < block.rows; r++)
                loss[r] = residual_value(fit, block.index[r], shard->z + r);
        else
            for (int64_t r = 0; r < block.rows; r++)
                loss[r] = residual_classes(fit, block.index[r], shard->z + r * fit->outputs, &shard->correct);
        for (int64_t r = 0; r < block.rows; r++) {
            double weight = row_weight(regression, block.index[r]), *z = shard->z + r * fit->outputs;
            shard->loss += weight * loss[r];
            for (int64_t k = 0; k < fit->outputs; k++) {
                z[k] *= weight;
                bias_sums[k] += z[k];
            }
        }
        add_block(fit, &block, fit->outputs, shard);
    }
}

/* v = [width][outputs] weights of the standardized features, then the biases at their mean. */
static void to_units(struct fit *fit, const double *v)
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
    struct fit *fit = context;
    int64_t outputs = fit->outputs, width = fit->width;
    double penalty = 0, l2 = fit->regression->l2, n = fit->total_weight;
    to_units(fit, v);
    run_shards(fit, evaluate_shard, width * outputs + outputs, gradient);
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
    const struct weir_regression *regression = ((struct fit *)context)->regression;
    return regression->progress && regression->progress(regression->context, iteration, value);
}

static int fit_lbfgs(struct fit *fit, double *v, struct weir_regression_result *result, struct weir_error *error)
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

/* ---- Least squares, directly ------------------------------------------------------------------------------ */

/* gram[i][j] += a x'[i] x'[j] for j >= i. */
WEIR_CLONES static void add_outer(const double *restrict x, double a, int64_t n, double *restrict gram)
{
    for (int64_t i = 0; i < n; i++) {
        double value = a * x[i];
        double *row = gram + i * n;
        for (int64_t j = i; j < n; j++)
            row[j] += value * x[j];
    }
}

static void gram_shard(void *context, int index, int thread)
{
    (void)thread;
    struct fit *fit = context;
    struct shard *shard = &fit->shards[index];
    const struct weir_regression *regression = fit->regression;
    int64_t first, end, n = fit->width + 1;
    shard_rows(fit, index, &first, &end);
    for (int64_t i = first; i < end; i++) {
        int64_t row = regression->rows[i];
        weir_dataset_gather(regression->dataset, &row, 1, shard->x);
        for (int64_t j = 0; j < fit->width; j++)
            shard->row[j] = (shard->x[j] - fit->mean[j]) * fit->scale[j];
        shard->row[fit->width] = (regression->targets[row] - fit->target_mean) / fit->target_scale;
        add_outer(shard->row, row_weight(regression, row), n, shard->sums);
    }
}

/* Solves A v = b for the upper triangle of A and b as its last column, in place, by Cholesky's method (A = R' R). A
 * column that depends on those before it, within rounding, gets 0. */
static void solve(double *a, int64_t n, int64_t stride, double *v)
{
    for (int64_t i = 0; i < n; i++) {
        double *row = a + i * stride;
        double diagonal = row[i];
        for (int64_t k = 0; k < i; k++)
            diagonal -= a[k * stride + i] * a[k * stride + i];
        bool dependent = !(diagonal > 1e-12 * row[i]) || !(row[i] > 0);
        double root = dependent ? 0 : sqrt(diagonal);
        for (int64_t j = i + 1; j <= n; j++) {
            double sum = row[j];
            for (int64_t k = 0; k < i; k++)
                sum -= a[k * stride + i] * a[k * stride + j];
            row[j] = dependent ? 0 : sum / root;
        }
        row[i] = root;
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        const double *row = a + i * stride;
        double sum = row[n];
        for (int64_t j = i + 1; j < n; j++)
            sum -= row[j] * v[j];
        v[i] = row[i] > 0 ? sum / row[i] : 0;
    }
}

static int fit_direct(struct fit *fit, double *v, struct weir_error *error)
{
    int64_t n = fit->width + 1;
    double *gram = weir_allocate((size_t)(n * n), sizeof *gram);
    if (!gram)
        return weir_fail_memory(error);
    run_shards(fit, gram_shard, n * n, gram);
    for (int64_t j = 0; j < fit->width; j++)
        gram[j * n + j] += fit->regression->l2 * fit->scale[j] * fit->scale[j];
    solve(gram, fit->width, n, v);
    v[fit->width] = 0;
    free(gram);
    return 0;
}

/* ---- All together ----------------------------------------------------------------------------------------- */

static int begin(struct fit *fit, bool direct, struct weir_error *error)
{
    size_t width = (size_t)fit->width, outputs = (size_t)fit->outputs, parameters, sums;
    if (!weir_multiply(width + 1, outputs, &parameters))
        return weir_fail_memory(error);
    size_t row_bytes = fit->regression->dataset->record_size + outputs * sizeof(double);
    fit->block_rows = row_bytes < BLOCK_BYTES / BLOCK_ROWS ? BLOCK_ROWS
                      : row_bytes < BLOCK_BYTES            ? (int64_t)(BLOCK_BYTES / row_bytes)
                                                           : 1;
    sums = direct && (width + 1) * (width + 1) > parameters ? (width + 1) * (width + 1) : parameters;
    fit->mean = weir_allocate_zero(width, sizeof *fit->mean);
    fit->scale = weir_allocate_zero(width, sizeof *fit->scale);
    fit->weight = weir_allocate_zero(parameters, sizeof *fit->weight);
    fit->bias = weir_allocate_zero(outputs, sizeof *fit->bias);
    if (!fit->mean || !fit->scale || !fit->weight || !fit->bias)
        return weir_fail_memory(error);
    for (int s = 0; s < SHARDS; s++) {
        struct shard *shard = &fit->shards[s];
        shard->sums = weir_allocate_aligned(sums, sizeof *shard->sums);
        shard->z = weir_allocate_aligned((size_t)fit->block_rows * outputs, sizeof *shard->z);
        shard->x = weir_allocate_aligned(width, sizeof *shard->x);
        shard->row = weir_allocate_aligned(width + 1, sizeof *shard->row);
        if (!shard->sums || !shard->z || !shard->x || !shard->row)
            return weir_fail_memory(error);
    }
    return 0;
}

static void end(struct fit *fit)
{
    for (int s = 0; s < SHARDS; s++) {
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
static void finish(struct fit *fit, const double *v, double *room, float *weight, float *bias,
                   struct weir_regression_result *result)
{
    bool values = fit->regression->loss == WEIR_MSE;
    double scale = values ? fit->target_scale : 1;
    evaluate(fit, v, room);
    result->loss = shard_sum_loss(fit) / fit->total_weight * (values ? 2 * scale * scale : 1);
    result->correct = 0;
    for (int s = 0; s < SHARDS; s++)
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
    struct fit fit = {
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
            status = direct ? fit_direct(&fit, v, error) : fit_lbfgs(&fit, v, result, error);
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
