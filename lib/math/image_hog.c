#include "math/image_hog.h"
#include "math/clones.h"
#include <math.h>
#include <string.h>

static const double EPSILON = 1e-5, HYSTERESIS = 0.2;

void weir_hog_blocks(const struct weir_hog *hog, const struct weir_image *image, int64_t *across, int64_t *down)
{
    *across = image->width / hog->cell_width - hog->block_width + 1;
    *down = image->height / hog->cell_height - hog->block_height + 1;
}

/* The scratch memory: the histograms in double, then in float the plane, and of one row of cells the gradients. */
struct layout {
    int64_t cells_across, cells_down, stride;
    int64_t band; /* numbers of the pixels of a row of cells */
    size_t histogram, plane;
};

static struct layout lay_out(const struct weir_hog *hog, const struct weir_image *image)
{
    struct layout layout = { .cells_across = image->width / hog->cell_width,
                             .cells_down = image->height / hog->cell_height,
                             .stride = weir_image_stride(image->width, 0) };
    layout.band = hog->cell_height * layout.stride;
    layout.histogram = (size_t)(layout.cells_across * layout.cells_down * hog->orientations);
    /* a row above and one below, so that every row has two neighbours */
    layout.plane = (size_t)((image->height + 2) * layout.stride);
    return layout;
}

size_t weir_image_hog_scratch(const struct weir_hog *hog, const struct weir_image *image)
{
    struct layout layout = lay_out(hog, image);
    return layout.histogram + 1 + (layout.plane + 4 * (size_t)layout.band) / 2;
}

/* Gradients of `count` pixels one behind the other, whole rows; turned into the upper half, with their lengths. */
WEIR_CLONES static void gradients(const float *restrict plane, int64_t stride, int64_t count, float *restrict gx,
                                  float *restrict gy, float *restrict length)
{
    const float *above = plane - stride, *below = plane + stride, *before = plane - 1, *behind = plane + 1;
    for (int64_t i = 0; i < count; i++) {
        float x = behind[i] - before[i], y = below[i] - above[i];
        length[i] = sqrtf(x * x + y * y);
        float sign = y < 0 ? -1.0F : 1.0F;
        x *= sign;
        gy[i] = y * sign;
        gx[i] = y == 0 ? fabsf(x) : x;
    }
}

/* The same for pixels that have no neighbour on one side or the other, whose gradient in that direction is 0. */
static void edge_pixel(float x, float y, float *gx, float *gy, float *length)
{
    *length = sqrtf(x * x + y * y);
    *gx = y < 0 ? -x : y == 0 ? fabsf(x) : x;
    *gy = fabsf(y);
}

/* bins[i] = how many of the bins' lower edges, but the first, the direction has reached. */
WEIR_CLONES static void reach(const float *restrict gx, const float *restrict gy, int64_t count, float cosine,
                              float sine, int32_t *restrict bins)
{
    for (int64_t i = 0; i < count; i++)
        bins[i] += cosine * gy[i] >= sine * gx[i];
}

static void find_bins(const float *gx, const float *gy, int64_t count, int orientations, int32_t *bins)
{
    memset(bins, 0, (size_t)count * sizeof *bins);
    for (int b = 1; b < orientations; b++) {
        double angle = M_PI * b / orientations;
        float cosine = (float)cos(angle), sine = (float)sin(angle);
        /* directions that gradients hit are compared exactly */
        if (4 * b == orientations || 4 * b == 3 * orientations)
            cosine = 4 * b == orientations ? 1 : -1, sine = 1;
        else if (2 * b == orientations)
            cosine = 0;
        reach(gx, gy, count, cosine, sine, bins);
    }
}

static void normalize(float *block, int64_t count, enum weir_hog_norm norm)
{
    double sum = 0;
    bool l1 = norm == WEIR_HOG_L1 || norm == WEIR_HOG_L1_SQRT;
    for (int64_t i = 0; i < count; i++)
        sum += l1 ? (double)block[i] : (double)block[i] * block[i];
    float factor = (float)(1 / (l1 ? sum + EPSILON : sqrt(sum + EPSILON * EPSILON)));
    for (int64_t i = 0; i < count; i++)
        block[i] *= factor;
    if (norm == WEIR_HOG_L1_SQRT)
        for (int64_t i = 0; i < count; i++)
            block[i] = sqrtf(block[i]);
    if (norm != WEIR_HOG_L2_HYS)
        return;
    for (int64_t i = 0; i < count; i++)
        block[i] = block[i] < (float)HYSTERESIS ? block[i] : (float)HYSTERESIS;
    normalize(block, count, WEIR_HOG_L2);
}

static void take_blocks(const struct weir_hog *hog, const struct weir_image *image, const struct layout *layout,
                        const double *cells, float *out)
{
    int64_t across, down, row_count = hog->block_width * hog->orientations, count = hog->block_height * row_count;
    double pixels = (double)(hog->cell_width * hog->cell_height);
    weir_hog_blocks(hog, image, &across, &down);
    for (int64_t y = 0; y < down; y++)
        for (int64_t x = 0; x < across; x++, out += count) {
            for (int64_t r = 0; r < hog->block_height; r++) {
                const double *from = cells + ((y + r) * layout->cells_across + x) * hog->orientations;
                for (int64_t i = 0; i < row_count; i++)
                    out[r * row_count + i] = (float)(from[i] / pixels);
            }
            normalize(out, count, hog->norm);
        }
}

void weir_image_hog(const struct weir_hog *hog, const struct weir_image *image, const void *pixels, double *scratch,
                    float *out)
{
    struct layout layout = lay_out(hog, image);
    int64_t stride = layout.stride, width = image->width, band = layout.band;
    double *cells = scratch;
    float *plane = (float *)(scratch + layout.histogram + 1) + stride, *gx = plane + layout.plane - stride,
          *gy = gx + band, *length = gy + band;
    int32_t *bins = (int32_t *)(void *)(length + band);
    memset(cells, 0, layout.histogram * sizeof *cells);
    memset(plane - stride, 0, layout.plane * sizeof *plane);
    weir_image_gray(image, pixels, plane, stride);
    for (int64_t row = 0; row < layout.cells_down; row++) {
        const float *from = plane + row * band;
        gradients(from, stride, band, gx, gy, length);
        for (int64_t y = 0; y < hog->cell_height; y++) {
            int64_t at = y * stride, line = row * hog->cell_height + y;
            bool edge = line == 0 || line == image->height - 1;
            const float *here = from + at;
            for (int64_t x = 0; x < width; x += edge || width == 1 ? 1 : width - 1) {
                float dx = x == 0 || x == width - 1 ? 0 : here[x + 1] - here[x - 1];
                float dy = edge ? 0 : here[x + stride] - here[x - stride];
                edge_pixel(dx, dy, &gx[at + x], &gy[at + x], &length[at + x]);
            }
        }
        find_bins(gx, gy, band, hog->orientations, bins);
        for (int64_t y = 0; y < hog->cell_height; y++)
            for (int64_t cell = 0; cell < layout.cells_across; cell++) {
                double *histogram = cells + (row * layout.cells_across + cell) * hog->orientations;
                int64_t first = y * stride + cell * hog->cell_width;
                for (int64_t i = first; i < first + hog->cell_width; i++)
                    histogram[bins[i]] += (double)length[i];
            }
    }
    take_blocks(hog, image, &layout, cells, out);
}
