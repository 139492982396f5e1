#include "base/memory.h"
#include "math/clones.h"
#include "math/exp_digamma.h"
#include "math/topics_private.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef float floats __attribute__((vector_size(4 * TOPIC_LANES)));
typedef int32_t integers __attribute__((vector_size(4 * TOPIC_LANES)));

#define INLINE static inline __attribute__((always_inline))

/* Vectors at any place of an array of floats. */
typedef float loose_floats __attribute__((vector_size(4 * TOPIC_LANES), aligned(4), may_alias));
#define AT(place) (*(loose_floats *)(place))
#define OF(place) (*(const loose_floats *)(place))

int weir_topics_reserve(struct topics_document *document, int64_t count, int64_t topics, int64_t stride)
{
    size_t entries = (size_t)(count + ENTRY_LANES - 1) / ENTRY_LANES * ENTRY_LANES, size, rows;
    if (!weir_multiply(entries, (size_t)topics + 3, &size) || !weir_add(size, (size_t)stride, &size) ||
        !weir_multiply(size, sizeof(float), &size) || !weir_multiply(entries, sizeof(int64_t), &rows) ||
        !weir_add(size, rows, &size))
        return -1;
    if (size > document->capacity || !document->memory) {
        void *memory = weir_allocate_aligned(size, 1);
        if (!memory)
            return -1;
        free(document->memory);
        document->memory = memory;
        document->capacity = size;
    }
    document->count = count;
    document->entries = (int64_t)entries;
    document->row = document->memory;
    document->value = (float *)(void *)(document->row + entries);
    document->norm = document->value + entries;
    document->ratio = document->norm + entries;
    document->beta = document->ratio + entries;
    document->sum = document->beta + entries * (size_t)topics;
    memset(document->value, 0, entries * sizeof *document->value);
    return 0;
}

void weir_topics_document_release(struct topics_document *document)
{
    free(document->memory);
    *document = (struct topics_document){ 0 };
}

/* What theta_k is multiplied with, word by word, for each topic: words stand side by side, so that their sums are whole
 * vectors. */
static void turn(struct topics_document *document, const float *beta, int64_t topics)
{
    int64_t entries = document->entries;
    for (int64_t k = 0; k < topics; k++)
        for (int64_t j = document->count; j < entries; j++)
            document->beta[k * entries + j] = 0;
    for (int64_t j = 0; j < document->count; j++)
        for (int64_t k = 0; k < topics; k++)
            document->beta[k * entries + j] = beta[document->row[j] + k];
}

/* norm_j = sum_k theta_k beta_kj, ratio_j = value_j / norm_j. */
WEIR_CLONES static void weigh(struct topics_document *document, const float *theta, int64_t topics)
{
    const float tiny = 1e-20f;
    int64_t entries = document->entries;
    for (int64_t j = 0; j < entries; j += ENTRY_LANES) {
        floats first = { 0 }, second = { 0 };
        const float *beta = document->beta + j;
        for (int64_t k = 0; k < topics; k++, beta += entries) {
            first += theta[k] * OF(beta);
            second += theta[k] * OF(beta + TOPIC_LANES);
        }
        first += tiny;
        second += tiny;
        AT(document->norm + j) = first;
        AT(document->norm + j + TOPIC_LANES) = second;
        AT(document->ratio + j) = OF(document->value + j) / first;
        AT(document->ratio + j + TOPIC_LANES) = OF(document->value + j + TOPIC_LANES) / second;
    }
}

INLINE void add_group(const struct topics_document *document, const float *beta, int count, float *out)
{
    floats sum[4] = { { 0 } };
    for (int64_t j = 0; j < document->count; j++) {
        const float *row = beta + document->row[j];
        float ratio = document->ratio[j];
        for (int v = 0; v < count; v++)
            sum[v] += ratio * OF(row + v * TOPIC_LANES);
    }
    for (int v = 0; v < count; v++)
        AT(out + v * TOPIC_LANES) = sum[v];
}

/* sum_k = sum over words of ratio_j beta_jk. */
WEIR_CLONES static void add_up(const struct topics_document *document, const float *beta, int64_t stride)
{
    int64_t k = 0;
    for (; k + 4 * TOPIC_LANES <= stride; k += 4 * TOPIC_LANES)
        add_group(document, beta + k, 4, document->sum + k);
    int64_t left = (stride - k) / TOPIC_LANES;
    if (left == 3)
        add_group(document, beta + k, 3, document->sum + k);
    else if (left == 2)
        add_group(document, beta + k, 2, document->sum + k);
    else if (left == 1)
        add_group(document, beta + k, 1, document->sum + k);
}

/* gamma = alpha + theta sum; how much it changed, in all. */
WEIR_CLONES static float update(float *gamma, const float *theta, const float *sum, float alpha, int64_t stride)
{
    floats change = { 0 };
    for (int64_t k = 0; k < stride; k += TOPIC_LANES) {
        floats now = alpha + OF(theta + k) * OF(sum + k), difference = now - OF(gamma + k);
        integers bits;
        memcpy(&bits, &difference, sizeof bits);
        bits &= 0x7FFFFFFF;
        memcpy(&difference, &bits, sizeof difference);
        change += difference;
        AT(gamma + k) = now;
    }
    float all = 0;
    for (int lane = 0; lane < TOPIC_LANES; lane++)
        all += change[lane];
    return all;
}

WEIR_CLONES float weir_topics_greatest(const float *x, int64_t stride)
{
    float lanes[TOPIC_LANES] = { 0 }, greatest = 0;
    for (int64_t k = 0; k < stride; k += TOPIC_LANES)
        for (int lane = 0; lane < TOPIC_LANES; lane++)
            lanes[lane] = x[k + lane] > lanes[lane] ? x[k + lane] : lanes[lane];
    for (int lane = 0; lane < TOPIC_LANES; lane++)
        greatest = lanes[lane] > greatest ? lanes[lane] : greatest;
    return greatest;
}

float weir_topics_raise(float greatest)
{
    return greatest < WEIR_TOPICS_SMALL ? weir_digamma_sum(greatest) : 0;
}

/* No gamma is greater than all when their mean, which never changes, is not small. */
static void expect(struct topics_document *document, const float *gamma, float *theta, int64_t stride, bool small)
{
    document->raised = small ? weir_topics_raise(weir_topics_greatest(gamma, stride)) : 0;
    if (document->raised > 0)
        weir_exp_digamma_raised(gamma, theta, stride, document->raised);
    else
        weir_exp_digamma(gamma, theta, stride);
}

void weir_topics_infer(const struct weir_topics_options *options, int64_t stride, const float *beta,
                       struct topics_document *document, float *gamma, float *theta)
{
    int64_t topics = options->topics;
    float alpha = (float)options->alpha, tolerance = (float)(options->tolerance * (double)topics);
    double total = 0;
    for (int64_t j = 0; j < document->count; j++)
        total += (double)document->value[j];
    for (int64_t k = 0; k < stride; k++)
        gamma[k] = k < topics ? (float)(options->alpha + total / (double)topics) : alpha;
    bool small = gamma[0] < WEIR_TOPICS_SMALL;
    expect(document, gamma, theta, stride, small);
    turn(document, beta, topics);
    weigh(document, theta, topics);
    for (int64_t i = 0; i < options->iterations; i++) {
        add_up(document, beta, stride);
        float change = update(gamma, theta, document->sum, alpha, stride);
        expect(document, gamma, theta, stride, small);
        weigh(document, theta, topics);
        if (change < tolerance)
            break;
    }
}
