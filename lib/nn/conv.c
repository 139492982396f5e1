/* conv N KxK: cross-correlation of an image (LeCun et al., "Gradient-based learning applied to document recognition",
 * 1998), by way of math/convolution.h. */
#include "math/convolution.h"
#include "math/vector.h"
#include "nn/internal.h"
#include "nn/words.h"
#include <math.h>
#include <stdlib.h>

struct conv {
    int64_t outputs, kernel_height, kernel_width, stride_height, stride_width, pad_height, pad_width, groups;
    bool same, bias;
};

static int parse(struct weir_layer *layer, struct weir_words *words, struct weir_error *error)
{
    struct conv *conv = layer->options;
    conv->stride_height = conv->stride_width = conv->groups = 1;
    conv->bias = true;
    if (weir_word_integer(words, "the number of outputs", 1, WEIR_NETWORK_MAX_ROW, &conv->outputs, error) ||
        weir_word_size(words, "the kernel's size", 1, 1024, &conv->kernel_height, &conv->kernel_width, error))
        return -1;
    for (;;) {
        if (weir_word_take(words, "stride")) {
            if (weir_word_size(words, "the stride", 1, 1024, &conv->stride_height, &conv->stride_width, error))
                return -1;
        } else if (weir_word_take(words, "pad")) {
            conv->same = weir_word_take(words, "same");
            conv->pad_height = conv->pad_width = 0;
            if (!conv->same &&
                weir_word_size(words, "the padding", 0, 1024, &conv->pad_height, &conv->pad_width, error))
                return -1;
        } else if (weir_word_take(words, "groups")) {
            if (weir_word_integer(words, "the number of groups", 1, WEIR_NETWORK_MAX_ROW, &conv->groups, error))
                return -1;
        } else if (weir_word_take(words, "nobias")) {
            conv->bias = false;
        } else {
            return 0;
        }
    }
}

static void describe(const struct weir_layer *layer, struct weir_buffer *out)
{
    const struct conv *conv = layer->options;
    weir_buffer_format(out, "conv %lld %lldx%lld", (long long)conv->outputs, (long long)conv->kernel_height,
                       (long long)conv->kernel_width);
    if (conv->stride_height != 1 || conv->stride_width != 1) {
        weir_buffer_string(out, " stride ");
        weir_describe_size(out, conv->stride_height, conv->stride_width);
    }
    if (conv->same) {
        weir_buffer_string(out, " pad same");
    } else if (conv->pad_height || conv->pad_width) {
        weir_buffer_string(out, " pad ");
        weir_describe_size(out, conv->pad_height, conv->pad_width);
    }
    if (conv->groups != 1)
        weir_buffer_format(out, " groups %lld", (long long)conv->groups);
    if (!conv->bias)
        weir_buffer_string(out, " nobias");
}

/* One dimension: the output's size, and the padding on both sides; "same" gives ceil(size / stride), with the odd
 * padding at the end. */
static int64_t output_size(int64_t size, int64_t kernel, int64_t stride, int64_t pad, bool same, int64_t *before,
                           int64_t *after)
{
    *before = *after = pad;
    if (same) {
        int64_t output = (size + stride - 1) / stride;
        int64_t total = (output - 1) * stride + kernel - size;
        total = total > 0 ? total : 0;
        *before = total / 2;
        *after = total - *before;
        return output;
    }
    return size + 2 * pad < kernel ? 0 : (size + 2 * pad - kernel) / stride + 1;
}

static struct weir_convolution_shape convolution_shape(const struct weir_layer *layer, const struct weir_value *in)
{
    const struct conv *conv = layer->options;
    struct weir_convolution_shape shape = {
        .rows = 1,
        .channels = in->shape.size[2],
        .height = in->shape.size[0],
        .width = in->shape.size[1],
        .outputs = conv->outputs,
        .kernel_height = conv->kernel_height,
        .kernel_width = conv->kernel_width,
        .stride_height = conv->stride_height,
        .stride_width = conv->stride_width,
        .groups = conv->groups,
        .bias = conv->bias,
        .relu = layer->gives_positive,
    };
    shape.output_height = output_size(shape.height, conv->kernel_height, conv->stride_height, conv->pad_height,
                                      conv->same, &shape.pad_top, &shape.pad_bottom);
    shape.output_width = output_size(shape.width, conv->kernel_width, conv->stride_width, conv->pad_width, conv->same,
                                     &shape.pad_left, &shape.pad_right);
    return shape;
}

static int64_t input_lanes(const struct weir_layer *layer, const struct weir_value *in)
{
    if (in->shape.rank != 3)
        return in->lanes; /* infer refuses it */
    struct weir_convolution_shape shape = convolution_shape(layer, in);
    int64_t source, output;
    weir_convolution_lanes(&shape, &source, &output);
    return source;
}

static int infer(struct weir_layer *layer, struct weir_network *network, const struct weir_value *in,
                 struct weir_value *out, struct weir_error *error)
{
    const struct conv *conv = layer->options;
    if (weir_layer_check_image(in, error))
        return -1;
    struct weir_convolution_shape shape = convolution_shape(layer, in);
    if (shape.channels % conv->groups || conv->outputs % conv->groups)
        return weir_fail(error, WEIR_USAGE, "%lld groups do not divide %lld input channels and %lld outputs evenly",
                         (long long)conv->groups, (long long)shape.channels, (long long)conv->outputs);
    if (shape.output_height < 1 || shape.output_width < 1)
        return weir_fail(error, WEIR_USAGE, "the image is %lldx%lld here, smaller than the kernel",
                         (long long)shape.height, (long long)shape.width);
    if (!conv->same && (conv->pad_height >= conv->kernel_height || conv->pad_width >= conv->kernel_width))
        return weir_fail(error, WEIR_USAGE, "the padding is as large as the kernel");
    int64_t weight[4] = { conv->outputs, shape.channels / conv->groups, conv->kernel_height, conv->kernel_width };
    int64_t source;
    weir_convolution_lanes(&shape, &source, &out->lanes);
    out->shape.size[0] = shape.output_height;
    out->shape.size[1] = shape.output_width;
    out->shape.size[2] = conv->outputs;
    layer->operations = (double)weight[0] * (double)weight[1] * (double)weight[2] * (double)weight[3] *
                        (double)shape.output_height * (double)shape.output_width;
    if (weir_layer_add_tensor(layer, network, "weight", false, 4, weight, error))
        return -1;
    return conv->bias ? weir_layer_add_tensor(layer, network, "bias", false, 1, weight, error) : 0;
}

static int64_t reach(const struct weir_layer *layer, int dimension, int64_t size)
{
    const struct conv *conv = layer->options;
    if (conv->same || conv->pad_height || conv->pad_width)
        return 0;
    return dimension == 0 ? (size - 1) * conv->stride_height + conv->kernel_height
                          : (size - 1) * conv->stride_width + conv->kernel_width;
}

static void initialize(const struct weir_layer *layer, struct weir_network *network, struct weir_random *random)
{
    const struct conv *conv = layer->options;
    int64_t inputs =
        weir_value_channels(weir_layer_input(layer, network)) / conv->groups * conv->kernel_height * conv->kernel_width;
    double bound = 1 / sqrt((double)inputs);
    weir_initialize_uniform(weir_layer_parameter(layer, network, 0), conv->outputs * inputs, bound, random);
    if (conv->bias)
        weir_initialize_uniform(weir_layer_parameter(layer, network, 1), conv->outputs, bound, random);
}

/* Predicting runs image by image, so that a row's sums have the same order whatever the batch. */
static int compile(const struct weir_layer *layer, const struct weir_network *network, struct weir_compile *how,
                   void **compiled, struct weir_error *error)
{
    const struct conv *conv = layer->options;
    const struct weir_value *in = weir_layer_input(layer, network);
    struct weir_convolution_shape shape = convolution_shape(layer, in);
    shape.rows = how->training ? how->rows : 1;
    shape.training = how->training;
    shape.bfloat16 = how->bfloat16;
    shape.source_gradient = how->training && in->needs_gradient;
    struct weir_convolution *convolution;
    if (weir_convolution_new(&convolution, &shape, weir_layer_parameter(layer, network, 0),
                             conv->bias ? weir_layer_parameter(layer, network, 1) : NULL, error))
        return -1;
    size_t scratch = weir_convolution_scratch(convolution);
    how->scratch = how->scratch > scratch ? how->scratch : scratch;
    *compiled = convolution;
    return 0;
}

static int pack(const struct weir_layer *layer, void *compiled)
{
    (void)layer;
    return weir_convolution_pack(compiled);
}

static void discard(void *compiled)
{
    weir_convolution_free(compiled);
}

struct bound {
    int count;
    struct weir_convolution_binding *binding[];
};

static void unbind(void *bound)
{
    struct bound *all = bound;
    for (int i = 0; all && i < all->count; i++)
        weir_convolution_unbind(all->binding[i]);
    free(all);
}

static int bind(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass, void **bound,
                struct weir_error *error)
{
    const struct conv *conv = layer->options;
    int count = pass->training ? 1 : (int)pass->capacity;
    struct bound *all = weir_allocate_zero(1, sizeof *all + (size_t)count * sizeof all->binding[0]);
    if (!all)
        return weir_fail_memory(error);
    int64_t in = weir_value_stride(weir_layer_input(layer, pass->network));
    int64_t out = weir_value_stride(weir_layer_output(layer, pass->network));
    for (; all->count < count; all->count++) {
        struct weir_convolution_buffers buffers = {
            .source = pass->value[layer->input] + all->count * in,
            .output = pass->value[layer->output] + all->count * out,
            .scratch = pass->scratch,
        };
        if (pass->training) {
            buffers.output_gradient = pass->gradient[layer->output];
            buffers.source_gradient = weir_layer_input_gradient(layer, pass);
            buffers.weight_gradient = weir_layer_gradient(layer, pass, 0);
            buffers.bias_gradient = conv->bias ? weir_layer_gradient(layer, pass, 1) : NULL;
        }
        if (weir_convolution_bind(&all->binding[all->count], compiled, &buffers, error)) {
            unbind(all);
            return -1;
        }
    }
    *bound = all;
    return 0;
}

static int forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct bound *all = weir_layer_bound(layer, pass);
    if (pass->training) {
        int64_t stride = weir_value_stride(weir_layer_input(layer, pass->network));
        weir_clear_rows(pass->value[layer->input], stride, pass->rows, pass->capacity);
        return weir_convolution_forward(all->binding[0]);
    }
    for (int64_t r = 0; r < pass->rows; r++)
        if (weir_convolution_forward(all->binding[r]))
            return -1;
    return 0;
}

static int backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct bound *all = weir_layer_bound(layer, pass);
    weir_layer_relu_backward(layer, pass);
    weir_clear_rows(pass->gradient[layer->output], weir_value_stride(weir_layer_output(layer, pass->network)),
                    pass->rows, pass->capacity);
    if (weir_convolution_backward_weights(all->binding[0]))
        return -1;
    return weir_layer_input(layer, pass->network)->needs_gradient ? weir_convolution_backward_source(all->binding[0])
                                                                  : 0;
}

const struct weir_layer_kind weir_layer_conv = {
    .name = "conv",
    .options_size = sizeof(struct conv),
    .fuses_relu = true,
    .widens = true,
    .reach = reach,
    .parse = parse,
    .describe = describe,
    .input_lanes = input_lanes,
    .infer = infer,
    .initialize = initialize,
    .compile = compile,
    .pack = pack,
    .discard = discard,
    .bind = bind,
    .unbind = unbind,
    .forward = forward,
    .backward = backward,
};
