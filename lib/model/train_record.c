/* What a model says of its training. */
#include "base/hash.h"
#include "model/train_private.h"

/* After a failure *object is NULL, and stays it. */
static void set(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value)) {
        json_decref(*object);
        *object = NULL;
    }
}

/* What was asked for and chosen, as far as it makes a difference. */
static json_t *options_json(const struct weir_choice *c)
{
    const struct weir_train_options *o = c->options;
    const struct weir_loss *loss = c->loss;
    json_t *json = json_object();
    set(&json, "model", json_string(c->model->form));
    if (c->network)
        set(&json, "network", json_string(weir_network_notation(c->network->network)));
    set(&json, "task", json_string(c->model->task == WEIR_CLASSIFY ? "classify" : "regress"));
    set(&json, "loss", json_string(weir_loss_name(loss->kind)));
    if (loss->kind == WEIR_HUBER)
        set(&json, "huber_delta", json_real(loss->huber_delta));
    if (loss->label_smoothing > 0)
        set(&json, "label_smoothing", json_real(loss->label_smoothing));
    if (o->class_weights)
        set(&json, "class_weights", json_string(o->class_weights));
    set(&json, "epochs", json_integer(c->epochs));
    if (c->exact) {
        set(&json, "optimizer", json_string("exact"));
        set(&json, "l2", json_real(c->l2));
        return json;
    }
    if (c->streamed) {
        set(&json, "optimizer", json_string(weir_sparse_optimizer_name(c->sparse_optimizer.kind)));
        set(&json, "learning_rate", json_real(c->sparse_optimizer.rate));
        set(&json, "batch", json_integer(c->batch));
        set(&json, "l1", json_real(c->sparse_optimizer.l1));
        set(&json, "l2", json_real(c->sparse_optimizer.l2));
        return json;
    }
    set(&json, "optimizer", json_string(weir_optimizer_name(c->optimizer.kind)));
    set(&json, "learning_rate", json_real(c->optimizer.learning_rate));
    set(&json, "momentum", json_real(c->optimizer.momentum));
    set(&json, "beta1", json_real(c->optimizer.beta1));
    set(&json, "beta2", json_real(c->optimizer.beta2));
    set(&json, "alpha", json_real(c->optimizer.alpha));
    set(&json, "epsilon", json_real(c->optimizer.epsilon));
    set(&json, "weight_decay", json_real(c->optimizer.weight_decay));
    set(&json, "clip", json_real(c->optimizer.clip));
    set(&json, "schedule", json_string(o->schedule ? o->schedule : "constant"));
    set(&json, "batch", json_integer(c->batch));
    set(&json, "patience", json_integer(o->patience));
    set(&json, "precision", json_string(o->bfloat16 ? "bf16" : "float32"));
    return json;
}

json_t *weir_train_record(const struct weir_choice *c)
{
    const struct weir_training_data *data = c->data;
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:b}", "weir", WEIR_VERSION, "data", data->digest, "rows",
                     (json_int_t)data->train_count, "validation_rows", (json_int_t)data->validation_count,
                     "unlabelled_rows", (json_int_t)data->unlabelled, "seed", (json_int_t)c->options->seed, "options",
                     options_json(c), "complete", 0);
}

/* What each number of a row means to the run: the digest of the rows knows neither names nor roles. */
static json_t *meaning_json(const struct weir_choice *c)
{
    const struct weir_training_data *data = c->data;
    json_t *json = json_object();
    uint64_t sides = weir_hash(data->train, (size_t)data->train_count * sizeof *data->train, 0);
    sides = weir_hash(data->validation, (size_t)data->validation_count * sizeof *data->validation, sides);
    set(&json, "label", json_string(c->model->label));
    set(&json, "features", weir_features_to_json(&c->model->features));
    set(&json, "sides", json_integer((json_int_t)sides));
    if (c->weights)
        set(&json, "weights",
            json_integer((json_int_t)weir_hash(c->weights, (size_t)data->rows * sizeof *c->weights, 0)));
    return json;
}

/* Equal for runs that are the same up to where they end. */
int weir_train_fingerprint(const struct weir_choice *c, char out[33], struct weir_error *error)
{
    json_t *copy = weir_json_deep_copy(c->model->training);
    json_t *options = json_object_get(copy, "options");
    if (c->schedule.kind != WEIR_SCHEDULE_COSINE)
        json_object_del(options, "epochs");
    set(&copy, "meaning", meaning_json(c));
    struct weir_buffer text = { 0 };
    int result = weir_json_dump_new(copy, WEIR_JSON_KEPT | JSON_SORT_KEYS, &text, error);
    if (result == 0)
        weir_hash128_hex(weir_hash128(text.bytes, text.size), out);
    weir_buffer_release(&text);
    return result;
}

void weir_train_describe(const struct weir_choice *c, struct weir_buffer *out)
{
    const struct weir_model *model = c->model;
    const char *form = strcmp(model->form, "linear") == 0    ? "linear regression"
                       : strcmp(model->form, "network") == 0 ? "network"
                       : c->loss->kind == WEIR_CROSS_ENTROPY ? "softmax regression"
                                                             : "logistic regression";
    weir_buffer_string(out, form);
    if (c->network && strcmp(model->form, "network") == 0)
        weir_buffer_format(out, " '%s'", weir_network_notation(c->network->network));
    if (model->task == WEIR_CLASSIFY)
        weir_buffer_format(out, ", %lld classes of '", (long long)model->class_count);
    else
        weir_buffer_string(out, ", values of '");
    weir_buffer_escaped(out, model->label, strlen(model->label));
    weir_buffer_format(out, "', %s", weir_loss_name(c->loss->kind));
    if (c->regression && c->regression->outputs > 1 && c->loss->kind == WEIR_BINARY_CROSS_ENTROPY)
        weir_buffer_string(out, " of each class against the rest");
    if (c->streamed)
        weir_buffer_format(out, ", %s", weir_sparse_optimizer_name(c->sparse_optimizer.kind));
    else if (!c->exact)
        weir_buffer_format(out, ", %s", weir_optimizer_name(c->optimizer.kind));
}
