#include "model/checkpoint.h"
#include "base/descriptor.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char resume_key[] = "weir:resume";

static json_t *state_json(const struct weir_training_state *state, int64_t optimizer_steps, const char *fingerprint)
{
    json_t *json =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:f, s:f, s:I, s:I, s:f, s:I, s:I, s:O}", "fingerprint", fingerprint,
                  "optimizer_steps", (json_int_t)optimizer_steps, "epoch", (json_int_t)state->epoch, "batch",
                  (json_int_t)state->batch, "step", (json_int_t)state->step, "loss_sum", state->loss_sum, "weight_sum",
                  state->weight_sum, "correct", (json_int_t)state->correct, "rows", (json_int_t)state->rows,
                  "first_loss", state->first_loss, "best_epoch", (json_int_t)state->best_epoch, "stale",
                  (json_int_t)state->stale, "history", state->history);
    if (json && state->best_epoch && json_object_set_new(json, "best_loss", json_real(state->best_loss))) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

static int add_floats(struct weir_model_file *file, const char *name, const float *values, int64_t count)
{
    return weir_model_file_add(file, name, WEIR_TENSOR_F32, 1, &count, values, (size_t)count * sizeof *values);
}

static int pack(struct weir_model_file *file, const struct weir_model *model, const struct weir_training_state *state,
                struct weir_optimizer *optimizer, const char *fingerprint, struct weir_error *error)
{
    struct weir_network *network = ((struct weir_network_model *)model->state)->network;
    int64_t parameters = weir_network_parameter_count(network);
    if (weir_model_pack(model, file, error))
        return -1;
    json_t *json = state_json(state, weir_optimizer_steps(optimizer), fingerprint);
    if (weir_model_file_set_json(file, resume_key, json, error))
        return -1;
    int failed = 0;
    for (int i = 0; !failed && i < weir_optimizer_buffer_count(optimizer); i++) {
        char name[40];
        snprintf(name, sizeof name, "resume.optimizer.%d", i);
        failed = add_floats(file, name, weir_optimizer_buffer(optimizer, i), parameters);
    }
    if (!failed && state->best_epoch)
        failed = add_floats(file, "resume.best.parameters", state->best_parameters, parameters) ||
                 add_floats(file, "resume.best.state", state->best_state, weir_network_state_count(network));
    return failed ? weir_fail_memory(error) : 0;
}

int weir_checkpoint_write(const char *path, const struct weir_model *model, const struct weir_training_state *state,
                          struct weir_optimizer *optimizer, const char *fingerprint, struct weir_error *error)
{
    struct weir_model_file file = { 0 };
    struct weir_output output;
    int result = pack(&file, model, state, optimizer, fingerprint, error);
    if (result == 0 && (result = weir_output_open(&output, path, error)) == 0) {
        result = weir_model_file_write(&file, output.descriptor, error);
        if (result)
            weir_output_abandon(&output);
        else
            result = weir_output_commit(&output, error);
    }
    weir_model_file_release(&file);
    return result;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

static int read_floats(const struct weir_model_file *file, const char *name, float *values, int64_t count,
                       struct weir_error *error)
{
    const struct weir_tensor *tensor = weir_model_file_tensor(file, name);
    if (!tensor || tensor->type != WEIR_TENSOR_F32 || tensor->size != (size_t)count * sizeof *values)
        return weir_fail(error, WEIR_BAD_DATA, "the checkpoint's tensor '%s' is missing or of another size", name);
    memcpy(values, tensor->bytes, tensor->size);
    return 0;
}

static bool get_integer(const json_t *json, const char *key, int64_t *out)
{
    const json_t *value = json_object_get(json, key);
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= 0;
}

static bool get_real(const json_t *json, const char *key, double *out)
{
    const json_t *value = json_object_get(json, key);
    *out = json_number_value(value);
    return json_is_number(value);
}

static int read_state(const json_t *json, struct weir_training_state *state, struct weir_optimizer *optimizer,
                      const char *fingerprint, struct weir_error *error)
{
    const char *theirs = json_string_value(json_object_get(json, "fingerprint"));
    int64_t steps;
    if (!theirs)
        return weir_fail(error, WEIR_BAD_DATA, "it does not say of what run it is");
    if (strcmp(theirs, fingerprint) != 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         "it is the checkpoint of another run: the rows or the options are not the same");
    json_t *history = json_object_get(json, "history");
    bool good = get_integer(json, "optimizer_steps", &steps) && get_integer(json, "epoch", &state->epoch) &&
                get_integer(json, "batch", &state->batch) && get_integer(json, "step", &state->step) &&
                get_integer(json, "correct", &state->correct) && get_integer(json, "rows", &state->rows) &&
                get_integer(json, "best_epoch", &state->best_epoch) && get_integer(json, "stale", &state->stale) &&
                get_real(json, "loss_sum", &state->loss_sum) && get_real(json, "weight_sum", &state->weight_sum) &&
                steps <= state->step && get_real(json, "first_loss", &state->first_loss) && json_is_array(history) &&
                (int64_t)json_array_size(history) == state->epoch &&
                (state->best_epoch == 0 || get_real(json, "best_loss", &state->best_loss));
    if (!good)
        return weir_fail(error, WEIR_BAD_DATA, "what it says of its run is incomplete");
    weir_optimizer_set_steps(optimizer, steps);
    json_decref(state->history);
    state->history = json_incref(history);
    return 0;
}

static int unpack(const struct weir_model_file *file, struct weir_model *model, struct weir_training_state *state,
                  struct weir_optimizer *optimizer, const char *fingerprint, struct weir_error *error)
{
    struct weir_network *network = ((struct weir_network_model *)model->state)->network;
    int64_t parameters = weir_network_parameter_count(network);
    if (!weir_model_file_get(file, resume_key))
        return weir_fail(error, WEIR_BAD_DATA, "it is a model, but no checkpoint of a run");
    json_t *json = weir_model_file_get_json(file, resume_key, error);
    int result = json ? read_state(json, state, optimizer, fingerprint, error) : -1;
    json_decref(json);
    if (result == 0)
        result = weir_network_model_load(network, file, error);
    for (int i = 0; result == 0 && i < weir_optimizer_buffer_count(optimizer); i++) {
        char name[40];
        snprintf(name, sizeof name, "resume.optimizer.%d", i);
        result = read_floats(file, name, weir_optimizer_buffer(optimizer, i), parameters, error);
    }
    if (result == 0 && state->best_epoch && !state->best_parameters)
        result = weir_fail(error, WEIR_BAD_DATA, "it comes from a run with validation, and this one has none");
    if (result == 0 && state->best_epoch)
        result = read_floats(file, "resume.best.parameters", state->best_parameters, parameters, error);
    if (result == 0 && state->best_epoch)
        result = read_floats(file, "resume.best.state", state->best_state, weir_network_state_count(network), error);
    return result;
}

int weir_checkpoint_read(const char *path, struct weir_model *model, struct weir_training_state *state,
                         struct weir_optimizer *optimizer, const char *fingerprint, struct weir_error *error)
{
    struct weir_model_file file;
    if (weir_model_file_read(&file, path, error))
        return -1;
    int result = unpack(&file, model, state, optimizer, fingerprint, error);
    if (result)
        weir_fail_in(error, "'%s'", path);
    weir_model_file_release(&file);
    return result;
}
