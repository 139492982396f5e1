/* Isolation forest: how soon a row stands alone when rows are divided at random.
 *
 *   score(x) = 2^(-E(h(x)) / c(n)),  c(n) = 2 (ln(n - 1) + gamma) - 2 (n - 1) / n,  c(2) = 1
 *
 * with h the length of x's path in a tree grown on n rows (c of a leaf's rows added at its end), and E the mean over
 * the trees: near 1 far from all others, about 0.5 among them.
 *
 * F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation forest", ICDM 2008; 100 trees of 256 rows as there. */
#ifndef WEIR_MATH_ISOLATION_H
#define WEIR_MATH_ISOLATION_H

#include "base/error.h"
#include <stdint.h>

enum { WEIR_ISOLATION_TREES = 100, WEIR_ISOLATION_SAMPLE = 256, WEIR_ISOLATION_DEPTH = 8, WEIR_ISOLATION_BLOCK = 128 };

struct weir_isolation;
/* sample: rows that each tree grows on, 1 .. WEIR_ISOLATION_SAMPLE. */
int weir_isolation_new(struct weir_isolation **forest, int64_t width, int sample, uint64_t seed,
                       struct weir_error *error);
/* Grows tree 0 .. WEIR_ISOLATION_TREES - 1 on x[width][sample], finite numbers, column by column; different trees may
 * grow at once. The tree depends on x, the seed and its number alone. */
void weir_isolation_grow(struct weir_isolation *forest, int tree, const float *x);
/* score[rows] of x[width][WEIR_ISOLATION_BLOCK], finite numbers in all of it, once all trees are grown; up to
 * WEIR_ISOLATION_BLOCK rows. */
void weir_isolation_scores(const struct weir_isolation *forest, const float *x, int rows, float *score);
void weir_isolation_free(struct weir_isolation *forest); /* NULL is accepted */

#endif
