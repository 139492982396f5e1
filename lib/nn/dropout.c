/* dropout P (Srivastava et al. 2014): in training each number becomes 0 with probability P, and the others are divided
 * by 1 - P; in predicting nothing happens. The mask follows from the seed, the step, the layer and the row's place in
 * the minibatch. */
#include "math/vector.h"
#include "nn/internal.h"
#include "nn/words.h"
#include <stdlib.h>
#include <string.h>

struct dropout {
    double share;
};

static int parse(struct weir_layer *layer, struct weir_words *words, struct weir_error *error)
{
    struct dropout *dropout = layer->options;
    return weir_word_number(words, "the share to drop", 0, 1, &dropout->share, error);
}

static void describe(const struct weir_layer *layer, struct weir_buffer *out)
{
    const struct dropout *dropout = layer->options;
    weir_describe_number(out, "dropout ", dropout->share);
}

static int infer(struct weir_layer *layer, struct weir_network *network, const struct weir_value *in,
                 struct weir_value *out, struct weir_error *error)
{
    (void)network, (void)out, (void)error;
    layer->operations = 8 * (double)weir_shape_elements(&in->shape);
    return 0;
}

/* The mask: 0 or 1 / (1 - P). */
static int bind(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass, void **bound,
                struct weir_error *error)
{
    (void)compiled;
    if (!pass->training)
        return 0;
    int64_t stride = weir_value_stride(weir_layer_input(layer, pass->network));
    *bound = weir_allocate((size_t)(pass->capacity * stride), sizeof(float));
    return *bound ? 0 : weir_fail_memory(error);
}

static void draw(const struct weir_layer *layer, const struct weir_pass *pass, float *mask)
{
    const struct dropout *dropout = layer->options;
    int64_t stride = weir_value_stride(weir_layer_input(layer, pass->network));
    float kept = (float)(1 / (1 - dropout->share));
    double bound = dropout->share * 0x1p32;
    uint32_t threshold = (uint32_t)bound; /* the share is below 1 */
    for (int64_t r = 0; r < pass->rows; r++) {
        struct weir_random random;
        /* One sequence a layer; a part of it for each row of each step: 2^32 rows of 2^34 numbers. */
        weir_random_init(&random, pass->seed + (uint64_t)pass->step * 0x9E3779B97F4A7C15u,
                         UINT64_C(0x64726F70) << 32 | (uint64_t)layer->output);
        random.counter = (uint64_t)(pass->first_row + r) << 32;
        for (int64_t i = 0; i < stride; i++)
            mask[r * stride + i] = weir_random_u32(&random) < threshold ? 0 : kept;
    }
}

static int forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    int64_t count = pass->rows * weir_value_stride(weir_layer_input(layer, pass->network));
    if (!pass->training) {
        memcpy(pass->value[layer->output], pass->value[layer->input], (size_t)count * sizeof(float));
        return 0;
    }
    float *mask = weir_layer_bound(layer, pass);
    draw(layer, pass, mask);
    weir_vector_multiply(pass->value[layer->input], mask, pass->value[layer->output], count);
    return 0;
}

static int backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    weir_vector_multiply(pass->gradient[layer->output], weir_layer_bound(layer, pass),
                         weir_layer_input_gradient(layer, pass),
                         pass->rows * weir_value_stride(weir_layer_input(layer, pass->network)));
    return 0;
}

const struct weir_layer_kind weir_layer_dropout = {
    .name = "dropout",
    .options_size = sizeof(struct dropout),
    .parse = parse,
    .describe = describe,
    .infer = infer,
    .bind = bind,
    .unbind = free,
    .forward = forward,
    .backward = backward,
};
