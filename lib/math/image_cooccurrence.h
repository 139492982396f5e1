/* Grey-level co-occurrence (R. Haralick, K. Shanmugam and I. Dinstein, "Textural features for image classification",
 * IEEE SMC 3, 1973). An image is brought to L levels; of each pair of pixels, the second round(d sin a) rows below and
 * round(d cos a) columns right of the first, the levels are counted in both orders, and divided by their number: p(i,
 * j).
 *
 *     contrast       sum p (i - j)^2               energy       sqrt(ASM)
 *     dissimilarity  sum p |i - j|                 correlation  sum p (i - m) (j - m) / s^2, m and s the mean and
 *     homogeneity    sum p / (1 + (i - j)^2)                    deviation of i; 1 when s is 0
 *     ASM            sum p^2                       entropy      - sum p ln p
 *
 * A constant image has 0, 0, 1, 1, 1, 1 and 0. */
#ifndef WEIR_MATH_IMAGE_COOCCURRENCE_H
#define WEIR_MATH_IMAGE_COOCCURRENCE_H

#include "math/image.h"
#include <stddef.h>

enum { WEIR_COOCCURRENCE_LEVELS = 256 };
enum weir_cooccurrence_property {
    WEIR_CONTRAST,
    WEIR_DISSIMILARITY,
    WEIR_HOMOGENEITY,
    WEIR_ENERGY,
    WEIR_CORRELATION,
    WEIR_ASM,
    WEIR_ENTROPY,
    WEIR_COOCCURRENCE_PROPERTIES
};

/* out[height][width]: floor(gray levels / (white + 1)) of bytes, floor(gray levels) of floats, which are cut at 0 and
 * levels - 1. gray: [height][width] of scratch memory. */
void weir_image_levels(const struct weir_image *image, const void *pixels, int levels, float *gray, uint8_t *out);
/* The offset of an angle in degrees at a distance. */
void weir_cooccurrence_offset(double distance, double angle, int64_t *rows, int64_t *columns);
/* counts[levels * levels] is scratch memory. The pairs must exist: |rows| < height, |columns| < width. */
void weir_cooccurrence(const uint8_t *image, int64_t height, int64_t width, int levels, int64_t rows, int64_t columns,
                       uint32_t *counts, float out[WEIR_COOCCURRENCE_PROPERTIES]);

#endif
