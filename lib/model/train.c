#include "base/memory.h"
#include "model/regression.h"
#include "model/train_private.h"
#include <math.h>
#include <stdlib.h>

void weir_train_summary_release(struct weir_train_summary *summary)
{
    weir_buffer_release(&summary->chosen);
}

/* ---- Before any row --------------------------------------------------------------------------------------- */

int weir_train_check(const struct weir_train_options *o, struct weir_error *error)
{
    enum weir_loss_kind loss;
    enum weir_optimizer_kind optimizer;
    struct weir_schedule schedule;
    if (o->form && o->net)
        return weir_fail(error, WEIR_USAGE, "--model and --net exclude each other");
    if (o->loss && !weir_loss_parse(o->loss, &loss))
        return weir_fail(error, WEIR_USAGE, "'%s' is no loss", o->loss);
    enum weir_sparse_optimizer_kind sparse;
    if (o->optimizer && !weir_is(o->optimizer, "lbfgs") && !weir_optimizer_parse(o->optimizer, &optimizer) &&
        !weir_sparse_optimizer_parse(o->optimizer, &sparse))
        return weir_fail(error, WEIR_USAGE, "'%s' is no optimizer", o->optimizer);
    if (o->schedule && weir_schedule_parse(&schedule, o->schedule, error))
        return -1;
    if (weir_is(o->form, "linear") && (weir_is(o->task, "classify") || weir_is_class_loss(o->loss)))
        return weir_fail(error, WEIR_USAGE, "--model linear predicts values: take --model logistic for classes");
    if (weir_is(o->form, "logistic") && weir_is(o->task, "regress"))
        return weir_fail(error, WEIR_USAGE, "--model logistic tells classes apart: take --model linear for values");
    if (weir_is(o->task, "regress") && weir_is_class_loss(o->loss))
        return weir_fail(error, WEIR_USAGE, "--loss %s is for classes, and --task regress for values", o->loss);
    if (o->label_smoothing >= 1)
        return weir_fail(error, WEIR_USAGE, "--label-smoothing takes a number from 0 to below 1: 1 leaves no label");
    if (weir_is(o->optimizer, "lbfgs") && o->net)
        return weir_fail(error, WEIR_USAGE, "--optimizer lbfgs fits --model linear and --model logistic, not networks");
    if (o->net && (weir_is(o->optimizer, "adagrad") || weir_is(o->optimizer, "ftrl")))
        return weir_fail(error, WEIR_USAGE, "--optimizer %s is for --model linear and --model logistic, not networks",
                         o->optimizer);
    if (weir_is(o->optimizer, "lbfgs") && (o->checkpoint || o->resume))
        return weir_fail(error, WEIR_USAGE, "--checkpoint and --resume need an optimizer that works by minibatches");
    return 0;
}

/* ---- Fitting ---------------------------------------------------------------------------------------------- */

bool weir_exact_progress(void *context, int iteration, double loss)
{
    const struct weir_exact_progress *p = context;
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
static int evaluate_exact(const struct weir_choice *c, const int64_t *rows, int64_t count, struct weir_pool *pool,
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

/* The one dense layer that a regression is. */
static int find_layer(struct weir_network *network, float **weight, float **bias, struct weir_error *error)
{
    *weight = *bias = NULL;
    for (int i = 0; i < weir_network_tensor_count(network); i++) {
        const struct weir_network_tensor *tensor = weir_network_tensor(network, i);
        *(tensor->rank == 2 ? weight : bias) = weir_network_parameters(network) + tensor->offset;
    }
    return *weight && *bias ? 0 : weir_fail(error, WEIR_BUG, "a dense layer without a weight and a bias");
}

int weir_record_exact(const struct weir_choice *c, const struct weir_trainer_result *r, int iterations,
                      struct weir_error *error)
{
    json_t *entry = weir_trainer_epoch(r->loss, r->accuracy, r->validation_loss, r->validation_accuracy);
    json_t *training = c->model->training;
    if (json_object_set_new(training, "epochs", json_pack("[o]", entry)) ||
        json_object_set_new(training, "iterations", json_integer(iterations)) ||
        json_object_set_new(training, "complete", json_boolean(!r->interrupted)))
        return weir_fail_memory(error);
    return 0;
}

static int fit_exactly(const struct weir_choice *c, const struct weir_trainer_events *events, struct weir_pool *pool,
                       struct weir_train_summary *summary, struct weir_error *error)
{
    struct weir_training_data *data = c->data;
    struct weir_network *network = c->network->network;
    struct weir_exact_progress progress = { events, c };
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
                                          .progress = weir_exact_progress };
    struct weir_regression_result result;
    float *weight, *bias;
    if (find_layer(network, &weight, &bias, error))
        return -1;
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
    return weir_record_exact(c, r, result.iterations, error);
}

static int fit_by_minibatches(const struct weir_choice *c, const struct weir_trainer_events *events,
                              struct weir_pool *pool, struct weir_train_summary *summary, struct weir_error *error)
{
    const struct weir_train_options *o = c->options;
    const struct weir_training_data *data = c->data;
    char print[33];
    if (weir_train_fingerprint(c, print, error))
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

int weir_train_describe_all(struct weir_choice *c, struct weir_train_summary *summary, struct weir_error *error)
{
    struct weir_training_data *data = c->data;
    struct weir_model *model = c->model;
    model->features = data->features;
    model->plan = data->plan;
    data->features = (struct weir_feature_list){ 0 };
    data->plan = (struct weir_plan){ 0 };
    model->training = weir_train_record(c);
    weir_train_describe(c, &summary->chosen);
    summary->exact = c->exact;
    summary->streamed = c->streamed;
    summary->loss = c->loss->kind;
    return model->training && !summary->chosen.failed ? 0 : weir_fail_memory(error);
}

int weir_train_fit(const struct weir_train_options *options, struct weir_training_data *data,
                   const struct weir_trainer_events *events, struct weir_pool *pool, struct weir_model *model,
                   struct weir_train_summary *summary, struct weir_error *error)
{
    struct weir_choice c = { .options = options, .data = data, .model = model };
    bool sparse = data->features.sparse_count > 0;
    *model = (struct weir_model){ .kind = sparse ? &weir_regression_kind : &weir_network_kind };
    *summary = (struct weir_train_summary){ 0 };
    int result = weir_choose_label(&c, error);
    if (result == 0)
        result = sparse ? weir_choose_regression(&c, error) : weir_choose_network(&c, error);
    if (result == 0)
        result = weir_choose_weights(&c, error);
    if (result == 0)
        result = weir_train_describe_all(&c, summary, error);
    if (result == 0)
        result = sparse    ? weir_fit_sparse(&c, events, pool, summary, error)
                 : c.exact ? fit_exactly(&c, events, pool, summary, error)
                           : fit_by_minibatches(&c, events, pool, summary, error);
    free(c.classes);
    free(c.targets);
    free(c.weights);
    return result;
}
