/* Which kernels a convolution takes: a rule over its shape and the kind of processor, never a timing, so that a seed
 * gives the same model every time. */
#include "math/convolution_private.h"
#include "math/image_lanes.h"
#include "math/plane_gradient.h"

bool weir_has_bfloat16(void)
{
#if defined(__x86_64__)
    return weir_image_lanes() == 16 && __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

static bool is_depthwise(const struct weir_convolution_shape *shape)
{
    return shape->groups > 1 && shape->groups == shape->channels && shape->groups == shape->outputs;
}

void weir_convolution_lanes(const struct weir_convolution_shape *shape, int64_t *source, int64_t *output)
{
    int64_t lanes = weir_image_lanes();
    *source = *output = lanes;
    if (shape->groups > 1 && !is_depthwise(shape) &&
        (shape->channels / shape->groups % lanes || shape->outputs / shape->groups % lanes))
        *source = *output = 1; /* only the kernel that goes by way of a matrix product takes it, and it wants planes */
    else if (shape->groups == 1 && shape->channels <= 3)
        *source = 1;
}

/* Whether a multiplication of 512 bits takes one step of one unit, and not two: since AVX-512, Intel's processors. */
static bool has_wide_units(void)
{
#if defined(__x86_64__)
    return weir_image_lanes() == 16 && __builtin_cpu_is("intel");
#else
    return false;
#endif
}

/* Winograd's where it was measured to win on AVX-512 machines with shards of 8 to 32 rows: many channels on both sides
 * and enough tiles of 4 x 4 outputs to fill the matrix products; to the source only where less than an eighth of the
 * tiles lies outside of it; to the weights only where units are narrow, because it saves multiplications alone, and
 * drives everything else out of the cache. */
bool weir_convolution_takes_winograd(const struct weir_convolution_shape *shape, int pass)
{
    bool fits = weir_image_lanes() == 16 && !shape->bfloat16 && shape->training && shape->groups == 1 &&
                shape->kernel_height == 3 && shape->kernel_width == 3 && shape->stride_height == 1 &&
                shape->stride_width == 1 && shape->channels % 16 == 0 && shape->outputs % 16 == 0 &&
                shape->channels >= 32 && shape->outputs >= 32;
    int64_t tiles = shape->rows * ((shape->output_height + 3) / 4) * ((shape->output_width + 3) / 4);
    if (pass == BACKWARD_WEIGHTS)
        fits = fits && !has_wide_units();
    if (pass == BACKWARD_SOURCE)
        fits = fits &&
               7 * ((shape->height + 3) / 4 * 4) * ((shape->width + 3) / 4 * 4) <= 8 * shape->height * shape->width;
    return fits && tiles >= 64;
}

/* Whether the kernels multiply bfloat16. Up to three channels fill too little of their vectors (float takes a third of
 * the time, measured), and groups have no kernels that gain. */
bool weir_convolution_in_bfloat16(const struct weir_convolution_shape *shape)
{
    return shape->bfloat16 && shape->groups == 1 && shape->channels > 3;
}

/* The channels that the kernels are told of. They take fewer than a block's only from planes, and leave blocks to a
 * kernel a hundred times slower: they see the zeros behind the last channel as channels. */
int64_t weir_convolution_channels(const struct weir_convolution_shape *shape)
{
    int64_t source, output;
    weir_convolution_lanes(shape, &source, &output);
    return shape->groups == 1 && shape->channels < source && !shape->bfloat16 ? source : shape->channels;
}

/* Whether the weight gradient is ours, since the library has a plain loop alone. */
bool weir_convolution_has_plane_gradient(const struct weir_convolution_shape *shape)
{
    return weir_image_lanes() == WEIR_PLANE_LANES && shape->groups == 1 && shape->channels <= 2;
}
