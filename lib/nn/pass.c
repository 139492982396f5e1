/* Layers compiled for a number of rows, and the buffers of one run through them. */
#include "math/vector.h"
#include "nn/internal.h"
#include <stdlib.h>
#include <string.h>

int weir_compiled_new(struct weir_compiled **compiled, const struct weir_network *network, int64_t rows, bool training,
                      struct weir_error *error)
{
    struct weir_compiled *made = weir_allocate_zero(1, sizeof *made);
    *compiled = made;
    if (made)
        made->layer = weir_allocate_zero((size_t)network->layer_count, sizeof *made->layer);
    if (!made || !made->layer) {
        free(made);
        *compiled = NULL;
        return weir_fail_memory(error);
    }
    made->network = network;
    made->rows = rows;
    made->training = training;
    struct weir_compile how = { .rows = rows, .training = training };
    for (int i = 0; i < network->layer_count; i++) {
        const struct weir_layer *layer = &network->layers[i];
        if (layer->kind->compile && layer->kind->compile(layer, network, &how, &made->layer[i], error)) {
            weir_fail_in(error, "layer %d", layer->item + 1);
            weir_compiled_free(made);
            *compiled = NULL;
            return -1;
        }
    }
    made->scratch = how.scratch;
    return 0;
}

void weir_compiled_free(struct weir_compiled *compiled)
{
    if (!compiled)
        return;
    for (int i = 0; i < compiled->network->layer_count; i++)
        if (compiled->layer[i])
            compiled->network->layers[i].kind->discard(compiled->layer[i]);
    free(compiled->layer);
    free(compiled);
}

/* A zeroed buffer of rows of a value. */
static float *value_buffer(const struct weir_value *value, int64_t rows)
{
    size_t count;
    if (!weir_multiply((size_t)weir_value_stride(value), (size_t)rows, &count))
        return NULL;
    float *buffer = weir_allocate_aligned(count, sizeof *buffer);
    if (buffer)
        memset(buffer, 0, count * sizeof *buffer);
    return buffer;
}

static int allocate_buffers(struct weir_pass *pass, const struct weir_compiled *compiled)
{
    const struct weir_network *network = pass->network;
    pass->value = weir_allocate_zero((size_t)network->value_count, sizeof *pass->value);
    pass->gradient = weir_allocate_zero((size_t)network->value_count, sizeof *pass->gradient);
    pass->bound = weir_allocate_zero((size_t)network->layer_count, sizeof *pass->bound);
    pass->scratch = weir_allocate_aligned(compiled->scratch, 1);
    if (!pass->value || !pass->gradient || !pass->bound || !pass->scratch)
        return -1;
    for (int i = 0; i < network->value_count; i++) {
        const struct weir_value *value = &network->values[i];
        pass->value[i] = value_buffer(value, pass->capacity);
        if (!pass->value[i])
            return -1;
        if (!pass->training || !value->needs_gradient)
            continue;
        pass->gradient[i] = value_buffer(value, pass->capacity);
        if (!pass->gradient[i])
            return -1;
    }
    const struct weir_value *largest = NULL;
    for (int i = 0; i < network->layer_count && pass->training; i++) {
        const struct weir_layer *layer = &network->layers[i];
        const struct weir_value *in = &network->values[layer->input];
        if (layer->spare_input && in->needs_gradient &&
            (!largest || weir_value_stride(in) > weir_value_stride(largest)))
            largest = in;
    }
    if (largest) {
        pass->spare = value_buffer(largest, pass->capacity);
        if (!pass->spare)
            return -1;
    }
    return 0;
}

int weir_pass_new(struct weir_pass **pass, const struct weir_compiled *compiled, float *parameter_gradient,
                  struct weir_error *error)
{
    struct weir_pass *made = weir_allocate_zero(1, sizeof *made);
    *pass = made;
    if (!made)
        return weir_fail_memory(error);
    made->network = compiled->network;
    made->training = compiled->training;
    made->capacity = compiled->rows;
    made->parameter_gradient = parameter_gradient;
    int result = allocate_buffers(made, compiled) ? weir_fail_memory(error) : 0;
    for (int i = 0; result == 0 && i < made->network->layer_count; i++) {
        const struct weir_layer *layer = &made->network->layers[i];
        if (layer->kind->bind)
            result = layer->kind->bind(layer, compiled->layer[i], made, &made->bound[i], error);
    }
    if (result) {
        weir_pass_free(made);
        *pass = NULL;
    }
    return result;
}

void weir_pass_free(struct weir_pass *pass)
{
    if (!pass)
        return;
    for (int i = 0; pass->bound && i < pass->network->layer_count; i++)
        if (pass->bound[i])
            pass->network->layers[i].kind->unbind(pass->bound[i]);
    for (int i = 0; i < pass->network->value_count; i++) {
        if (pass->value)
            free(pass->value[i]);
        if (pass->gradient)
            free(pass->gradient[i]);
    }
    free(pass->value);
    free(pass->gradient);
    free(pass->bound);
    free(pass->scratch);
    free(pass->spare);
    free(pass);
}

int weir_pass_forward(struct weir_pass *pass, const struct weir_compiled *compiled, int first, int end)
{
    for (int i = first; i < end; i++) {
        const struct weir_layer *layer = &pass->network->layers[i];
        if (layer->kind->forward(layer, compiled->layer[i], pass))
            return -1;
    }
    return 0;
}

int weir_pass_backward(struct weir_pass *pass, const struct weir_compiled *compiled, int first, int end)
{
    const struct weir_network *network = pass->network;
    for (int i = end - 1; i >= first; i--) {
        const struct weir_layer *layer = &network->layers[i];
        if (!network->values[layer->output].needs_gradient)
            continue;
        if (layer->kind->backward(layer, compiled->layer[i], pass))
            return -1;
        if (layer->spare_input && layer->second < 0 && pass->gradient[layer->input])
            weir_vector_add(pass->spare, pass->gradient[layer->input],
                            pass->rows * weir_value_stride(&network->values[layer->input]));
    }
    return 0;
}
