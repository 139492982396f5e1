#include "math/topics.h"
#include "base/memory.h"
#include "base/random.h"
#include "math/clones.h"
#include "math/exp_digamma.h"
#include "math/topics_private.h"
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 64, DOCUMENTS = 8 }; /* of a task */

/* Below it lambda is written anew with scale 1, before counts / scale leave float32's range. */
static const double SMALLEST_SCALE = 1e-12;

/* What one step needs; grows, and stays. */
struct topics_work {
    const struct weir_topics_documents *documents;
    struct topics_document *threads; /* [thread_count] */
    int thread_count;
    int64_t word_count;
    uint32_t *words;   /* [word_count] the words of the minibatch */
    int32_t *place;    /* [entries] of each entry's word */
    float *ratio;      /* [entries] */
    int64_t *start;    /* [word_count + 1] where a word's entries begin in `entry` */
    int64_t *entry;    /* [entries] by word, then by document */
    int32_t *document; /* [entries] */
    float *beta;       /* [word_count][stride] */
    float *theta;      /* [documents][stride] */
    double *added;     /* [tasks][stride] */
    double weight;     /* rho D / S, over the new scale */
    size_t words_capacity, place_capacity, ratio_capacity, start_capacity, entry_capacity, document_capacity,
        beta_capacity, theta_capacity, added_capacity;
    atomic_bool failed;
};

/* ---- The model ---------------------------------------------------------------------------------------------- */

static void sum_counts(struct weir_topics *topics)
{
    memset(topics->sums, 0, (size_t)topics->stride * sizeof *topics->sums);
    for (int64_t w = 0; w < topics->options.words; w++)
        for (int64_t k = 0; k < topics->stride; k++)
            topics->sums[k] += (double)topics->counts[w * topics->stride + k];
}

void weir_topics_begin(struct weir_topics *topics)
{
    const double mean = 1 - 1.0 / 900, deviation = 1.0 / 30;
    for (int64_t w = 0; w < topics->options.words; w++) {
        struct weir_random random;
        weir_random_init(&random, topics->options.seed, (uint64_t)w);
        for (int64_t k = 0; k < topics->options.topics; k++) {
            double root = mean + deviation * weir_random_normal(&random);
            float count = (float)(root * root * root);
            topics->counts[w * topics->stride + k] = count > 0 ? count : 0;
        }
    }
    sum_counts(topics);
}

void weir_topics_sum_up(struct weir_topics *topics)
{
    for (int64_t k = 0; k < topics->options.topics; k++) {
        float sum = (float)((double)topics->options.words * topics->base + topics->scale * topics->sums[k]);
        topics->factors[k] = sum > WEIR_TOPICS_SMALL ? sum : WEIR_TOPICS_SMALL;
    }
    weir_exp_digamma(topics->factors, topics->factors, topics->options.topics);
    for (int64_t k = 0; k < topics->options.topics; k++)
        topics->factors[k] = 1 / topics->factors[k];
}

struct weir_topics *weir_topics_new(const struct weir_topics_options *options)
{
    struct weir_topics *topics = weir_allocate_zero(1, sizeof *topics);
    if (!topics)
        return NULL;
    topics->options = *options;
    topics->stride = (options->topics + TOPIC_LANES - 1) / TOPIC_LANES * TOPIC_LANES;
    topics->scale = 1;
    topics->base = options->eta;
    size_t stride = (size_t)topics->stride, words = (size_t)options->words;
    topics->counts = weir_allocate_zero(words, stride * sizeof *topics->counts);
    topics->sums = weir_allocate_zero(stride, sizeof *topics->sums);
    topics->factors = weir_allocate_zero(stride, sizeof *topics->factors);
    topics->local = weir_allocate(words, sizeof *topics->local);
    topics->work = weir_allocate_zero(1, sizeof *topics->work);
    if (!topics->counts || !topics->sums || !topics->factors || !topics->local || !topics->work) {
        weir_topics_free(topics);
        return NULL;
    }
    memset(topics->local, 0xFF, words * sizeof *topics->local);
    return topics;
}

static void free_work(struct topics_work *work)
{
    if (!work)
        return;
    for (int i = 0; i < work->thread_count; i++)
        weir_topics_document_release(&work->threads[i]);
    free(work->threads);
    free(work->words);
    free(work->place);
    free(work->ratio);
    free(work->start);
    free(work->entry);
    free(work->document);
    free(work->beta);
    free(work->theta);
    free(work->added);
    free(work);
}

void weir_topics_free(struct weir_topics *topics)
{
    if (!topics)
        return;
    free(topics->counts);
    free(topics->sums);
    free(topics->factors);
    free(topics->local);
    free(topics->beta);
    free_work(topics->work);
    free(topics);
}

void weir_topics_get(const struct weir_topics *topics, float *lambda)
{
    int64_t count = topics->options.topics;
    for (int64_t w = 0; w < topics->options.words; w++)
        for (int64_t k = 0; k < count; k++)
            lambda[w * count + k] =
                (float)(topics->base + topics->scale * (double)topics->counts[w * topics->stride + k]);
}

void weir_topics_set(struct weir_topics *topics, const float *lambda)
{
    int64_t count = topics->options.topics;
    for (int64_t w = 0; w < topics->options.words; w++)
        memcpy(topics->counts + w * topics->stride, lambda + w * count, (size_t)count * sizeof *lambda);
    topics->base = 0;
    topics->scale = 1;
    sum_counts(topics);
}

WEIR_CLONES static void widen(const float *counts, float eta, float scale, int64_t stride, float *out)
{
    for (int64_t k = 0; k < stride; k++)
        out[k] = eta + scale * counts[k];
}

WEIR_CLONES static void multiply(const float *by, int64_t stride, float *out)
{
    for (int64_t k = 0; k < stride; k++)
        out[k] *= by[k];
}

void weir_topics_expect(const struct weir_topics *topics, const float *counts, float *out)
{
    widen(counts, (float)topics->base, (float)topics->scale, topics->stride, out);
    float raise = weir_topics_raise(weir_topics_greatest(out, topics->stride));
    if (raise > 0)
        weir_exp_digamma_raised(out, out, topics->stride, raise);
    else
        weir_exp_digamma(out, out, topics->stride);
    multiply(topics->factors, topics->stride, out);
}

/* ---- A step ------------------------------------------------------------------------------------------------- */

static int task_count(int64_t items, int64_t size)
{
    return (int)((items + size - 1) / size);
}

static void run(struct weir_pool *pool, int count, void (*task)(void *context, int index, int thread), void *context)
{
    if (pool)
        weir_pool_run(pool, count, task, context);
    for (int i = 0; !pool && i < count; i++)
        task(context, i, 0);
}

static int reserve(struct weir_topics *topics, const struct weir_topics_documents *documents, int threads)
{
    struct topics_work *work = topics->work;
    size_t entries = (size_t)documents->offsets[documents->count], count = (size_t)documents->count;
    size_t stride = (size_t)topics->stride;
    if (threads > work->thread_count) {
        struct topics_document *more = weir_reallocate(work->threads, (size_t)threads, sizeof *work->threads);
        if (!more)
            return -1;
        memset(more + work->thread_count, 0, (size_t)(threads - work->thread_count) * sizeof *more);
        work->threads = more;
        work->thread_count = threads;
    }
    if (weir_grow((void **)&work->words, &work->words_capacity, entries, sizeof *work->words) < 0 ||
        weir_grow((void **)&work->place, &work->place_capacity, entries, sizeof *work->place) < 0 ||
        weir_grow((void **)&work->ratio, &work->ratio_capacity, entries, sizeof *work->ratio) < 0 ||
        weir_grow((void **)&work->start, &work->start_capacity, entries + 2, sizeof *work->start) < 0 ||
        weir_grow((void **)&work->entry, &work->entry_capacity, entries, sizeof *work->entry) < 0 ||
        weir_grow((void **)&work->document, &work->document_capacity, entries, sizeof *work->document) < 0 ||
        weir_grow((void **)&work->theta, &work->theta_capacity, count * stride, sizeof *work->theta) < 0)
        return -1;
    return 0;
}

/* Numbers the words in the order in which they come, and lists their entries. */
static int number_words(struct weir_topics *topics, const struct weir_topics_documents *documents)
{
    struct topics_work *work = topics->work;
    int64_t entries = documents->offsets[documents->count];
    work->word_count = 0;
    for (int64_t e = 0; e < entries; e++) {
        uint32_t word = documents->word[e];
        if (topics->local[word] < 0) {
            topics->local[word] = (int32_t)work->word_count;
            work->words[work->word_count++] = word;
        }
        work->place[e] = topics->local[word];
    }
    for (int64_t u = 0; u < work->word_count; u++)
        topics->local[work->words[u]] = -1;
    size_t tasks = (size_t)task_count(work->word_count, WORDS), stride = (size_t)topics->stride;
    if (weir_grow((void **)&work->beta, &work->beta_capacity, (size_t)work->word_count * stride, sizeof *work->beta) <
            0 ||
        weir_grow((void **)&work->added, &work->added_capacity, tasks * stride, sizeof *work->added) < 0)
        return -1;
    memset(work->start, 0, (size_t)(work->word_count + 2) * sizeof *work->start);
    for (int64_t e = 0; e < entries; e++)
        work->start[work->place[e] + 2]++;
    for (int64_t u = 0; u < work->word_count; u++)
        work->start[u + 2] += work->start[u + 1];
    for (int64_t d = 0; d < documents->count; d++)
        for (int64_t e = documents->offsets[d]; e < documents->offsets[d + 1]; e++) {
            int64_t at = work->start[work->place[e] + 1]++;
            work->entry[at] = e;
            work->document[at] = (int32_t)d;
        }
    return 0;
}

static void expect_words(void *context, int index, int thread)
{
    (void)thread;
    struct weir_topics *topics = context;
    struct topics_work *work = topics->work;
    int64_t first = (int64_t)index * WORDS;
    for (int64_t u = first; u < first + WORDS && u < work->word_count; u++)
        weir_topics_expect(topics, topics->counts + work->words[u] * topics->stride, work->beta + u * topics->stride);
}

static void infer_documents(void *context, int index, int thread)
{
    struct weir_topics *topics = context;
    struct topics_work *work = topics->work;
    const struct weir_topics_documents *documents = work->documents;
    struct topics_document *document = &work->threads[thread];
    int64_t first = (int64_t)index * DOCUMENTS, stride = topics->stride;
    for (int64_t d = first; d < first + DOCUMENTS && d < documents->count; d++) {
        int64_t from = documents->offsets[d], count = documents->offsets[d + 1] - from;
        /* gamma is of no further use: it stands behind the scratch of one document more */
        if (weir_topics_reserve(document, count, topics->options.topics, 2 * stride) < 0) {
            atomic_store(&work->failed, true);
            return;
        }
        for (int64_t j = 0; j < count; j++) {
            document->row[j] = work->place[from + j] * stride;
            document->value[j] = documents->value[from + j];
        }
        weir_topics_infer(&topics->options, stride, work->beta, document, document->sum + stride,
                          work->theta + d * stride);
        memcpy(work->ratio + from, document->ratio, (size_t)count * sizeof *work->ratio);
    }
}

WEIR_CLONES static void add_theta(double *sum, float ratio, const float *theta, int64_t stride)
{
    for (int64_t k = 0; k < stride; k++)
        sum[k] += (double)(ratio * theta[k]);
}

WEIR_CLONES static void add_counts(float *counts, const double *sum, const float *beta, double weight, int64_t stride,
                                   double *added)
{
    for (int64_t k = 0; k < stride; k++) {
        float now = (float)((double)counts[k] + weight * ((double)beta[k] * sum[k]));
        added[k] += (double)now - (double)counts[k];
        counts[k] = now;
    }
}

static void add_words(void *context, int index, int thread)
{
    struct weir_topics *topics = context;
    struct topics_work *work = topics->work;
    int64_t first = (int64_t)index * WORDS, stride = topics->stride;
    double *added = work->added + index * stride;
    double *sum = (double *)(void *)work->threads[thread].memory;
    memset(added, 0, (size_t)stride * sizeof *added);
    for (int64_t u = first; u < first + WORDS && u < work->word_count; u++) {
        memset(sum, 0, (size_t)stride * sizeof *sum);
        for (int64_t i = work->start[u]; i < work->start[u + 1]; i++)
            add_theta(sum, work->ratio[work->entry[i]], work->theta + work->document[i] * stride, stride);
        add_counts(topics->counts + work->words[u] * stride, sum, work->beta + u * stride, work->weight, stride, added);
    }
}

static void write_anew(struct weir_topics *topics)
{
    int64_t size = topics->options.words * topics->stride;
    for (int64_t i = 0; i < size; i++)
        topics->counts[i] = (float)(topics->scale * (double)topics->counts[i]);
    topics->scale = 1;
    sum_counts(topics);
}

int weir_topics_learn(struct weir_topics *topics, const struct weir_topics_documents *documents, double all,
                      struct weir_pool *pool)
{
    struct topics_work *work = topics->work;
    int threads = pool ? weir_pool_threads(pool) : 1;
    if (documents->count == 0)
        return 0;
    if (reserve(topics, documents, threads) < 0 || number_words(topics, documents) < 0)
        return -1;
    for (int i = 0; i < threads; i++) /* add_words has its sums there */
        if (weir_topics_reserve(&work->threads[i], ENTRY_LANES, topics->options.topics, 2 * topics->stride) < 0)
            return -1;
    work->documents = documents;
    atomic_store(&work->failed, false);
    weir_topics_sum_up(topics);
    int word_tasks = task_count(work->word_count, WORDS);
    run(pool, word_tasks, expect_words, topics);
    run(pool, task_count(documents->count, DOCUMENTS), infer_documents, topics);
    if (atomic_load(&work->failed))
        return -1;
    double rho = pow(topics->options.offset + (double)++topics->steps, -topics->options.decay);
    double scale = topics->scale * (1 - rho);
    work->weight = rho * all / (double)documents->count / scale;
    run(pool, word_tasks, add_words, topics);
    for (int task = 0; task < word_tasks; task++)
        for (int64_t k = 0; k < topics->stride; k++)
            topics->sums[k] += work->added[task * topics->stride + k];
    topics->scale = scale;
    if (scale < SMALLEST_SCALE)
        write_anew(topics);
    return 0;
}
