#include "nn/internal.h"
#include <stdlib.h>

/* Zeros at a multiple of 64 bytes. */
static float *zeros(int64_t count, void **block)
{
    size_t size;
    *block = weir_add((size_t)count, 16, &size) ? weir_allocate_zero(size, sizeof(float)) : NULL;
    return *block ? (float *)(((uintptr_t)*block + 63) & ~(uintptr_t)63) : NULL;
}

int weir_network_parse(struct weir_network **network, const char *notation, const struct weir_shape *input,
                       int64_t outputs, struct weir_error *error)
{
    *network = NULL;
    if (input->rank < 1 || input->rank >= WEIR_MAX_DIMENSIONS)
        return weir_fail(error, WEIR_USAGE, "network: an input of %d dimensions", input->rank);
    int64_t elements = 1;
    for (int i = 0; i < input->rank; i++)
        if (input->size[i] < 1 || __builtin_mul_overflow(elements, input->size[i], &elements) ||
            elements > WEIR_NETWORK_MAX_ROW)
            return weir_fail(error, WEIR_USAGE, "network: an input row of no numbers, or of too many");
    if (outputs < 0 || outputs > WEIR_NETWORK_MAX_ROW)
        return weir_fail(error, WEIR_USAGE, "network: %lld outputs", (long long)outputs);
    struct weir_network *made = weir_allocate_zero(1, sizeof *made);
    if (!made)
        return weir_fail_memory(error);
    made->input = *input;
    if (weir_grow((void **)&made->values, &made->value_capacity, 1, sizeof *made->values)) {
        weir_network_free(made);
        return weir_fail_memory(error);
    }
    struct weir_value *first = &made->values[0];
    *first = (struct weir_value){ .shape = *input };
    if (input->rank == 2)
        first->shape.size[first->shape.rank++] = 1; /* an image of one channel */
    first->lanes = weir_value_channels(first);
    made->value_count = 1;
    made->row_floats = elements;
    if (weir_network_build(made, notation, outputs, error)) {
        weir_network_free(made);
        return -1;
    }
    *network = made;
    return 0;
}

int weir_network_allocate(struct weir_network *network, struct weir_error *error)
{
    network->parameters = zeros(network->parameter_count, &network->parameter_block);
    network->state = zeros(network->state_count, &network->state_block);
    return network->parameters && network->state ? 0 : weir_fail_memory(error);
}

int weir_network_new(struct weir_network **network, const char *notation, const struct weir_shape *input,
                     int64_t outputs, struct weir_error *error)
{
    if (weir_network_parse(network, notation, input, outputs, error))
        return -1;
    if (weir_network_allocate(*network, error) == 0)
        return 0;
    weir_network_free(*network);
    *network = NULL;
    return -1;
}

void weir_network_free(struct weir_network *network)
{
    if (!network)
        return;
    weir_compiled_free(network->predicting);
    for (int i = 0; i < network->layer_count; i++) {
        free(network->layers[i].options);
        free(network->layers[i].path);
    }
    for (int i = 0; i < network->tensor_count; i++)
        free((char *)network->tensors[i].name);
    for (int i = 0; i < network->item_count; i++)
        free(network->items[i].text);
    free(network->notation);
    free(network->values);
    free(network->layers);
    free(network->tensors);
    free(network->items);
    free(network->parameter_block);
    free(network->state_block);
    free(network);
}

const char *weir_network_notation(const struct weir_network *network)
{
    return network->notation;
}

const struct weir_shape *weir_network_input(const struct weir_network *network)
{
    return &network->input;
}

static const struct weir_value *last_value(const struct weir_network *network)
{
    return &network->values[network->layers[network->layer_count - 1].output];
}

int64_t weir_network_outputs(const struct weir_network *network)
{
    return weir_shape_elements(&last_value(network)->shape);
}

static bool ends_in(const struct weir_network *network, const struct weir_layer_kind *kind)
{
    return network->layers[network->layer_count - 1].kind == kind;
}

bool weir_network_ends_in_softmax(const struct weir_network *network)
{
    return ends_in(network, &weir_layer_softmax);
}

bool weir_network_ends_in_sigmoid(const struct weir_network *network)
{
    return ends_in(network, &weir_layer_sigmoid);
}

int64_t weir_network_parameter_count(const struct weir_network *network)
{
    return network->parameter_count;
}

float *weir_network_parameters(struct weir_network *network)
{
    return network->parameters;
}

int64_t weir_network_state_count(const struct weir_network *network)
{
    return network->state_count;
}

float *weir_network_state(struct weir_network *network)
{
    return network->state;
}

int weir_network_tensor_count(const struct weir_network *network)
{
    return network->tensor_count;
}

const struct weir_network_tensor *weir_network_tensor(const struct weir_network *network, int i)
{
    return &network->tensors[i];
}

int weir_network_layer_count(const struct weir_network *network)
{
    return network->item_count;
}

void weir_network_layer_describe(const struct weir_network *network, int i, struct weir_buffer *name,
                                 struct weir_shape *output, int64_t *parameters)
{
    const struct weir_item *item = &network->items[i];
    weir_buffer_string(name, item->text);
    *output = item->output;
    *parameters = 0;
    for (int l = item->first_layer; l < item->first_layer + item->layers; l++) {
        const struct weir_layer *layer = &network->layers[l];
        for (int t = layer->first_tensor; t < layer->first_tensor + layer->tensors; t++)
            if (!network->tensors[t].is_state)
                *parameters += network->tensors[t].count;
    }
}

void weir_network_initialize(struct weir_network *network, uint64_t seed)
{
    for (int i = 0; i < network->layer_count; i++) {
        const struct weir_layer *layer = &network->layers[i];
        struct weir_random random;
        weir_random_init(&random, seed, UINT64_C(0x696E6974) << 32 | (uint64_t)i);
        if (layer->kind->initialize)
            layer->kind->initialize(layer, network, &random);
    }
}
