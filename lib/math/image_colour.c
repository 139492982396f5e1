#include "math/image_colour.h"
#include <string.h>

int weir_colour_channels(const struct weir_image *image)
{
    return image->channels < 3 ? 1 : 3;
}

static int64_t bin_of(const struct weir_image *image, const void *pixels, int64_t at, int bins)
{
    if (image->bytes)
        return ((const uint8_t *)pixels)[at] * bins / 256;
    float place = ((const float *)pixels)[at] * (float)bins;
    return place < 0 ? 0 : place < (float)(bins - 1) ? (int64_t)place : bins - 1;
}

static void to_shares(const struct weir_image *image, int64_t count, float *out)
{
    double pixels = (double)(image->height * image->width);
    for (int64_t i = 0; i < count; i++)
        out[i] = (float)(out[i] / pixels);
}

/* Counts up to 2^24 are whole numbers in float; images have no more pixels. */
void weir_colour_histograms(const struct weir_image *image, const void *pixels, int bins, float *out)
{
    int channels = weir_colour_channels(image);
    memset(out, 0, (size_t)(channels * bins) * sizeof *out);
    for (int64_t i = 0; i < image->height * image->width; i++)
        for (int c = 0; c < channels; c++)
            out[c * bins + bin_of(image, pixels, i * image->channels + c, bins)]++;
    to_shares(image, channels * bins, out);
}

void weir_colour_joint(const struct weir_image *image, const void *pixels, int bins, float *out)
{
    int channels = weir_colour_channels(image);
    int64_t count = channels == 1 ? bins : (int64_t)bins * bins * bins;
    memset(out, 0, (size_t)count * sizeof *out);
    for (int64_t i = 0; i < image->height * image->width; i++) {
        int64_t at = 0;
        for (int c = 0; c < channels; c++)
            at = at * bins + bin_of(image, pixels, i * image->channels + c, bins);
        out[at]++;
    }
    to_shares(image, count, out);
}
