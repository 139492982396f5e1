/* Topics: a document's inference and a step of learning beside plain ones in double, and the same bytes for any
 * threads. */
#include "base/random.h"
#include "check.h"
#include "math/exp_digamma.h"
#include "math/topics.h"
#include <stdlib.h>

static double digamma(double x)
{
    double sum = 0;
    for (; x < 20; x++)
        sum -= 1 / x;
    return sum + log(x) - 1 / (2 * x) - 1 / (12 * x * x) + 1 / (120 * pow(x, 4)) - 1 / (252 * pow(x, 6));
}

static void test_exp_digamma(void)
{
    enum { COUNT = 2000 };
    static float x[COUNT], y[COUNT];
    for (int i = 0; i < COUNT; i++)
        x[i] = (float)exp(log(1e-3) + (double)i / COUNT * log(1e12));
    weir_exp_digamma(x, y, COUNT);
    for (int i = 0; i < COUNT; i++) {
        double wanted = exp(digamma((double)x[i]));
        if (wanted > 1e-36)
            CHECK_NEAR((double)y[i], wanted, 2e-5 * wanted);
        else
            CHECK(y[i] >= 0 && (double)y[i] <= 2e-36);
    }
    /* Raised by what makes the greatest of them vanish they do not: */
    float small[4] = { 0.003f, 0.0033f, 0.0029f, 0.0011f }, raised[4];
    weir_exp_digamma_raised(small, raised, 4, weir_digamma_sum(small[1]));
    for (int i = 0; i < 4; i++) {
        double wanted = exp(digamma((double)small[i]) - digamma((double)small[1]));
        CHECK_NEAR((double)(raised[i] / raised[1]), wanted, 3e-4 * wanted + 1e-37);
    }
    float one = 1;
    weir_exp_digamma(&one, &one, 1);
    CHECK_NEAR((double)one, exp(-0.57721566490153286), 1e-6);
}

/* Documents of a few planted topics; some are empty. */
struct corpus {
    int64_t count, words, *offsets;
    uint32_t *word;
    float *value;
};

static void make_corpus(struct corpus *corpus, int64_t count, int64_t words, int64_t topics)
{
    struct weir_random random;
    weir_random_init(&random, 3, 4);
    *corpus = (struct corpus){ .count = count, .words = words };
    corpus->offsets = calloc((size_t)count + 1, sizeof *corpus->offsets);
    corpus->word = calloc((size_t)(count * words), sizeof *corpus->word);
    corpus->value = calloc((size_t)(count * words), sizeof *corpus->value);
    int64_t at = 0;
    for (int64_t d = 0; d < count; d++) {
        for (int64_t w = 0; w < words && d % 11 != 5; w++) {
            bool own = w % topics == d % topics;
            if (weir_random_uniform(&random) > (own ? 0.6 : 0.05))
                continue;
            corpus->word[at] = (uint32_t)w;
            corpus->value[at++] = (float)(1 + weir_random_below(&random, 3));
        }
        corpus->offsets[d + 1] = at;
    }
}

static struct weir_topics_documents view(const struct corpus *corpus)
{
    return (struct weir_topics_documents){ corpus->count, corpus->offsets, corpus->word, corpus->value };
}

static void release(struct corpus *corpus)
{
    free(corpus->offsets), free(corpus->word), free(corpus->value);
}

/* Equation 5 in double from lambda[words][K] until nothing changes by more than the tolerance. phi: [entries][K] n phi.
 */
static void plain_document(const struct weir_topics_options *how, const double *lambda, const struct corpus *corpus,
                           int64_t d, double *gamma, double *phi, double *bound)
{
    int64_t topics = how->topics, first = corpus->offsets[d], count = corpus->offsets[d + 1] - first;
    double *sums = calloc((size_t)topics, sizeof *sums), *beta = calloc((size_t)(count * topics + 1), sizeof *beta);
    double total = 0, *theta = calloc((size_t)topics, sizeof *theta);
    for (int64_t w = 0; w < corpus->words; w++)
        for (int64_t k = 0; k < topics; k++)
            sums[k] += lambda[w * topics + k];
    for (int64_t j = 0; j < count; j++) {
        total += (double)corpus->value[first + j];
        for (int64_t k = 0; k < topics; k++)
            beta[j * topics + k] = exp(digamma(lambda[corpus->word[first + j] * topics + k]) - digamma(sums[k]));
    }
    for (int64_t k = 0; k < topics; k++)
        gamma[k] = how->alpha + total / (double)topics;
    for (int64_t i = 0; i <= how->iterations; i++) {
        double all = 0, change = 0;
        for (int64_t k = 0; k < topics; k++)
            all += gamma[k];
        for (int64_t k = 0; k < topics; k++)
            theta[k] = exp(digamma(gamma[k]) - digamma(all));
        double *next = calloc((size_t)topics, sizeof *next);
        *bound = lgamma((double)topics * how->alpha) - lgamma(all);
        for (int64_t j = 0; j < count; j++) {
            double norm = 0, n = (double)corpus->value[first + j];
            for (int64_t k = 0; k < topics; k++)
                norm += theta[k] * beta[j * topics + k];
            *bound += n * log(norm);
            for (int64_t k = 0; k < topics; k++)
                next[k] += phi[j * topics + k] = n * theta[k] * beta[j * topics + k] / norm;
        }
        for (int64_t k = 0; k < topics; k++) {
            *bound +=
                (how->alpha - gamma[k]) * (digamma(gamma[k]) - digamma(all)) + lgamma(gamma[k]) - lgamma(how->alpha);
            change += fabs(how->alpha + next[k] - gamma[k]) / (double)topics;
        }
        if (i < how->iterations && change >= 1e-9)
            for (int64_t k = 0; k < topics; k++)
                gamma[k] = how->alpha + next[k];
        free(next);
        if (change < 1e-9)
            break;
    }
    free(sums), free(beta), free(theta);
}

static void check_topics(int64_t topics, double alpha, double eta)
{
    struct corpus corpus;
    make_corpus(&corpus, 60, 150, topics < 5 ? topics : 5);
    struct weir_topics_options how = { .topics = topics,
                                       .words = corpus.words,
                                       .alpha = alpha,
                                       .eta = eta,
                                       .offset = 10,
                                       .decay = 0.7,
                                       .iterations = 2000,
                                       .tolerance = 1e-6,
                                       .seed = 1 };
    struct weir_topics_documents documents = view(&corpus);
    struct weir_pool *pool = weir_pool_new(3);
    struct weir_topics *one = weir_topics_new(&how), *other = weir_topics_new(&how);
    size_t size = (size_t)(corpus.words * topics);
    float *lambda = malloc(size * sizeof *lambda), *threaded = malloc(size * sizeof *threaded);
    double *before = malloc(size * sizeof *before), *sums = calloc(size, sizeof *sums);
    double *gamma = malloc((size_t)topics * sizeof *gamma), bound;
    double *phi = malloc((size_t)(corpus.words * topics) * sizeof *phi);
    weir_topics_begin(one);
    weir_topics_begin(other);
    weir_topics_get(one, lambda);
    for (size_t i = 0; i < size; i++) {
        before[i] = (double)lambda[i];
        CHECK(before[i] > eta + 0.3 && before[i] < eta + 2);
    }
    for (int64_t d = 0; d < corpus.count; d++) {
        plain_document(&how, before, &corpus, d, gamma, phi, &bound);
        for (int64_t e = corpus.offsets[d]; e < corpus.offsets[d + 1]; e++)
            for (int64_t k = 0; k < topics; k++)
                sums[corpus.word[e] * topics + k] += phi[(e - corpus.offsets[d]) * topics + k];
    }
    CHECK(weir_topics_learn(one, &documents, 1000, NULL) == 0);
    weir_topics_get(one, lambda);
    double rho = pow(11, -0.7), worst = 0;
    for (size_t i = 0; i < size; i++) {
        double wanted = (1 - rho) * before[i] + rho * (eta + 1000.0 / (double)corpus.count * sums[i]);
        worst = fmax(worst, fabs((double)lambda[i] - wanted) / (1 + wanted));
    }
    if (!CHECK(worst < 2e-3))
        fprintf(stderr, "    %lld topics: lambda is off by %g\n", (long long)topics, worst);
    for (int step = 0; step < 30; step++)
        CHECK(weir_topics_learn(one, &documents, 1000, NULL) == 0);
    for (int step = 0; step < 31; step++)
        CHECK(weir_topics_learn(other, &documents, 1000, pool) == 0);
    weir_topics_get(one, lambda);
    weir_topics_get(other, threaded);
    CHECK(memcmp(lambda, threaded, size * sizeof *lambda) == 0);

    /* What is set is got, and judges as a plain inference does. */
    weir_topics_set(one, lambda);
    weir_topics_get(one, threaded);
    CHECK(memcmp(lambda, threaded, size * sizeof *lambda) == 0);
    float *shares = malloc((size_t)(corpus.count * topics) * sizeof *shares);
    double *bounds = malloc((size_t)corpus.count * sizeof *bounds);
    CHECK(weir_topics_settle(one, pool) == 0 && weir_topics_judge(one, &documents, shares, bounds, pool) == 0);
    for (size_t i = 0; i < size; i++)
        before[i] = (double)lambda[i];
    for (int64_t d = 0; d < corpus.count; d++) {
        double all = 0;
        plain_document(&how, before, &corpus, d, gamma, phi, &bound);
        for (int64_t k = 0; k < topics; k++)
            all += gamma[k];
        for (int64_t k = 0; k < topics; k++)
            CHECK_NEAR((double)shares[d * topics + k], gamma[k] / all, 2e-3);
        CHECK_NEAR(bounds[d], bound, 2e-4 * (1 + fabs(bound)));
        if (corpus.offsets[d] == corpus.offsets[d + 1])
            CHECK_NEAR((double)shares[d * topics], 1.0 / (double)topics, 1e-7);
        float alone[64];
        int64_t offsets[2] = { 0, corpus.offsets[d + 1] - corpus.offsets[d] };
        struct weir_topics_documents document = { 1, offsets, corpus.word + corpus.offsets[d],
                                                  corpus.value + corpus.offsets[d] };
        CHECK(weir_topics_judge(one, &document, alone, NULL, NULL) == 0);
        CHECK(memcmp(alone, shares + d * topics, (size_t)topics * sizeof *alone) == 0);
    }
    weir_topics_free(one), weir_topics_free(other);
    weir_pool_free(pool);
    free(lambda), free(threaded), free(before), free(sums), free(gamma), free(phi), free(shares), free(bounds);
    release(&corpus);
}

/* Few words and many topics: all that is shared out is small, and far from nothing. alike: no topic is any word's more
 * than others. */
static void test_many_topics(bool alike)
{
    enum { DOCUMENTS = 80, TOPICS = 300, WORDS = 60 };
    const struct weir_topics_options how = { .topics = TOPICS,
                                             .words = WORDS,
                                             .alpha = 1.0 / TOPICS,
                                             .eta = 1.0 / TOPICS,
                                             .iterations = 500,
                                             .tolerance = 1e-7 };
    struct corpus corpus = { .count = DOCUMENTS, .words = WORDS };
    struct weir_random random;
    weir_random_init(&random, 8, 0);
    int64_t offsets[DOCUMENTS + 1] = { 0 }, at = 0;
    uint32_t word[DOCUMENTS * 8];
    float value[DOCUMENTS * 8], *lambda = malloc(WORDS * TOPICS * sizeof *lambda);
    double *plain = malloc(WORDS * TOPICS * sizeof *plain), gamma[TOPICS], *phi = malloc(8 * TOPICS * sizeof *phi);
    for (uint32_t d = 0; d < DOCUMENTS; d++) {
        for (uint32_t i = 0; i <= d % 8; i++) {
            word[at] = (d * 7 + i * 13) % WORDS;
            value[at++] = 1;
        }
        offsets[d + 1] = at;
    }
    corpus.offsets = offsets, corpus.word = word, corpus.value = value;
    /* A word is of a few topics, or of all a little, or nowhere seen. */
    for (int w = 0; w < WORDS; w++)
        for (int k = 0; k < TOPICS; k++) {
            double drawn = weir_random_uniform(&random);
            double count = w % 3 == 0 ? ((k + w) % 40 == 0 ? 5 * drawn : 0) : w % 3 == 1 ? 0.01 * drawn : 0;
            lambda[w * TOPICS + k] = (float)(how.eta + (alike ? 0.5 : count));
        }
    for (int i = 0; i < WORDS * TOPICS; i++)
        plain[i] = (double)lambda[i];
    struct weir_topics *topics = weir_topics_new(&how);
    weir_topics_set(topics, lambda);
    float *shares = malloc(DOCUMENTS * TOPICS * sizeof *shares);
    double bounds[DOCUMENTS], bound = 0;
    struct weir_topics_documents documents = view(&corpus);
    CHECK(weir_topics_settle(topics, NULL) == 0 && weir_topics_judge(topics, &documents, shares, bounds, NULL) == 0);
    for (int d = 0; d < DOCUMENTS; d++) {
        double all = 0, worst = 0;
        plain_document(&how, plain, &corpus, d, gamma, phi, &bound);
        for (int k = 0; k < TOPICS; k++)
            all += gamma[k];
        for (int k = 0; k < TOPICS; k++)
            worst = fmax(worst, fabs((double)shares[d * TOPICS + k] - gamma[k] / all));
        CHECK_NEAR(worst, 0, 2e-3);
        CHECK_NEAR(bounds[d], bound, 1e-3 * fabs(bound));
    }
    weir_topics_free(topics);
    free(lambda), free(plain), free(phi), free(shares);
}

/* Topics that no word is left in, with a prior of next to nothing, make no number that is none. */
static void test_empty_topics(void)
{
    enum { DOCUMENTS = 40, TOPICS = 20, WORDS = 4 };
    const struct weir_topics_options how = { .topics = TOPICS,
                                             .words = WORDS,
                                             .alpha = 0.05,
                                             .eta = 0.001,
                                             .offset = 1,
                                             .decay = 0.5,
                                             .iterations = 100,
                                             .tolerance = 1e-3 };
    int64_t offsets[DOCUMENTS + 1] = { 0 };
    uint32_t word[DOCUMENTS];
    float value[DOCUMENTS], shares[DOCUMENTS * TOPICS], lambda[WORDS * TOPICS];
    double bounds[DOCUMENTS];
    for (int d = 0; d < DOCUMENTS; d++) {
        offsets[d + 1] = d + 1;
        word[d] = (uint32_t)(d % WORDS);
        value[d] = (float)(1 + d % 3);
    }
    struct weir_topics_documents documents = { DOCUMENTS, offsets, word, value };
    struct weir_topics *topics = weir_topics_new(&how);
    weir_topics_begin(topics);
    for (int step = 0; step < 300; step++)
        CHECK(weir_topics_learn(topics, &documents, DOCUMENTS, NULL) == 0);
    weir_topics_get(topics, lambda);
    double least = INFINITY;
    for (int k = 0; k < TOPICS; k++) {
        double sum = 0;
        for (int w = 0; w < WORDS; w++) {
            CHECK(lambda[w * TOPICS + k] > 0 && isfinite(lambda[w * TOPICS + k]));
            sum += (double)lambda[w * TOPICS + k];
        }
        least = fmin(least, sum);
    }
    CHECK(least < 0.005);
    CHECK(weir_topics_settle(topics, NULL) == 0 && weir_topics_judge(topics, &documents, shares, bounds, NULL) == 0);
    for (int i = 0; i < DOCUMENTS * TOPICS; i++)
        CHECK(shares[i] > 0 && shares[i] < 1);
    for (int d = 0; d < DOCUMENTS; d++)
        CHECK(bounds[d] < 0 && isfinite(bounds[d]));
    weir_topics_free(topics);
}

/* After so many steps that lambda was written anew under another scale. Each word of a document is shared out to the
 * last: the sum of all lambda is known without the shares. */
static void test_many_steps(void)
{
    enum { DOCUMENTS = 30, TOPICS = 3, WORDS = 40 };
    struct corpus corpus;
    make_corpus(&corpus, DOCUMENTS, WORDS, TOPICS);
    const struct weir_topics_options how = { .topics = TOPICS,
                                             .words = WORDS,
                                             .alpha = 0.3,
                                             .eta = 0.2,
                                             .offset = 1,
                                             .decay = 0.5,
                                             .iterations = 50,
                                             .tolerance = 1e-3,
                                             .seed = 3 };
    struct weir_topics_documents documents = view(&corpus);
    struct weir_topics *topics = weir_topics_new(&how), *copy = weir_topics_new(&how);
    float lambda[WORDS * TOPICS], shares[DOCUMENTS * TOPICS];
    double values = 0, wanted = 0, forgotten = 1, bounds[2][DOCUMENTS];
    for (int64_t e = 0; e < corpus.offsets[DOCUMENTS]; e++)
        values += (double)corpus.value[e];
    weir_topics_begin(topics);
    weir_topics_get(topics, lambda);
    for (int i = 0; i < WORDS * TOPICS; i++)
        wanted += (double)lambda[i];
    for (int step = 1; step <= 400; step++) {
        double rho = pow(1 + step, -0.5), sum = 0;
        CHECK(weir_topics_learn(topics, &documents, 5 * DOCUMENTS, NULL) == 0);
        weir_topics_get(topics, lambda);
        for (int i = 0; i < WORDS * TOPICS; i++)
            sum += (double)lambda[i];
        wanted = (1 - rho) * wanted + rho * (how.eta * WORDS * TOPICS + 5 * values);
        forgotten *= 1 - rho;
        CHECK_NEAR(sum, wanted, 1e-4 * wanted);
    }
    CHECK(forgotten < 1e-14);
    weir_topics_set(copy, lambda);
    CHECK(weir_topics_settle(topics, NULL) == 0 && weir_topics_settle(copy, NULL) == 0);
    CHECK(weir_topics_judge(topics, &documents, shares, bounds[0], NULL) == 0);
    CHECK(weir_topics_judge(copy, &documents, shares, bounds[1], NULL) == 0);
    for (int d = 0; d < DOCUMENTS; d++)
        CHECK_NEAR(bounds[0][d], bounds[1][d], 1e-4 * (1 + fabs(bounds[1][d])));
    weir_topics_free(topics), weir_topics_free(copy);
    release(&corpus);
}

/* The documents that speak of one planted topic come to one topic found, and others to others. */
static void test_planted(void)
{
    enum { TOPICS = 4 };
    struct corpus corpus;
    make_corpus(&corpus, 400, 200, TOPICS);
    struct weir_topics_options how = { .topics = TOPICS,
                                       .words = 200,
                                       .alpha = 0.1,
                                       .eta = 0.1,
                                       .offset = 10,
                                       .decay = 0.7,
                                       .iterations = 100,
                                       .tolerance = 1e-3,
                                       .seed = 2 };
    struct weir_topics_documents documents = view(&corpus);
    struct weir_topics *topics = weir_topics_new(&how);
    float *shares = malloc(400 * TOPICS * sizeof *shares);
    weir_topics_begin(topics);
    for (int pass = 0; pass < 60; pass++)
        CHECK(weir_topics_learn(topics, &documents, 400, NULL) == 0);
    CHECK(weir_topics_settle(topics, NULL) == 0 && weir_topics_judge(topics, &documents, shares, NULL, NULL) == 0);
    int found[TOPICS][TOPICS] = { { 0 } }, all = 0, right = 0;
    for (int d = 0; d < 400; d++) {
        int best = 0;
        for (int k = 1; k < TOPICS; k++)
            best = shares[d * TOPICS + k] > shares[d * TOPICS + best] ? k : best;
        if (corpus.offsets[d] < corpus.offsets[d + 1])
            found[d % TOPICS][best]++;
    }
    for (int t = 0; t < TOPICS; t++) {
        int best = 0;
        for (int k = 0; k < TOPICS; k++) {
            all += found[t][k];
            best = found[t][k] > best ? found[t][k] : best;
        }
        right += best;
    }
    CHECK(right > 0.95 * all);
    weir_topics_free(topics);
    free(shares);
    release(&corpus);
}

int main(void)
{
    test_exp_digamma();
    check_topics(2, 0.5, 0.5);
    check_topics(5, 0.2, 0.1);
    check_topics(8, 0.1, 0.02);
    check_topics(20, 0.05, 0.05);
    check_topics(37, 1, 1);
    test_many_topics(false);
    test_many_topics(true);
    test_empty_topics();
    test_many_steps();
    test_planted();
    return check_result();
}
