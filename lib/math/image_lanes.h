/* How images lie for the layers of a network.
 *
 * An image of h x w places and c channels lies as [ceil(c / lanes)][h][w][lanes] floats, channels above c being zero:
 * lanes = c is [h][w][c], lanes = 1 is [c][h][w], and lanes = weir_image_lanes() is what the kernels like. */
#ifndef WEIR_MATH_IMAGE_LANES_H
#define WEIR_MATH_IMAGE_LANES_H

#include <stdint.h>

/* Channels side by side in the layout that this machine's convolutions like: 16 with AVX-512, 8 with SSE 4.1 or AVX2,
 * else 1. */
int64_t weir_image_lanes(void);

#endif
