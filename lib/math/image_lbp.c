#include "math/image_lbp.h"
#include "math/clones.h"
#include <math.h>
#include <string.h>

enum { TABLE_POINTS = 8 };

static uint32_t least_turn(uint32_t bits, int points)
{
    uint32_t least = bits, mask = (UINT32_C(1) << points) - 1;
    for (int i = 1; i < points; i++) {
        bits = (bits >> 1) | ((bits << (points - 1)) & mask);
        least = bits < least ? bits : least;
    }
    return least;
}

static uint32_t uniform(uint32_t bits, int points)
{
    uint32_t turned = (bits >> 1) | ((bits & 1) << (points - 1));
    return __builtin_popcount(bits ^ turned) <= 2 ? (uint32_t)__builtin_popcount(bits) : (uint32_t)points + 1;
}

static uint32_t code_of(const struct weir_lbp *lbp, uint32_t bits)
{
    return lbp->pattern == WEIR_LBP_UNIFORM ? uniform(bits, lbp->points)
           : lbp->pattern == WEIR_LBP_ROR   ? least_turn(bits, lbp->points)
                                            : bits;
}

void weir_lbp_init(struct weir_lbp *lbp, int points, double radius, enum weir_lbp_pattern pattern)
{
    *lbp = (struct weir_lbp){ .points = points, .radius = radius, .pattern = pattern };
    for (int p = 0; p < points; p++) {
        double angle = 2 * M_PI * p / points;
        lbp->down[p] = rint(-radius * sin(angle) * 1e5) / 1e5;
        lbp->right[p] = rint(radius * cos(angle) * 1e5) / 1e5;
    }
    for (uint32_t bits = 0; points <= TABLE_POINTS && bits < UINT32_C(1) << points; bits++)
        lbp->table[bits] = (uint8_t)code_of(lbp, bits);
}

int64_t weir_lbp_codes(const struct weir_lbp *lbp)
{
    return lbp->pattern == WEIR_LBP_UNIFORM ? lbp->points + 2 : INT64_C(1) << lbp->points;
}

/* The scratch memory: the plane with its border; a row of sums; of each point where it falls between columns, and a row
 * in float. */
static int64_t border_of(const struct weir_lbp *lbp)
{
    return (int64_t)ceil(lbp->radius) + 1;
}

static size_t plane_of(const struct weir_lbp *lbp, const struct weir_image *image)
{
    int64_t border = border_of(lbp);
    return (size_t)((image->height + 2 * border) * weir_image_stride(image->width, border));
}

size_t weir_image_lbp_scratch(const struct weir_lbp *lbp, const struct weir_image *image)
{
    size_t width = (size_t)image->width;
    return plane_of(lbp, image) + width * (size_t)(lbp->points + 1) + (size_t)(image->height * image->width) / 2 + 1;
}

WEIR_CLONES static void widen(const float *restrict from, int64_t count, double *restrict to)
{
    for (int64_t x = 0; x < count; x++)
        to[x] = (double)from[x];
}

/* A point that falls upon pixels: sums[x] += value where it is no less than the pixel. */
WEIR_CLONES static void compare_row(const double *restrict here, const double *restrict point, int64_t width,
                                    double value, double *restrict sums)
{
    for (int64_t x = 0; x < width; x++)
        sums[x] += point[x] >= here[x] ? value : 0;
}

/* One between pixels: `top` and `bottom` are the rows above and below it, from the column at its left. */
WEIR_CLONES static void compare_between(const double *restrict here, const double *restrict top,
                                        const double *restrict bottom, const double *restrict columns, double row,
                                        int64_t width, double value, double *restrict sums)
{
    for (int64_t x = 0; x < width; x++) {
        double upper = (1 - columns[x]) * top[x] + columns[x] * top[x + 1];
        double lower = (1 - columns[x]) * bottom[x] + columns[x] * bottom[x + 1];
        double point = (1 - row) * upper + row * lower;
        sums[x] += point >= here[x] ? value : 0;
    }
}

static void sum_row(const struct weir_lbp *lbp, const double *here, int64_t y, int64_t stride, int64_t width,
                    const double *columns, double *sums)
{
    memset(sums, 0, (size_t)width * sizeof *sums);
    for (int p = 0; p < lbp->points; p++) {
        double down = floor(lbp->down[p]), right = floor(lbp->right[p]), value = (double)(UINT32_C(1) << p);
        const double *point = here + (int64_t)down * stride + (int64_t)right;
        double row = (double)y + lbp->down[p] - ((double)y + down);
        if (down == lbp->down[p] && right == lbp->right[p])
            compare_row(here, point, width, value, sums);
        else
            compare_between(here, point, point + stride, columns + p * width, row, width, value, sums);
    }
}

static void code_row(const struct weir_lbp *lbp, const double *sums, int64_t width, uint32_t *codes)
{
    for (int64_t x = 0; x < width; x++)
        codes[x] = (uint32_t)(int32_t)sums[x];
    if (lbp->points <= TABLE_POINTS)
        for (int64_t x = 0; x < width; x++)
            codes[x] = lbp->table[codes[x]];
    else if (lbp->pattern != WEIR_LBP_DEFAULT)
        for (int64_t x = 0; x < width; x++)
            codes[x] = code_of(lbp, codes[x]);
}

void weir_image_lbp(const struct weir_lbp *lbp, const struct weir_image *image, const void *pixels, double *scratch,
                    uint32_t *codes)
{
    int64_t border = border_of(lbp), stride = weir_image_stride(image->width, border), width = image->width;
    size_t size = plane_of(lbp, image);
    double *plane = scratch + border * stride + border, *sums = scratch + size, *columns = sums + width;
    float *gray = (float *)(columns + lbp->points * width);
    memset(scratch, 0, size * sizeof *scratch);
    weir_image_gray(image, pixels, gray, width);
    for (int64_t y = 0; y < image->height; y++)
        widen(gray + y * width, width, plane + y * stride);
    for (int p = 0; p < lbp->points; p++)
        for (int64_t x = 0; x < width; x++)
            columns[p * width + x] = (double)x + lbp->right[p] - ((double)x + floor(lbp->right[p]));
    for (int64_t y = 0; y < image->height; y++) {
        sum_row(lbp, plane + y * stride, y, stride, width, columns, sums);
        code_row(lbp, sums, width, codes + y * width);
    }
}
