/* layernorm (Ba, Kiros and Hinton 2016), over the last dimension: a vector's numbers, an image's channels place by
 * place. y = weight (x - mean) / sqrt(variance + 1e-5) + bias, with the variance of the population. */
#include "nn/internal.h"
#include "nn/words.h"
#include <math.h>
#include <stdlib.h>

static const double EPSILON = 1e-5;

static void describe(const struct weir_layer *layer, struct weir_buffer *out)
{
    (void)layer;
    weir_buffer_string(out, "layernorm");
}

static int infer(struct weir_layer *layer, struct weir_network *network, const struct weir_value *in,
                 struct weir_value *out, struct weir_error *error)
{
    (void)out;
    int64_t channels = weir_value_channels(in);
    layer->operations = 8 * (double)weir_shape_elements(&in->shape);
    return weir_layer_add_tensor(layer, network, "weight", false, 1, &channels, error) ||
                   weir_layer_add_tensor(layer, network, "bias", false, 1, &channels, error)
               ? -1
               : 0;
}

static void initialize(const struct weir_layer *layer, struct weir_network *network, struct weir_random *random)
{
    (void)random;
    int64_t channels = weir_value_channels(weir_layer_input(layer, network));
    for (int64_t c = 0; c < channels; c++) {
        weir_layer_parameter(layer, network, 0)[c] = 1;
        weir_layer_parameter(layer, network, 1)[c] = 0;
    }
}

/* Of each place: mean and 1 / sqrt(variance + epsilon). */
struct statistics {
    float mean, scale;
};

static int bind(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass, void **bound,
                struct weir_error *error)
{
    (void)compiled;
    int64_t places = weir_value_places(weir_layer_input(layer, pass->network));
    *bound = weir_allocate((size_t)(pass->capacity * places), sizeof(struct statistics));
    return *bound ? 0 : weir_fail_memory(error);
}

static int forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t places = pass->rows * weir_value_places(in), channels = weir_value_channels(in);
    const float *weight = weir_layer_parameter(layer, pass->network, 0);
    const float *bias = weir_layer_parameter(layer, pass->network, 1);
    struct statistics *all = weir_layer_bound(layer, pass);
    for (int64_t p = 0; p < places; p++) {
        const float *x = pass->value[layer->input] + p * channels;
        float *y = pass->value[layer->output] + p * channels;
        double sum = 0, squares = 0;
        for (int64_t c = 0; c < channels; c++)
            sum += x[c];
        double mean = sum / (double)channels;
        for (int64_t c = 0; c < channels; c++)
            squares += (x[c] - mean) * (x[c] - mean);
        double scale = 1 / sqrt(squares / (double)channels + EPSILON);
        all[p] = (struct statistics){ (float)mean, (float)scale };
        for (int64_t c = 0; c < channels; c++)
            y[c] = (x[c] - all[p].mean) * all[p].scale * weight[c] + bias[c];
    }
    return 0;
}

/* With n = (x - mean) scale and d = dy weight: dx = scale (d - mean of d - n mean of (d n)). */
static int backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t places = pass->rows * weir_value_places(in), channels = weir_value_channels(in);
    const float *weight = weir_layer_parameter(layer, pass->network, 0);
    const struct statistics *all = weir_layer_bound(layer, pass);
    float *to_weight = weir_layer_gradient(layer, pass, 0), *to_bias = weir_layer_gradient(layer, pass, 1);
    float *to = weir_layer_input_gradient(layer, pass);
    for (int64_t c = 0; c < channels; c++)
        to_weight[c] = to_bias[c] = 0;
    for (int64_t p = 0; p < places; p++) {
        const float *x = pass->value[layer->input] + p * channels, *from = pass->gradient[layer->output] + p * channels;
        double sum = 0, product = 0;
        for (int64_t c = 0; c < channels; c++) {
            float n = (x[c] - all[p].mean) * all[p].scale;
            to_weight[c] += from[c] * n;
            to_bias[c] += from[c];
            sum += (double)from[c] * weight[c];
            product += (double)from[c] * weight[c] * n;
        }
        if (!to)
            continue;
        float mean = (float)(sum / (double)channels), slope = (float)(product / (double)channels);
        for (int64_t c = 0; c < channels; c++) {
            float n = (x[c] - all[p].mean) * all[p].scale;
            to[p * channels + c] = all[p].scale * (from[c] * weight[c] - mean - n * slope);
        }
    }
    return 0;
}

const struct weir_layer_kind weir_layer_layernorm = {
    .name = "layernorm",
    .on_plain = true,
    .describe = describe,
    .infer = infer,
    .initialize = initialize,
    .bind = bind,
    .unbind = free,
    .forward = forward,
    .backward = backward,
};
