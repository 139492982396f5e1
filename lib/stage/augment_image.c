#include "math/image_warp.h"
#include "stage/augment_private.h"
#include <float.h>
#include <math.h>

bool weir_augment_changes_images(const struct weir_augment_options *o)
{
    return o->flip_horizontal || o->flip_vertical || o->crop_width > 0 || o->shift > 0 || o->rotate > 0 ||
           o->brightness > 0 || o->contrast > 0 || o->noise > 0;
}

int weir_augment_image_check(const struct weir_augment_options *options, const struct weir_image *image,
                             struct weir_error *error)
{
    int64_t width = image->width + 2 * options->pad, height = image->height + 2 * options->pad;
    if (options->crop_width <= width && options->crop_height <= height)
        return 0;
    return weir_fail(
        error, WEIR_BAD_DATA,
        "no part of %lldx%lld can be cut from images of %lldx%lld with %lld pixels around them: take a smaller "
        "--crop or a larger --pad",
        (long long)options->crop_width, (long long)options->crop_height, (long long)image->width,
        (long long)image->height, (long long)options->pad);
}

/* -most .. most. */
static double either_way(struct weir_random *random, double most)
{
    return (2 * weir_random_uniform(random) - 1) * most;
}

static int64_t whole_either_way(struct weir_random *random, int64_t most)
{
    return (int64_t)weir_random_below(random, (uint64_t)(2 * most + 1)) - most;
}

/* From the place in the copy to that in the image: back through the flips, the shift, the rotation and the crop. */
static struct weir_warp choose_warp(const struct weir_augment_options *options, const struct weir_image *image,
                                    struct weir_random *random)
{
    struct weir_warp warp = weir_warp_none();
    double width = (double)image->width, height = (double)image->height;
    if (options->flip_horizontal && weir_random_u32(random) >> 31)
        weir_warp_then(&warp, &(struct weir_warp){ .xx = -1, .x0 = width - 1, .yy = 1 });
    if (options->flip_vertical && weir_random_u32(random) >> 31)
        weir_warp_then(&warp, &(struct weir_warp){ .xx = 1, .yy = -1, .y0 = height - 1 });
    if (options->shift > 0) {
        double right = (double)whole_either_way(random, options->shift);
        double down = (double)whole_either_way(random, options->shift);
        weir_warp_then(&warp, &(struct weir_warp){ .xx = 1, .x0 = -right, .yy = 1, .y0 = -down });
    }
    if (options->rotate > 0) {
        double angle = either_way(random, options->rotate) * M_PI / 180, c = cos(angle), s = sin(angle);
        double x = (width - 1) / 2, y = (height - 1) / 2;
        weir_warp_then(&warp,
                       &(struct weir_warp){
                           .xx = c, .xy = s, .x0 = x - c * x - s * y, .yx = -s, .yy = c, .y0 = y + s * x - c * y });
    }
    if (options->crop_width > 0) {
        double sx = (double)options->crop_width / width, sy = (double)options->crop_height / height;
        int64_t free_x = image->width + 2 * options->pad - options->crop_width;
        int64_t free_y = image->height + 2 * options->pad - options->crop_height;
        double left = (double)weir_random_below(random, (uint64_t)free_x + 1) - (double)options->pad;
        double top = (double)weir_random_below(random, (uint64_t)free_y + 1) - (double)options->pad;
        weir_warp_then(&warp,
                       &(struct weir_warp){ .xx = sx, .x0 = left + sx / 2 - 0.5, .yy = sy, .y0 = top + sy / 2 - 0.5 });
    }
    warp.zero = options->zero;
    return warp;
}

/* Opacity stays. */
static void change_values(const struct weir_augment_options *options, const struct weir_image *image,
                          struct weir_random *random, float *values)
{
    int64_t pixels = image->height * image->width;
    int channels = image->channels, colours = channels < 3 ? 1 : 3;
    double white = weir_image_white(image), mean = 0;
    double add = options->brightness > 0 ? either_way(random, options->brightness) * white : 0;
    double factor = options->contrast > 0 ? 1 + either_way(random, options->contrast) : 1;
    for (int64_t i = 0; i < pixels * channels; i += channels)
        for (int c = 0; c < colours; c++)
            mean += (double)values[i + c];
    mean /= (double)(pixels * colours);
    double offset = add + mean - factor * mean, deviation = options->noise * white;
    for (int64_t i = 0; i < pixels * channels; i += channels)
        for (int c = 0; c < colours; c++) {
            double noise = deviation > 0 ? deviation * weir_random_normal(random) : 0;
            double value = (double)values[i + c] * factor + offset + noise;
            values[i + c] = (float)fmin(fmax(value, -(double)FLT_MAX), (double)FLT_MAX);
        }
}

void weir_augment_image(const struct weir_augment_options *options, const struct weir_image *image, const void *pixels,
                        struct weir_random *random, float *scratch, void *out)
{
    struct weir_warp warp = choose_warp(options, image, random);
    int64_t count = image->height * image->width * image->channels;
    float *values = image->bytes ? scratch : out;
    uint8_t *bytes = out;
    weir_image_warp(image, pixels, &warp, values);
    if (options->brightness > 0 || options->contrast > 0 || options->noise > 0)
        change_values(options, image, random, values);
    for (int64_t i = 0; image->bytes && i < count; i++) {
        float value = values[i] + 0.5F;
        bytes[i] = value > 0 ? value < 255 ? (uint8_t)value : 255 : 0;
    }
}
