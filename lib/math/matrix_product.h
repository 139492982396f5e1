/* Products of dense matrices, by oneDNN. */
#ifndef WEIR_MATH_MATRIX_PRODUCT_H
#define WEIR_MATH_MATRIX_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

/* c = a b + beta c with a [m][k] (transposed: [k][m]), b [k][n] (transposed: [n][k]), c [m][n], all without gaps. One
 * thread, the caller's. Sums over k have an order that depends on m, n, k alone. 0, or -1 when out of memory. */
int weir_multiply_matrices(bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k, const float *a,
                           const float *b, float beta, float *c);

#endif
