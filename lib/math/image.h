/* Images as numbers: one plane of gray, with room around it for what looks beyond the edge. */
#ifndef WEIR_MATH_IMAGE_H
#define WEIR_MATH_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

enum { WEIR_IMAGE_CHANNELS = 4 };

/* pixels[height][width][channels], bytes (0 .. 255) or floats (by custom 0 .. 1). Channels: 1 gray, 2 gray and opacity,
 * 3 red, green and blue, 4 the same and opacity, which is passed over. */
struct weir_image {
    int64_t height, width;
    int channels;
    bool bytes;
};

/* The value that stands for white. */
static inline double weir_image_white(const struct weir_image *image)
{
    return image->bytes ? 255 : 1;
}

/* plane[y * stride + x] = the pixel's gray (base/luma.h; of bytes it is a whole number), in the pixels' own scale. */
void weir_image_gray(const struct weir_image *image, const void *pixels, float *plane, int64_t stride);

/* Columns of a plane and `border` beside each of its sides, up to the next multiple of 8. */
static inline int64_t weir_image_stride(int64_t width, int64_t border)
{
    return (width + 2 * border + 7) / 8 * 8;
}

#endif
