#include "base/memory.h"
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
                 : c.exact ? weir_fit_exactly(&c, events, pool, summary, error)
                           : fit_by_minibatches(&c, events, pool, summary, error);
    free(c.classes);
    free(c.targets);
    free(c.weights);
    return result;
}
