#include "nn/layer.h"
#include "math/vector.h"
#include "nn/internal.h"
#include <stdlib.h>
#include <string.h>

const struct weir_layer_kind *const weir_layers[] = {
    &weir_layer_reorder,
    &weir_layer_sum,
    &weir_layer_conv,
    &weir_layer_maxpool,
    &weir_layer_avgpool,
    &weir_layer_globalpool,
    &weir_layer_flatten,
    &weir_layer_dense,
    &weir_layer_dropout,
    &weir_layer_batchnorm,
    &weir_layer_layernorm,
    &weir_layer_relu,
    &weir_layer_gelu,
    &weir_layer_tanh,
    &weir_layer_sigmoid,
    &weir_layer_softmax,
    NULL,
};

int64_t weir_shape_elements(const struct weir_shape *shape)
{
    int64_t elements = 1;
    for (int i = 0; i < shape->rank; i++)
        elements *= shape->size[i];
    return elements;
}

int64_t weir_value_places(const struct weir_value *value)
{
    int64_t places = 1;
    for (int i = 0; i < value->shape.rank - 1; i++)
        places *= value->shape.size[i];
    return places;
}

int64_t weir_value_stride(const struct weir_value *value)
{
    return weir_value_groups(value) * weir_value_places(value) * value->lanes;
}

const struct weir_value *weir_layer_input(const struct weir_layer *layer, const struct weir_network *network)
{
    return &network->values[layer->input];
}

const struct weir_value *weir_layer_output(const struct weir_layer *layer, const struct weir_network *network)
{
    return &network->values[layer->output];
}

float *weir_layer_input_gradient(const struct weir_layer *layer, const struct weir_pass *pass)
{
    float *gradient = pass->gradient[layer->input];
    return gradient && layer->spare_input ? pass->spare : gradient;
}

int weir_layer_check_image(const struct weir_value *in, struct weir_error *error)
{
    if (in->shape.rank == 3)
        return 0;
    return weir_fail(error, WEIR_USAGE,
                     "it takes an image [height, width, channels], and the input has %d dimension%s here",
                     in->shape.rank, in->shape.rank == 1 ? "" : "s");
}

void *weir_layer_bound(const struct weir_layer *layer, const struct weir_pass *pass)
{
    return pass->bound[layer - pass->network->layers];
}

int weir_layer_add_tensor(struct weir_layer *layer, struct weir_network *network, const char *name, bool is_state,
                          int rank, const int64_t *shape, struct weir_error *error)
{
    int64_t *total = is_state ? &network->state_count : &network->parameter_count;
    int64_t count = 1;
    for (int i = 0; i < rank; i++)
        if (__builtin_mul_overflow(count, shape[i], &count) || count > WEIR_NETWORK_MAX_FLOATS)
            return weir_fail(error, WEIR_USAGE, "more parameters than a network can have");
    if (*total + count > WEIR_NETWORK_MAX_FLOATS)
        return weir_fail(error, WEIR_USAGE, "more parameters than a network can have");
    struct weir_buffer full = { 0 };
    weir_buffer_format(&full, "%s.%s", layer->path, name);
    if (weir_buffer_check(&full, error) || weir_grow((void **)&network->tensors, &network->tensor_capacity,
                                                     (size_t)network->tensor_count + 1, sizeof *network->tensors)) {
        weir_buffer_release(&full);
        return weir_fail_memory(error);
    }
    struct weir_network_tensor *tensor = &network->tensors[network->tensor_count++];
    *tensor = (struct weir_network_tensor){
        .name = full.bytes, .rank = rank, .offset = *total, .count = count, .is_state = is_state
    };
    memcpy(tensor->shape, shape, (size_t)rank * sizeof *shape);
    *total += count;
    layer->tensors++;
    return 0;
}

float *weir_layer_parameter(const struct weir_layer *layer, const struct weir_network *network, int i)
{
    const struct weir_network_tensor *tensor = &network->tensors[layer->first_tensor + i];
    return (tensor->is_state ? network->state : network->parameters) + tensor->offset;
}

float *weir_layer_gradient(const struct weir_layer *layer, const struct weir_pass *pass, int i)
{
    return pass->parameter_gradient + (pass->network->tensors[layer->first_tensor + i].offset - pass->parameter_first);
}

void weir_initialize_uniform(float *tensor, int64_t count, double bound, struct weir_random *random)
{
    for (int64_t i = 0; i < count; i++)
        tensor[i] = (float)(bound * (2 * weir_random_uniform(random) - 1));
}

void weir_layer_relu_backward(const struct weir_layer *layer, const struct weir_pass *pass)
{
    if (layer->gives_positive && !layer->relu_done)
        weir_vector_relu_backward(pass->value[layer->output], pass->gradient[layer->output],
                                  pass->rows * weir_value_stride(weir_layer_output(layer, pass->network)));
}

void weir_clear_rows(float *values, int64_t stride, int64_t rows, int64_t capacity)
{
    if (values && rows < capacity)
        memset(values + rows * stride, 0, (size_t)((capacity - rows) * stride) * sizeof *values);
}
