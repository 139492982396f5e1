/* Accuracy where the loss does not count it. */
#include "base/memory.h"
#include "math/vector.h"
#include "model/trainer_private.h"
#include <stdlib.h>

enum { TILE_ROWS = 256 };

struct count_job {
    struct weir_trainer *t;
    const int64_t *rows;
    int64_t count;
    struct counter {
        void *scratch;
        struct weir_feature_rows rows;
        double *values;
        int64_t correct;
        struct weir_error error;
    } * counters; /* one a thread */
};

static void count_tile(void *context, int tile, int thread)
{
    struct count_job *job = context;
    struct weir_trainer *t = job->t;
    struct counter *counter = &job->counters[thread];
    int64_t first = (int64_t)tile * TILE_ROWS;
    int64_t rows = job->count - first < TILE_ROWS ? job->count - first : TILE_ROWS;
    int64_t classes = t->model->class_count;
    if (counter->error.status)
        return;
    weir_dataset_gather(t->data->dataset, job->rows + first, rows, counter->rows.x);
    counter->rows.rows = rows;
    if (t->model->kind->predict(t->model, counter->scratch, &counter->rows, counter->values, &counter->error))
        return;
    for (int64_t r = 0; r < rows; r++) {
        int64_t likeliest = weir_vector_largest(counter->values + r * classes, classes);
        counter->correct += likeliest == t->data->classes[job->rows[first + r]];
    }
}

int weir_trainer_count_correct(struct weir_trainer *t, const int64_t *rows, int64_t count, int64_t *correct,
                               struct weir_error *error)
{
    int threads = weir_pool_threads(t->pool);
    struct count_job job = { .t = t, .rows = rows, .count = count };
    job.counters = weir_allocate_zero((size_t)threads, sizeof *job.counters);
    int result = job.counters ? weir_network_prepare(t->network, error) : weir_fail_memory(error);
    for (int i = 0; result == 0 && i < threads; i++) {
        struct counter *counter = &job.counters[i];
        counter->scratch = t->model->kind->scratch_new(t->model);
        counter->rows.x = weir_allocate_aligned((size_t)t->data->dataset->width * TILE_ROWS, sizeof(float));
        counter->values = weir_allocate((size_t)t->model->class_count * TILE_ROWS, sizeof *counter->values);
        if (!counter->scratch || !counter->rows.x || !counter->values)
            result = weir_fail_memory(error);
    }
    if (result == 0)
        weir_pool_run(t->pool, (int)((count + TILE_ROWS - 1) / TILE_ROWS), count_tile, &job);
    *correct = 0;
    for (int i = 0; job.counters && i < threads; i++) {
        struct counter *counter = &job.counters[i];
        *correct += counter->correct;
        if (counter->error.status && result == 0) {
            if (error)
                *error = counter->error;
            result = -1;
        }
        t->model->kind->scratch_free(counter->scratch);
        weir_feature_rows_release(&counter->rows);
        free(counter->values);
    }
    free(job.counters);
    return result;
}
