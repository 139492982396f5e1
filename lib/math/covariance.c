#include "math/covariance.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

int weir_covariance_init(struct weir_covariance *covariance, int64_t width)
{
    *covariance = (struct weir_covariance){ .width = width };
    covariance->mean = weir_allocate_zero((size_t)width, sizeof(double));
    covariance->products = weir_allocate_zero((size_t)width, (size_t)width * sizeof(double));
    if (covariance->mean && covariance->products)
        return 0;
    weir_covariance_release(covariance);
    return -1;
}

void weir_covariance_release(struct weir_covariance *covariance)
{
    free(covariance->mean);
    free(covariance->products);
    *covariance = (struct weir_covariance){ 0 };
}

/* into += from, with `products` of deviations from `mean`, both of `count` rows. */
static void join(struct weir_covariance *into, int64_t count, const double *mean, const double *products)
{
    int64_t width = into->width, all = into->count + count;
    if (count == 0)
        return;
    double share = (double)count / (double)all, weight = (double)into->count * share;
    for (int64_t i = 0; i < width; i++) {
        double by = weight * (mean[i] - into->mean[i]);
        for (int64_t j = 0; j < width; j++)
            into->products[i * width + j] += products[i * width + j] + by * (mean[j] - into->mean[j]);
    }
    for (int64_t i = 0; i < width; i++)
        into->mean[i] += share * (mean[i] - into->mean[i]);
    into->count = all;
}

void weir_covariance_take(struct weir_covariance *covariance, struct weir_gram *gram, const double *center,
                          double *scratch, struct weir_pool *pool)
{
    int64_t width = covariance->width;
    double *sums = scratch + width * width;
    int64_t count = weir_gram_take(gram, sums, scratch, pool);
    for (int64_t i = 0; count > 0 && i < width; i++)
        sums[i] /= (double)count;
    for (int64_t i = 0; i < width; i++)
        for (int64_t j = 0; j < width; j++)
            scratch[i * width + j] -= (double)count * sums[i] * sums[j];
    for (int64_t i = 0; i < width; i++)
        sums[i] += center[i];
    join(covariance, count, sums, scratch);
}

void weir_covariance_merge(struct weir_covariance *into, const struct weir_covariance *from)
{
    join(into, from->count, from->mean, from->products);
}

void weir_covariance_values(const struct weir_covariance *covariance, double *out)
{
    size_t size = (size_t)(covariance->width * covariance->width);
    double divisor = covariance->count > 1 ? (double)(covariance->count - 1) : 1;
    for (size_t i = 0; i < size; i++)
        out[i] = covariance->count > 1 ? covariance->products[i] / divisor : 0;
}
