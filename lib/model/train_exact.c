/* Regressions that are fitted to the end: what dense and sparse rows share, and the fit of dense ones. */
#include "model/train_private.h"
#include <math.h>

/* What a regression tells while it runs. */
static bool tell_progress(void *context, int iteration, double loss)
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

struct weir_regression weir_exact_regression(const struct weir_choice *c, struct weir_exact_progress *progress)
{
    const struct weir_training_data *data = c->data;
    return (struct weir_regression){ .rows = data->train,
                                     .count = data->train_count,
                                     .classes = c->classes,
                                     .targets = c->targets,
                                     .weights = c->weights,
                                     .loss = c->loss->kind,
                                     .label_smoothing = c->loss->label_smoothing,
                                     .l2 = c->l2,
                                     .max_iterations = (int)(c->epochs < INT32_MAX ? c->epochs : INT32_MAX),
                                     .tolerance = 1e-5,
                                     .context = progress,
                                     .progress = tell_progress };
}

void weir_exact_result(const struct weir_choice *c, const struct weir_regression_result *fitted,
                       struct weir_train_summary *summary)
{
    summary->converged = fitted->converged;
    summary->result = (struct weir_trainer_result){
        .interrupted = fitted->stopped,
        .epochs = fitted->iterations,
        .loss = fitted->loss,
        .accuracy = c->classes ? (double)fitted->correct / (double)c->data->train_count : NAN,
        .validation_loss = NAN,
        .validation_accuracy = NAN,
    };
}

int weir_exact_record(const struct weir_choice *c, const struct weir_trainer_result *r, struct weir_error *error)
{
    json_t *entry = weir_trainer_epoch(r->loss, r->accuracy, r->validation_loss, r->validation_accuracy);
    json_t *training = c->model->training;
    if (json_object_set_new(training, "epochs", json_pack("[o]", entry)) ||
        json_object_set_new(training, "iterations", json_integer(r->epochs)) ||
        json_object_set_new(training, "complete", json_boolean(!r->interrupted)))
        return weir_fail_memory(error);
    return 0;
}

/* Loss and accuracy of the finished model over the rows for validation. */
static int evaluate(const struct weir_choice *c, struct weir_pool *pool, struct weir_trainer_result *r,
                    struct weir_error *error)
{
    struct weir_trainer_data data = { .dataset = &c->data->dataset,
                                      .classes = c->classes,
                                      .targets = c->targets,
                                      .weights = c->weights,
                                      .validation = c->data->validation,
                                      .validation_count = c->data->validation_count };
    return weir_trainer_evaluate(c->model, &data, pool, &r->validation_loss, &r->validation_accuracy, error);
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

int weir_fit_exactly(const struct weir_choice *c, const struct weir_trainer_events *events, struct weir_pool *pool,
                     struct weir_train_summary *summary, struct weir_error *error)
{
    const struct weir_training_data *data = c->data;
    struct weir_network *network = c->network->network;
    struct weir_exact_progress progress = { events, c };
    struct weir_regression regression = weir_exact_regression(c, &progress);
    struct weir_regression_result fitted;
    float *weight, *bias;
    regression.dataset = &data->dataset;
    regression.outputs = weir_network_outputs(network);
    if (find_layer(network, &weight, &bias, error) ||
        weir_regression_fit(&regression, pool, weight, bias, &fitted, error))
        return -1;
    weir_exact_result(c, &fitted, summary);
    if (data->validation_count && evaluate(c, pool, &summary->result, error))
        return -1;
    return weir_exact_record(c, &summary->result, error);
}
