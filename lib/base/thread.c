#include "base/thread.h"
#include "base/memory.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* How long a thread looks again before it sleeps: about what a sleep and a wake cost on a virtual machine, so that
 * waiting never takes more than twice what it must, runs that follow each other closely need no system call, and a busy
 * machine loses little. */
enum { PATIENCE = 100000 /* nanoseconds */, LOOKS = 32 /* between two looks at the clock */ };

/* The state of a pool: how many workers are inside the current run, whether more may enter, the number of the run. */
#define INSIDE UINT64_C(0x7FFFFFFF)
#define OPEN   UINT64_C(0x80000000)
#define RUN    UINT64_C(0xFFFFFFFF00000000)
#define NEXT   UINT64_C(0x100000000) /* added: the next run */

struct weir_pool {
    int threads;
    int64_t patience;
    _Atomic uint64_t state;
    /* The current run: written while nobody is inside, read by those who are. */
    void (*task)(void *context, int index, int thread);
    void *context;
    int count;
    atomic_uint next;
    /* For those who sleep. Each says so before it looks at the state for the last time, and who changes the state looks
     * for sleepers after it: one of the two sees the other. */
    pthread_mutex_t lock;
    pthread_cond_t work; /* a run has begun, or the pool ends */
    pthread_cond_t idle; /* the last worker has left the run */
    atomic_int sleepers; /* workers that wait for work */
    atomic_bool waiting; /* the caller waits for idle */
    atomic_bool ending;
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

static int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Looks until a part of the state is no longer `value`, as long as patience lasts. Returns the state. */
static uint64_t look(struct weir_pool *pool, uint64_t part, uint64_t value)
{
    uint64_t state = atomic_load(&pool->state);
    if (!pool->patience || (state & part) != value)
        return state;
    int64_t end = nanoseconds() + pool->patience;
    do {
        for (int i = 0; i < LOOKS; i++) {
            relax();
            state = atomic_load(&pool->state);
            if ((state & part) != value)
                return state;
        }
    } while (nanoseconds() < end);
    return state;
}

/* Waits for another run than the one last seen. */
static void wait_for_work(struct weir_pool *pool, uint64_t seen)
{
    if ((look(pool, RUN, seen) & RUN) != seen)
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleepers, 1);
    while ((atomic_load(&pool->state) & RUN) == seen)
        pthread_cond_wait(&pool->work, &pool->lock);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->lock);
}

/* Enters the current run, while that is allowed. */
static bool enter(struct weir_pool *pool, uint64_t *seen)
{
    uint64_t state = atomic_load(&pool->state);
    do {
        *seen = state & RUN;
        if (!(state & OPEN))
            return false;
    } while (!atomic_compare_exchange_weak(&pool->state, &state, state + 1));
    return true;
}

static void leave(struct weir_pool *pool)
{
    if ((atomic_fetch_sub(&pool->state, 1) & INSIDE) == 1 && atomic_load(&pool->waiting)) {
        pthread_mutex_lock(&pool->lock);
        pthread_cond_signal(&pool->idle);
        pthread_mutex_unlock(&pool->lock);
    }
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct weir_pool *pool = worker->pool;
    for (uint64_t seen = 0;;) {
        wait_for_work(pool, seen);
        if (atomic_load(&pool->ending))
            return NULL;
        if (enter(pool, &seen)) {
            take_tasks(pool, worker->number);
            leave(pool);
        }
    }
}

static void end_workers(struct weir_pool *pool, int started)
{
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->ending, true);
    atomic_fetch_add(&pool->state, NEXT);
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
    pool->patience = threads <= processors ? PATIENCE : 0;
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
    pool->task = task;
    pool->context = context;
    pool->count = count;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    uint64_t run = (atomic_load(&pool->state) & RUN) + NEXT;
    atomic_store(&pool->state, run | OPEN);
    if (atomic_load(&pool->sleepers)) {
        pthread_mutex_lock(&pool->lock);
        pthread_cond_broadcast(&pool->work);
        pthread_mutex_unlock(&pool->lock);
    }

    take_tasks(pool, 0);

    /* Every task has been handed out: the run is over when those who are inside have left, and none may enter. */
    uint64_t inside = atomic_fetch_and(&pool->state, ~OPEN) & INSIDE, before = 0;
    while (inside && inside != before) {
        before = inside;
        inside = look(pool, INSIDE, before) & INSIDE;
    }
    if (!inside)
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->waiting, true);
    while (atomic_load(&pool->state) & INSIDE)
        pthread_cond_wait(&pool->idle, &pool->lock);
    atomic_store(&pool->waiting, false);
    pthread_mutex_unlock(&pool->lock);
}

void weir_pool_free(struct weir_pool *pool)
{
    if (pool)
        end_workers(pool, pool->threads - 1);
}
