/* Edges after J. Canny ("A computational approach to edge detection", IEEE PAMI 8, 1986), of bytes in double, of floats
 * in float with sums in double (equal values along an edge are common, and rounding decides between them):
 *
 *  1. the image (bytes divided by 255) smoothed by a Gaussian of deviation sigma, cut at 4 sigma, as the mean over the
 *     pixels of the image: what lies beyond its edge takes no part;
 *  2. gx, gy by Sobel's weights [1 2 1]^T [-1 0 1], pixels at the edge repeated; m = sqrt(gx^2 + gy^2);
 *  3. a pixel stays when m >= low and neither of the two values of m a pixel further along the gradient, before and
 *     behind, interpolated linearly between two neighbours, is larger; pixels at the image's edge never stay;
 *  4. of what hangs together (8 neighbours) that is an edge which has a pixel with m >= high.
 *
 * A constant image has no edge. */
#ifndef WEIR_MATH_IMAGE_CANNY_H
#define WEIR_MATH_IMAGE_CANNY_H

#include "math/image.h"
#include <stddef.h>

enum { WEIR_CANNY_RADIUS = 64 };

struct weir_canny {
    double low, high; /* of m, with white as 1 */
    int radius;       /* of the Gaussian; 0 .. WEIR_CANNY_RADIUS */
    double weights[WEIR_CANNY_RADIUS + 1];
};

/* sigma: 0 (no smoothing) .. 16. */
void weir_canny_init(struct weir_canny *canny, double sigma, double low, double high);
/* Doubles of scratch memory that an image takes. */
size_t weir_image_canny_scratch(const struct weir_canny *canny, const struct weir_image *image);
/* Once for images of one size and type: shares[height][width], the sum of the Gaussian's weights that lie within the
 * image; for images of floats they are floats. */
void weir_canny_shares(const struct weir_canny *canny, const struct weir_image *image, double *scratch, double *shares);
/* out[height][width] = 1 on an edge, else 0. */
void weir_image_canny(const struct weir_canny *canny, const struct weir_image *image, const double *shares,
                      const void *pixels, double *scratch, float *out);

#endif
