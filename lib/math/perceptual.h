/* A perceptual hash of images, by their lowest frequencies (pHash; Zauner, "Implementation and Benchmarking of
 * Perceptual Image Hash Functions", 2010).
 *
 * The image is made gray (0.299 R + 0.587 G + 0.114 B; a channel of opacity is passed over) and 32 by 32 by averages
 * of areas; then, with x and y over its columns and rows,
 *
 *     C(u, v) = sum over x, y of gray(y, x) cos(pi (2x + 1) u / 64) cos(pi (2y + 1) v / 64),    u, v = 1 .. 8
 *
 * and bit 8 (v - 1) + u - 1 of the hash says whether C(u, v) is above the median of the 64. Brightness and contrast
 * change nothing, scaling and compressing little; a picture mirrored or turned is another. */
#ifndef WEIR_MATH_PERCEPTUAL_H
#define WEIR_MATH_PERCEPTUAL_H

#include <stdbool.h>
#include <stdint.h>

enum { WEIR_PERCEPTUAL_SIDE = 32, WEIR_PERCEPTUAL_WAVES = 8 };

struct weir_perceptual {
    double waves[WEIR_PERCEPTUAL_WAVES][WEIR_PERCEPTUAL_SIDE];
};

void weir_perceptual_init(struct weir_perceptual *perceptual);
/* pixels: [height][width][channels], channels 1 (gray), 2 (and opacity), 3 (red, green, blue) or 4 (and opacity);
 * height and width at least 1. false: all C are 0, as those of an image of one gray, or whose lines or columns are all
 * the same; it has no hash. */
bool weir_perceptual_hash(const struct weir_perceptual *perceptual, const uint8_t *pixels, int64_t height,
                          int64_t width, int channels, uint64_t *hash);

#endif
