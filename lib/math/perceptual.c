#include "math/perceptual.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = WEIR_PERCEPTUAL_SIDE, WAVES = WEIR_PERCEPTUAL_WAVES, BITS = WAVES * WAVES };
/* What rounding leaves of an image of one gray is far below, what shows far above. */
static const double NOTHING = 1e-6;

void weir_perceptual_init(struct weir_perceptual *perceptual)
{
    for (int u = 0; u < WAVES; u++)
        for (int x = 0; x < SIDE; x++)
            perceptual->waves[u][x] = cos(M_PI * (2 * x + 1) * (u + 1) / (2 * SIDE));
}

static double gray_of(const uint8_t *pixel, int channels)
{
    return channels < 3 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

/* How much of the pixel from `at` to at + 1 lies within [begin, end). */
static double share_of(int64_t at, double begin, double end)
{
    double low = (double)at > begin ? (double)at : begin, high = (double)(at + 1) < end ? (double)(at + 1) : end;
    return high > low ? high - low : 0;
}

/* The average of the pixels that a cell covers, in part where its edges cut them. */
static double cell_of(const uint8_t *pixels, int64_t height, int64_t width, int channels, int i, int j)
{
    double top = (double)height * i / SIDE, bottom = (double)height * (i + 1) / SIDE;
    double left = (double)width * j / SIDE, right = (double)width * (j + 1) / SIDE, sum = 0;
    for (int64_t y = (int64_t)top; y < height && (double)y < bottom; y++) {
        double line = 0;
        for (int64_t x = (int64_t)left; x < width && (double)x < right; x++)
            line += share_of(x, left, right) * gray_of(pixels + (y * width + x) * channels, channels);
        sum += share_of(y, top, bottom) * line;
    }
    return sum / ((bottom - top) * (right - left));
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

bool weir_perceptual_hash(const struct weir_perceptual *perceptual, const uint8_t *pixels, int64_t height,
                          int64_t width, int channels, uint64_t *hash)
{
    double gray[SIDE][SIDE], lines[SIDE][WAVES], waves[BITS], sorted[BITS], most = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            gray[y][x] = cell_of(pixels, height, width, channels, y, x);
    for (int y = 0; y < SIDE; y++) {
        for (int u = 0; u < WAVES; u++) {
            lines[y][u] = 0;
            for (int x = 0; x < SIDE; x++)
                lines[y][u] += gray[y][x] * perceptual->waves[u][x];
        }
    }
    for (int v = 0; v < WAVES; v++) {
        for (int u = 0; u < WAVES; u++) {
            double sum = 0;
            for (int y = 0; y < SIDE; y++)
                sum += lines[y][u] * perceptual->waves[v][y];
            waves[v * WAVES + u] = sum;
            most = fabs(sum) > most ? fabs(sum) : most;
        }
    }
    if (most < NOTHING)
        return false;
    memcpy(sorted, waves, sizeof sorted);
    qsort(sorted, BITS, sizeof *sorted, ascending);
    double median = (sorted[BITS / 2 - 1] + sorted[BITS / 2]) / 2;
    *hash = 0;
    for (int bit = 0; bit < BITS; bit++)
        *hash |= (uint64_t)(waves[bit] > median) << bit;
    return true;
}
