/* Sums of products of all pairs of columns, as rows come along: what covariances and least squares are made of.
 *
 * Products are added in float over runs of 256 rows, counted from the first, and the runs in double, in their order:
 * the result does not depend on how the rows were cut into calls, nor on the number of threads. (Another kind of
 * processor may round the runs otherwise.) Only pairs i <= j are computed, by tiles that fill the registers, from rows
 * that are laid out again in panels of columns (K. Goto, R. van de Geijn, "Anatomy of high-performance matrix
 * multiplication", 2008). */
#ifndef WEIR_MATH_GRAM_H
#define WEIR_MATH_GRAM_H

#include "base/thread.h"
#include <stdint.h>

enum { WEIR_GRAM_RUN = 256 };

struct weir_gram;

/* For rows of `width` numbers. Memory: about 4 width^2 bytes, and 2 MiB (or 1024 width bytes, if that is more). NULL:
 * out of memory. */
struct weir_gram *weir_gram_new(int64_t width);
void weir_gram_free(struct weir_gram *gram); /* NULL is accepted */

/* Takes x[rows][width]. pool: NULL, or threads to share the work among. */
void weir_gram_add(struct weir_gram *gram, const float *x, int64_t rows, struct weir_pool *pool);

/* The same in two steps, of which several threads may do the first: up to weir_gram_room rows are placed, each at its
 * own place from 0 on, and then the first `rows` places are taken. What is placed and not taken is forgotten. */
int64_t weir_gram_room(const struct weir_gram *gram); /* 1 or more */
void weir_gram_place(struct weir_gram *gram, int64_t place, const float *x, int64_t rows);
void weir_gram_accept(struct weir_gram *gram, int64_t rows, struct weir_pool *pool);

/* How many rows were taken, sums[i] = sum of x_i, products[i][j] = sum of x_i x_j (all of [width][width]); and begins
 * anew. */
int64_t weir_gram_take(struct weir_gram *gram, double *sums, double *products, struct weir_pool *pool);

#endif
