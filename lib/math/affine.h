/* Dense layers that predict: a product with a few rows, without the start that a library's kernels need. */
#ifndef WEIR_MATH_AFFINE_H
#define WEIR_MATH_AFFINE_H

#include <stdint.h>

/* y[r][o] = bias[o] + sum over i of weights[o][i] x[r][i], with x [rows][inputs], weights [outputs][inputs], bias
 * [outputs] or NULL for zeros, y [rows][outputs], all without gaps and apart. A row's numbers are the same bits
 * whatever the other rows are and however many. (Another kind of processor may round them otherwise: sums run over as
 * many lanes as its vectors have.) */
void weir_affine(const float *x, int64_t rows, int64_t inputs, const float *weights, const float *bias, int64_t outputs,
                 float *y);

#endif
