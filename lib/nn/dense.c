/* dense N: y[o] = b[o] + sum over i of w[o][i] x[i]. */
#include "math/affine.h"
#include "math/matrix_product.h"
#include "math/vector.h"
#include "nn/internal.h"
#include "nn/words.h"
#include <math.h>

struct dense {
    int64_t outputs;
    bool bias;
};

static int parse(struct weir_layer *layer, struct weir_words *words, struct weir_error *error)
{
    struct dense *dense = layer->options;
    dense->bias = true;
    if (weir_word_integer(words, "the number of outputs", 1, WEIR_NETWORK_MAX_ROW, &dense->outputs, error))
        return -1;
    if (weir_word_take(words, "nobias"))
        dense->bias = false;
    return 0;
}

static void describe(const struct weir_layer *layer, struct weir_buffer *out)
{
    const struct dense *dense = layer->options;
    weir_buffer_format(out, "dense %lld%s", (long long)dense->outputs, dense->bias ? "" : " nobias");
}

static int infer(struct weir_layer *layer, struct weir_network *network, const struct weir_value *in,
                 struct weir_value *out, struct weir_error *error)
{
    const struct dense *dense = layer->options;
    if (in->shape.rank != 1)
        return weir_fail(error, WEIR_USAGE,
                         "it takes a vector, and the input is an image here: put 'flatten' before it");
    int64_t shape[2] = { dense->outputs, in->shape.size[0] };
    out->shape.size[0] = out->lanes = dense->outputs;
    layer->operations = (double)shape[0] * (double)shape[1];
    if (weir_layer_add_tensor(layer, network, "weight", false, 2, shape, error))
        return -1;
    return dense->bias ? weir_layer_add_tensor(layer, network, "bias", false, 1, shape, error) : 0;
}

static void initialize(const struct weir_layer *layer, struct weir_network *network, struct weir_random *random)
{
    const struct dense *dense = layer->options;
    int64_t inputs = weir_value_channels(weir_layer_input(layer, network));
    double bound = 1 / sqrt((double)inputs);
    weir_initialize_uniform(weir_layer_parameter(layer, network, 0), dense->outputs * inputs, bound, random);
    if (dense->bias)
        weir_initialize_uniform(weir_layer_parameter(layer, network, 1), dense->outputs, bound, random);
}

/* Predicting has a kernel of its own, whose sums do not depend on the number of rows. */
static int forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct dense *dense = layer->options;
    int64_t inputs = weir_value_channels(weir_layer_input(layer, pass->network)), rows = pass->rows;
    const float *x = pass->value[layer->input], *weights = weir_layer_parameter(layer, pass->network, 0);
    const float *bias = dense->bias ? weir_layer_parameter(layer, pass->network, 1) : NULL;
    float *y = pass->value[layer->output];
    if (!pass->training) {
        weir_affine(x, rows, inputs, weights, bias, dense->outputs, y);
    } else {
        if (bias)
            weir_vector_fill_rows(bias, y, rows, dense->outputs);
        if (weir_multiply_matrices(false, true, rows, dense->outputs, inputs, x, weights, bias ? 1 : 0, y))
            return -1;
    }
    if (layer->gives_positive)
        weir_vector_relu(y, rows * dense->outputs);
    return 0;
}

static int backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct dense *dense = layer->options;
    int64_t inputs = weir_value_channels(weir_layer_input(layer, pass->network));
    const float *x = pass->value[layer->input], *gradient = pass->gradient[layer->output];
    float *to_input = weir_layer_input_gradient(layer, pass);
    weir_layer_relu_backward(layer, pass);
    if (dense->bias)
        weir_vector_sum_rows(gradient, pass->rows, dense->outputs, weir_layer_gradient(layer, pass, 1));
    if (weir_multiply_matrices(true, false, dense->outputs, inputs, pass->rows, gradient, x, 0,
                               weir_layer_gradient(layer, pass, 0)))
        return -1;
    if (!to_input)
        return 0;
    return weir_multiply_matrices(false, false, pass->rows, inputs, dense->outputs, gradient,
                                  weir_layer_parameter(layer, pass->network, 0), 0, to_input);
}

const struct weir_layer_kind weir_layer_dense = {
    .name = "dense",
    .options_size = sizeof(struct dense),
    .on_plain = true,
    .fuses_relu = true,
    .parse = parse,
    .describe = describe,
    .infer = infer,
    .initialize = initialize,
    .forward = forward,
    .backward = backward,
};
