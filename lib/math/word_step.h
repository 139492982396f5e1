/* The steps of word vectors: skip-gram and CBOW with negative sampling (T. Mikolov and others, "Distributed
 * representations of words and phrases and their compositionality", NIPS 2013), whose input may be the mean of several
 * rows (P. Bojanowski and others, "Enriching word vectors with subword information", TACL 2017).
 *
 * Rows are floats [width], 64-byte aligned, width a multiple of WEIR_WORD_LANES: what is beyond the vectors' own width
 * is 0 and stays so. Every sum has one order, whatever the machine's vectors. */
#ifndef WEIR_MATH_WORD_STEP_H
#define WEIR_MATH_WORD_STEP_H

#include <stdint.h>

enum { WEIR_WORD_LANES = 16, WEIR_WORD_TARGETS = 64 };

/* s(x) = 1 / (1 + e^-x) for |x| < 8 by straight lines between 1024 places (within 2e-6); beyond, 0 or 1. */
struct weir_sigmoid {
    float values[1024 + 2];
};
void weir_sigmoid_init(struct weir_sigmoid *sigmoid);
float weir_sigmoid(const struct weir_sigmoid *sigmoid, float x);

/* out[width] = the mean of the rows of matrix [][width] that index[count] names; count > 0. */
void weir_word_mean(const float *matrix, const uint32_t *index, int64_t count, int64_t width, float *out);

/* Adds x[width] to each of those rows; one that is named twice gets it twice. */
void weir_word_add(float *matrix, const uint32_t *index, int64_t count, int64_t width, const float *x);

/* Asks the caches for those rows, which will be wanted soon. */
static inline void weir_word_prefetch(const float *matrix, const uint32_t *index, int64_t count, int64_t width)
{
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < width; j += WEIR_WORD_LANES)
            __builtin_prefetch(matrix + index[i] * width + j, 1);
}

/* One word and its negative samples: targets[0] is the row of the word that is there, the others (count in all, at most
 * WEIR_WORD_TARGETS) are of words drawn. All scores are taken before any row changes:
 *
 *   a_t      = rate ([t = 0] - s(hidden . target_t))
 *   g        = sum over t of a_t target_t
 *   target_t += a_t hidden,   gradient += g,   hidden += gain g
 *
 * gain 0 leaves `hidden` alone. A row may be named more than once. */
void weir_word_step(const struct weir_sigmoid *sigmoid, float *hidden, float *gradient, float *matrix,
                    const uint32_t *targets, int count, float rate, float gain, int64_t width);

#endif
