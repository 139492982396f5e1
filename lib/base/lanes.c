#include "base/lanes.h"
#include "base/memory.h"
#include "base/thread.h"
#include <pthread.h>
#include <stdlib.h>

/* Piece number k lies in place k % count of the pieces. Numbers: taken <= filled <= taken + count. */
struct weir_lanes {
    struct weir_lanes_work work;
    char *pieces; /* borrowed */
    size_t piece_size;
    bool *ready;
    int count;
    int wanted_threads, threads;
    pthread_t *handles;
    pthread_mutex_t mutex;
    pthread_cond_t may_fill, is_ready;
    int64_t filled;   /* the next number to fill */
    int64_t taken;    /* the next number to hand out */
    int64_t released; /* the caller is done with all below */
    bool filling, ended, stopped;
    int end_code; /* what fill said last: 0 or -1 */
    struct weir_error end_error;
};

int weir_lanes_threads(int asked)
{
    enum { MOST = 8 };
    int threads = asked > 0 ? asked : weir_processors();
    return threads < MOST ? threads : MOST;
}

int weir_lanes_new(struct weir_lanes **lanes_out, const struct weir_lanes_work *work, void *pieces, size_t size,
                   int count, int threads, struct weir_error *error)
{
    struct weir_lanes *lanes = *lanes_out = weir_allocate_zero(1, sizeof *lanes);
    if (!lanes)
        return weir_fail_memory(error);
    lanes->work = *work;
    lanes->count = count;
    lanes->pieces = pieces;
    lanes->piece_size = size;
    lanes->wanted_threads = threads < count ? threads : count;
    pthread_mutex_init(&lanes->mutex, NULL);
    pthread_cond_init(&lanes->may_fill, NULL);
    pthread_cond_init(&lanes->is_ready, NULL);
    lanes->ready = weir_allocate_zero((size_t)count, sizeof *lanes->ready);
    lanes->handles = weir_allocate((size_t)lanes->wanted_threads, sizeof *lanes->handles);
    if (!lanes->ready || !lanes->handles) {
        weir_lanes_free(lanes);
        *lanes_out = NULL;
        return weir_fail_memory(error);
    }
    return 0;
}

static void *piece_of(const struct weir_lanes *lanes, int64_t number)
{
    return lanes->pieces + (size_t)(number % lanes->count) * lanes->piece_size;
}

/* Fills piece number lanes->filled; called and returns with the mutex held. True when there was one. */
static bool fill_next(struct weir_lanes *lanes, int64_t *number)
{
    lanes->filling = true;
    *number = lanes->filled;
    pthread_mutex_unlock(&lanes->mutex);
    struct weir_error error = { 0 };
    int code = lanes->work.fill(lanes->work.context, piece_of(lanes, *number), &error);
    pthread_mutex_lock(&lanes->mutex);
    lanes->filling = false;
    if (code > 0)
        lanes->filled++;
    else {
        lanes->ended = true;
        lanes->end_code = code;
        lanes->end_error = error;
        pthread_cond_broadcast(&lanes->is_ready);
    }
    pthread_cond_broadcast(&lanes->may_fill);
    return code > 0;
}

static void work_on(struct weir_lanes *lanes, int64_t number)
{
    pthread_mutex_unlock(&lanes->mutex);
    if (lanes->work.work)
        lanes->work.work(lanes->work.context, piece_of(lanes, number));
    pthread_mutex_lock(&lanes->mutex);
    lanes->ready[number % lanes->count] = true;
    if (number == lanes->taken)
        pthread_cond_signal(&lanes->is_ready);
}

static void *run(void *context)
{
    struct weir_lanes *lanes = context;
    int64_t number;
    pthread_mutex_lock(&lanes->mutex);
    for (;;) {
        while (!lanes->stopped && !lanes->ended && (lanes->filling || lanes->filled - lanes->released >= lanes->count))
            pthread_cond_wait(&lanes->may_fill, &lanes->mutex);
        if (lanes->stopped || lanes->ended || !fill_next(lanes, &number))
            break;
        work_on(lanes, number);
    }
    pthread_mutex_unlock(&lanes->mutex);
    return NULL;
}

int weir_lanes_next(struct weir_lanes *lanes, void **piece, struct weir_error *error)
{
    int code = 1;
    int64_t number;
    pthread_mutex_lock(&lanes->mutex);
    if (lanes->taken > 0 && lanes->released < lanes->taken) {
        lanes->ready[lanes->released % lanes->count] = false;
        lanes->released = lanes->taken;
        pthread_cond_signal(&lanes->may_fill);
    }
    if (lanes->threads == 0 && !lanes->ended) { /* without threads so far: the caller does the work */
        bool filled = fill_next(lanes, &number);
        if (filled && number >= 2)
            while (lanes->threads < lanes->wanted_threads &&
                   pthread_create(&lanes->handles[lanes->threads], NULL, run, lanes) == 0)
                lanes->threads++;
        if (filled)
            work_on(lanes, number);
    }
    while (!lanes->ready[lanes->taken % lanes->count] && !(lanes->ended && lanes->taken == lanes->filled))
        pthread_cond_wait(&lanes->is_ready, &lanes->mutex);
    if (lanes->ready[lanes->taken % lanes->count])
        *piece = piece_of(lanes, lanes->taken++);
    else {
        code = lanes->end_code;
        if (code < 0 && error)
            *error = lanes->end_error;
    }
    pthread_mutex_unlock(&lanes->mutex);
    return code;
}

void weir_lanes_free(struct weir_lanes *lanes)
{
    if (!lanes)
        return;
    pthread_mutex_lock(&lanes->mutex);
    lanes->stopped = true;
    pthread_cond_broadcast(&lanes->may_fill);
    pthread_mutex_unlock(&lanes->mutex);
    for (int i = 0; i < lanes->threads; i++)
        pthread_join(lanes->handles[i], NULL);
    pthread_mutex_destroy(&lanes->mutex);
    pthread_cond_destroy(&lanes->may_fill);
    pthread_cond_destroy(&lanes->is_ready);
    free(lanes->ready);
    free(lanes->handles);
    free(lanes);
}
