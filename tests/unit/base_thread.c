/* lib/base/thread: every task once, in order of taking, many short runs, two pools at once. */
#include "base/thread.h"
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { TASKS = 1000 };

struct record {
    int threads;
    int plain[TASKS]; /* written by the task's thread, read after the run: the run is a barrier */
    atomic_int calls;
    atomic_bool bad_thread;
    atomic_int signals_open;
};

static void task(void *context, int index, int thread)
{
    struct record *record = context;
    record->plain[index]++;
    atomic_fetch_add(&record->calls, 1);
    if (thread < 0 || thread >= record->threads)
        atomic_store(&record->bad_thread, true);
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (thread > 0 && !sigismember(&blocked, SIGINT))
        atomic_fetch_add(&record->signals_open, 1);
}

static void check_pool(int threads)
{
    struct weir_pool *pool = weir_pool_new(threads);
    if (!CHECK(pool != NULL))
        return;
    static struct record record;
    memset(&record, 0, sizeof record);
    record.threads = weir_pool_threads(pool);
    CHECK_INT(record.threads, threads > 0 ? threads : weir_processors());
    int runs = 0;
    static const int counts[] = { 0, 1, 2, 3, 7, TASKS };
    for (int repeat = 0; repeat < 300; repeat++) {
        int count = counts[repeat % 5 + (repeat % 50 == 0)];
        weir_pool_run(pool, count, task, &record);
        runs += count;
    }
    CHECK_INT(atomic_load(&record.calls), runs);
    weir_pool_run(pool, TASKS, task, &record);
    int before = record.plain[TASKS - 1];
    bool even = true;
    weir_pool_run(pool, TASKS, task, &record);
    for (int i = 8; i < TASKS; i++)
        even &= record.plain[i] == before + 1;
    CHECK(even);
    CHECK(!atomic_load(&record.bad_thread));
    CHECK_INT(atomic_load(&record.signals_open), 0);
    weir_pool_free(pool);
}

/* Sums in fixed shards: the same at any number of threads. */
enum { NUMBERS = 100003, SHARD = 1024, SHARDS = (NUMBERS + SHARD - 1) / SHARD };
struct sums {
    const double *numbers;
    double shard[SHARDS];
};
static void sum_shard(void *context, int index, int thread)
{
    struct sums *sums = context;
    (void)thread;
    double sum = 0;
    for (int i = index * SHARD; i < (index + 1) * SHARD && i < NUMBERS; i++)
        sum += sums->numbers[i];
    sums->shard[index] = sum;
}
static double sum_with(int threads, const double *numbers)
{
    static struct sums sums;
    struct weir_pool *pool = weir_pool_new(threads);
    sums.numbers = numbers;
    weir_pool_run(pool, SHARDS, sum_shard, &sums);
    weir_pool_free(pool);
    double sum = 0;
    for (int i = 0; i < SHARDS; i++)
        sum += sums.shard[i];
    return sum;
}

/* A run does not end before its slowest task, however long the others have been done. */
static atomic_int slow_done;
static void slow_task(void *context, int index, int thread)
{
    (void)context, (void)thread;
    if (index == 0) /* taken first, by whom we do not know */
        nanosleep(&(struct timespec){ .tv_nsec = 30000000 }, NULL);
    atomic_fetch_add(&slow_done, 1);
}
static void test_slow(void)
{
    struct weir_pool *pool = weir_pool_new(3);
    for (int i = 1; i <= 8; i++) {
        weir_pool_run(pool, 3, slow_task, NULL);
        CHECK_INT(atomic_load(&slow_done), 3 * i);
    }
    weir_pool_free(pool);
}

/* Both tasks wait for each other, so that a worker must come, also when it has long been asleep. */
static void meet(void *context, int index, int thread)
{
    (void)index, (void)thread;
    atomic_int *here = context;
    atomic_fetch_add(here, 1);
    while (atomic_load(here) < 2)
        sched_yield();
}
static void test_asleep(void)
{
    struct weir_pool *pool = weir_pool_new(2);
    for (int i = 0; i < 20; i++) {
        atomic_int here = 0;
        weir_pool_run(pool, 2, meet, &here);
        CHECK_INT(atomic_load(&here), 2);
        nanosleep(&(struct timespec){ .tv_nsec = i % 4 * 1000000 }, NULL);
    }
    weir_pool_free(pool);
}

static void *run_alone(void *unused)
{
    (void)unused;
    struct weir_pool *pool = weir_pool_new(2);
    struct record *record = calloc(1, sizeof *record);
    record->threads = 2;
    for (int i = 0; i < 50; i++)
        weir_pool_run(pool, 20, task, record);
    int calls = atomic_load(&record->calls);
    weir_pool_free(pool);
    free(record);
    return calls == 1000 ? NULL : (void *)1;
}

int main(void)
{
    CHECK(weir_processors() >= 1);
    for (int threads = -1; threads <= 9; threads += 2)
        check_pool(threads);
    weir_pool_free(NULL);
    test_slow();
    test_asleep();

    static double numbers[NUMBERS];
    for (int i = 0; i < NUMBERS; i++)
        numbers[i] = 1.0 / (i + 3);
    double one = sum_with(1, numbers);
    CHECK(sum_with(2, numbers) == one && sum_with(5, numbers) == one);

    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, run_alone, NULL);
    for (int i = 0; i < 3; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        CHECK(failed == NULL);
    }
    return check_result();
}
