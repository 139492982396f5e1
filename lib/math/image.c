#include "math/image.h"
#include "base/luma.h"
#include "math/clones.h"
#include <string.h>

WEIR_CLONES static void widen(const uint8_t *restrict from, int64_t count, float *restrict to)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = from[i];
}

void weir_image_gray(const struct weir_image *image, const void *pixels, float *plane, int64_t stride)
{
    int64_t width = image->width, channels = image->channels;
    const uint8_t *bytes = pixels;
    const float *floats = pixels;
    for (int64_t y = 0; y < image->height; y++) {
        float *to = plane + y * stride;
        const uint8_t *byte_row = bytes + y * width * channels;
        const float *float_row = floats + y * width * channels;
        if (channels == 1 && image->bytes)
            widen(byte_row, width, to);
        else if (channels == 1)
            memcpy(to, float_row, (size_t)width * sizeof *to);
        else
            for (int64_t x = 0; x < width; x++)
                to[x] = image->bytes    ? (float)(channels == 2 ? byte_row[2 * x] : weir_luma(byte_row + channels * x))
                        : channels == 2 ? float_row[2 * x]
                                        : weir_luma_float(float_row + channels * x);
    }
}
