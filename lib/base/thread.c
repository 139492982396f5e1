#include "base/thread.h"
#include "base/memory.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

/* How often a thread looks again before it sleeps: some ten microseconds, less than a sleep and a wake cost, so that
 * runs that follow each other closely need no system call and a busy machine loses next to nothing. */
enum { SPINS = 400 };

struct weir_pool {
    int threads;
    int spins;
    pthread_mutex_t lock;
    pthread_cond_t work; /* a run has begun, or the pool ends */
    pthread_cond_t idle; /* the last worker has left the run */
    /* Written under the lock, read outside it only while spinning. */
    atomic_uint run; /* number of the current run */
    atomic_int inside;
    bool open; /* workers may still enter the current run */
    bool ending;
    /* The current run. */
    void (*task)(void *context, int index, int thread);
    void *context;
    int count;
    atomic_uint next;
    struct worker {
        struct weir_pool *pool;
        pthread_t handle;
        int number;
    } workers[];
};

int weir_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
    return 1;
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static void take_tasks(struct weir_pool *pool, int thread)
{
    for (;;) {
        unsigned index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (index >= (unsigned)pool->count)
            return;
        pool->task(pool->context, (int)index, thread);
    }
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct weir_pool *pool = worker->pool;
    unsigned seen = 0;
    for (;;) {
        for (int spin = 0; spin < pool->spins && atomic_load_explicit(&pool->run, memory_order_relaxed) == seen; spin++)
            relax();
        pthread_mutex_lock(&pool->lock);
        while (!pool->ending && atomic_load_explicit(&pool->run, memory_order_relaxed) == seen)
            pthread_cond_wait(&pool->work, &pool->lock);
        if (pool->ending) {
            pthread_mutex_unlock(&pool->lock);
            return NULL;
        }
        seen = atomic_load_explicit(&pool->run, memory_order_relaxed);
        bool enter = pool->open;
        if (enter)
            atomic_fetch_add_explicit(&pool->inside, 1, memory_order_relaxed);
        pthread_mutex_unlock(&pool->lock);
        if (!enter)
            continue;
        take_tasks(pool, worker->number);
        pthread_mutex_lock(&pool->lock);
        if (atomic_fetch_sub_explicit(&pool->inside, 1, memory_order_release) == 1)
            pthread_cond_signal(&pool->idle);
        pthread_mutex_unlock(&pool->lock);
    }
}

static void end_workers(struct weir_pool *pool, int started)
{
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < started; i++)
        pthread_join(pool->workers[i].handle, NULL);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->idle);
    free(pool);
}

struct weir_pool *weir_pool_new(int threads)
{
    int processors = weir_processors();
    if (threads <= 0)
        threads = processors;
    struct weir_pool *pool = weir_allocate_zero(1, sizeof *pool + (size_t)(threads - 1) * sizeof pool->workers[0]);
    if (!pool)
        return NULL;
    pool->threads = threads;
    pool->spins = threads <= processors ? SPINS : 0;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->idle, NULL);

    /* Signals belong to the threads of the caller: a worker that took one would break its system calls, not theirs. */
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int started = 0;
    while (started < threads - 1) {
        struct worker *worker = &pool->workers[started];
        worker->pool = pool;
        worker->number = started + 1;
        if (pthread_create(&worker->handle, NULL, work, worker))
            break;
        started++;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (started < threads - 1) {
        end_workers(pool, started);
        return NULL;
    }
    return pool;
}

int weir_pool_threads(const struct weir_pool *pool)
{
    return pool->threads;
}

void weir_pool_run(struct weir_pool *pool, int count, void (*task)(void *context, int index, int thread), void *context)
{
    if (pool->threads == 1 || count <= 1) {
        for (int index = 0; index < count; index++)
            task(context, index, 0);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->task = task;
    pool->context = context;
    pool->count = count;
    pool->open = true;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&pool->run, 1, memory_order_relaxed);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);

    take_tasks(pool, 0);

    /* Every task has been handed out: the run is over when those who are inside have left, and none may enter. */
    pthread_mutex_lock(&pool->lock);
    pool->open = false;
    pthread_mutex_unlock(&pool->lock);
    for (int spin = 0; spin < pool->spins && atomic_load_explicit(&pool->inside, memory_order_acquire); spin++)
        relax();
    pthread_mutex_lock(&pool->lock);
    while (atomic_load_explicit(&pool->inside, memory_order_acquire))
        pthread_cond_wait(&pool->idle, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

void weir_pool_free(struct weir_pool *pool)
{
    if (pool)
        end_workers(pool, pool->threads - 1);
}
