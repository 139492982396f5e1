/* Between layers that lay images out differently; the network puts it in where it is needed. */
#include "math/vector.h"
#include "nn/layer.h"

static int forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    const struct weir_value *out = weir_layer_output(layer, pass->network);
    int64_t places = weir_value_places(in), channels = weir_value_channels(in);
    for (int64_t r = 0; r < pass->rows; r++)
        weir_image_reorder(pass->value[layer->input] + r * weir_value_stride(in), in->lanes,
                           pass->value[layer->output] + r * weir_value_stride(out), out->lanes, places, channels);
    return 0;
}

static int backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    const struct weir_value *out = weir_layer_output(layer, pass->network);
    int64_t places = weir_value_places(in), channels = weir_value_channels(in);
    float *gradient = weir_layer_input_gradient(layer, pass);
    for (int64_t r = 0; r < pass->rows; r++)
        weir_image_reorder(pass->gradient[layer->output] + r * weir_value_stride(out), out->lanes,
                           gradient + r * weir_value_stride(in), in->lanes, places, channels);
    return 0;
}

static int64_t reach(const struct weir_layer *layer, int dimension, int64_t size)
{
    (void)layer, (void)dimension;
    return size;
}

const struct weir_layer_kind weir_layer_reorder = {
    .name = "reorder", .reach = reach, .forward = forward, .backward = backward
};
