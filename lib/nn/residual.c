/* The sum of a residual block (He et al., "Deep residual learning", 2016): y = body(x) + shortcut(x). */
#include "math/vector.h"
#include "nn/layer.h"
#include <string.h>

static int forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    int64_t count = pass->rows * weir_value_stride(weir_layer_output(layer, pass->network));
    memcpy(pass->value[layer->output], pass->value[layer->input], (size_t)count * sizeof(float));
    weir_vector_add(pass->value[layer->second], pass->value[layer->output], count);
    return 0;
}

/* Both sides get the gradient; a spare one is added by the network, so that here it is given as a copy. */
static int backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    int64_t count = pass->rows * weir_value_stride(weir_layer_output(layer, pass->network));
    const float *from = pass->gradient[layer->output];
    int side[2] = { layer->input, layer->second };
    bool spare[2] = { layer->spare_input, layer->spare_second };
    for (int i = 0; i < 2; i++) {
        float *to = pass->gradient[side[i]];
        if (to && spare[i])
            weir_vector_add(from, to, count);
        else if (to)
            memcpy(to, from, (size_t)count * sizeof *to);
    }
    return 0;
}

const struct weir_layer_kind weir_layer_sum = { .name = "sum", .forward = forward, .backward = backward };
