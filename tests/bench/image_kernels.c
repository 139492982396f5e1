/* What the kernels of images take by themselves, in one thread, without a stream: image_kernels METHOD IMAGES.npy COUNT
 * prints the seconds for COUNT images, the least of three runs over all that the file holds (uint8, [rows, height,
 * width]). */
#include "math/image_canny.h"
#include "math/image_gradient.h"
#include "math/image_hog.h"
#include "math/image_lbp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *memory(size_t size)
{
    void *bytes = calloc(size, 1);
    if (!bytes)
        exit(71);
    return bytes;
}

/* The images of a file, and how many. */
static uint8_t *read_images(const char *path, struct weir_image *image, long *rows)
{
    FILE *file = fopen(path, "rb");
    char head[4096] = { 0 };
    long long r, h, w;
    if (!file || fread(head, 1, 10, file) != 10)
        exit(66);
    size_t size = (size_t)(uint8_t)head[8] + 256 * (size_t)(uint8_t)head[9];
    if (size >= sizeof head || fread(head, 1, size, file) != size)
        exit(65);
    head[size] = 0;
    const char *shape = strstr(head, "'shape': (");
    if (!shape || sscanf(shape, "'shape': (%lld, %lld, %lld)", &r, &h, &w) != 3)
        exit(65);
    *image = (struct weir_image){ h, w, 1, true };
    *rows = (long)r;
    uint8_t *pixels = memory((size_t)(r * h * w));
    if (fread(pixels, (size_t)(h * w), (size_t)r, file) != (size_t)r)
        exit(65);
    fclose(file);
    return pixels;
}

int main(int argc, char **argv)
{
    struct weir_image image;
    struct weir_canny canny;
    struct weir_lbp lbp;
    const struct weir_hog hog = { 8, 8, 2, 2, 9, WEIR_HOG_L2_HYS };
    long rows;
    if (argc != 4)
        return 64;
    uint8_t *pixels = read_images(argv[2], &image, &rows);
    size_t size = (size_t)(image.height * image.width);
    weir_canny_init(&canny, 1, 0.1, 0.2);
    weir_lbp_init(&lbp, 8, 1, WEIR_LBP_UNIFORM);
    size_t needs[] = { weir_image_sobel_scratch(&image), weir_image_canny_scratch(&canny, &image),
                       weir_image_lbp_scratch(&lbp, &image), weir_image_hog_scratch(&hog, &image) };
    double *scratch = memory((needs[0] + needs[1] + needs[2] + needs[3]) * sizeof *scratch);
    double *shares = memory(size * sizeof *shares), least = 1e9;
    float *out = memory(9 * size * sizeof *out);
    weir_canny_shares(&canny, &image, scratch, shares);
    for (int run = 0; run < 3; run++) {
        double start = now();
        for (long row = 0; row < rows; row++) {
            const uint8_t *at = pixels + (size_t)row * size;
            switch (argv[1][0]) {
            case 's':
                weir_image_sobel(&image, at, (float *)scratch, out);
                break;
            case 'c':
                weir_image_canny(&canny, &image, shares, at, scratch, out);
                break;
            case 'l':
                weir_image_lbp(&lbp, &image, at, scratch, (uint32_t *)(void *)out);
                break;
            default:
                weir_image_hog(&hog, &image, at, scratch, out);
            }
        }
        double seconds = now() - start;
        least = seconds < least ? seconds : least;
    }
    printf("%g\n", least / (double)rows * atof(argv[3]));
    return 0;
}
