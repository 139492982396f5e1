/* Element by element over plain arrays, vectorized for the machine at hand; results are the same bits on all. Arrays
 * do not overlap unless they are the same. */
#ifndef WEIR_MATH_VECTOR_H
#define WEIR_MATH_VECTOR_H

#include <stdbool.h>
#include <stdint.h>

void weir_vector_relu(float *x, int64_t n);                                     /* x = max(0, x); NaN stays */
void weir_vector_relu_backward(const float *y, float *gradient, int64_t n);     /* gradient = y > 0 ? gradient : 0 */
void weir_vector_add(const float *x, float *y, int64_t n);                      /* y += x */
void weir_vector_multiply(const float *x, const float *y, float *z, int64_t n); /* z = x y */
void weir_vector_scale(float *x, float factor, int64_t n);                      /* x *= factor */

/* No number is NaN or infinite. */
bool weir_vector_is_finite(const float *x, int64_t n);

/* rows[count][n]: every row = x[n]; out[n] = the sum of the rows, row by row. */
void weir_vector_fill_rows(const float *x, float *rows, int64_t count, int64_t n);
void weir_vector_sum_rows(const float *rows, int64_t count, int64_t n, float *out);

/* Sum of squares in double, in an order that depends on n alone. */
double weir_vector_square_sum(const float *x, int64_t n);

/* The place of the largest of x[n], n >= 1: the first of equal ones. A NaN is never it, unless it is the first. */
int64_t weir_vector_largest(const double *x, int64_t n);

/* The largest |x[i]|, 0 of none; NaN when one of them is. */
double weir_vector_magnitude(const double *x, int64_t n);

/* Images [ceil(channels / from)][places][from] to [ceil(channels / to)][places][to] (image_lanes.h); channels beyond
 * the last become zero. */
void weir_image_reorder(const float *x, int64_t from, float *y, int64_t to, int64_t places, int64_t channels);

#endif
