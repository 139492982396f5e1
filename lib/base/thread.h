/* Our own threads: a pool that runs numbered tasks. Work is split by fixed shards (of rows or of output), never by the
 * number of threads, so that results do not depend on it. */
#ifndef WEIR_BASE_THREAD_H
#define WEIR_BASE_THREAD_H

#include "base/error.h"

struct weir_pool;

/* Processors that this process may run on (sched_getaffinity), at least 1. */
int weir_processors(void);

/* threads <= 0: weir_processors(). The caller's thread is one of them. NULL when out of memory or threads cannot start.
 */
struct weir_pool *weir_pool_new(int threads);
int weir_pool_threads(const struct weir_pool *pool);

/* Runs task(context, index, thread) for index 0 .. count - 1, each once, and returns when all are done. Tasks are taken
 * in order by whichever thread is free (a busy machine slows it in proportion, no barrier spins for long). `thread` (0
 * .. threads - 1) names the worker, for its scratch memory. A task must not start another run on the same pool. */
void weir_pool_run(struct weir_pool *pool, int count, void (*task)(void *context, int index, int thread),
                   void *context);

void weir_pool_free(struct weir_pool *pool); /* NULL is accepted */

#endif
