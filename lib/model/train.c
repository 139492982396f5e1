#include "model/train.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/number.h"
#include "model/regression.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_BATCH = 32,
    DEFAULT_EPOCHS = 10,
    DEFAULT_GD_EPOCHS = 100, /* an epoch of gd is one step */
    DEFAULT_ITERATIONS = 1000,
    LEAST_IMAGE = 10
};

static bool is(const char *text, const char *word)
{
    return text && strcmp(text, word) == 0;
}

void weir_train_summary_release(struct weir_train_summary *summary)
{
    weir_buffer_release(&summary->chosen);
}

/* ---- Before any row --------------------------------------------------------------------------------------- */

static bool is_class_loss(const char *name)
{
    return is(name, "cross-entropy") || is(name, "binary-cross-entropy");
}

int weir_train_check(const struct weir_train_options *o, struct weir_error *error)
{
    enum weir_loss_kind loss;
    enum weir_optimizer_kind optimizer;
    struct weir_schedule schedule;
    if (o->form && o->net)
        return weir_fail(error, WEIR_USAGE, "--model and --net exclude each other");
    if (o->loss && !weir_loss_parse(o->loss, &loss))
        return weir_fail(error, WEIR_USAGE, "'%s' is no loss", o->loss);
    if (o->optimizer && !is(o->optimizer, "lbfgs") && !weir_optimizer_parse(o->optimizer, &optimizer))
        return weir_fail(error, WEIR_USAGE, "'%s' is no optimizer", o->optimizer);
    if (o->schedule && weir_schedule_parse(&schedule, o->schedule, error))
        return -1;
    if (is(o->form, "linear") && (is(o->task, "classify") || is_class_loss(o->loss)))
        return weir_fail(error, WEIR_USAGE, "--model linear predicts values: take --model logistic for classes");
    if (is(o->form, "logistic") && is(o->task, "regress"))
        return weir_fail(error, WEIR_USAGE, "--model logistic tells classes apart: take --model linear for values");
    if (is(o->task, "regress") && is_class_loss(o->loss))
        return weir_fail(error, WEIR_USAGE, "--loss %s is for classes, and --task regress for values", o->loss);
    if (o->label_smoothing >= 1)
        return weir_fail(error, WEIR_USAGE, "--label-smoothing takes a number from 0 to below 1: 1 leaves no label");
    if (is(o->optimizer, "lbfgs") && o->net)
        return weir_fail(error, WEIR_USAGE, "--optimizer lbfgs fits --model linear and --model logistic, not networks");
    if (is(o->optimizer, "lbfgs") && (o->checkpoint || o->resume))
        return weir_fail(error, WEIR_USAGE, "--checkpoint and --resume need an optimizer that works by minibatches");
    return 0;
}

/* ---- Choosing --------------------------------------------------------------------------------------------- */

/* Everything that is decided before training begins. */
struct choice {
    const struct weir_train_options *options;
    struct weir_training_data *data;
    struct weir_model *model;
    struct weir_network_model *network;
    bool exact;
    struct weir_optimizer_options optimizer;
    struct weir_schedule schedule;
    int64_t epochs, batch;
    double l2;
    struct weir_shape shape;
    int32_t *classes; /* by row */
    double *targets;
    float *weights; /* by row, class weights multiplied in; NULL: all 1 */
};

static enum weir_task choose_task(const struct choice *c)
{
    const struct weir_train_options *o = c->options;
    if (o->task)
        return is(o->task, "classify") ? WEIR_CLASSIFY : WEIR_REGRESS;
    if (is(o->form, "logistic") || is_class_loss(o->loss))
        return WEIR_CLASSIFY;
    if (is(o->form, "linear"))
        return WEIR_REGRESS;
    return weir_label_task(&c->data->label);
}

static int take_label(struct choice *c, struct weir_error *error)
{
    struct weir_label *label = &c->data->label;
    struct weir_model *model = c->model;
    model->task = choose_task(c);
    model->label = weir_duplicate_string(label->name);
    if (!model->label || weir_type_copy(&model->label_type, &label->type))
        return weir_fail_memory(error);
    if (model->task == WEIR_CLASSIFY)
        return weir_label_classes(label, model, &c->classes, error);
    return weir_label_targets(label, &c->targets, error);
}

static bool is_image(const struct weir_shape *shape)
{
    return shape->rank == 2 || shape->rank == 3;
}

/* The notation; for regressions that of one dense layer. */
static const char *choose_net(struct choice *c)
{
    const struct weir_train_options *o = c->options;
    const char *flat = c->shape.rank > 1 ? "flatten" : NULL;
    if (o->net)
        return o->net;
    if (!o->form && is_image(&c->shape))
        return c->shape.size[0] >= LEAST_IMAGE && c->shape.size[1] >= LEAST_IMAGE
                   ? "conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu"
                   : "flatten | dense 64 relu";
    return flat;
}

static const char *choose_form(const struct choice *c)
{
    if (c->options->form)
        return c->options->form;
    if (c->options->net || is_image(&c->shape))
        return "network";
    return c->model->task == WEIR_CLASSIFY ? "logistic" : "linear";
}

/* What the notation gives a row as it stands. */
static int natural_outputs(const char *net, const struct weir_shape *shape, int64_t *outputs, struct weir_error *error)
{
    struct weir_network *network;
    if (weir_network_new(&network, net, shape, 0, error))
        return -1;
    *outputs = weir_network_outputs(network);
    weir_network_free(network);
    return 0;
}

static int choose_loss(struct choice *c, const char *net, int64_t *outputs, struct weir_error *error)
{
    const struct weir_train_options *o = c->options;
    const struct weir_model *model = c->model;
    struct weir_loss *loss = &c->network->loss;
    int64_t natural = 0;
    *loss = (struct weir_loss){ .kind = WEIR_MSE,
                                .huber_delta = isnan(o->huber_delta) ? 1 : o->huber_delta,
                                .label_smoothing = isnan(o->label_smoothing) ? 0 : o->label_smoothing };
    if (o->loss)
        weir_loss_parse(o->loss, &loss->kind);
    *outputs = 1;
    if (model->task == WEIR_REGRESS)
        return 0;
    bool two = model->class_count == 2;
    if (o->net && two && natural_outputs(net, &c->shape, &natural, error))
        return -1;
    bool single = two && (natural == 1 || (!o->loss && strcmp(model->form, "logistic") == 0));
    if (!o->loss)
        loss->kind = single ? WEIR_BINARY_CROSS_ENTROPY : WEIR_CROSS_ENTROPY;
    if (loss->kind == WEIR_BINARY_CROSS_ENTROPY && !two)
        return weir_fail(error, WEIR_USAGE, "--loss binary-cross-entropy is for two classes, and '%s' has %lld",
                         model->label, (long long)model->class_count);
    if (loss->kind == WEIR_BINARY_CROSS_ENTROPY)
        return 0;
    *outputs = single && loss->kind != WEIR_CROSS_ENTROPY ? 1 : model->class_count;
    return 0;
}

static bool fits_exactly(const struct choice *c)
{
    const struct weir_train_options *o = c->options;
    enum weir_loss_kind loss = c->network->loss.kind;
    if (strcmp(c->model->form, "network") == 0 || (o->optimizer && !is(o->optimizer, "lbfgs")))
        return false;
    return c->model->task == WEIR_REGRESS ? loss == WEIR_MSE
                                          : loss == WEIR_CROSS_ENTROPY || loss == WEIR_BINARY_CROSS_ENTROPY;
}

static void set_number(double *to, double given)
{
    if (!isnan(given))
        *to = given;
}

static int choose_method(struct choice *c, struct weir_error *error)
{
    const struct weir_train_options *o = c->options;
    enum weir_optimizer_kind kind = WEIR_ADAM;
    c->exact = fits_exactly(c);
    if (is(o->optimizer, "lbfgs") && !c->exact)
        return weir_fail(error, WEIR_USAGE,
                         "--optimizer lbfgs fits linear and logistic regression with their own loss");
    if (c->exact && (o->checkpoint || o->resume))
        return weir_fail(error, WEIR_USAGE,
                         "--checkpoint and --resume need an optimizer that works by minibatches: give --optimizer");
    if (o->patience && c->data->validation_count == 0)
        return weir_fail(error, WEIR_USAGE, "--patience needs rows to validate with: give --validation SHARE");
    if (o->optimizer && !c->exact)
        weir_optimizer_parse(o->optimizer, &kind);
    c->optimizer = weir_optimizer_defaults(kind);
    set_number(&c->optimizer.learning_rate, o->learning_rate);
    set_number(&c->optimizer.momentum, o->momentum);
    set_number(&c->optimizer.beta1, o->beta1);
    set_number(&c->optimizer.beta2, o->beta2);
    set_number(&c->optimizer.alpha, o->alpha);
    set_number(&c->optimizer.epsilon, o->epsilon);
    set_number(&c->optimizer.weight_decay, o->weight_decay);
    set_number(&c->optimizer.clip, o->clip);
    if (weir_schedule_parse(&c->schedule, o->schedule ? o->schedule : "constant", error))
        return -1;
    c->l2 = c->model->task == WEIR_CLASSIFY ? 1 : 0;
    set_number(&c->l2, o->l2);
    c->batch = o->batch ? o->batch : DEFAULT_BATCH;
    c->epochs = o->epochs         ? o->epochs
                : c->exact        ? DEFAULT_ITERATIONS
                : kind == WEIR_GD ? DEFAULT_GD_EPOCHS
                                  : DEFAULT_EPOCHS;
    return 0;
}

/* True when the last layer is a dense one without an activation: its outputs may be any number. */
static bool ends_plain(const struct weir_network *network)
{
    const char *notation = weir_network_notation(network), *last = strrchr(notation, '|');
    last = last ? last + 1 : notation;
    last += strspn(last, " ");
    return strcmp(last, "dense 1") == 0;
}

static void standardize_target(struct choice *c)
{
    const struct weir_training_data *data = c->data;
    double sum = 0, squares = 0, n = (double)data->train_count;
    c->network->target_scale = 1;
    if (c->model->task != WEIR_REGRESS || c->exact || !ends_plain(c->network->network))
        return;
    for (int64_t i = 0; i < data->train_count; i++)
        sum += c->targets[data->train[i]];
    double mean = sum / n;
    for (int64_t i = 0; i < data->train_count; i++) {
        double distance = c->targets[data->train[i]] - mean;
        squares += distance * distance;
    }
    double deviation = sqrt(squares / n);
    c->network->target_offset = mean;
    if (isfinite(deviation) && deviation > 0)
        c->network->target_scale = deviation;
}

static int make_network(struct choice *c, struct weir_error *error)
{
    const char *net = choose_net(c);
    int64_t outputs;
    c->network = c->model->state = weir_allocate_zero(1, sizeof *c->network);
    c->model->form = weir_duplicate_string(choose_form(c));
    if (!c->network || !c->model->form)
        return weir_fail_memory(error);
    if (choose_loss(c, net, &outputs, error) || choose_method(c, error))
        return -1;
    char dense[40];
    snprintf(dense, sizeof dense, "dense %lld", (long long)outputs);
    if (weir_network_new(&c->network->network, net ? net : dense, &c->shape, outputs, error))
        return -1;
    standardize_target(c);
    return 0;
}

/* ---- Weights ---------------------------------------------------------------------------------------------- */

static int balanced_weights(const struct choice *c, double *of_class)
{
    const struct weir_training_data *data = c->data;
    int64_t classes = c->model->class_count;
    int64_t *counts = weir_allocate_zero((size_t)classes, sizeof *counts);
    if (!counts)
        return -1;
    for (int64_t i = 0; i < data->train_count; i++)
        counts[c->classes[data->train[i]]]++;
    for (int64_t k = 0; k < classes; k++)
        of_class[k] = counts[k] ? (double)data->train_count / ((double)classes * (double)counts[k]) : 1;
    free(counts);
    return 0;
}

static int64_t find_class(const struct weir_model *model, const char *text, size_t length)
{
    for (int64_t k = 0; k < model->class_count; k++)
        if (strlen(model->classes[k]) == length && memcmp(model->classes[k], text, length) == 0)
            return k;
    return -1;
}

/* "A=2,B=1": classes that are not named have 1. */
static int named_weights(const struct choice *c, double *of_class, struct weir_error *error)
{
    const char *text = c->options->class_weights;
    for (int64_t k = 0; k < c->model->class_count; k++)
        of_class[k] = 1;
    while (*text) {
        size_t length = strcspn(text, ",");
        const char *equals = memrchr(text, '=', length);
        double weight;
        if (!equals || !weir_parse_double(equals + 1, length - (size_t)(equals + 1 - text), &weight) ||
            !(weight >= 0 && weight <= 1e30))
            return weir_fail(error, WEIR_USAGE, "--class-weights takes 'balanced' or CLASS=WEIGHT,..., not '%.*s'",
                             (int)(length < 100 ? length : 100), text);
        int64_t k = find_class(c->model, text, (size_t)(equals - text));
        if (k < 0)
            return weir_fail(error, WEIR_USAGE, "--class-weights: '%s' has no class '%.*s'", c->model->label,
                             (int)(equals - text < 100 ? equals - text : 100), text);
        of_class[k] = weight;
        text += length;
        text += *text == ',';
    }
    return 0;
}

static bool any_weight(const float *weights, const int64_t *rows, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (weights[rows[i]] > 0)
            return true;
    return false;
}

static int make_weights(struct choice *c, struct weir_error *error)
{
    const struct weir_training_data *data = c->data;
    const char *class_weights = c->options->class_weights;
    if (!data->weights && !class_weights)
        return 0;
    if (class_weights && c->model->task != WEIR_CLASSIFY)
        return weir_fail(error, WEIR_USAGE, "--class-weights needs a label of classes, and '%s' is a number",
                         c->model->label);
    double *of_class = weir_allocate((size_t)c->model->class_count, sizeof *of_class);
    c->weights = weir_allocate((size_t)data->rows, sizeof *c->weights);
    int result = of_class && c->weights ? 0 : weir_fail_memory(error);
    if (result == 0 && is(class_weights, "balanced"))
        result = balanced_weights(c, of_class) ? weir_fail_memory(error) : 0;
    else if (result == 0 && class_weights)
        result = named_weights(c, of_class, error);
    for (int64_t row = 0; result == 0 && row < data->rows; row++)
        c->weights[row] =
            (float)((data->weights ? data->weights[row] : 1) * (class_weights ? of_class[c->classes[row]] : 1));
    if (result == 0 && !any_weight(c->weights, data->train, data->train_count))
        result = weir_fail(error, WEIR_BAD_DATA, "all weights are 0: there is nothing to learn from");
    if (result == 0 && data->validation_count && !any_weight(c->weights, data->validation, data->validation_count))
        result = weir_fail(error, WEIR_BAD_DATA, "all rows for validation have the weight 0");
    free(of_class);
    return result;
}

/* ---- The record ------------------------------------------------------------------------------------------- */

/* After a failure *object is NULL, and stays it. */
static void set(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value)) {
        json_decref(*object);
        *object = NULL;
    }
}

/* What was asked for and chosen, as far as it makes a difference. */
static json_t *options_json(const struct choice *c)
{
    const struct weir_train_options *o = c->options;
    const struct weir_loss *loss = &c->network->loss;
    json_t *json = json_object();
    set(&json, "model", json_string(c->model->form));
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

static json_t *training_json(const struct choice *c)
{
    const struct weir_training_data *data = c->data;
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:b}", "weir", WEIR_VERSION, "data", data->digest, "rows",
                     (json_int_t)data->train_count, "validation_rows", (json_int_t)data->validation_count,
                     "unlabelled_rows", (json_int_t)data->unlabelled, "seed", (json_int_t)c->options->seed, "options",
                     options_json(c), "complete", 0);
}

/* Equal for runs that are the same up to where they end. */
static int fingerprint(const struct choice *c, char out[33], struct weir_error *error)
{
    json_t *copy = weir_json_deep_copy(c->model->training);
    json_t *options = json_object_get(copy, "options");
    if (c->schedule.kind != WEIR_SCHEDULE_COSINE)
        json_object_del(options, "epochs");
    struct weir_buffer text = { 0 };
    int result = weir_json_dump_new(copy, WEIR_JSON_KEPT | JSON_SORT_KEYS, &text, error);
    if (result == 0)
        weir_hash128_hex(weir_hash128(text.bytes, text.size), out);
    weir_buffer_release(&text);
    return result;
}

static void describe(const struct choice *c, struct weir_buffer *out)
{
    const struct weir_model *model = c->model;
    const char *form = strcmp(model->form, "linear") == 0            ? "linear regression"
                       : strcmp(model->form, "network") == 0         ? "network"
                       : c->network->loss.kind == WEIR_CROSS_ENTROPY ? "softmax regression"
                                                                     : "logistic regression";
    weir_buffer_string(out, form);
    if (strcmp(model->form, "network") == 0)
        weir_buffer_format(out, " '%s'", weir_network_notation(c->network->network));
    if (model->task == WEIR_CLASSIFY)
        weir_buffer_format(out, ", %lld classes of '", (long long)model->class_count);
    else
        weir_buffer_string(out, ", values of '");
    weir_buffer_escaped(out, model->label, strlen(model->label));
    weir_buffer_format(out, "', %s", weir_loss_name(c->network->loss.kind));
    if (!c->exact)
        weir_buffer_format(out, ", %s", weir_optimizer_name(c->optimizer.kind));
}

/* ---- Fitting ---------------------------------------------------------------------------------------------- */

struct exact_progress {
    const struct weir_trainer_events *events;
    const struct choice *choice;
};

static bool exact_progress(void *context, int iteration, double loss)
{
    const struct exact_progress *p = context;
    struct weir_trainer_report report = { .epoch = iteration,
                                          .epochs = p->choice->epochs,
                                          .step = iteration,
                                          .steps = p->choice->epochs,
                                          .rows = iteration * p->choice->data->train_count,
                                          .loss = loss,
                                          .accuracy = NAN,
                                          .epoch_end = true,
                                          .learning_rate = NAN,
                                          .validation_loss = NAN,
                                          .validation_accuracy = NAN };
    if (p->events->report)
        p->events->report(p->events->context, &report);
    return p->events->stop && p->events->stop(p->events->context);
}

/* Loss and accuracy of the finished model over some rows. */
static int evaluate_exact(const struct choice *c, const int64_t *rows, int64_t count, struct weir_pool *pool,
                          double *loss, double *accuracy, struct weir_error *error)
{
    struct weir_trainer_data data = { .dataset = &c->data->dataset,
                                      .classes = c->classes,
                                      .targets = c->targets,
                                      .weights = c->weights,
                                      .validation = rows,
                                      .validation_count = count };
    return weir_trainer_evaluate(c->model, &data, pool, loss, accuracy, error);
}

static int fit_exactly(const struct choice *c, const struct weir_trainer_events *events, struct weir_pool *pool,
                       struct weir_train_summary *summary, struct weir_error *error)
{
    struct weir_training_data *data = c->data;
    struct weir_network *network = c->network->network;
    struct exact_progress progress = { events, c };
    struct weir_regression regression = { .dataset = &data->dataset,
                                          .rows = data->train,
                                          .count = data->train_count,
                                          .classes = c->classes,
                                          .targets = c->targets,
                                          .weights = c->weights,
                                          .loss = c->network->loss.kind,
                                          .outputs = weir_network_outputs(network),
                                          .label_smoothing = c->network->loss.label_smoothing,
                                          .l2 = c->l2,
                                          .max_iterations = (int)(c->epochs < INT32_MAX ? c->epochs : INT32_MAX),
                                          .tolerance = 1e-5,
                                          .context = &progress,
                                          .progress = exact_progress };
    struct weir_regression_result result;
    float *weight = NULL, *bias = NULL;
    for (int i = 0; i < weir_network_tensor_count(network); i++) {
        const struct weir_network_tensor *tensor = weir_network_tensor(network, i);
        float *place = weir_network_parameters(network) + tensor->offset;
        if (tensor->rank == 2)
            weight = place;
        else
            bias = place;
    }
    if (!weight || !bias)
        return weir_fail(error, WEIR_BUG, "a dense layer without a weight and a bias");
    if (weir_regression_fit(&regression, pool, weight, bias, &result, error))
        return -1;
    summary->converged = result.converged;
    struct weir_trainer_result *r = &summary->result;
    *r = (struct weir_trainer_result){ .interrupted = result.stopped, .epochs = result.iterations };
    r->loss = result.loss;
    r->accuracy = c->classes ? (double)result.correct / (double)data->train_count : NAN;
    r->validation_loss = r->validation_accuracy = NAN;
    if (data->validation_count && evaluate_exact(c, data->validation, data->validation_count, pool, &r->validation_loss,
                                                 &r->validation_accuracy, error))
        return -1;
    json_t *entry = json_object();
    set(&entry, "loss", json_real(r->loss));
    if (!isnan(r->accuracy))
        set(&entry, "accuracy", json_real(r->accuracy));
    if (!isnan(r->validation_loss))
        set(&entry, "validation_loss", json_real(r->validation_loss));
    if (!isnan(r->validation_accuracy))
        set(&entry, "validation_accuracy", json_real(r->validation_accuracy));
    json_t *training = c->model->training;
    if (json_object_set_new(training, "epochs", json_pack("[o]", entry)) ||
        json_object_set_new(training, "iterations", json_integer(result.iterations)) ||
        json_object_set_new(training, "complete", json_boolean(!result.stopped)))
        return weir_fail_memory(error);
    return 0;
}

static int fit_by_minibatches(const struct choice *c, const struct weir_trainer_events *events, struct weir_pool *pool,
                              struct weir_train_summary *summary, struct weir_error *error)
{
    const struct weir_train_options *o = c->options;
    const struct weir_training_data *data = c->data;
    char print[33];
    if (fingerprint(c, print, error))
        return -1;
    struct weir_trainer_options options = { .optimizer = c->optimizer,
                                            .schedule = c->schedule,
                                            .batch = c->batch,
                                            .epochs = c->epochs,
                                            .patience = o->patience,
                                            .seed = o->seed,
                                            .bfloat16 = o->bfloat16,
                                            .checkpoint = o->checkpoint,
                                            .checkpoint_every = o->checkpoint_every ? o->checkpoint_every : 1,
                                            .checkpoint_steps = o->checkpoint_steps,
                                            .resume = o->resume,
                                            .fingerprint = print };
    struct weir_trainer_data rows = { .dataset = &data->dataset,
                                      .classes = c->classes,
                                      .targets = c->targets,
                                      .weights = c->weights,
                                      .train = data->train,
                                      .validation = data->validation,
                                      .train_count = data->train_count,
                                      .validation_count = data->validation_count };
    return weir_train_network(c->model, &rows, &options, events, pool, &summary->result, error);
}

int weir_train_fit(const struct weir_train_options *options, struct weir_training_data *data,
                   const struct weir_trainer_events *events, struct weir_pool *pool, struct weir_model *model,
                   struct weir_train_summary *summary, struct weir_error *error)
{
    struct choice c = { .options = options, .data = data, .model = model };
    *model = (struct weir_model){ .kind = &weir_network_kind };
    *summary = (struct weir_train_summary){ 0 };
    weir_network_model_shape(&data->features, &c.shape);
    int result = take_label(&c, error);
    if (result == 0)
        result = make_network(&c, error);
    if (result == 0)
        result = make_weights(&c, error);
    if (result == 0) {
        model->features = data->features;
        model->plan = data->plan;
        data->features = (struct weir_feature_list){ 0 };
        data->plan = (struct weir_plan){ 0 };
        model->training = training_json(&c);
        describe(&c, &summary->chosen);
        summary->exact = c.exact;
        summary->loss = c.network->loss.kind;
        if (!model->training || summary->chosen.failed)
            result = weir_fail_memory(error);
    }
    if (result == 0)
        result = c.exact ? fit_exactly(&c, events, pool, summary, error)
                         : fit_by_minibatches(&c, events, pool, summary, error);
    free(c.classes);
    free(c.targets);
    free(c.weights);
    return result;
}
