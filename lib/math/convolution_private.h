/* Between the files of convolutions: how one is kept, and which kernels it takes. */
#ifndef WEIR_MATH_CONVOLUTION_PRIVATE_H
#define WEIR_MATH_CONVOLUTION_PRIVATE_H

#include "math/convolution.h"
#include "math/dnnl_private.h"

enum { FORWARD, BACKWARD_WEIGHTS, BACKWARD_SOURCE, PASSES };

/* The images of the source or the output as they lie outside, as the kernels read them, and as the kernels make them:
 * all the same, but for kernels that multiply bfloat16, which read that and make floats, both in an order of their own.
 * The kernels see them by `form`; a reorder, which goes row by row, by `rows` where kernels see several rows as one. */
enum { OUTSIDE, READ, MADE, ORDERS };
struct convolution_images {
    dnnl_memory_desc_t form[ORDERS], rows[ORDERS];
};

struct weir_convolution {
    struct weir_convolution_shape shape;
    const float *bias;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_t pass[PASSES];
    struct convolution_images source, output;
    dnnl_memory_desc_t bias_form, plain_weights;
    dnnl_memory_desc_t weights[PASSES]; /* of BACKWARD_WEIGHTS: the gradient's */
    dnnl_memory_desc_t scratch[PASSES];
    /* Weights in the order of the kernels: those of BACKWARD_SOURCE only where they differ from FORWARD's. */
    dnnl_memory_t plain;
    dnnl_memory_t packed[PASSES];
    void *packed_bytes[PASSES];
    dnnl_primitive_t pack[PASSES];
    dnnl_primitive_t round_source, round_output; /* from outside to bfloat16; NULL in float */
    dnnl_primitive_t give_source, give_output;   /* what was made to outside; NULL where it is made there */
    dnnl_primitive_t unpack;                     /* weight gradient to plain; NULL when it is plain already */
};

/* ---- The rule (convolution_rule.c) ------------------------------------------------------------------------- */

/* Whether a pass goes by Winograd's algorithm, where the library has it for the shape. */
bool weir_convolution_takes_winograd(const struct weir_convolution_shape *shape, int pass);
/* Whether the kernels multiply bfloat16, where the library has them. */
bool weir_convolution_in_bfloat16(const struct weir_convolution_shape *shape);
/* The channels that the kernels are told of: zeros behind the last may be among them. */
int64_t weir_convolution_channels(const struct weir_convolution_shape *shape);
/* Whether the weight gradient is that of plane_gradient.h. */
bool weir_convolution_has_plane_gradient(const struct weir_convolution_shape *shape);

/* ---- The images (convolution_layout.c) --------------------------------------------------------------------- */

/* Fills source and output from the shape. 0 or -1. */
int weir_convolution_lay_out(struct weir_convolution *convolution);

#endif
