#include "base/random.h"
#include "base/thread.h"
#include "eval/sample_private.h"
#include "math/quantile.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct job {
    const struct weir_sample *sample;
    uint64_t seed;
    uint32_t *times;                  /* [threads][rows] */
    struct weir_class_counts *counts; /* [threads][classes] */
    double (*values)[WEIR_METRIC_COUNT];
};

/* One sample: its number names its sequence of random numbers, so that it does not matter who draws it. */
static void draw(void *context, int index, int thread)
{
    struct job *job = context;
    const struct weir_predictions *p = job->sample->predictions;
    uint32_t *times = job->times + (int64_t)thread * p->rows;
    struct weir_random random;
    weir_random_init(&random, job->seed, (uint64_t)index);
    memset(times, 0, (size_t)p->rows * sizeof *times);
    for (int64_t i = 0; i < p->rows; i++)
        times[weir_random_below(&random, (uint64_t)p->rows)]++;
    weir_sample_measure(job->sample, times, job->counts + (int64_t)thread * p->classes.count, job->values[index]);
}

/* The percentiles of one metric over the samples in which it is defined. */
static int percentiles(struct job *job, const struct weir_bootstrap *bootstrap, int metric, double *low, double *high)
{
    struct weir_quantiles *quantiles = weir_quantiles_new(WEIR_QUANTILES_EXACT);
    int failed = !quantiles;
    for (int64_t i = 0; i < bootstrap->samples && !failed; i++)
        failed = weir_quantiles_add(quantiles, &job->values[i][metric], 1); /* NaN is left out */
    *low = *high = NAN;
    if (!failed && weir_quantiles_count(quantiles)) {
        double tail = (1 - bootstrap->confidence) / 2;
        failed = weir_quantiles_value(quantiles, tail, low) || weir_quantiles_value(quantiles, 1 - tail, high);
    }
    weir_quantiles_free(quantiles);
    return failed;
}

int weir_bootstrap_run(const struct weir_sample *sample, const struct weir_bootstrap *bootstrap,
                       double low[WEIR_METRIC_COUNT], double high[WEIR_METRIC_COUNT], struct weir_error *error)
{
    const struct weir_predictions *p = sample->predictions;
    struct weir_pool *pool = weir_pool_new(0);
    size_t threads = pool ? (size_t)weir_pool_threads(pool) : 1, rows = (size_t)p->rows;
    size_t classes = (size_t)p->classes.count;
    struct job job = { .sample = sample,
                       .seed = bootstrap->seed,
                       .times = weir_allocate(rows, threads * sizeof *job.times),
                       .counts = weir_allocate(classes, threads * sizeof *job.counts),
                       .values = weir_allocate((size_t)bootstrap->samples, sizeof *job.values) };
    int result = -1;
    if (!pool || !job.times || !job.counts || !job.values)
        goto cleanup;
    weir_pool_run(pool, (int)bootstrap->samples, draw, &job);
    for (int metric = 0; metric < WEIR_METRIC_COUNT; metric++)
        if (percentiles(&job, bootstrap, metric, &low[metric], &high[metric]))
            goto cleanup;
    result = 0;
cleanup:
    if (result)
        weir_fail_memory(error);
    weir_pool_free(pool);
    free(job.times);
    free(job.counts);
    free(job.values);
    return result;
}
