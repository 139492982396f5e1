#include "math/image_cooccurrence.h"
#include <math.h>
#include <string.h>

void weir_image_levels(const struct weir_image *image, const void *pixels, int levels, float *gray, uint8_t *out)
{
    float factor = image->bytes ? (float)levels / 256 : (float)levels, most = (float)(levels - 1);
    weir_image_gray(image, pixels, gray, image->width);
    for (int64_t i = 0; i < image->height * image->width; i++) {
        float level = gray[i] * factor;
        level = level > 0 ? level : 0;
        out[i] = (uint8_t)(level < most ? level : most);
    }
}

/* A half goes away from 0, also where the sine of 30 degrees is a half but for its last bit, which lround() sees. */
static int64_t whole(double offset)
{
    return (int64_t)(offset > 0 ? offset + 0.5 : offset - 0.5);
}

void weir_cooccurrence_offset(double distance, double angle, int64_t *rows, int64_t *columns)
{
    *rows = whole(sin(angle * M_PI / 180) * distance);
    *columns = whole(cos(angle * M_PI / 180) * distance);
}

static void count(const uint8_t *image, int64_t height, int64_t width, int levels, int64_t rows, int64_t columns,
                  uint32_t *counts)
{
    int64_t top = rows < 0 ? -rows : 0, bottom = rows > 0 ? height - rows : height;
    int64_t left = columns < 0 ? -columns : 0, right = columns > 0 ? width - columns : width;
    for (int64_t y = top; y < bottom; y++) {
        const uint8_t *from = image + y * width, *to = from + rows * width + columns;
        for (int64_t x = left; x < right; x++)
            counts[from[x] * levels + to[x]]++;
    }
}

void weir_cooccurrence(const uint8_t *image, int64_t height, int64_t width, int levels, int64_t rows, int64_t columns,
                       uint32_t *counts, float out[WEIR_COOCCURRENCE_PROPERTIES])
{
    double contrast = 0, dissimilarity = 0, homogeneity = 0, asm_sum = 0, entropy = 0, mean = 0, square = 0,
           product = 0;
    memset(counts, 0, (size_t)(levels * levels) * sizeof *counts);
    count(image, height, width, levels, rows, columns, counts);
    double total = 2.0 * (double)((height - llabs(rows)) * (width - llabs(columns)));
    for (int i = 0; i < levels; i++)
        for (int j = 0; j < levels; j++) {
            uint32_t both = counts[i * levels + j] + counts[j * levels + i];
            if (both == 0)
                continue;
            double p = both / total, difference = i - j;
            contrast += p * difference * difference;
            dissimilarity += p * fabs(difference);
            homogeneity += p / (1 + difference * difference);
            asm_sum += p * p;
            entropy -= p * log(p);
            mean += p * i;
            square += p * i * i;
            product += p * i * j;
        }
    double variance = square - mean * mean;
    out[WEIR_CONTRAST] = (float)contrast;
    out[WEIR_DISSIMILARITY] = (float)dissimilarity;
    out[WEIR_HOMOGENEITY] = (float)homogeneity;
    out[WEIR_ENERGY] = (float)sqrt(asm_sum);
    /* a count of one pair more or less is far above what rounding leaves of a constant image's variance */
    out[WEIR_CORRELATION] = variance > 1e-9 ? (float)((product - mean * mean) / variance) : 1;
    out[WEIR_ASM] = (float)asm_sum;
    out[WEIR_ENTROPY] = entropy > 0 ? (float)entropy : 0;
}
