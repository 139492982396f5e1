/* What the user left open, chosen by the data: the rules stand in train.h. */
#include "base/memory.h"
#include "model/train_private.h"
#include <math.h>
#include <stdio.h>

enum {
    DEFAULT_BATCH = 32,
    DEFAULT_EPOCHS = 10,
    DEFAULT_GD_EPOCHS = 100, /* an epoch of gd is one step */
    LEAST_IMAGE = 10
};

static enum weir_task choose_task(const struct weir_choice *c)
{
    const struct weir_train_options *o = c->options;
    if (o->task)
        return weir_is(o->task, "classify") ? WEIR_CLASSIFY : WEIR_REGRESS;
    if (weir_is(o->form, "logistic") || weir_is_class_loss(o->loss))
        return WEIR_CLASSIFY;
    if (weir_is(o->form, "linear"))
        return WEIR_REGRESS;
    return weir_label_task(&c->data->label);
}

int weir_choose_label(struct weir_choice *c, struct weir_error *error)
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
static const char *choose_net(struct weir_choice *c)
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

static const char *choose_form(const struct weir_choice *c)
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

static int choose_loss(struct weir_choice *c, const char *net, int64_t *outputs, struct weir_error *error)
{
    const struct weir_train_options *o = c->options;
    const struct weir_model *model = c->model;
    struct weir_loss *loss = c->loss = &c->network->loss;
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

static bool fits_exactly(const struct weir_choice *c)
{
    const struct weir_train_options *o = c->options;
    enum weir_loss_kind loss = c->network->loss.kind;
    if (strcmp(c->model->form, "network") == 0 || (o->optimizer && !weir_is(o->optimizer, "lbfgs")))
        return false;
    return c->model->task == WEIR_REGRESS ? loss == WEIR_MSE : weir_loss_takes_classes(loss);
}

static void set_number(double *to, double given)
{
    if (!isnan(given))
        *to = given;
}

static int choose_method(struct weir_choice *c, struct weir_error *error)
{
    const struct weir_train_options *o = c->options;
    enum weir_optimizer_kind kind = WEIR_ADAM;
    c->exact = fits_exactly(c);
    if (weir_is(o->optimizer, "lbfgs") && !c->exact)
        return weir_fail(error, WEIR_USAGE,
                         "--optimizer lbfgs fits linear and logistic regression with their own loss");
    if (!isnan(o->l1))
        return weir_fail(error, WEIR_USAGE, "--l1 is of --optimizer sgd (with sparse columns), adagrad and ftrl");
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
                : c->exact        ? WEIR_DEFAULT_ITERATIONS
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

static void standardize_target(struct weir_choice *c)
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

int weir_choose_network(struct weir_choice *c, struct weir_error *error)
{
    weir_network_model_shape(&c->data->features, &c->shape);
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
