#include "model/regression_model.h"
#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

int weir_regression_model_new(struct weir_model *model, struct weir_loss loss, int64_t width, int64_t outputs,
                              struct weir_error *error)
{
    size_t weights;
    struct weir_regression_model *state = model->state = weir_allocate_zero(1, sizeof *state);
    if (!state || !weir_multiply((size_t)outputs, (size_t)width, &weights))
        return weir_fail_memory(error);
    *state = (struct weir_regression_model){ .loss = loss, .width = width, .outputs = outputs };
    state->weight = weir_allocate_zero(weights, sizeof *state->weight);
    state->bias = weir_allocate_zero((size_t)outputs, sizeof *state->bias);
    return state->weight && state->bias ? 0 : weir_fail_memory(error);
}

static void release(struct weir_model *model)
{
    struct weir_regression_model *state = model->state;
    if (!state)
        return;
    free(state->weight);
    free(state->bias);
    free(state);
    model->state = NULL;
}

/* ---- Predicting ------------------------------------------------------------------------------------------- */

static double sigmoid(double z)
{
    return z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
}

/* The scores z[outputs] of one row; only the weights of its entries are touched. */
static void score(const struct weir_regression_model *state, const struct weir_entry *entries, int64_t count, double *z)
{
    for (int64_t k = 0; k < state->outputs; k++) {
        const float *weight = state->weight + k * state->width;
        double sum = 0;
        for (int64_t i = 0; i < count; i++)
            sum += (double)entries[i].value * weight[entries[i].index];
        z[k] = sum + state->bias[k];
    }
}

/* values[classes] from z[outputs], which may be the same memory for more than one output. */
static void give_probabilities(const struct weir_regression_model *state, double *z, double *values)
{
    double sum = 0, most = z[0];
    if (state->outputs == 1) {
        double p = sigmoid(z[0]);
        values[0] = 1 - p;
        values[1] = p;
        return;
    }
    for (int64_t k = 1; k < state->outputs; k++)
        most = z[k] > most ? z[k] : most;
    for (int64_t k = 0; k < state->outputs; k++)
        sum += values[k] = state->loss.kind == WEIR_CROSS_ENTROPY ? exp(z[k] - most) : sigmoid(z[k]);
    for (int64_t k = 0; k < state->outputs; k++)
        values[k] = sum > 0 ? values[k] / sum : z[k] == most; /* all too far below to be told apart */
}

static void *scratch_new(const struct weir_model *model)
{
    const struct weir_regression_model *state = model->state;
    return weir_allocate((size_t)state->outputs, sizeof(double));
}

static int predict(const struct weir_model *model, void *scratch, const struct weir_feature_rows *rows, double *values,
                   struct weir_error *error)
{
    const struct weir_regression_model *state = model->state;
    (void)error;
    for (int64_t r = 0; r < rows->rows; r++) {
        double *z = model->task == WEIR_REGRESS ? values + r : scratch;
        score(state, rows->entries + rows->offsets[r], rows->offsets[r + 1] - rows->offsets[r], z);
        if (model->task == WEIR_CLASSIFY)
            give_probabilities(state, z, values + r * model->class_count);
    }
    return 0;
}

/* ---- The file --------------------------------------------------------------------------------------------- */

static int pack(const struct weir_model *model, struct weir_model_file *file, struct weir_error *error)
{
    const struct weir_regression_model *state = model->state;
    int64_t shape[2] = { state->outputs, state->width };
    size_t outputs = (size_t)state->outputs, weights = outputs * (size_t)state->width;
    if (weir_model_file_set_json(file, "weir:loss",
                                 json_pack("{s:s, s:f}", "kind", weir_loss_name(state->loss.kind), "label_smoothing",
                                           state->loss.label_smoothing),
                                 error))
        return -1;
    if (weir_model_file_add(file, "weight", WEIR_TENSOR_F32, 2, shape, state->weight, weights * sizeof(float)) ||
        weir_model_file_add(file, "bias", WEIR_TENSOR_F32, 1, shape, state->bias, outputs * sizeof(float)))
        return weir_fail_memory(error);
    return 0;
}

static int unpack_loss(const struct weir_model_file *file, struct weir_loss *loss, struct weir_error *error)
{
    json_t *json = weir_model_file_get_json(file, "weir:loss", error);
    if (!json)
        return -1;
    const char *name = json_string_value(json_object_get(json, "kind"));
    bool good = name && weir_loss_parse(name, &loss->kind);
    loss->label_smoothing = json_number_value(json_object_get(json, "label_smoothing"));
    json_decref(json);
    return good ? 0 : weir_fail(error, WEIR_BAD_DATA, "the model's loss is none that is known here");
}

/* Whether so many outputs under the loss give what the label needs. */
static bool outputs_fit(const struct weir_model *model, enum weir_loss_kind loss, int64_t outputs)
{
    if (model->task == WEIR_REGRESS)
        return loss == WEIR_MSE && outputs == 1;
    if (loss == WEIR_BINARY_CROSS_ENTROPY && outputs == 1)
        return model->class_count == 2;
    return weir_loss_takes_classes(loss) && outputs > 1 && outputs == model->class_count;
}

static int unpack(struct weir_model *model, const struct weir_model_file *file, struct weir_error *error)
{
    const struct weir_tensor *weight = weir_model_file_tensor(file, "weight");
    const struct weir_tensor *bias = weir_model_file_tensor(file, "bias");
    struct weir_loss loss = { 0 };
    if (unpack_loss(file, &loss, error))
        return -1;
    if (!weight || !bias)
        return weir_fail(error, WEIR_BAD_DATA, "the model has no tensor '%s'", weight ? "bias" : "weight");
    if (weight->type != WEIR_TENSOR_F32 || weight->rank != 2 || weight->shape[1] != model->features.width ||
        model->features.width < 1)
        return weir_fail(error, WEIR_BAD_DATA, "the model's tensor 'weight' has another shape than its features");
    int64_t outputs = weight->shape[0];
    if (bias->type != WEIR_TENSOR_F32 || bias->rank != 1 || bias->shape[0] != outputs)
        return weir_fail(error, WEIR_BAD_DATA, "the model's tensor 'bias' has another shape than its weights");
    if (!outputs_fit(model, loss.kind, outputs))
        return weir_fail(error, WEIR_BAD_DATA, "the model's weights do not give what its label needs");
    if (weir_regression_model_new(model, loss, weight->shape[1], outputs, error))
        return -1;
    struct weir_regression_model *state = model->state;
    memcpy(state->weight, weight->bytes, weight->size);
    memcpy(state->bias, bias->bytes, bias->size);
    return 0;
}

const struct weir_model_kind weir_regression_kind = {
    .name = "regression",
    .sparse = true,
    .pack = pack,
    .unpack = unpack,
    .scratch_new = scratch_new,
    .scratch_free = free,
    .predict = predict,
    .release = release,
};
