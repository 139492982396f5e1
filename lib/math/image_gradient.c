#include "math/image_gradient.h"
#include "math/clones.h"
#include <math.h>
#include <string.h>

enum { BORDER = 1 };

size_t weir_image_sobel_scratch(const struct weir_image *image)
{
    return (size_t)((image->height + 2 * BORDER) * weir_image_stride(image->width, BORDER));
}

/* One row; above, here and below begin one pixel to its left. */
WEIR_CLONES static void sobel_row(const float *restrict above, const float *restrict here, const float *restrict below,
                                  int64_t width, float scale, float *restrict out)
{
    for (int64_t x = 0; x < width; x++) {
        float dx = above[x + 2] - above[x] + (below[x + 2] - below[x]) + 2 * (here[x + 2] - here[x]);
        float dy = below[x] - above[x] + (below[x + 2] - above[x + 2]) + 2 * (below[x + 1] - above[x + 1]);
        out[x] = sqrtf(dx * dx + dy * dy) * scale;
    }
}

void weir_image_sobel(const struct weir_image *image, const void *pixels, float *scratch, float *out)
{
    int64_t height = image->height, width = image->width, stride = weir_image_stride(width, BORDER);
    size_t row_bytes = (size_t)stride * sizeof *scratch;
    float *plane = scratch + stride;
    weir_image_gray(image, pixels, plane + BORDER, stride);
    for (int64_t y = 0; y < height; y++) {
        float *row = plane + y * stride;
        row[0] = row[1];
        row[width + 1] = row[width];
    }
    memcpy(scratch, plane, row_bytes);
    memcpy(plane + height * stride, plane + (height - 1) * stride, row_bytes);
    float scale = (float)(M_SQRT1_2 / 4 / weir_image_white(image));
    for (int64_t y = 0; y < height; y++)
        sobel_row(scratch + y * stride, plane + y * stride, plane + (y + 1) * stride, width, scale, out + y * width);
}
