/* The seven invariants of M.-K. Hu ("Visual pattern recognition by moment invariants", IRE Trans. IT 8, 1962). With the
 * central moments u(p, q) = sum I (y - mean y)^p (x - mean x)^q of the gray I and n(p, q) = u(p, q) / u(0, 0)^(1 + (p +
 * q) / 2):
 *
 *     h1 = n20 + n02                         h2 = (n20 - n02)^2 + 4 n11^2
 *     h3 = (n30 - 3 n12)^2 + (3 n21 - n03)^2     h4 = (n30 + n12)^2 + (n21 + n03)^2
 *     h5 = (n30 - 3 n12) a (a^2 - 3 b^2) + (3 n21 - n03) b (3 a^2 - b^2)      a = n30 + n12, b = n21 + n03
 *     h6 = (n20 - n02) (a^2 - b^2) + 4 n11 a b
 *     h7 = (3 n21 - n03) a (a^2 - 3 b^2) - (n30 - 3 n12) b (3 a^2 - b^2)
 *
 * An image whose gray sums to 0 or less has 0 in all of them. */
#ifndef WEIR_MATH_IMAGE_MOMENTS_H
#define WEIR_MATH_IMAGE_MOMENTS_H

#include "math/image.h"

enum { WEIR_HU_MOMENTS = 7 };

/* gray[height][width]. */
void weir_hu_moments(const float *gray, int64_t height, int64_t width, double out[WEIR_HU_MOMENTS]);

#endif
