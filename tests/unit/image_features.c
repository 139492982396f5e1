/* Features of images and augment against plain references, written as the formulas are; replayed as applied, nulls and
 * pixels that are none; augment's slices. */
#include "base/random.h"
#include "check.h"
#include "math/image_canny.h"
#include "math/image_colour.h"
#include "math/image_cooccurrence.h"
#include "math/image_gradient.h"
#include "math/image_hog.h"
#include "math/image_lbp.h"
#include "math/image_moments.h"
#include "math/image_warp.h"
#include "stage/augment_private.h"
#include "stage/plan.h"
#include <stdlib.h>

enum { MOST = 40 * 40 };

static const struct weir_image sizes[] = {
    { 28, 28, 1, true }, { 17, 30, 1, true }, { 5, 3, 1, true }, { 1, 9, 1, true }, { 21, 16, 1, false }
};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* Noise, a step, a ramp, or one gray; in `gray` as numbers, white as in the pixels. */
static void make(const struct weir_image *image, int kind, struct weir_random *random, void *pixels, double *gray)
{
    for (int64_t i = 0; i < image->height * image->width; i++) {
        int64_t x = i % image->width, y = i / image->width;
        int value = kind == 0   ? (int)weir_random_below(random, 256)
                    : kind == 1 ? (x > image->width / 2 ? 200 : 10)
                    : kind == 2 ? (int)(5 * x + 3 * y) % 256
                                : 90;
        if (image->bytes)
            ((uint8_t *)pixels)[i] = (uint8_t)value;
        else
            ((float *)pixels)[i] = (float)value / 255;
        gray[i] = image->bytes ? value : (double)((float)value / 255);
    }
}

static double at(const struct weir_image *image, const double *gray, int64_t y, int64_t x)
{
    y = y < 0 ? 0 : y < image->height ? y : image->height - 1;
    x = x < 0 ? 0 : x < image->width ? x : image->width - 1;
    return gray[y * image->width + x];
}

static void test_sobel(const struct weir_image *image, const void *pixels, const double *gray)
{
    float *scratch = malloc(weir_image_sobel_scratch(image) * sizeof *scratch), out[MOST];
    weir_image_sobel(image, pixels, scratch, out);
    for (int64_t y = 0; y < image->height; y++)
        for (int64_t x = 0; x < image->width; x++) {
            double gx = 0, gy = 0;
            for (int k = -1; k <= 1; k++) {
                gx += (2 - abs(k)) * (at(image, gray, y + k, x + 1) - at(image, gray, y + k, x - 1)) / 4;
                gy += (2 - abs(k)) * (at(image, gray, y + 1, x + k) - at(image, gray, y - 1, x + k)) / 4;
            }
            CHECK_NEAR(out[y * image->width + x], sqrt((gx * gx + gy * gy) / 2) / weir_image_white(image), 1e-6);
        }
    free(scratch);
}

/* Bins by the angle itself; directions that lie upon the edge of a bin are left out of the image by its kind. */
static void test_hog(const struct weir_image *image, const void *pixels, const double *gray, enum weir_hog_norm norm)
{
    struct weir_hog hog = { 4, 5, 2, 1, 7, norm };
    int64_t across, down, cells_across = image->width / 4, cells_down = image->height / 5;
    weir_hog_blocks(&hog, image, &across, &down);
    if (across < 1 || down < 1)
        return;
    double *scratch = malloc(weir_image_hog_scratch(&hog, image) * sizeof *scratch);
    double *cells = calloc((size_t)(cells_across * cells_down * 7), sizeof *cells);
    float *out = malloc((size_t)(across * down * 14) * sizeof *out);
    weir_image_hog(&hog, image, pixels, scratch, out);
    for (int64_t y = 0; y < cells_down * 5; y++)
        for (int64_t x = 0; x < cells_across * 4; x++) {
            double gx = x == 0 || x == image->width - 1 ? 0 : at(image, gray, y, x + 1) - at(image, gray, y, x - 1);
            double gy = y == 0 || y == image->height - 1 ? 0 : at(image, gray, y + 1, x) - at(image, gray, y - 1, x);
            double angle = atan2(gy, gx) * 180 / M_PI;
            int bin = (int)floor((angle < 0 ? angle + 180 : angle >= 180 ? angle - 180 : angle) * 7 / 180);
            cells[(y / 5 * cells_across + x / 4) * 7 + bin] += hypot(gx, gy) / 20;
        }
    for (int64_t by = 0; by < down; by++)
        for (int64_t bx = 0; bx < across; bx++) {
            double v[14], sum = 0, again = 0;
            bool l1 = norm == WEIR_HOG_L1 || norm == WEIR_HOG_L1_SQRT;
            for (int i = 0; i < 14; i++) {
                v[i] = cells[(by * cells_across + bx + i / 7) * 7 + i % 7];
                sum += l1 ? v[i] : v[i] * v[i];
            }
            for (int i = 0; i < 14; i++) {
                v[i] /= l1 ? sum + 1e-5 : sqrt(sum + 1e-10);
                v[i] = norm == WEIR_HOG_L1_SQRT ? sqrt(v[i]) : norm == WEIR_HOG_L2_HYS ? fmin(v[i], 0.2) : v[i];
                again += v[i] * v[i];
            }
            for (int i = 0; i < 14; i++)
                CHECK_NEAR(out[(by * across + bx) * 14 + i],
                           norm == WEIR_HOG_L2_HYS ? v[i] / sqrt(again + 1e-10) : v[i], 2e-5);
        }
    free(scratch);
    free(cells);
    free(out);
}

/* Of whole distances there is no interpolation. */
static void test_lbp(const struct weir_image *image, const void *pixels, const double *gray)
{
    struct weir_lbp lbp;
    uint32_t codes[MOST];
    weir_lbp_init(&lbp, 4, 2, WEIR_LBP_DEFAULT);
    double *scratch = malloc(weir_image_lbp_scratch(&lbp, image) * sizeof *scratch);
    weir_image_lbp(&lbp, image, pixels, scratch, codes);
    static const int steps[4][2] = { { 0, 2 }, { -2, 0 }, { 0, -2 }, { 2, 0 } };
    for (int64_t y = 0; y < image->height; y++)
        for (int64_t x = 0; x < image->width; x++) {
            uint32_t code = 0;
            for (int p = 0; p < 4; p++) {
                int64_t r = y + steps[p][0], c = x + steps[p][1];
                bool inside = r >= 0 && r < image->height && c >= 0 && c < image->width;
                code |= (uint32_t)((inside ? gray[r * image->width + c] : 0) >= gray[y * image->width + x]) << p;
            }
            CHECK_INT(codes[y * image->width + x], code);
        }
    free(scratch);
}

static void test_cooccurrence(const struct weir_image *image, const void *pixels, const double *gray)
{
    enum { LEVELS = 8 };
    uint8_t levels[MOST];
    uint32_t counts[LEVELS * LEVELS];
    float scratch[MOST], out[WEIR_COOCCURRENCE_PROPERTIES];
    int64_t rows, columns;
    weir_cooccurrence_offset(1, 45, &rows, &columns);
    CHECK(rows == 1 && columns == 1);
    static const int offsets[][4] = { { 1, 30, 1, 1 },   { 1, 60, 1, 1 },    { 1, 150, 1, -1 },
                                      { 1, -30, -1, 1 }, { 2, 20, 1, 2 },    { 3, 90, 3, 0 },
                                      { 1, 180, 0, -1 }, { 2, 225, -1, -1 }, { 4, 100, 4, -1 } };
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        weir_cooccurrence_offset(offsets[i][0], offsets[i][1], &rows, &columns);
        CHECK_INT(rows, offsets[i][2]);
        CHECK_INT(columns, offsets[i][3]);
    }
    weir_cooccurrence_offset(1, 45, &rows, &columns);
    if (image->height < 2 || image->width < 2)
        return;
    weir_image_levels(image, pixels, LEVELS, scratch, levels);
    weir_cooccurrence(levels, image->height, image->width, LEVELS, rows, columns, counts, out);
    double p[LEVELS][LEVELS] = { { 0 } }, total = 0, contrast = 0, squares = 0, entropy = 0;
    for (int64_t y = 0; y + 1 < image->height; y++)
        for (int64_t x = 0; x + 1 < image->width; x++) {
            double a = gray[y * image->width + x], b = gray[(y + 1) * image->width + x + 1];
            double scale = image->bytes ? LEVELS / 256.0 : LEVELS;
            int i = (int)fmin(a * scale, LEVELS - 1), j = (int)fmin(b * scale, LEVELS - 1);
            p[i][j]++;
            p[j][i]++;
            total += 2;
        }
    for (int i = 0; i < LEVELS; i++)
        for (int j = 0; j < LEVELS; j++) {
            double share = p[i][j] / total;
            contrast += share * (i - j) * (i - j);
            squares += share * share;
            entropy -= share > 0 ? share * log(share) : 0;
        }
    CHECK_NEAR(out[WEIR_CONTRAST], contrast, 1e-5);
    CHECK_NEAR(out[WEIR_ASM], squares, 1e-6);
    CHECK_NEAR(out[WEIR_ENERGY], sqrt(squares), 1e-6);
    CHECK_NEAR(out[WEIR_ENTROPY], entropy, 1e-6);
}

/* Edges are local: nothing but 0 and 1, none at the border, and none where all is one gray. */
static void test_canny(const struct weir_image *image, const void *pixels, int kind)
{
    struct weir_canny canny;
    float out[MOST];
    double shares[MOST], edges = 0;
    weir_canny_init(&canny, 1, 0.1, 0.2);
    double *scratch = malloc(weir_image_canny_scratch(&canny, image) * sizeof *scratch);
    weir_canny_shares(&canny, image, scratch, shares);
    weir_image_canny(&canny, image, shares, pixels, scratch, out);
    for (int64_t y = 0; y < image->height; y++)
        for (int64_t x = 0; x < image->width; x++) {
            float edge = out[y * image->width + x];
            bool border = y == 0 || x == 0 || y == image->height - 1 || x == image->width - 1;
            CHECK(edge == 0 || (edge == 1 && !border));
            edges += (double)edge;
            if (kind == 1 && image->width > 20 && !border && llabs(x - image->width / 2) > 1)
                CHECK(edge == 0);
        }
    CHECK(kind != 3 || edges == 0);
    CHECK(kind != 1 || image->width <= 20 || edges >= (double)(image->height - 2));
    free(scratch);
}

/* What Hu's moments promise: shifted and turned by a right angle they stay. */
static void test_moments(struct weir_random *random)
{
    enum { SIDE = 24, PART = 9 };
    float image[SIDE * SIDE] = { 0 }, moved[SIDE * SIDE] = { 0 }, turned[SIDE * SIDE] = { 0 };
    double a[WEIR_HU_MOMENTS], b[WEIR_HU_MOMENTS], c[WEIR_HU_MOMENTS];
    for (int y = 0; y < PART; y++)
        for (int x = 0; x < PART; x++) {
            float value = (float)weir_random_below(random, 256);
            image[y * SIDE + x] = moved[(y + 7) * SIDE + x + 11] = turned[x * SIDE + SIDE - 1 - y] = value;
        }
    weir_hu_moments(image, SIDE, SIDE, a);
    weir_hu_moments(moved, SIDE, SIDE, b);
    weir_hu_moments(turned, SIDE, SIDE, c);
    for (int i = 0; i < WEIR_HU_MOMENTS; i++) {
        CHECK_NEAR(b[i], a[i], 1e-9 * fabs(a[0]) + 1e-9 * fabs(a[i]));
        CHECK_NEAR(c[i], a[i], 1e-9 * fabs(a[0]) + 1e-9 * fabs(a[i]));
    }
    CHECK(a[0] > 0);
}

static void test_colours(struct weir_random *random)
{
    enum { PIXELS = 60, BINS = 5 };
    struct weir_image image = { 6, 10, 4, true };
    uint8_t pixels[PIXELS * 4];
    float one[3 * BINS], joint[BINS * BINS * BINS];
    double sums[3 * BINS] = { 0 }, sum = 0;
    for (int i = 0; i < PIXELS * 4; i++) {
        pixels[i] = (uint8_t)weir_random_below(random, 256);
        if (i % 4 < 3)
            sums[i % 4 * BINS + pixels[i] * BINS / 256] += 1.0 / PIXELS;
    }
    weir_colour_histograms(&image, pixels, BINS, one);
    weir_colour_joint(&image, pixels, BINS, joint);
    for (int i = 0; i < 3 * BINS; i++)
        CHECK_NEAR(one[i], sums[i], 1e-6);
    for (int i = 0; i < BINS * BINS * BINS; i++)
        sum += (double)joint[i];
    CHECK_NEAR(sum, 1, 1e-6);
    for (int b = 0; b < BINS; b++) {
        double green = 0;
        for (int i = 0; i < BINS * BINS * BINS; i++)
            green += i / BINS % BINS == b ? (double)joint[i] : 0;
        CHECK_NEAR(green, sums[BINS + b], 1e-6);
    }
}

/* Floats are in the part that value * bins is in, those beyond 0 and 1 in the outermost; of two channels the first is
 * the gray, of four the luma of three. */
static void test_channels(void)
{
    enum { PIXELS = 8, BINS = 4 };
    static const float values[PIXELS] = { -0.5F, 0, 0.24F, 0.25F, 0.49F, 0.75F, 1, 2 };
    static const float wanted[BINS] = { 3 / 8.0F, 2 / 8.0F, 0, 3 / 8.0F };
    float out[BINS], plane[2];
    weir_colour_histograms(&(struct weir_image){ 1, PIXELS, 1, false }, values, BINS, out);
    for (int i = 0; i < BINS; i++)
        CHECK_NEAR(out[i], wanted[i], 1e-7);
    static const uint8_t two[] = { 10, 200, 30, 0 }, four[] = { 255, 0, 0, 9, 0, 255, 0, 200 };
    static const float floats_two[] = { 0.25F, 1, 0.5F, 0 }, floats_four[] = { 1, 0, 0, 0.3F, 0, 0, 1, 0.2F };
    weir_image_gray(&(struct weir_image){ 1, 2, 2, true }, two, plane, 2);
    CHECK(plane[0] == 10 && plane[1] == 30);
    weir_image_gray(&(struct weir_image){ 1, 2, 4, true }, four, plane, 2);
    CHECK(plane[0] == 76 && plane[1] == 150);
    weir_image_gray(&(struct weir_image){ 1, 2, 2, false }, floats_two, plane, 2);
    CHECK(plane[0] == 0.25F && plane[1] == 0.5F);
    weir_image_gray(&(struct weir_image){ 1, 2, 4, false }, floats_four, plane, 2);
    CHECK_NEAR(plane[0], 0.299, 1e-4);
    CHECK_NEAR(plane[1], 0.114, 1e-4);
}

/* A quarter turn, by the map, is the turned image; a map of nothing the image itself. */
static void test_warp(struct weir_random *random)
{
    enum { SIDE = 7 };
    struct weir_image image = { SIDE, SIDE, 2, true };
    uint8_t pixels[SIDE * SIDE * 2];
    float out[SIDE * SIDE * 2];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)weir_random_below(random, 256);
    struct weir_warp warp = weir_warp_none();
    weir_image_warp(&image, pixels, &warp, out);
    for (size_t i = 0; i < sizeof pixels; i++)
        CHECK(out[i] == pixels[i]);
    weir_warp_then(&warp, &(struct weir_warp){ .xy = 1, .yx = -1, .y0 = SIDE - 1 });
    weir_image_warp(&image, pixels, &warp, out);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int c = 0; c < 2; c++)
                CHECK(out[(y * SIDE + x) * 2 + c] == pixels[((SIDE - 1 - x) * SIDE + y) * 2 + c]);
    /* four times is none; half a pixel is the mean of two, and of the last with itself or with 0 */
    for (int i = 0; i < 3; i++)
        weir_warp_then(&warp, &(struct weir_warp){ .xy = 1, .yx = -1, .y0 = SIDE - 1 });
    CHECK(warp.xx == 1 && warp.xy == 0 && warp.x0 == 0 && warp.yy == 1 && warp.y0 == 0);
    warp.x0 = 0.5;
    for (int zero = 0; zero < 2; zero++) {
        warp.zero = zero;
        weir_image_warp(&image, pixels, &warp, out);
        for (int x = 0; x < SIDE; x++)
            CHECK_NEAR(out[2 * x],
                       (pixels[2 * x] + (x + 1 < SIDE ? pixels[2 * x + 2]
                                         : zero       ? 0
                                                      : pixels[2 * x])) /
                           2.0,
                       1e-5);
    }
}

/* Opacity only moves, and no float is infinite. */
static void test_values(struct weir_random *random)
{
    enum { PIXELS = 30 };
    struct weir_augment_options options = { .brightness = 1, .contrast = 1, .noise = 1 };
    uint8_t pixels[PIXELS * 4], out[PIXELS * 4];
    float scratch[PIXELS * 4], floats[PIXELS], changed[PIXELS];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)weir_random_below(random, 256);
    for (int channels = 2; channels <= 4; channels += 2) {
        weir_augment_image(&options, &(struct weir_image){ 5, 6, channels, true }, pixels, random, scratch, out);
        int same = 0;
        for (int i = 0; i < PIXELS * channels; i++) {
            CHECK(i % channels != channels - 1 || out[i] == pixels[i]);
            same += i % channels != channels - 1 && out[i] == pixels[i];
        }
        CHECK(same < PIXELS * (channels - 1) / 2);
    }
    for (int i = 0; i < PIXELS; i++)
        floats[i] = i % 2 ? 3e38F : -3e38F;
    for (int run = 0; run < 20; run++) {
        weir_augment_image(&options, &(struct weir_image){ 5, 6, 1, false }, floats, random, scratch, changed);
        for (int i = 0; i < PIXELS; i++)
            CHECK(isfinite(changed[i]));
    }
}

/* ---- The stage: a null, a NaN -------------------------------------------------------------------------------------
 */

enum { ROWS = 4, SIDE = 16 };

/* Row 1 is null, row 2 holds a NaN. */
static void make_table(struct weir_schema *schema, struct weir_batch *table)
{
    int64_t shape[] = { SIDE, SIDE };
    struct weir_field *field = weir_schema_add(schema, "image", WEIR_NULL);
    CHECK(weir_field_make_tensor(field, WEIR_FLOAT32, SIDE * SIDE, 2, shape) == 0);
    CHECK(weir_batch_init(table, 1, ROWS) == 0);
    struct weir_column *column = &table->columns[0];
    column->rows = ROWS;
    column->null_count = 1;
    uint8_t *bits = weir_slice_new(&column->validity, 1, 1);
    *bits = 0xD;
    CHECK(weir_column_add_children(column, 1) == 0);
    column->children[0].rows = ROWS * SIDE * SIDE;
    float *x = weir_slice_new(&column->children[0].values, ROWS * SIDE * SIDE, sizeof *x);
    for (int i = 0; i < ROWS * SIDE * SIDE; i++)
        x[i] = (float)(i * 7 % 100) / 100;
    x[2 * SIDE * SIDE + 5] = NAN;
}

static void test_missing(const char *options)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 }, part = { 0 }, out = { 0 }, replayed = { 0 };
    struct weir_stage *stage = NULL;
    struct weir_binding binding = { 0 };
    struct weir_error error = { 0 };
    const char *why[ROWS] = { NULL };
    struct weir_reasons reasons = { .reasons = why, .rows = ROWS };
    make_table(&schema, &table);
    CHECK(weir_stage_new(&stage, "features", options, &error) == 0);
    CHECK_INT(stage->kind->learn_begin(stage, &schema, &error), 0);
    CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_FILTER, &error) == 0);
    CHECK_INT(stage->kind->apply(&binding, &table, &out, NULL, &error), -1);
    CHECK_TEXT(error.text, "column 'image', row 3: the image holds a pixel that is missing, no number or too large");
    weir_batch_release(&out);
    CHECK(weir_batch_slice(&part, &table, &schema, 0, 2) == 0);
    CHECK_INT(stage->kind->apply(&binding, &part, &out, NULL, &error), 0);
    CHECK(out.columns[0].null_count == 1 && weir_valid(&out.columns[0], 0) && !weir_valid(&out.columns[0], 1));
    weir_binding_release(&binding);
    CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_REPLAY, &error) == 0);
    CHECK_INT(stage->kind->apply(&binding, &table, &replayed, &reasons, &error), 0);
    CHECK_TEXT(why[2], "'image' holds a pixel that is missing, no number or too large");
    CHECK(!why[0] && !why[1] && !why[3]);
    const struct weir_column *items = &replayed.columns[0].children[0];
    for (int64_t i = 0; i < items->rows; i++)
        CHECK(isfinite(((const float *)(const void *)items->values.bytes)[i]));
    CHECK(memcmp(items->values.bytes, out.columns[0].children[0].values.bytes, (size_t)(items->rows / ROWS) * 4) == 0);
    weir_binding_release(&binding);
    weir_stage_free(stage);
    weir_batch_release(&table);
    weir_batch_release(&part);
    weir_batch_release(&out);
    weir_batch_release(&replayed);
    weir_schema_release(&schema);
}

int main(void)
{
    struct weir_random random;
    weir_random_init(&random, 3, 0);
    for (int s = 0; s < SIZES; s++)
        for (int kind = 0; kind < 4; kind++) {
            float pixels[MOST];
            double gray[MOST];
            make(&sizes[s], kind, &random, pixels, gray);
            test_sobel(&sizes[s], pixels, gray);
            for (int norm = WEIR_HOG_L1; norm <= WEIR_HOG_L2_HYS; norm++)
                test_hog(&sizes[s], pixels, gray, (enum weir_hog_norm)norm);
            test_lbp(&sizes[s], pixels, gray);
            test_cooccurrence(&sizes[s], pixels, gray);
            test_canny(&sizes[s], pixels, kind);
        }
    test_moments(&random);
    test_colours(&random);
    test_channels();
    test_warp(&random);
    test_values(&random);
    test_missing("{\"method\": \"sobel\"}");
    test_missing("{\"method\": \"hog\", \"cell\": \"4x4\"}");
    test_missing("{\"method\": \"lbp\"}");
    test_missing("{\"method\": \"canny\"}");
    test_missing("{\"method\": \"glcm\"}");
    test_missing("{\"method\": \"hu\", \"log\": true}");
    test_missing("{\"method\": \"colour\"}");
    return check_result();
}
