/* Layers compiled for a number of rows, and the buffers of one run through them. */
#include "math/vector.h"
#include "nn/internal.h"
#include <stdlib.h>
#include <string.h>

enum { GROUP_FLOATS = 1 << 17 }; /* of the value between: half a megabyte */

/* Rows of a group that run at once: a rule over its shapes alone. */
static int64_t group_rows(const struct weir_network *network, int first, int64_t rows, bool training)
{
    int64_t stride = weir_value_stride(weir_layer_output(&network->layers[first], network)), fit = 1;
    while (training && 2 * fit <= rows && 2 * fit * stride <= GROUP_FLOATS)
        fit *= 2;
    return fit;
}

int weir_compiled_new(struct weir_compiled **compiled, const struct weir_network *network, int64_t rows, bool training,
                      bool bfloat16, struct weir_error *error)
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
    struct weir_compile how = { .rows = rows, .training = training, .bfloat16 = bfloat16 };
    for (int i = 0; i < network->layer_count; i++) {
        const struct weir_layer *layer = &network->layers[i];
        how.rows = layer->group ? group_rows(network, i, rows, training) : rows;
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

/* ---- Groups ----------------------------------------------------------------------------------------------- */

/* Layers that run a few rows at a time, part after part: each is a pass over its rows of the same buffers, but for the
 * values between the layers, which all parts share. One pass, `part`, stands for whichever part of whichever group
 * runs. */
struct weir_group {
    int count;
    int64_t rows;              /* of each part */
    float *value, *gradient;   /* between the layers */
    float *parameter_gradient; /* of the parts but the first, one after the other */
    int64_t parameter_first, parameters;
    void *bound[]; /* [count][layers of the group] */
};

/* Rows that the buffers of a pass need, so that the last part of each group is whole. */
static int64_t rows_with_parts(const struct weir_network *network, int64_t rows, bool training)
{
    int64_t most = 1;
    for (int i = 0; i < network->layer_count; i++) {
        int64_t part = network->layers[i].group ? group_rows(network, i, rows, training) : 1;
        most = part > most ? part : most; /* each is a power of two */
    }
    return (rows + most - 1) / most * most;
}

static void free_part(struct weir_pass *part)
{
    if (!part)
        return;
    free(part->value);
    free(part->gradient);
    free(part->bound);
    free(part);
}

/* The group that begins at layer `first`. */
static void free_group(struct weir_group *group, const struct weir_layer *first)
{
    if (!group)
        return;
    for (int i = 0; i < group->count * first->group; i++)
        if (group->bound[i])
            first[i % first->group].kind->unbind(group->bound[i]);
    free(group->value);
    free(group->gradient);
    free(group->parameter_gradient);
    free(group);
}

static int bind_layers(struct weir_pass *pass, const struct weir_compiled *compiled, int first, int end,
                       struct weir_error *error)
{
    for (int i = first; i < end; i++) {
        const struct weir_layer *layer = &pass->network->layers[i];
        if (layer->kind->bind && layer->kind->bind(layer, compiled->layer[i], pass, &pass->bound[i], error))
            return -1;
    }
    return 0;
}

static struct weir_pass *new_part(const struct weir_pass *pass)
{
    const struct weir_network *network = pass->network;
    struct weir_pass *part = weir_allocate_zero(1, sizeof *part);
    if (!part)
        return NULL;
    *part = (struct weir_pass){ .network = network, .training = pass->training, .scratch = pass->scratch };
    part->value = weir_allocate_zero((size_t)network->value_count, sizeof *part->value);
    part->gradient = weir_allocate_zero((size_t)network->value_count, sizeof *part->gradient);
    part->bound = weir_allocate_zero((size_t)network->layer_count, sizeof *part->bound);
    if (part->value && part->gradient && part->bound)
        return part;
    free_part(part);
    return NULL;
}

/* The pass's part becomes that of the group beginning at layer `first` that has the rows index * group->rows on. */
static struct weir_pass *enter_part(const struct weir_pass *pass, const struct weir_group *group, int first, int index)
{
    const struct weir_layer *layer = &pass->network->layers[first];
    struct weir_pass *part = pass->part;
    bool apart = index > 0 && group->parameter_gradient;
    int64_t row = index * group->rows;
    part->capacity = group->rows;
    part->parameter_gradient = apart ? group->parameter_gradient : pass->parameter_gradient;
    part->parameter_first = apart ? group->parameter_first : pass->parameter_first;
    int outside[2] = { layer->input, layer[layer->group - 1].output };
    for (int i = 0; i < 2; i++) {
        int64_t skip = row * weir_value_stride(&pass->network->values[outside[i]]);
        float *gradient = pass->gradient[outside[i]];
        part->value[outside[i]] = pass->value[outside[i]] + skip;
        part->gradient[outside[i]] = gradient ? gradient + skip : NULL;
    }
    part->spare = pass->spare ? pass->spare + row * weir_value_stride(&pass->network->values[layer->input]) : NULL;
    part->value[layer->output] = group->value;
    part->gradient[layer->output] = group->gradient;
    memcpy(part->bound + first, group->bound + index * layer->group, (size_t)layer->group * sizeof *part->bound);
    return part;
}

static float *value_buffer(const struct weir_value *value, int64_t rows);

static int new_group(struct weir_group **group, struct weir_pass *pass, const struct weir_compiled *compiled, int first,
                     struct weir_error *error)
{
    const struct weir_network *network = pass->network;
    const struct weir_layer *layer = &network->layers[first];
    const struct weir_value *between = weir_layer_output(layer, network);
    int64_t rows = group_rows(network, first, pass->capacity, pass->training);
    size_t count = (size_t)((pass->capacity + rows - 1) / rows);
    struct weir_group *made =
        weir_allocate_zero(1, sizeof *made + count * (size_t)layer->group * sizeof made->bound[0]);
    *group = made;
    if (!made || (!pass->part && !(pass->part = new_part(pass))))
        return weir_fail_memory(error);
    made->count = (int)count;
    made->rows = rows;
    made->value = value_buffer(between, rows);
    if (!made->value)
        return weir_fail_memory(error);
    if (pass->training) {
        for (int t = layer->first_tensor; t < layer->first_tensor + layer->tensors; t++)
            made->parameters += network->tensors[t].count;
        made->parameter_first = network->tensors[layer->first_tensor].offset;
        made->parameter_gradient = weir_allocate_aligned((size_t)made->parameters, sizeof *made->parameter_gradient);
        made->gradient = value_buffer(between, rows);
        if (!made->parameter_gradient || !made->gradient)
            return weir_fail_memory(error);
    }
    for (int i = 0; i < made->count; i++) {
        struct weir_pass *part = enter_part(pass, made, first, i);
        int result = bind_layers(part, compiled, first, first + layer->group, error);
        memcpy(made->bound + i * layer->group, part->bound + first, (size_t)layer->group * sizeof *part->bound);
        if (result)
            return -1;
    }
    return 0;
}

static int run_group(struct weir_pass *pass, const struct weir_compiled *compiled, int first, bool backward)
{
    struct weir_group *group = pass->groups[first];
    int end = first + pass->network->layers[first].group;
    for (int i = 0; i < group->count && i * group->rows < pass->rows; i++) {
        struct weir_pass *part = enter_part(pass, group, first, i);
        int64_t left = pass->rows - i * group->rows;
        part->rows = left < group->rows ? left : group->rows;
        part->first_row = pass->first_row + i * group->rows;
        part->step = pass->step;
        part->seed = pass->seed;
        if (backward ? weir_pass_backward(part, compiled, first, end) : weir_pass_forward(part, compiled, first, end))
            return -1;
        if (backward && i > 0)
            weir_vector_add(group->parameter_gradient,
                            pass->parameter_gradient + (group->parameter_first - pass->parameter_first),
                            group->parameters);
    }
    return 0;
}

/* ---- Passes ----------------------------------------------------------------------------------------------- */

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
    pass->groups = weir_allocate_zero((size_t)network->layer_count, sizeof *pass->groups);
    if (!pass->value || !pass->gradient || !pass->bound || !pass->scratch || !pass->groups)
        return -1;
    int64_t rows = rows_with_parts(network, pass->capacity, pass->training);
    for (int i = 0; i < network->value_count; i++) {
        const struct weir_value *value = &network->values[i];
        if (value->passing)
            continue;
        pass->value[i] = value_buffer(value, rows);
        if (!pass->value[i])
            return -1;
        if (!pass->training || !value->needs_gradient)
            continue;
        pass->gradient[i] = value_buffer(value, rows);
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
        pass->spare = value_buffer(largest, rows);
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
    for (int i = 0; result == 0 && i < made->network->layer_count;) {
        int layers = made->network->layers[i].group;
        if (layers)
            result = new_group(&made->groups[i], made, compiled, i, error);
        else
            result = bind_layers(made, compiled, i, i + 1, error);
        i += layers ? layers : 1;
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
    for (int i = 0; pass->groups && i < pass->network->layer_count; i++)
        free_group(pass->groups[i], &pass->network->layers[i]);
    free_part(pass->part);
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
    free(pass->groups);
    free(pass->scratch);
    free(pass->spare);
    free(pass);
}

int weir_pass_forward(struct weir_pass *pass, const struct weir_compiled *compiled, int first, int end)
{
    for (int i = first; i < end; i++) {
        const struct weir_layer *layer = &pass->network->layers[i];
        if (pass->groups && layer->group) {
            if (run_group(pass, compiled, i, false))
                return -1;
            i += layer->group - 1;
            continue;
        }
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
        if (pass->groups && layer->group_first >= 0) {
            i = layer->group_first;
            if (run_group(pass, compiled, i, true))
                return -1;
            continue;
        }
        if (layer->kind->backward(layer, compiled->layer[i], pass))
            return -1;
        if (layer->spare_input && layer->second < 0 && pass->gradient[layer->input])
            weir_vector_add(pass->spare, pass->gradient[layer->input],
                            pass->rows * weir_value_stride(&network->values[layer->input]));
    }
    return 0;
}
