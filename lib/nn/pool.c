/* maxpool, avgpool, globalpool: the largest or the mean number of each window, channel by channel. */
#include "math/clones.h"
#include "math/image_lanes.h"
#include "nn/internal.h"
#include "nn/words.h"
#include <stdlib.h>
#include <string.h>

struct pool {
    int64_t kernel_height, kernel_width, stride_height, stride_width, pad_height, pad_width;
};

/* One row seen as images of `lanes` channels. */
struct form {
    int64_t groups, lanes, height, width, output_height, output_width;
};

static int parse(struct weir_layer *layer, struct weir_words *words, struct weir_error *error)
{
    struct pool *pool = layer->options;
    if (weir_word_size(words, "the window's size", 1, 1024, &pool->kernel_height, &pool->kernel_width, error))
        return -1;
    pool->stride_height = pool->kernel_height;
    pool->stride_width = pool->kernel_width;
    for (;;) {
        if (weir_word_take(words, "stride")) {
            if (weir_word_size(words, "the stride", 1, 1024, &pool->stride_height, &pool->stride_width, error))
                return -1;
        } else if (weir_word_take(words, "pad")) {
            if (weir_word_size(words, "the padding", 0, 512, &pool->pad_height, &pool->pad_width, error))
                return -1;
        } else {
            return 0;
        }
    }
}

static void describe(const struct weir_layer *layer, struct weir_buffer *out)
{
    const struct pool *pool = layer->options;
    weir_buffer_format(out, "%s ", layer->kind->name);
    weir_describe_size(out, pool->kernel_height, pool->kernel_width);
    if (pool->stride_height != pool->kernel_height || pool->stride_width != pool->kernel_width) {
        weir_buffer_string(out, " stride ");
        weir_describe_size(out, pool->stride_height, pool->stride_width);
    }
    if (pool->pad_height || pool->pad_width) {
        weir_buffer_string(out, " pad ");
        weir_describe_size(out, pool->pad_height, pool->pad_width);
    }
}

static int infer(struct weir_layer *layer, struct weir_network *network, const struct weir_value *in,
                 struct weir_value *out, struct weir_error *error)
{
    (void)network;
    const struct pool *pool = layer->options;
    if (weir_layer_check_image(in, error))
        return -1;
    if (2 * pool->pad_height > pool->kernel_height || 2 * pool->pad_width > pool->kernel_width)
        return weir_fail(error, WEIR_USAGE, "the padding is more than half the window");
    int64_t height = in->shape.size[0] + 2 * pool->pad_height, width = in->shape.size[1] + 2 * pool->pad_width;
    if (height < pool->kernel_height || width < pool->kernel_width)
        return weir_fail(error, WEIR_USAGE, "the image is %lldx%lld here, smaller than the window",
                         (long long)in->shape.size[0], (long long)in->shape.size[1]);
    out->shape.size[0] = (height - pool->kernel_height) / pool->stride_height + 1;
    out->shape.size[1] = (width - pool->kernel_width) / pool->stride_width + 1;
    layer->operations = (double)weir_shape_elements(&in->shape);
    return 0;
}

static int64_t reach(const struct weir_layer *layer, int dimension, int64_t size)
{
    const struct pool *pool = layer->options;
    if (pool->pad_height || pool->pad_width)
        return 0;
    return dimension == 0 ? (size - 1) * pool->stride_height + pool->kernel_height
                          : (size - 1) * pool->stride_width + pool->kernel_width;
}

static struct form form_of(const struct weir_layer *layer, const struct weir_network *network)
{
    const struct weir_value *in = weir_layer_input(layer, network), *out = weir_layer_output(layer, network);
    return (struct form){ weir_value_groups(in), in->lanes,          in->shape.size[0],
                          in->shape.size[1],     out->shape.size[0], out->shape.size[1] };
}

/* The part of a window that lies in the image: [first, end). */
static inline void window(int64_t i, int64_t kernel, int64_t stride, int64_t pad, int64_t size, int64_t *first,
                          int64_t *end)
{
    *first = i * stride - pad;
    *end = *first + kernel < size ? *first + kernel : size;
    *first = *first > 0 ? *first : 0;
}

/* ---- The largest ------------------------------------------------------------------------------------------ */

/* Zeros where no window of windows that lie apart reaches. */
static void clear_rim(const struct form *form, const struct pool *pool, float *to)
{
    int64_t bottom = form->output_height * pool->kernel_height, right = form->output_width * pool->kernel_width;
    size_t row = (size_t)((form->width - right) * form->lanes) * sizeof *to;
    for (int64_t r = 0; row && r < bottom; r++)
        memset(to + (r * form->width + right) * form->lanes, 0, row);
    memset(to + bottom * form->width * form->lanes, 0,
           (size_t)((form->height - bottom) * form->width * form->lanes) * sizeof *to);
}

#if defined(__x86_64__)
#define TARGET  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define LANES   16
#define NAME(x) x##_avx512
#include "nn/pool_kernel.inc"
#define TARGET  __attribute__((target("avx2")))
#define LANES   8
#define NAME(x) x##_avx2
#include "nn/pool_kernel.inc"
#endif
#define TARGET
#define LANES   4
#define NAME(x) x##_plain
#include "nn/pool_kernel.inc"

static void maximum_image(const struct pool *pool, const struct form *form, bool positive, const float *x, float *y,
                          int32_t *where)
{
#if defined(__x86_64__)
    if (weir_image_lanes() == 16) {
        maximum_image_avx512(pool, form, positive, x, y, where);
        return;
    }
    if (__builtin_cpu_supports("avx2")) {
        maximum_image_avx2(pool, form, positive, x, y, where);
        return;
    }
#endif
    maximum_image_plain(pool, form, positive, x, y, where);
}

static void maximum_gradient_image(const struct pool *pool, const struct form *form, const int32_t *where,
                                   const float *from, float *to)
{
#if defined(__x86_64__)
    if (weir_image_lanes() == 16) {
        maximum_gradient_image_avx512(pool, form, where, from, to);
        return;
    }
    if (__builtin_cpu_supports("avx2")) {
        maximum_gradient_image_avx2(pool, form, where, from, to);
        return;
    }
#endif
    maximum_gradient_image_plain(pool, form, where, from, to);
}

/* The places of the largest, of a training pass. */
static int maxpool_bind(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass, void **bound,
                        struct weir_error *error)
{
    (void)compiled;
    if (!pass->training)
        return 0;
    size_t count;
    if (!weir_multiply((size_t)pass->capacity, (size_t)weir_value_stride(weir_layer_output(layer, pass->network)),
                       &count))
        return weir_fail_memory(error);
    *bound = weir_allocate_aligned(count, sizeof(int32_t));
    return *bound ? 0 : weir_fail_memory(error);
}

static int maxpool_forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    struct form form = form_of(layer, pass->network);
    int32_t *where = weir_layer_bound(layer, pass);
    int64_t in = form.height * form.width * form.lanes, out = form.output_height * form.output_width * form.lanes;
    for (int64_t g = 0; g < pass->rows * form.groups; g++)
        maximum_image(layer->options, &form, layer->masks_below, pass->value[layer->input] + g * in,
                      pass->value[layer->output] + g * out, where ? where + g * out : NULL);
    return 0;
}

static int maxpool_backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    struct form form = form_of(layer, pass->network);
    const int32_t *where = weir_layer_bound(layer, pass);
    int64_t in = form.height * form.width * form.lanes, out = form.output_height * form.output_width * form.lanes;
    float *to = weir_layer_input_gradient(layer, pass);
    for (int64_t g = 0; g < pass->rows * form.groups; g++)
        maximum_gradient_image(layer->options, &form, where + g * out, pass->gradient[layer->output] + g * out,
                               to + g * in);
    return 0;
}

const struct weir_layer_kind weir_layer_maxpool = {
    .name = "maxpool",
    .options_size = sizeof(struct pool),
    .masks_relu = true,
    .narrows = true,
    .reach = reach,
    .parse = parse,
    .describe = describe,
    .infer = infer,
    .bind = maxpool_bind,
    .unbind = free,
    .forward = maxpool_forward,
    .backward = maxpool_backward,
};

/* ---- The mean --------------------------------------------------------------------------------------------- */

/* Forward: y = mean of the window, zeros of the padding counted. Backward (x, y are gradients): each place of the
 * window gets its share. */
WEIR_CLONES static void mean_image(const struct pool *pool, const struct form *form, float *restrict x,
                                   float *restrict y, bool backward)
{
    float share = 1 / (float)(pool->kernel_height * pool->kernel_width);
    int64_t lanes = form->lanes;
    if (backward)
        memset(x, 0, (size_t)(form->height * form->width * lanes) * sizeof *x);
    for (int64_t i = 0; i < form->output_height; i++) {
        int64_t top, bottom;
        window(i, pool->kernel_height, pool->stride_height, pool->pad_height, form->height, &top, &bottom);
        for (int64_t j = 0; j < form->output_width; j++) {
            int64_t left, right;
            window(j, pool->kernel_width, pool->stride_width, pool->pad_width, form->width, &left, &right);
            float *out = y + (i * form->output_width + j) * lanes;
            if (!backward)
                memset(out, 0, (size_t)lanes * sizeof *out);
            for (int64_t r = top; r < bottom; r++)
                for (int64_t c = left; c < right; c++) {
                    float *in = x + (r * form->width + c) * lanes;
                    if (backward)
                        for (int64_t l = 0; l < lanes; l++)
                            in[l] += out[l] * share;
                    else
                        for (int64_t l = 0; l < lanes; l++)
                            out[l] += in[l];
                }
            if (!backward)
                for (int64_t l = 0; l < lanes; l++)
                    out[l] *= share;
        }
    }
}

static void mean_images(const struct weir_layer *layer, const struct weir_pass *pass, float *x, float *y, bool backward)
{
    struct form form = form_of(layer, pass->network);
    int64_t in = form.height * form.width * form.lanes, out = form.output_height * form.output_width * form.lanes;
    for (int64_t g = 0; g < pass->rows * form.groups; g++)
        mean_image(layer->options, &form, x + g * in, y + g * out, backward);
}

static int avgpool_forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    mean_images(layer, pass, pass->value[layer->input], pass->value[layer->output], false);
    return 0;
}

static int avgpool_backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    mean_images(layer, pass, weir_layer_input_gradient(layer, pass), pass->gradient[layer->output], true);
    return 0;
}

const struct weir_layer_kind weir_layer_avgpool = {
    .name = "avgpool",
    .options_size = sizeof(struct pool),
    .narrows = true,
    .reach = reach,
    .parse = parse,
    .describe = describe,
    .infer = infer,
    .forward = avgpool_forward,
    .backward = avgpool_backward,
};

/* ---- The mean of the whole image -------------------------------------------------------------------------- */

static void globalpool_describe(const struct weir_layer *layer, struct weir_buffer *out)
{
    (void)layer;
    weir_buffer_string(out, "globalpool");
}

static int globalpool_infer(struct weir_layer *layer, struct weir_network *network, const struct weir_value *in,
                            struct weir_value *out, struct weir_error *error)
{
    (void)network;
    if (weir_layer_check_image(in, error))
        return -1;
    out->shape = (struct weir_shape){ .rank = 1, .size = { in->shape.size[2] } };
    out->lanes = in->shape.size[2];
    layer->operations = (double)weir_shape_elements(&in->shape);
    return 0;
}

static int globalpool_forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t places = weir_value_places(in), channels = weir_value_channels(in), stride = weir_value_stride(in);
    for (int64_t r = 0; r < pass->rows; r++)
        for (int64_t c = 0; c < channels; c++) {
            const float *x =
                pass->value[layer->input] + r * stride + c / in->lanes * places * in->lanes + c % in->lanes;
            double sum = 0;
            for (int64_t p = 0; p < places; p++)
                sum += x[p * in->lanes];
            pass->value[layer->output][r * channels + c] = (float)(sum / (double)places);
        }
    return 0;
}

static int globalpool_backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t places = weir_value_places(in), channels = weir_value_channels(in), lanes = in->lanes;
    float *to = weir_layer_input_gradient(layer, pass);
    for (int64_t r = 0; r < pass->rows; r++)
        for (int64_t g = 0; g < weir_value_groups(in); g++)
            for (int64_t p = 0; p < places; p++)
                for (int64_t l = 0; l < lanes; l++) {
                    int64_t c = g * lanes + l;
                    *to++ = c < channels ? pass->gradient[layer->output][r * channels + c] / (float)places : 0;
                }
    return 0;
}

const struct weir_layer_kind weir_layer_globalpool = {
    .name = "globalpool",
    .narrows = true,
    .describe = globalpool_describe,
    .infer = globalpool_infer,
    .forward = globalpool_forward,
    .backward = globalpool_backward,
};
