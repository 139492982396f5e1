#include "math/word_step.h"
#include "math/clones.h"
#include <math.h>
#include <string.h>

enum { LANES = WEIR_WORD_LANES, PLACES = 1024, REACH = 8 };

void weir_sigmoid_init(struct weir_sigmoid *sigmoid)
{
    for (int i = 0; i < PLACES + 2; i++)
        sigmoid->values[i] = (float)(1 / (1 + exp(-(2.0 * REACH * i / PLACES - REACH))));
}

float weir_sigmoid(const struct weir_sigmoid *sigmoid, float x)
{
    if (!(x > -REACH))
        return 0;
    if (x >= REACH)
        return 1;
    float place = (x + REACH) * ((float)PLACES / (2 * REACH));
    int i = (int)place;
    float low = sigmoid->values[i];
    return low + (place - (float)i) * (sigmoid->values[i + 1] - low);
}

/* Eight numbers of a row: the compiler's vectors, of whatever width the machine has. */
typedef float eight __attribute__((vector_size(32), may_alias));

static inline eight *at(const float *row, int64_t j)
{
    return (eight *)(uintptr_t)(row + j);
}

WEIR_CLONES void weir_word_mean(const float *matrix, const uint32_t *index, int64_t count, int64_t width, float *out)
{
    float scale = 1 / (float)count;
    for (int64_t j = 0; j < width; j += LANES) {
        eight low = { 0 }, high = { 0 };
        for (int64_t i = 0; i < count; i++) {
            const float *row = matrix + index[i] * width + j;
            low += *at(row, 0);
            high += *at(row, 8);
        }
        *at(out, j) = low * scale;
        *at(out, j + 8) = high * scale;
    }
}

WEIR_CLONES void weir_word_add(float *matrix, const uint32_t *index, int64_t count, int64_t width, const float *x)
{
    for (int64_t i = 0; i < count; i++) {
        float *row = matrix + index[i] * width;
        for (int64_t j = 0; j < width; j += 8)
            *at(row, j) += *at(x, j);
    }
}

/* Lane l and lane l + 8 first, then those four apart, and so on. */
static inline float sum_of(const eight *low, const eight *high)
{
    eight sum = *low + *high;
    float four[4];
    for (int l = 0; l < 4; l++)
        four[l] = sum[l] + sum[l + 4];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

WEIR_CLONES void weir_word_step(const struct weir_sigmoid *sigmoid, float *hidden, float *gradient, float *matrix,
                                const uint32_t *targets, int count, float rate, float gain, int64_t width)
{
    float factor[WEIR_WORD_TARGETS], *rows[WEIR_WORD_TARGETS];
    for (int t = 0; t < count; t++) {
        const float *row = rows[t] = matrix + targets[t] * width;
        eight low = { 0 }, high = { 0 };
        for (int64_t j = 0; j < width; j += LANES) {
            low += *at(hidden, j) * *at(row, j);
            high += *at(hidden, j + 8) * *at(row, j + 8);
        }
        factor[t] = rate * ((t == 0) - weir_sigmoid(sigmoid, sum_of(&low, &high)));
    }
    for (int64_t j = 0; j < width; j += LANES) {
        eight h0 = *at(hidden, j), h1 = *at(hidden, j + 8), g0 = { 0 }, g1 = { 0 };
        for (int t = 0; t < count; t++) {
            eight *row = at(rows[t], j), r0 = row[0], r1 = row[1];
            g0 += r0 * factor[t];
            g1 += r1 * factor[t];
            row[0] = r0 + h0 * factor[t];
            row[1] = r1 + h1 * factor[t];
        }
        *at(gradient, j) += g0;
        *at(gradient, j + 8) += g1;
        *at(hidden, j) = h0 + g0 * gain;
        *at(hidden, j + 8) = h1 + g1 * gain;
    }
}
