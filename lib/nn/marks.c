/* What layers of a network have to do with each other, once all of them are there. */
#include "nn/internal.h"

/* Which gradients come from more than one layer: in the order of backward, all but the first are added. */
void weir_network_mark_spares(struct weir_network *network)
{
    for (int i = network->layer_count - 1; i >= 0; i--) {
        struct weir_layer *layer = &network->layers[i];
        for (int later = i + 1; later < network->layer_count; later++) {
            const struct weir_layer *other = &network->layers[later];
            layer->spare_input |= other->input == layer->input || other->second == layer->input;
            if (layer->second >= 0)
                layer->spare_second |= other->input == layer->second || other->second == layer->second;
        }
    }
}

/* Pairs of layers that run as a group: nothing else reads what is between them, and backward does not need it. */
void weir_network_mark_groups(struct weir_network *network)
{
    for (int i = 0; i + 1 < network->layer_count; i++) {
        struct weir_layer *wide = &network->layers[i], *narrow = wide + 1;
        if (!wide->kind->widens || !narrow->kind->narrows || narrow->input != wide->output || narrow->spare_input ||
            (wide->gives_positive && !wide->relu_done))
            continue;
        wide->group = 2;
        narrow->group_first = i;
        network->values[wide->output].passing = true;
    }
}
