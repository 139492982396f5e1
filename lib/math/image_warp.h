/* An image seen through an affine map: out(x, y) is the image at (xx x + xy y + x0, yx x + yy y + y0), interpolated
 * linearly in both directions between the centres of four pixels; at the centre of a pixel it is exactly that one. */
#ifndef WEIR_MATH_IMAGE_WARP_H
#define WEIR_MATH_IMAGE_WARP_H

#include "math/image.h"

struct weir_warp {
    double xx, xy, x0, yx, yy, y0;
    bool zero; /* beyond the image lies 0; else what is nearest in it */
};

/* The map that changes nothing. */
static inline struct weir_warp weir_warp_none(void)
{
    return (struct weir_warp){ .xx = 1, .yy = 1 };
}
/* First through `warp`, then what it gives through the other: warp becomes both in one. */
void weir_warp_then(struct weir_warp *warp, const struct weir_warp *next);
/* out[height][width][channels], of the image's own size. */
void weir_image_warp(const struct weir_image *image, const void *pixels, const struct weir_warp *warp, float *out);

#endif
