/* Places at the lower and right ends of images that no later layer looks at, because windows do not reach them (of an
 * image 11 places wide, maxpool 2 sees 10): they are neither computed nor read. What the network computes is the same
 * as with them, and so are the gradients, which are 0 there.
 *
 * Only a chain of layers from the network's input on is trimmed, as far as each has a `reach`, so that every layer's
 * output keeps the size that follows from its input. */
#include "nn/internal.h"
#include <string.h>

/* The number of layers that look at no more than their `reach` of the value below, and alone look at it. */
static int chain_length(const struct weir_network *network)
{
    int length = 0, value = 0;
    for (; length < network->layer_count; length++) {
        const struct weir_layer *layer = &network->layers[length];
        if (!layer->kind->reach || !layer->kind->reach(layer, 0, 1) || layer->input != value || layer->spare_input)
            break;
        value = layer->output;
    }
    return length;
}

void weir_network_trim(struct weir_network *network)
{
    if (network->values[0].shape.rank != 3)
        return;
    for (int i = chain_length(network) - 1; i >= 0; i--) {
        const struct weir_layer *layer = &network->layers[i];
        const struct weir_shape *out = &network->values[layer->output].shape;
        struct weir_shape *in = &network->values[layer->input].shape;
        for (int d = 0; d < 2; d++) {
            int64_t reach = layer->kind->reach(layer, d, out->size[d]);
            if (reach < in->size[d])
                in->size[d] = reach;
        }
    }
}

bool weir_network_is_trimmed(const struct weir_network *network)
{
    return weir_shape_elements(&network->values[0].shape) < weir_shape_elements(&network->input);
}

void weir_network_trim_rows(const struct weir_network *network, const float *x, int64_t rows, float *value)
{
    const struct weir_shape *from = &network->input, *to = &network->values[0].shape;
    int64_t inputs = weir_shape_elements(from);
    if (!weir_network_is_trimmed(network)) {
        if (x != value)
            memcpy(value, x, (size_t)(rows * inputs) * sizeof *x);
        return;
    }
    int64_t step = inputs / from->size[0], line = to->size[1] * to->size[2];
    for (int64_t r = 0; r < rows; r++, x += inputs)
        for (int64_t y = 0; y < to->size[0]; y++, value += line)
            memcpy(value, x + y * step, (size_t)line * sizeof *x);
}
