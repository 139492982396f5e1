/* Edges by the Sobel operator (I. Sobel and G. Feldman 1968).
 *
 *     gx = (s_x * image) / 4,  gy = (s_y * image) / 4        s_x = [1 2 1]^T [1 0 -1],  s_y = s_x^T
 *     magnitude = sqrt((gx^2 + gy^2) / 2) / white
 *
 * with the pixels at the edge repeated beyond it. A constant image has 0 everywhere. */
#ifndef WEIR_MATH_IMAGE_GRADIENT_H
#define WEIR_MATH_IMAGE_GRADIENT_H

#include "math/image.h"
#include <stddef.h>

/* Floats of scratch memory that an image takes. */
size_t weir_image_sobel_scratch(const struct weir_image *image);
/* out[height][width]. */
void weir_image_sobel(const struct weir_image *image, const void *pixels, float *scratch, float *out);

#endif
