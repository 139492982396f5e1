/* relu, gelu, tanh, sigmoid: number by number; softmax: over the last dimension. */
#include "math/vector.h"
#include "nn/internal.h"
#include "nn/words.h"
#include <math.h>
#include <string.h>

static void describe(const struct weir_layer *layer, struct weir_buffer *out)
{
    weir_buffer_string(out, layer->kind->name);
}

static int infer(struct weir_layer *layer, struct weir_network *network, const struct weir_value *in,
                 struct weir_value *out, struct weir_error *error)
{
    (void)network, (void)out, (void)error;
    layer->operations = 8 * (double)weir_shape_elements(&in->shape);
    return 0;
}

static int64_t count_of(const struct weir_layer *layer, const struct weir_pass *pass)
{
    return pass->rows * weir_value_stride(weir_layer_input(layer, pass->network));
}

static int relu_forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    int64_t count = count_of(layer, pass);
    memcpy(pass->value[layer->output], pass->value[layer->input], (size_t)count * sizeof(float));
    weir_vector_relu(pass->value[layer->output], count);
    return 0;
}

static int relu_backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    int64_t count = count_of(layer, pass);
    float *to = weir_layer_input_gradient(layer, pass);
    memcpy(to, pass->gradient[layer->output], (size_t)count * sizeof *to);
    weir_vector_relu_backward(pass->value[layer->output], to, count);
    return 0;
}

/* y = f(x) and dx = dy f'(x), with f' from x and y. */
static int each(const struct weir_layer *layer, struct weir_pass *pass, float (*f)(float x))
{
    int64_t count = count_of(layer, pass);
    const float *x = pass->value[layer->input];
    float *y = pass->value[layer->output];
    for (int64_t i = 0; i < count; i++)
        y[i] = f(x[i]);
    return 0;
}

static int each_backward(const struct weir_layer *layer, struct weir_pass *pass, float (*slope)(float x, float y))
{
    int64_t count = count_of(layer, pass);
    const float *x = pass->value[layer->input], *y = pass->value[layer->output], *from = pass->gradient[layer->output];
    float *to = weir_layer_input_gradient(layer, pass);
    for (int64_t i = 0; i < count; i++)
        to[i] = from[i] * slope(x[i], y[i]);
    return 0;
}

/* Hendrycks and Gimpel 2016, the exact form: x times the normal distribution function. */
static float gelu(float x)
{
    return 0.5f * x * (1 + erff(x * 0.70710678f));
}

static float gelu_slope(float x, float y)
{
    (void)y;
    return 0.5f * (1 + erff(x * 0.70710678f)) + x * 0.39894228f * expf(-0.5f * x * x);
}

static float tanh_slope(float x, float y)
{
    (void)x;
    return 1 - y * y;
}

static float sigmoid(float x)
{
    return x >= 0 ? 1 / (1 + expf(-x)) : expf(x) / (1 + expf(x));
}

static float sigmoid_slope(float x, float y)
{
    (void)x;
    return y * (1 - y);
}

static int gelu_forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    return each(layer, pass, gelu);
}

static int gelu_backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    return each_backward(layer, pass, gelu_slope);
}

static int tanh_forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    return each(layer, pass, tanhf);
}

static int tanh_backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    return each_backward(layer, pass, tanh_slope);
}

/* The one whose value at 0 is not 0: it wants the plain order, which has no channels beyond the last. */
static int sigmoid_forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    return each(layer, pass, sigmoid);
}

static int sigmoid_backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    return each_backward(layer, pass, sigmoid_slope);
}

static int softmax_forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    int64_t n = weir_value_channels(weir_layer_input(layer, pass->network));
    int64_t count = count_of(layer, pass);
    for (int64_t at = 0; at < count; at += n) {
        const float *x = pass->value[layer->input] + at;
        float *y = pass->value[layer->output] + at;
        float largest = x[0];
        for (int64_t i = 1; i < n; i++)
            largest = x[i] > largest ? x[i] : largest;
        double sum = 0;
        for (int64_t i = 0; i < n; i++) {
            y[i] = expf(x[i] - largest);
            sum += y[i];
        }
        for (int64_t i = 0; i < n; i++)
            y[i] = (float)(y[i] / sum);
    }
    return 0;
}

/* dx = y (dy - sum of dy y) */
static int softmax_backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    int64_t n = weir_value_channels(weir_layer_input(layer, pass->network));
    int64_t count = count_of(layer, pass);
    for (int64_t at = 0; at < count; at += n) {
        const float *y = pass->value[layer->output] + at, *from = pass->gradient[layer->output] + at;
        float *to = weir_layer_input_gradient(layer, pass) + at;
        double sum = 0;
        for (int64_t i = 0; i < n; i++)
            sum += (double)from[i] * y[i];
        for (int64_t i = 0; i < n; i++)
            to[i] = (float)(y[i] * (from[i] - sum));
    }
    return 0;
}

static int64_t reach(const struct weir_layer *layer, int dimension, int64_t size)
{
    (void)layer, (void)dimension;
    return size;
}

#define ACTIVATION(NAME, PLAIN)                                                                                        \
    const struct weir_layer_kind weir_layer_##NAME = { .name = #NAME,                                                  \
                                                       .may_follow = true,                                             \
                                                       .on_plain = PLAIN,                                              \
                                                       .reach = reach,                                                 \
                                                       .describe = describe,                                           \
                                                       .infer = infer,                                                 \
                                                       .forward = NAME##_forward,                                      \
                                                       .backward = NAME##_backward }
ACTIVATION(relu, false);
ACTIVATION(gelu, false);
ACTIVATION(tanh, false);
ACTIVATION(sigmoid, true);
ACTIVATION(softmax, true);
