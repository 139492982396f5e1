/* Convolutions, in float and in bfloat16, against sums in double: what bfloat16 changes is the rounding of the numbers
 * that are multiplied, and nothing else. */
#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "math/convolution.h"
#include "math/vector.h"
#include <stdlib.h>

enum { ROWS = 6 };

static const struct weir_convolution_shape shapes[] = {
    /* channels, height, width; outputs; kernel; stride; padding: top, left, bottom, right; groups; bias, relu;
       training, to the source, bfloat16 */
    { ROWS, 32, 12, 12, 64, 0, 0, 3, 3, 1, 1, 0, 0, 0, 0, 1, true, false, true, true, false },
    { ROWS, 16, 9, 7, 32, 0, 0, 3, 3, 1, 1, 1, 1, 1, 1, 1, true, true, true, true, false },
    { ROWS, 20, 8, 8, 13, 0, 0, 5, 3, 1, 1, 2, 1, 2, 1, 1, false, true, true, true, false },
    { ROWS, 4, 10, 11, 16, 0, 0, 3, 3, 2, 2, 0, 0, 1, 1, 1, true, false, true, true, false },
    { ROWS, 7, 9, 9, 40, 0, 0, 2, 4, 3, 1, 0, 1, 0, 2, 1, true, false, true, true, false },
    { ROWS, 64, 6, 6, 10, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, false, false, true, true, false },
    { ROWS, 48, 7, 7, 96, 0, 0, 1, 1, 2, 2, 0, 0, 0, 0, 1, true, false, true, true, false },
    { ROWS, 5, 4, 4, 3, 0, 0, 4, 4, 1, 1, 0, 0, 0, 0, 1, true, false, true, true, false },
    { ROWS, 1, 12, 12, 8, 0, 0, 3, 3, 1, 1, 0, 0, 0, 0, 1, true, true, true, true, false },
    { ROWS, 3, 9, 9, 24, 0, 0, 5, 5, 2, 2, 2, 2, 2, 2, 1, true, false, true, true, false },
    { ROWS, 2, 11, 13, 20, 0, 0, 3, 5, 2, 3, 1, 2, 3, 1, 1, true, false, true, true, false },
    { ROWS, 1, 3, 2, 9, 0, 0, 4, 6, 1, 1, 4, 4, 2, 5, 1, false, false, true, true, false },
    { ROWS, 4, 2, 6, 9, 0, 0, 4, 2, 1, 1, 1, 0, 2, 1, 1, true, false, true, true, false }, /* taller than the image */
    { ROWS, 5, 3, 8, 1, 0, 0, 4, 2, 2, 2, 0, 1, 1, 0, 1, false, true, true, true, false },
    { ROWS, 24, 8, 8, 24, 0, 0, 3, 3, 1, 1, 1, 1, 1, 1, 24, true, false, true, true, false },
    { ROWS, 12, 8, 8, 8, 0, 0, 3, 3, 1, 1, 1, 1, 1, 1, 2, true, false, true, true, false },
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static int64_t source_count(const struct weir_convolution_shape *s)
{
    return s->rows * s->channels * s->height * s->width;
}

static int64_t output_count(const struct weir_convolution_shape *s)
{
    return s->rows * s->outputs * s->output_height * s->output_width;
}

static int64_t weight_count(const struct weir_convolution_shape *s)
{
    return s->outputs * s->channels / s->groups * s->kernel_height * s->kernel_width;
}

static float *normal(int64_t count, struct weir_random *random)
{
    float *numbers = malloc((size_t)count * sizeof *numbers);
    for (int64_t i = 0; numbers && i < count; i++)
        numbers[i] = (float)weir_random_normal(random);
    return numbers;
}

/* To the nearest number with eight bits, the even one of two; that of an infinite or huge number is not needed here. */
static float rounded(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Images in the plain order [rows][height][width][channels] to those in lanes, zeros behind the last channel. */
static float *laid(const float *plain, int64_t places, int64_t channels, int64_t lanes)
{
    int64_t stride = (channels + lanes - 1) / lanes * lanes * places;
    float *images = weir_allocate_aligned((size_t)(ROWS * stride), sizeof *images);
    for (int64_t r = 0; images && r < ROWS; r++) {
        memset(images + r * stride, 0, (size_t)stride * sizeof *images);
        if (plain)
            weir_image_reorder(plain + r * places * channels, channels, images + r * stride, lanes, places, channels);
    }
    return images;
}

static void unlay(const float *images, int64_t lanes, float *plain, int64_t places, int64_t channels)
{
    int64_t stride = (channels + lanes - 1) / lanes * lanes * places;
    for (int64_t r = 0; r < ROWS; r++)
        weir_image_reorder(images + r * stride, lanes, plain + r * places * channels, channels, places, channels);
}

/* What the sums should be, and the sums of the sizes of what is added, of which rounding errors are a part. */
struct sums {
    double *output, *source, *weight, *bias;
};

static struct sums new_sums(const struct weir_convolution_shape *s)
{
    return (struct sums){ calloc((size_t)output_count(s), sizeof(double)),
                          calloc((size_t)source_count(s), sizeof(double)),
                          calloc((size_t)weight_count(s), sizeof(double)), calloc((size_t)s->outputs, sizeof(double)) };
}

static void free_sums(struct sums *sums)
{
    free(sums->output);
    free(sums->source);
    free(sums->weight);
    free(sums->bias);
}

struct numbers {
    float *source, *output_gradient, *weight, *bias; /* images in the plain order */
};

/* output, and the gradients of the sum of output * output_gradient. */
static void reference(const struct weir_convolution_shape *s, const struct numbers *n, struct sums *is,
                      struct sums *size)
{
    int64_t in = s->channels / s->groups, out = s->outputs / s->groups;
    for (int64_t r = 0; r < s->rows; r++)
        for (int64_t y = 0; y < s->output_height; y++)
            for (int64_t x = 0; x < s->output_width; x++)
                for (int64_t o = 0; o < s->outputs; o++) {
                    int64_t to = ((r * s->output_height + y) * s->output_width + x) * s->outputs + o;
                    double gradient = n->output_gradient[to], bias = s->bias ? n->bias[o] : 0;
                    is->output[to] += bias;
                    size->output[to] += fabs(bias);
                    is->bias[o] += gradient;
                    size->bias[o] += fabs(gradient);
                    for (int64_t ky = 0; ky < s->kernel_height; ky++)
                        for (int64_t kx = 0; kx < s->kernel_width; kx++) {
                            int64_t sy = y * s->stride_height - s->pad_top + ky;
                            int64_t sx = x * s->stride_width - s->pad_left + kx;
                            if (sy < 0 || sy >= s->height || sx < 0 || sx >= s->width)
                                continue;
                            for (int64_t i = 0; i < in; i++) {
                                int64_t from = ((r * s->height + sy) * s->width + sx) * s->channels + o / out * in + i;
                                int64_t by = ((o * in + i) * s->kernel_height + ky) * s->kernel_width + kx;
                                double source = n->source[from], weight = n->weight[by];
                                is->output[to] += source * weight;
                                size->output[to] += fabs(source * weight);
                                is->source[from] += gradient * weight;
                                size->source[from] += fabs(gradient * weight);
                                is->weight[by] += gradient * source;
                                size->weight[by] += fabs(gradient * source);
                            }
                        }
                }
}

/* Whether all are near to sums of numbers of such sizes. */
static bool near(const float *numbers, const double *is, const double *size, int64_t count)
{
    double worst = 0;
    for (int64_t i = 0; i < count; i++) {
        double error = fabs(numbers[i] - is[i]) / (size[i] + 1e-30);
        worst = error <= worst ? worst : error; /* NaN too */
    }
    if (!(worst <= 2e-6))
        fprintf(stderr, "    an error of %g\n", worst);
    return worst <= 2e-6;
}

static void check_shape(const struct weir_convolution_shape *shape, bool bfloat16)
{
    struct weir_convolution_shape s = *shape;
    struct weir_error error = { 0 };
    struct weir_random random;
    s.output_height = (s.height + s.pad_top + s.pad_bottom - s.kernel_height) / s.stride_height + 1;
    s.output_width = (s.width + s.pad_left + s.pad_right - s.kernel_width) / s.stride_width + 1;
    s.training = s.source_gradient = true;
    s.bfloat16 = bfloat16;
    weir_random_init(&random, 5, (uint64_t)(s.channels + bfloat16));
    struct numbers n = { normal(source_count(&s), &random), normal(output_count(&s), &random),
                         normal(weight_count(&s), &random), normal(s.outputs, &random) };
    int64_t source_lanes, output_lanes;
    weir_convolution_lanes(&s, &source_lanes, &output_lanes);
    int64_t source_places = s.height * s.width, output_places = s.output_height * s.output_width;
    float *made = calloc((size_t)(weight_count(&s) + s.outputs), sizeof *made);
    struct weir_convolution_buffers b = {
        .source = laid(n.source, source_places, s.channels, source_lanes),
        .output = laid(NULL, output_places, s.outputs, output_lanes),
        .output_gradient = laid(n.output_gradient, output_places, s.outputs, output_lanes),
        .source_gradient = laid(NULL, source_places, s.channels, source_lanes),
        .weight_gradient = made,
        .bias_gradient = made + weight_count(&s),
    };
    struct weir_convolution *convolution = NULL;
    struct weir_convolution_binding *binding = NULL;
    CHECK_INT(weir_convolution_new(&convolution, &s, n.weight, s.bias ? n.bias : NULL, &error), 0);
    b.scratch = weir_allocate_aligned(weir_convolution_scratch(convolution), 1);
    CHECK_INT(weir_convolution_bind(&binding, convolution, &b, &error), 0);
    CHECK_INT(weir_convolution_pack(convolution), 0);
    CHECK_INT(weir_convolution_forward(binding), 0);
    CHECK_INT(weir_convolution_backward_weights(binding), 0);
    CHECK_INT(weir_convolution_backward_source(binding), 0);

    float *output = malloc((size_t)output_count(&s) * sizeof *output);
    float *source = malloc((size_t)source_count(&s) * sizeof *source);
    unlay(b.output, output_lanes, output, output_places, s.outputs);
    unlay(b.source_gradient, source_lanes, source, source_places, s.channels);
    if (bfloat16 && s.channels > 3 && s.groups == 1) {
        for (int64_t i = 0; i < source_count(&s); i++)
            n.source[i] = rounded(n.source[i]);
        for (int64_t i = 0; i < output_count(&s); i++)
            n.output_gradient[i] = rounded(n.output_gradient[i]);
        for (int64_t i = 0; i < weight_count(&s); i++)
            n.weight[i] = rounded(n.weight[i]);
    }
    struct sums is = new_sums(&s), size = new_sums(&s);
    reference(&s, &n, &is, &size);
    for (int64_t i = 0; s.relu && i < output_count(&s); i++)
        is.output[i] = is.output[i] > 0 ? is.output[i] : 0;
    bool good = CHECK(near(output, is.output, size.output, output_count(&s)));
    good &= CHECK(near(source, is.source, size.source, source_count(&s)));
    good &= CHECK(near(b.weight_gradient, is.weight, size.weight, weight_count(&s)));
    good &= !s.bias || CHECK(near(b.bias_gradient, is.bias, size.bias, s.outputs));
    if (!good)
        fprintf(stderr, "    of %lld channels to %lld in %s\n", (long long)s.channels, (long long)s.outputs,
                bfloat16 ? "bfloat16" : "float");
    free_sums(&is);
    free_sums(&size);
    free(output);
    free(source);
    weir_convolution_unbind(binding);
    weir_convolution_free(convolution);
    free((float *)b.source);
    free(b.output);
    free((float *)b.output_gradient);
    free(b.source_gradient);
    free(b.scratch);
    free(made);
    free(n.source);
    free(n.output_gradient);
    free(n.weight);
    free(n.bias);
}

int main(void)
{
    for (int i = 0; i < SHAPES; i++) {
        check_shape(&shapes[i], false);
        if (weir_has_bfloat16())
            check_shape(&shapes[i], true);
    }
    return check_result();
}
