#include "base/memory.h"
#include "math/topics_private.h"
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 1024, DOCUMENTS = 16 }; /* of a task */

static void expect_words(void *context, int index, int thread)
{
    (void)thread;
    struct weir_topics *topics = context;
    int64_t first = (int64_t)index * WORDS;
    for (int64_t w = first; w < first + WORDS && w < topics->options.words; w++)
        weir_topics_expect(topics, topics->counts + w * topics->stride, topics->beta + w * topics->stride);
}

int weir_topics_settle(struct weir_topics *topics, struct weir_pool *pool)
{
    if (!topics->beta)
        topics->beta =
            weir_allocate_aligned((size_t)topics->options.words, (size_t)topics->stride * sizeof *topics->beta);
    if (!topics->beta)
        return -1;
    weir_topics_sum_up(topics);
    int tasks = (int)((topics->options.words + WORDS - 1) / WORDS);
    if (pool)
        weir_pool_run(pool, tasks, expect_words, topics);
    for (int i = 0; !pool && i < tasks; i++)
        expect_words(topics, i, 0);
    return 0;
}

/* psi(x) for x > 0: shifted to 10 and beyond, then its asymptotic series (M. Abramowitz, I. Stegun, 6.3.18). */
static double digamma(double x)
{
    double sum = 0;
    for (; x < 10; x++)
        sum -= 1 / x;
    double inverse = 1 / (x * x);
    return sum + log(x) - 0.5 / x -
           inverse * (1.0 / 12 - inverse * (1.0 / 120 - inverse * (1.0 / 252 - inverse * (1.0 / 240))));
}

static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

static double lambda_of(const struct weir_topics *topics, int64_t at)
{
    return topics->base + topics->scale * (double)topics->counts[at];
}

/* ln of the sum over topics of exp(psi(gamma_k) + E[ln beta_kw]), whose terms may all be beyond float32. row: where the
 * word's counts begin. */
static double log_norm(const struct weir_topics *topics, int64_t row, const float *gamma)
{
    double greatest = -INFINITY, sum = 0;
    for (int64_t k = 0; k < topics->options.topics; k++) {
        double all = (double)topics->options.words * topics->base + topics->scale * topics->sums[k];
        double term = digamma((double)gamma[k]) + digamma(lambda_of(topics, row + k)) - digamma(all);
        sum = term > greatest ? sum * exp(greatest - term) + 1 : sum + exp(term - greatest);
        greatest = term > greatest ? term : greatest;
    }
    return greatest + log(sum);
}

/* Below it what norm adds lest it be 0 is seen in its logarithm. */
static const double SMALLEST_NORM = 1e-13;

/* ln of norm_j without what theta and beta were raised by. */
static double log_norm_of(const struct weir_topics *topics, const struct topics_document *document, int64_t j,
                          const float *gamma)
{
    double greatest = 0;
    for (int64_t k = 0; k < topics->options.topics; k++)
        greatest = fmax(greatest, lambda_of(topics, document->row[j] + k));
    if (weir_topics_raise((float)greatest) > 0 || (double)document->norm[j] < SMALLEST_NORM)
        return log_norm(topics, document->row[j], gamma);
    return log((double)document->norm[j]) - (double)document->raised;
}

static double bound(const struct weir_topics *of, const struct topics_document *document, const float *gamma)
{
    const struct weir_topics_options *options = &of->options;
    double all = 0, sum = 0, values = 0, alpha = options->alpha, topics = (double)options->topics;
    for (int64_t k = 0; k < options->topics; k++)
        all += (double)gamma[k];
    double psi = digamma(all);
    for (int64_t k = 0; k < options->topics; k++) {
        double g = (double)gamma[k];
        sum += (alpha - g) * (digamma(g) - psi) + log_gamma(g) - log_gamma(alpha);
    }
    for (int64_t j = 0; j < document->count; j++) {
        sum += (double)document->value[j] * log_norm_of(of, document, j, gamma);
        values += (double)document->value[j];
    }
    return sum - values * psi + log_gamma(topics * alpha) - log_gamma(all);
}

struct judging {
    const struct weir_topics *topics;
    const struct weir_topics_documents *documents;
    struct topics_document *threads;
    float *shares;
    double *bounds;
    atomic_bool failed;
};

static void judge_documents(void *context, int index, int thread)
{
    struct judging *judging = context;
    const struct weir_topics *topics = judging->topics;
    const struct weir_topics_documents *documents = judging->documents;
    struct topics_document *document = &judging->threads[thread];
    int64_t first = (int64_t)index * DOCUMENTS, stride = topics->stride, count = topics->options.topics;
    for (int64_t d = first; d < first + DOCUMENTS && d < documents->count; d++) {
        int64_t from = documents->offsets[d], entries = documents->offsets[d + 1] - from;
        if (weir_topics_reserve(document, entries, count, 3 * stride) < 0) {
            atomic_store(&judging->failed, true);
            return;
        }
        float *gamma = document->sum + stride;
        for (int64_t j = 0; j < entries; j++) {
            document->row[j] = documents->word[from + j] * stride;
            document->value[j] = documents->value[from + j];
        }
        weir_topics_infer(&topics->options, stride, topics->beta, document, gamma, gamma + stride);
        double all = 0;
        for (int64_t k = 0; k < count; k++)
            all += (double)gamma[k];
        for (int64_t k = 0; k < count; k++)
            judging->shares[d * count + k] = (float)((double)gamma[k] / all);
        if (judging->bounds)
            judging->bounds[d] = bound(topics, document, gamma);
    }
}

int weir_topics_judge(const struct weir_topics *topics, const struct weir_topics_documents *documents, float *shares,
                      double *bounds, struct weir_pool *pool)
{
    struct judging judging = { .topics = topics, .documents = documents, .shares = shares, .bounds = bounds };
    int threads = pool ? weir_pool_threads(pool) : 1;
    int tasks = (int)((documents->count + DOCUMENTS - 1) / DOCUMENTS);
    judging.threads = weir_allocate_zero((size_t)threads, sizeof *judging.threads);
    if (!judging.threads)
        return -1;
    if (pool)
        weir_pool_run(pool, tasks, judge_documents, &judging);
    for (int i = 0; !pool && i < tasks; i++)
        judge_documents(&judging, i, 0);
    for (int i = 0; i < threads; i++)
        weir_topics_document_release(&judging.threads[i]);
    free(judging.threads);
    return atomic_load(&judging.failed) ? -1 : 0;
}
