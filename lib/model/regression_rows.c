/* Products of rows and weights, on the records as the dataset keeps them. */
#include "math/clones.h"
#include "model/regression_private.h"
#include <string.h>

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

/* Where each row's floats stand, for what stores floats. */
static void find_floats(const struct weir_segment *segment, const struct weir_row_block *block, const float **x)
{
    for (int64_t r = 0; r < block->rows; r++)
        x[r] = (const float *)(const void *)(block->records[r] + segment->offset);
}

void weir_fit_score(const struct weir_fit *fit, const struct weir_row_block *block, struct weir_shard *shard)
{
    const struct weir_dataset *dataset = fit->regression->dataset;
    int64_t outputs = fit->outputs;
    const float *x[WEIR_BLOCK_ROWS];
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
            x[0] = weir_run_floats(segment, block->records[r], shard->x);
            if (x[0] && outputs == 1) {
                dot_rows(x, weight, segment->width, 1, z);
            } else if (x[0]) {
                multiply(x[0], weight, segment->width, outputs, z);
            } else {
                int32_t slot = weir_run_slot(segment, block->records[r]);
                for (int64_t k = 0; slot >= 0 && k < outputs; k++)
                    z[k] += weight[slot * outputs + k];
            }
        }
    }
}

void weir_fit_add(const struct weir_fit *fit, const struct weir_row_block *block, int64_t outputs,
                  struct weir_shard *shard)
{
    const struct weir_dataset *dataset = fit->regression->dataset;
    const float *x[WEIR_BLOCK_ROWS];
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
            x[0] = weir_run_floats(segment, block->records[r], shard->x);
            if (x[0] && outputs == 1) {
                add_rows(x, a, segment->width, 1, sums);
            } else if (x[0]) {
                multiply_back(x[0], a, segment->width, outputs, sums);
            } else {
                int32_t slot = weir_run_slot(segment, block->records[r]);
                for (int64_t k = 0; slot >= 0 && k < outputs; k++)
                    sums[slot * outputs + k] += a[k];
            }
        }
    }
}
