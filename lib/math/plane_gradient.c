#include "math/plane_gradient.h"
#include "math/clones.h"
#include <string.h>

enum { LANES = WEIR_PLANE_LANES };
typedef float floats __attribute__((vector_size(LANES * 4)));

/* sums[l] += sum over i of dy[i][l] x[i step]. Four sums at once, since an addition waits for the one before it. */
WEIR_CLONES static void add_line(const float *dy, const float *x, int64_t count, int64_t step, double *sums)
{
    const floats *g = (const floats *)(const void *)dy;
    floats part[4] = { 0 };
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (int j = 0; j < 4; j++)
            part[j] += g[i + j] * x[(i + j) * step];
    for (; i < count; i++)
        part[0] += g[i] * x[i * step];
    floats whole = (part[0] + part[1]) + (part[2] + part[3]);
    for (int l = 0; l < LANES; l++)
        sums[l] += (double)whole[l];
}

/* The first place of the output that sees the source at a column from 0 on, and how many see one up to its end. */
static int64_t places_of(const struct weir_convolution_shape *s, int64_t kx, int64_t *first)
{
    int64_t offset = kx - s->pad_left, stride = s->stride_width;
    *first = offset < 0 ? (-offset + stride - 1) / stride : 0;
    int64_t end = offset < s->width ? (s->width - 1 - offset) / stride + 1 : 0;
    if (end > s->output_width)
        end = s->output_width;
    return end > *first ? end - *first : 0;
}

/* The sums of one weight of eight outputs over one image's plane. dy: [output_height][output_width][8]. */
static void add_plane(const struct weir_convolution_shape *s, const float *dy, const float *plane, int64_t ky,
                      int64_t kx, double *sums)
{
    int64_t first, count = places_of(s, kx, &first);
    for (int64_t oy = 0; count > 0 && oy < s->output_height; oy++) {
        int64_t y = oy * s->stride_height - s->pad_top + ky;
        if (y >= 0 && y < s->height)
            add_line(dy + (oy * s->output_width + first) * LANES,
                     plane + y * s->width + first * s->stride_width - s->pad_left + kx, count, s->stride_width, sums);
    }
}

/* The gradients of outputs from `block` * 8 on. */
static void block_gradient(const struct weir_convolution_shape *s, const float *source, const float *output_gradient,
                           int64_t block, float *weight_gradient, float *bias_gradient)
{
    static const float one = 1;
    int64_t blocks = (s->outputs + LANES - 1) / LANES, places = s->output_height * s->output_width;
    int64_t first = block * LANES, count = s->outputs - first < LANES ? s->outputs - first : LANES;
    int64_t taps = s->channels * s->kernel_height * s->kernel_width;
    for (int64_t tap = 0; tap <= taps; tap++) { /* behind the last: the bias */
        int64_t channel = tap / (s->kernel_height * s->kernel_width);
        int64_t ky = tap / s->kernel_width % s->kernel_height, kx = tap % s->kernel_width;
        double sums[LANES] = { 0 };
        for (int64_t row = 0; row < s->rows; row++) {
            const float *dy = output_gradient + (row * blocks + block) * places * LANES;
            if (tap < taps)
                add_plane(s, dy, source + (row * s->channels + channel) * s->height * s->width, ky, kx, sums);
            else if (bias_gradient)
                add_line(dy, &one, places, 0, sums);
        }
        for (int64_t l = 0; l < count; l++)
            if (tap < taps)
                weight_gradient[(first + l) * taps + tap] = (float)sums[l];
            else if (bias_gradient)
                bias_gradient[first + l] = (float)sums[l];
    }
}

void weir_plane_gradient(const struct weir_convolution_shape *shape, const float *source, const float *output_gradient,
                         float *weight_gradient, float *bias_gradient)
{
    for (int64_t block = 0; block * LANES < shape->outputs; block++)
        block_gradient(shape, source, output_gradient, block, weight_gradient, bias_gradient);
}
