/* Histograms of oriented gradients (N. Dalal and B. Triggs, "Histograms of oriented gradients for human detection",
 * CVPR 2005), without smoothing and without interpolation between cells and bins:
 *
 *     gx = I(y, x + 1) - I(y, x - 1),  gy = I(y + 1, x) - I(y - 1, x),  0 in the outermost columns, rows
 *     cell[b] = sum of |g| over the cell's pixels whose direction atan2(gy, gx) mod 180 degrees lies in bin b, divided
 *               by the number of the cell's pixels
 *
 * Cells lie side by side from the top left corner; pixels beyond the last whole cell count for none. A block is some
 * cells, v their numbers, normalized with e = 1e-5, and blocks begin at every cell at which they fit:
 *
 *     L1       v / (|v|_1 + e)                 L2       v / sqrt(|v|_2^2 + e^2)
 *     L1-sqrt  sqrt(v / (|v|_1 + e))           L2-Hys   L2, cut at 0.2, L2 again
 *
 * A constant image has 0 everywhere. */
#ifndef WEIR_MATH_IMAGE_HOG_H
#define WEIR_MATH_IMAGE_HOG_H

#include "math/image.h"
#include <stddef.h>

enum { WEIR_HOG_ORIENTATIONS = 64 };
enum weir_hog_norm { WEIR_HOG_L1, WEIR_HOG_L1_SQRT, WEIR_HOG_L2, WEIR_HOG_L2_HYS };

struct weir_hog {
    int64_t cell_width, cell_height;   /* pixels */
    int64_t block_width, block_height; /* cells */
    int orientations;                  /* 1 .. WEIR_HOG_ORIENTATIONS */
    enum weir_hog_norm norm;
};

/* Blocks across and down; at least 1 each where the image is at least as large as a block. */
void weir_hog_blocks(const struct weir_hog *hog, const struct weir_image *image, int64_t *across, int64_t *down);
/* Doubles of scratch memory that an image takes. */
size_t weir_image_hog_scratch(const struct weir_hog *hog, const struct weir_image *image);
/* out[down][across][block_height][block_width][orientations]. */
void weir_image_hog(const struct weir_hog *hog, const struct weir_image *image, const void *pixels, double *scratch,
                    float *out);

#endif
