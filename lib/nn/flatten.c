/* An image as a vector in the order [height, width, channels]. */
#include "math/vector.h"
#include "nn/words.h"

static void describe(const struct weir_layer *layer, struct weir_buffer *out)
{
    (void)layer;
    weir_buffer_string(out, "flatten");
}

static int infer(struct weir_layer *layer, struct weir_network *network, const struct weir_value *in,
                 struct weir_value *out, struct weir_error *error)
{
    (void)layer, (void)network, (void)error;
    out->shape = (struct weir_shape){ .rank = 1, .size = { weir_shape_elements(&in->shape) } };
    out->lanes = out->shape.size[0];
    return 0;
}

static void copy(const struct weir_value *in, float *image, float *vector, int64_t rows, bool forward)
{
    int64_t places = weir_value_places(in), channels = weir_value_channels(in), stride = weir_value_stride(in);
    for (int64_t r = 0; r < rows; r++)
        if (forward)
            weir_image_reorder(image + r * stride, in->lanes, vector + r * places * channels, channels, places,
                               channels);
        else
            weir_image_reorder(vector + r * places * channels, channels, image + r * stride, in->lanes, places,
                               channels);
}

static int forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    copy(weir_layer_input(layer, pass->network), pass->value[layer->input], pass->value[layer->output], pass->rows,
         true);
    return 0;
}

static int backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    copy(weir_layer_input(layer, pass->network), weir_layer_input_gradient(layer, pass), pass->gradient[layer->output],
         pass->rows, false);
    return 0;
}

const struct weir_layer_kind weir_layer_flatten = {
    .name = "flatten", .describe = describe, .infer = infer, .forward = forward, .backward = backward
};
