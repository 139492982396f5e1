/* Histograms of colours (M. Swain and D. Ballard, "Color indexing", IJCV 7, 1991): the share of the pixels in each of
 * `bins` parts, equally wide, of 0 .. 255 (of bytes: value * bins / 256) or 0 .. 1 (of floats, cut at the ends). */
#ifndef WEIR_MATH_IMAGE_COLOUR_H
#define WEIR_MATH_IMAGE_COLOUR_H

#include "math/image.h"

enum { WEIR_COLOUR_BINS = 256 };

/* Channels that are colours or gray: opacity is passed over. */
int weir_colour_channels(const struct weir_image *image);
/* out[channels][bins], of each channel summing up to 1. */
void weir_colour_histograms(const struct weir_image *image, const void *pixels, int bins, float *out);
/* out[bins]...[bins], an index a channel, summing up to 1. */
void weir_colour_joint(const struct weir_image *image, const void *pixels, int bins, float *out);

#endif
