#include "math/image_canny.h"
#include "math/clones.h"
#include <float.h>
#include <math.h>
#include <string.h>

void weir_canny_init(struct weir_canny *canny, double sigma, double low, double high)
{
    double sum = 0;
    *canny = (struct weir_canny){ .low = low, .high = high, .radius = (int)(4 * sigma + 0.5) };
    for (int i = -canny->radius; i <= canny->radius; i++)
        sum += i == 0 ? 1 : exp(-0.5 / (sigma * sigma) * (i * i));
    for (int i = 0; i <= canny->radius; i++)
        canny->weights[i] = (i == 0 ? 1 : exp(-0.5 / (sigma * sigma) * (i * i))) / sum;
}

/* What is found of a pixel. */
enum { NOTHING, WEAK, STRONG };

/* USUAL_RADIUS: of sigma 1. ROWS: of gradients that are needed at a time. */
enum { USUAL_RADIUS = 4, ROWS = 3 };

struct size {
    int64_t border, stride;
    size_t pixels, plane; /* numbers */
    size_t floats;        /* doubles before the part that is float */
};

static struct size size_of(const struct weir_canny *canny, const struct weir_image *image)
{
    int64_t border = canny->radius > 1 ? canny->radius : 1, stride = weir_image_stride(image->width, border);
    size_t pixels = (size_t)(image->height * image->width), plane = (size_t)((image->height + 2 * border) * stride);
    return (struct size){ border, stride, pixels, plane, 2 * plane + 3 * ROWS * (size_t)image->width };
}

size_t weir_image_canny_scratch(const struct weir_canny *canny, const struct weir_image *image)
{
    struct size size = size_of(canny, image);
    return size.floats + size.pixels / 2 + 1;
}

#define NUMBER         double
#define BITS           int64_t
#define NAME(x)        x##_double
#define SQUARE_ROOT    sqrt
#define ABSOLUTE       fabs
#define NUMBER_EPSILON DBL_EPSILON
#include "math/image_canny_kernel.inc"
#undef NUMBER
#undef BITS
#undef NAME
#undef SQUARE_ROOT
#undef ABSOLUTE
#undef NUMBER_EPSILON
#define NUMBER         float
#define BITS           int32_t
#define NAME(x)        x##_float
#define SQUARE_ROOT    sqrtf
#define ABSOLUTE       fabsf
#define NUMBER_EPSILON FLT_EPSILON
#include "math/image_canny_kernel.inc"

void weir_canny_shares(const struct weir_canny *canny, const struct weir_image *image, double *scratch, double *shares)
{
    if (image->bytes)
        find_shares_double(canny, image, scratch, shares);
    else
        find_shares_float(canny, image, scratch, (float *)shares);
}

/* begins[x] = 1 where a strong pixel has a weak neighbour. */
WEIR_CLONES static void mark_begins(const float *restrict above, const float *restrict here,
                                    const float *restrict below, int64_t width, uint32_t *restrict begins)
{
    for (int64_t x = 1; x < width - 1; x++) {
        uint32_t weak = (above[x - 1] == WEAK) | (above[x] == WEAK) | (above[x + 1] == WEAK) | (here[x - 1] == WEAK) |
                        (here[x + 1] == WEAK) | (below[x - 1] == WEAK) | (below[x] == WEAK) | (below[x + 1] == WEAK);
        begins[x] = weak & (here[x] == STRONG);
    }
}

WEIR_CLONES static void keep_strong(float *out, size_t pixels)
{
    for (size_t i = 0; i < pixels; i++)
        out[i] = out[i] == STRONG ? 1.0F : 0.0F;
}

/* Step 4. stack: [pixels]; begins: [width]. */
static void follow(const struct weir_image *image, size_t pixels, uint32_t *stack, uint32_t *begins, float *out)
{
    int64_t width = image->width;
    size_t count = 0;
    for (int64_t y = 1; y < image->height - 1; y++) {
        const float *row = out + y * width;
        mark_begins(row - width, row, row + width, width, begins);
        for (int64_t x = 1; x < width - 1; x++) {
            stack[count] = (uint32_t)(y * width + x);
            count += begins[x];
        }
    }
    while (count > 0) {
        float *at = out + stack[--count];
        for (int64_t dy = -1; dy <= 1; dy++)
            for (int64_t dx = -1; dx <= 1; dx++) {
                float *next = at + dy * width + dx;
                if (*next != WEAK)
                    continue;
                *next = STRONG;
                stack[count++] = (uint32_t)(next - out);
            }
    }
    keep_strong(out, pixels);
}

void weir_image_canny(const struct weir_canny *canny, const struct weir_image *image, const double *shares,
                      const void *pixels, double *scratch, float *out)
{
    struct size size = size_of(canny, image);
    memset(out, NOTHING, size.pixels * sizeof *out);
    if (image->bytes)
        find_edges_double(canny, image, shares, pixels, scratch, out);
    else
        find_edges_float(canny, image, (const float *)shares, pixels, scratch, out);
    follow(image, size.pixels, (uint32_t *)(void *)(scratch + size.floats), (uint32_t *)(void *)scratch, out);
}
