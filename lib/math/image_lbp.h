/* Local binary patterns (T. Ojala, M. Pietikainen and T. Maenpaa, "Multiresolution gray-scale and rotation invariant
 * texture classification with local binary patterns", IEEE PAMI 24, 2002). Around a pixel c with the gray g_c lie P
 * points at the distance R, the p-th at (y - R sin(2 pi p / P), x + R cos(2 pi p / P)), to five decimals, whose grays
 * g_p are interpolated linearly in both directions (beyond the edge the gray is 0). With s_p = 1 when g_p >= g_c, else
 * 0:
 *
 *     default  the sum of s_p 2^p
 *     ror      the least number that turning these P bits gives
 *     uniform  the sum of s_p when s changes at most twice around the circle, else P + 1
 *
 * All is in double: in even areas the rounding of the interpolation decides. */
#ifndef WEIR_MATH_IMAGE_LBP_H
#define WEIR_MATH_IMAGE_LBP_H

#include "math/image.h"
#include <stddef.h>

enum { WEIR_LBP_POINTS = 24, WEIR_LBP_RADIUS = 64 };
enum weir_lbp_pattern { WEIR_LBP_DEFAULT, WEIR_LBP_ROR, WEIR_LBP_UNIFORM };

struct weir_lbp {
    int points;    /* 1 .. WEIR_LBP_POINTS */
    double radius; /* above 0, at most WEIR_LBP_RADIUS */
    enum weir_lbp_pattern pattern;
    double down[WEIR_LBP_POINTS], right[WEIR_LBP_POINTS];
    uint8_t table[256]; /* of up to 8 points: the code that their bits become */
};

void weir_lbp_init(struct weir_lbp *lbp, int points, double radius, enum weir_lbp_pattern pattern);
/* Codes are 0 .. weir_lbp_codes - 1. */
int64_t weir_lbp_codes(const struct weir_lbp *lbp);
/* Doubles of scratch memory that an image takes. */
size_t weir_image_lbp_scratch(const struct weir_lbp *lbp, const struct weir_image *image);
/* codes[height][width]. */
void weir_image_lbp(const struct weir_lbp *lbp, const struct weir_image *image, const void *pixels, double *scratch,
                    uint32_t *codes);

#endif
