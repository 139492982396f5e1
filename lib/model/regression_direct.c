#include "base/memory.h"
#include "math/clones.h"
#include "model/regression_private.h"
#include <math.h>
#include <stdlib.h>

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
    struct weir_fit *fit = context;
    struct weir_shard *shard = &fit->shards[index];
    const struct weir_regression *regression = fit->regression;
    int64_t first, end, n = fit->width + 1;
    weir_shard_rows(fit, index, &first, &end);
    for (int64_t i = first; i < end; i++) {
        int64_t row = regression->rows[i];
        weir_dataset_gather(regression->dataset, &row, 1, shard->x);
        for (int64_t j = 0; j < fit->width; j++)
            shard->row[j] = (shard->x[j] - fit->mean[j]) * fit->scale[j];
        shard->row[fit->width] = (regression->targets[row] - fit->target_mean) / fit->target_scale;
        add_outer(shard->row, weir_row_weight(regression, row), n, shard->sums);
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

int weir_fit_directly(struct weir_fit *fit, double *v, struct weir_error *error)
{
    int64_t n = fit->width + 1;
    double *gram = weir_allocate((size_t)(n * n), sizeof *gram);
    if (!gram)
        return weir_fail_memory(error);
    weir_fit_run(fit, gram_shard, n * n, gram);
    for (int64_t j = 0; j < fit->width; j++)
        gram[j * n + j] += fit->regression->l2 * fit->scale[j] * fit->scale[j];
    solve(gram, fit->width, n, v);
    v[fit->width] = 0;
    free(gram);
    return 0;
}
