/* The weight gradient of a convolution that sees one or two planes, for machines whose oneDNN has no kernel for it but
 * a plain loop (AVX2 without AVX-512: it takes three planes, or channels in blocks of 8). */
#ifndef WEIR_MATH_PLANE_GRADIENT_H
#define WEIR_MATH_PLANE_GRADIENT_H

#include "math/convolution.h"

enum { WEIR_PLANE_LANES = 8 };

/* dw[oc][ic][ky][kx] = sum over rows, oy, ox of dy[row][oc][oy][ox] x[row][ic][oy stride - top + ky][ox stride - left +
 * kx], and db[oc] the sum of dy. One group.
 * source: [rows][channels][height][width]; output_gradient: [rows][ceil(outputs / 8)][output_height][output_width][8],
 * 32-byte aligned; weight_gradient: [outputs][channels][kernel_height][kernel_width]; bias_gradient: [outputs], or
 * NULL. A line of the output is summed up in float, lines in double, in one order. */
void weir_plane_gradient(const struct weir_convolution_shape *shape, const float *source, const float *output_gradient,
                         float *weight_gradient, float *bias_gradient);

#endif
