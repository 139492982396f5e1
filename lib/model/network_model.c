#include "model/network_model.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

void weir_network_model_shape(const struct weir_feature_list *features, struct weir_shape *shape)
{
    const struct weir_type *type = features->count == 1 ? &features->columns[0].type : NULL;
    *shape = (struct weir_shape){ .rank = 1, .size = { features->width } };
    if (!type || type->kind != WEIR_FIXED_LIST || type->rank < 2)
        return;
    shape->rank = type->rank;
    for (int i = 0; i < type->rank; i++)
        shape->size[i] = type->shape[i];
}

/* ---- Predicting ------------------------------------------------------------------------------------------- */

struct scratch {
    struct weir_workspace *workspace;
    float *y;
    size_t capacity;
};

static void scratch_free(void *pointer)
{
    struct scratch *scratch = pointer;
    if (!scratch)
        return;
    weir_workspace_free(scratch->workspace);
    free(scratch->y);
    free(scratch);
}

static void *scratch_new(const struct weir_model *model)
{
    (void)model;
    struct scratch *scratch = weir_allocate_zero(1, sizeof *scratch);
    if (!scratch)
        return NULL;
    scratch->workspace = weir_workspace_new();
    if (!scratch->workspace) {
        scratch_free(scratch);
        return NULL;
    }
    return scratch;
}

/* p[classes]: the shares of the outputs. A NaN counts as nothing. */
static void shares(const float *y, int64_t classes, double *p)
{
    double least = y[0], sum = 0;
    for (int64_t c = 0; c < classes; c++) {
        p[c] = y[c] > 0 ? y[c] : 0;
        sum += p[c];
        if (y[c] < least)
            least = y[c];
    }
    if (!(sum > 0)) {
        sum = 0;
        for (int64_t c = 0; c < classes; c++) {
            p[c] = y[c] > least ? y[c] - least : 0;
            sum += p[c];
        }
    }
    for (int64_t c = 0; c < classes; c++)
        p[c] = sum > 0 ? p[c] / sum : 1.0 / (double)classes;
}

/* values[rows][class_count, or 1 for regression] from the network's outputs y[rows][outputs]. */
static void fill_values(const struct weir_model *model, const float *y, int64_t rows, double *values)
{
    const struct weir_network_model *state = model->state;
    int64_t outputs = weir_network_outputs(state->network);
    int64_t classes = model->class_count;
    if (model->task == WEIR_REGRESS) {
        for (int64_t r = 0; r < rows; r++)
            values[r] = y[r] * state->target_scale + state->target_offset;
    } else if (weir_loss_takes_classes(state->loss.kind)) {
        weir_loss_probabilities(state->network, state->loss.kind, y, rows, values);
    } else if (outputs == 1) {
        for (int64_t r = 0; r < rows; r++) {
            double p = y[r] > 0 ? (y[r] < 1 ? y[r] : 1) : 0;
            values[2 * r] = 1 - p;
            values[2 * r + 1] = p;
        }
    } else {
        for (int64_t r = 0; r < rows; r++)
            shares(y + r * outputs, classes, values + r * classes);
    }
}

static int predict(const struct weir_model *model, void *pointer, const struct weir_feature_rows *given, double *values,
                   struct weir_error *error)
{
    const struct weir_network_model *state = model->state;
    struct scratch *scratch = pointer;
    int64_t rows = given->rows;
    size_t needed;
    void *y = scratch->y;
    if (!weir_multiply((size_t)rows, (size_t)weir_network_outputs(state->network), &needed) ||
        weir_grow(&y, &scratch->capacity, needed, sizeof *scratch->y))
        return weir_fail_memory(error);
    scratch->y = y;
    if (weir_network_predict(state->network, scratch->workspace, given->x, rows, scratch->y, error))
        return -1;
    fill_values(model, scratch->y, rows, values);
    return 0;
}

/* ---- The file --------------------------------------------------------------------------------------------- */

/* What show prints, so that it needs no network code: [{"layer": "dense 2", "output": [2], "parameters": 34}, ...] */
static json_t *layers_json(const struct weir_network *network)
{
    json_t *layers = json_array();
    bool complete = layers != NULL;
    for (int i = 0; complete && i < weir_network_layer_count(network); i++) {
        struct weir_buffer name = { 0 };
        struct weir_shape output;
        int64_t parameters;
        weir_network_layer_describe(network, i, &name, &output, &parameters);
        json_t *size = json_array();
        for (int d = 0; d < output.rank; d++)
            complete &= json_array_append_new(size, json_integer(output.size[d])) == 0;
        json_t *layer = name.failed || !name.bytes ? NULL
                                                   : json_pack("{s:s, s:O, s:I}", "layer", name.bytes, "output", size,
                                                               "parameters", (json_int_t)parameters);
        complete &= layer && json_array_append_new(layers, layer) == 0;
        json_decref(size);
        weir_buffer_release(&name);
    }
    if (complete)
        return layers;
    json_decref(layers);
    return NULL;
}

static int pack(const struct weir_model *model, struct weir_model_file *file, struct weir_error *error)
{
    const struct weir_network_model *state = model->state;
    struct weir_network *network = state->network;
    const struct weir_shape *input = weir_network_input(network);
    json_t *shape = json_array();
    for (int i = 0; i < input->rank; i++)
        if (json_array_append_new(shape, json_integer(input->size[i]))) {
            json_decref(shape);
            return weir_fail_memory(error);
        }
    if (weir_model_file_set_json(file, "weir:input", shape, error))
        return -1;
    if (weir_model_file_set(file, "weir:network", weir_network_notation(network)))
        return weir_fail_memory(error);
    if (weir_model_file_set_json(file, "weir:layers", layers_json(network), error))
        return -1;
    if (weir_model_file_set_json(file, "weir:loss",
                                 json_pack("{s:f, s:s, s:f}", "huber_delta", state->loss.huber_delta, "kind",
                                           weir_loss_name(state->loss.kind), "label_smoothing",
                                           state->loss.label_smoothing),
                                 error))
        return -1;
    if (model->task == WEIR_REGRESS &&
        weir_model_file_set_json(file, "weir:target",
                                 json_pack("{s:f, s:f}", "offset", state->target_offset, "scale", state->target_scale),
                                 error))
        return -1;
    for (int i = 0; i < weir_network_tensor_count(network); i++) {
        const struct weir_network_tensor *tensor = weir_network_tensor(network, i);
        const float *buffer = tensor->is_state ? weir_network_state(network) : weir_network_parameters(network);
        if (weir_model_file_add(file, tensor->name, WEIR_TENSOR_F32, tensor->rank, tensor->shape,
                                buffer + tensor->offset, (size_t)tensor->count * sizeof *buffer))
            return weir_fail_memory(error);
    }
    return 0;
}

static int unpack_shape(const struct weir_model *model, const struct weir_model_file *file, struct weir_shape *shape,
                        struct weir_error *error)
{
    json_t *list = weir_model_file_get_json(file, "weir:input", error);
    if (!list)
        return -1;
    size_t rank = json_array_size(list);
    int64_t elements = 1;
    bool good = rank >= 1 && rank <= WEIR_MAX_DIMENSIONS;
    *shape = (struct weir_shape){ .rank = good ? (int)rank : 0 };
    for (size_t i = 0; good && i < rank; i++) {
        shape->size[i] = json_integer_value(json_array_get(list, i));
        good = shape->size[i] > 0 && !__builtin_mul_overflow(elements, shape->size[i], &elements);
    }
    json_decref(list);
    if (!good || elements != model->features.width)
        return weir_fail(error, WEIR_BAD_DATA, "the model's input has another shape than its features");
    return 0;
}

static int unpack_loss(const struct weir_model *model, const struct weir_model_file *file, struct weir_error *error)
{
    struct weir_network_model *state = model->state;
    json_t *loss = weir_model_file_get_json(file, "weir:loss", error);
    if (!loss)
        return -1;
    const char *name = json_string_value(json_object_get(loss, "kind"));
    bool good = name && weir_loss_parse(name, &state->loss.kind);
    state->loss.huber_delta = json_number_value(json_object_get(loss, "huber_delta"));
    state->loss.label_smoothing = json_number_value(json_object_get(loss, "label_smoothing"));
    json_decref(loss);
    state->target_scale = 1;
    if (good && model->task == WEIR_REGRESS) {
        json_t *target = weir_model_file_get_json(file, "weir:target", error);
        if (!target)
            return -1;
        const json_t *offset = json_object_get(target, "offset"), *scale = json_object_get(target, "scale");
        good = json_is_number(offset) && json_is_number(scale);
        state->target_offset = json_number_value(offset);
        state->target_scale = json_number_value(scale);
        json_decref(target);
    }
    return good ? 0 : weir_fail(error, WEIR_BAD_DATA, "the model's loss is none that is known here");
}

/* How many numbers a row the network must give for the loss and the label. */
static bool outputs_fit(const struct weir_model *model)
{
    const struct weir_network_model *state = model->state;
    int64_t outputs = weir_network_outputs(state->network);
    bool classes = weir_loss_takes_classes(state->loss.kind);
    if (model->task == WEIR_REGRESS)
        return outputs == 1 && !classes;
    if (state->loss.kind == WEIR_BINARY_CROSS_ENTROPY)
        return outputs == 1 && model->class_count == 2;
    return outputs == model->class_count || (outputs == 1 && model->class_count == 2 && !classes);
}

/* Whether the file has the network's tensors, each in its form. */
static int check_tensors(const struct weir_network *network, const struct weir_model_file *file,
                         struct weir_error *error)
{
    for (int i = 0; i < weir_network_tensor_count(network); i++) {
        const struct weir_network_tensor *tensor = weir_network_tensor(network, i);
        const struct weir_tensor *stored = weir_model_file_tensor(file, tensor->name);
        if (!stored)
            return weir_fail(error, WEIR_BAD_DATA, "the model has no tensor '%s'", tensor->name);
        bool same = stored->type == WEIR_TENSOR_F32 && stored->rank == tensor->rank;
        for (int d = 0; same && d < tensor->rank; d++)
            same = stored->shape[d] == tensor->shape[d];
        if (!same)
            return weir_fail(error, WEIR_BAD_DATA, "the model's tensor '%s' has another shape than its layer",
                             tensor->name);
    }
    return 0;
}

int weir_network_model_load(struct weir_network *network, const struct weir_model_file *file, struct weir_error *error)
{
    if (check_tensors(network, file, error))
        return -1;
    for (int i = 0; i < weir_network_tensor_count(network); i++) {
        const struct weir_network_tensor *tensor = weir_network_tensor(network, i);
        const struct weir_tensor *stored = weir_model_file_tensor(file, tensor->name);
        float *buffer = tensor->is_state ? weir_network_state(network) : weir_network_parameters(network);
        memcpy(buffer + tensor->offset, stored->bytes, stored->size);
    }
    return 0;
}

static int unpack(struct weir_model *model, const struct weir_model_file *file, struct weir_error *error)
{
    const char *notation = weir_model_file_get(file, "weir:network");
    struct weir_shape shape;
    if (!notation)
        return weir_fail(error, WEIR_BAD_DATA, "the model has no network");
    struct weir_network_model *state = model->state = weir_allocate_zero(1, sizeof *state);
    if (!state)
        return weir_fail_memory(error);
    if (unpack_shape(model, file, &shape, error) || unpack_loss(model, file, error))
        return -1;
    if (weir_network_parse(&state->network, notation, &shape, 0, error))
        return weir_fail_in(error, "the model's network");
    if (!outputs_fit(model))
        return weir_fail(error, WEIR_BAD_DATA, "the model's network does not give what its label needs");
    /* The notation may claim any size: memory is taken only for tensors that the file has. */
    if (check_tensors(state->network, file, error) || weir_network_allocate(state->network, error) ||
        weir_network_model_load(state->network, file, error))
        return -1;
    return weir_network_prepare(state->network, error);
}

static void release(struct weir_model *model)
{
    struct weir_network_model *state = model->state;
    if (!state)
        return;
    weir_network_free(state->network);
    free(state);
    model->state = NULL;
}

const struct weir_model_kind weir_network_kind = {
    .name = "network",
    .pack = pack,
    .unpack = unpack,
    .scratch_new = scratch_new,
    .scratch_free = scratch_free,
    .predict = predict,
    .release = release,
};
