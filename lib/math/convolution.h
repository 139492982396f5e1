/* Convolutions, by oneDNN.
 *
 * A convolution belongs to one shape, rows included, and may be run by several threads at once, each with a binding of
 * its own: its buffers and scratch. The threads are the caller's. Images lie as image_lanes.h says. */
#ifndef WEIR_MATH_CONVOLUTION_H
#define WEIR_MATH_CONVOLUTION_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether this machine multiplies bfloat16 numbers faster than float ones (AVX512-BF16). */
bool weir_has_bfloat16(void);

/* y[oc][oy][ox] = bias[oc] + sum over ic, ky, kx of w[oc][ic][ky][kx] x[ic][oy stride - top + ky][ox stride - left +
 * kx], then max(0, y) with relu. Channels of group g see inputs of group g alone. */
struct weir_convolution_shape {
    int64_t rows;
    int64_t channels, height, width;
    int64_t outputs, output_height, output_width;
    int64_t kernel_height, kernel_width;
    int64_t stride_height, stride_width;
    int64_t pad_top, pad_left, pad_bottom, pad_right;
    int64_t groups;
    bool bias, relu;
    bool training;        /* backward as well */
    bool source_gradient; /* backward to the source as well */
    bool bfloat16;        /* with more than three channels in one group: numbers are rounded to bfloat16 before they are
                           * multiplied, and summed in float */
};

/* The lanes in which a convolution of that shape takes its source and gives its output (rows, training do not matter):
 * a fixed rule over the shape. */
void weir_convolution_lanes(const struct weir_convolution_shape *shape, int64_t *source, int64_t *output);

struct weir_convolution;

/* weights [outputs][channels / groups][kernel_height][kernel_width] and bias [outputs] (NULL without) are borrowed and
 * read by weir_convolution_pack and by each run. The algorithm (direct or Winograd's, Lavin and Gray 2016) follows from
 * the shape and the kind of processor; so does whether a kernel for bfloat16 is there (if not, float is used). 0, or -1
 * with the message and NULL in its place. */
int weir_convolution_new(struct weir_convolution **convolution, const struct weir_convolution_shape *shape,
                         const float *weights, const float *bias, struct weir_error *error);
void weir_convolution_free(struct weir_convolution *convolution);            /* NULL is accepted */
size_t weir_convolution_scratch(const struct weir_convolution *convolution); /* bytes that a binding's runs need */
/* Brings the weights, once they changed, into the order of the kernels. Not while a run is under way. 0 or -1. */
int weir_convolution_pack(struct weir_convolution *convolution);

/* Buffers of one thread's runs, borrowed. The gradients are NULL without training; source_gradient without that. */
struct weir_convolution_buffers {
    const float *source;
    float *output;
    const float *output_gradient; /* of the sums before the relu */
    float *source_gradient;
    float *weight_gradient; /* in the order of weights */
    float *bias_gradient;
    void *scratch; /* 64-byte aligned; may be shared by bindings that never run at once */
};
struct weir_convolution_binding;
/* For runs with these buffers. 0, or -1 when out of memory. */
int weir_convolution_bind(struct weir_convolution_binding **binding, const struct weir_convolution *convolution,
                          const struct weir_convolution_buffers *buffers, struct weir_error *error);
void weir_convolution_unbind(struct weir_convolution_binding *binding); /* NULL is accepted */
/* Each: 0, or -1 when the library fails (out of memory). */
int weir_convolution_forward(const struct weir_convolution_binding *binding);
int weir_convolution_backward_weights(const struct weir_convolution_binding *binding); /* and bias */
int weir_convolution_backward_source(const struct weir_convolution_binding *binding);  /* after the one above */

#endif
