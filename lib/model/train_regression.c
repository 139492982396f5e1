/* Linear and logistic regression on rows that are entries. */
#include "base/memory.h"
#include "math/vector.h"
#include "model/sparse_regression.h"
#include "model/train_private.h"
#include <math.h>
#include <stdlib.h>

/* "'words' is sparse ..." */
static int refuse(const struct weir_choice *c, const char *what, struct weir_error *error)
{
    const char *name = weir_features_sparse_name(&c->data->features);
    struct weir_buffer shown = { 0 };
    weir_buffer_escaped(&shown, name, strlen(name));
    weir_fail(error, WEIR_USAGE, "column '%s' is sparse, and %s", shown.bytes ? shown.bytes : "", what);
    weir_buffer_release(&shown);
    return -1;
}

int weir_choose_regression_form(struct weir_choice *c, struct weir_error *error)
{
    const struct weir_train_options *o = c->options;
    const char *form = o->form ? o->form : c->model->task == WEIR_CLASSIFY ? "logistic" : "linear";
    bool class_loss = weir_is_class_loss(o->loss);
    if (o->loss && (c->model->task == WEIR_CLASSIFY ? !class_loss : !weir_is(o->loss, "mse")))
        return weir_fail(error, WEIR_USAGE, "--loss %s is none of %s regression%s", o->loss, form,
                         c->data->features.sparse_count ? ", which is what learns from sparse columns" : "");
    c->model->form = weir_duplicate_string(form);
    return c->model->form ? 0 : weir_fail_memory(error);
}

struct weir_loss weir_regression_loss(const struct weir_train_options *o, enum weir_task task, int64_t classes,
                                      int64_t *outputs)
{
    struct weir_loss loss = { .kind = WEIR_MSE,
                              .huber_delta = 1,
                              .label_smoothing = isnan(o->label_smoothing) ? 0 : o->label_smoothing };
    *outputs = task == WEIR_CLASSIFY && classes > 2 ? classes : 1;
    if (task == WEIR_CLASSIFY)
        loss.kind =
            *outputs > 1 && !weir_is(o->loss, "binary-cross-entropy") ? WEIR_CROSS_ENTROPY : WEIR_BINARY_CROSS_ENTROPY;
    return loss;
}

int weir_choose_regression(struct weir_choice *c, struct weir_error *error)
{
    const struct weir_train_options *o = c->options;
    struct weir_model *model = c->model;
    int64_t outputs;
    if (o->net)
        return refuse(c,
                      "a network reads dense numbers: take --model logistic or --model linear, or leave it out with "
                      "--drop",
                      error);
    if (o->optimizer)
        return refuse(c, "--optimizer takes sgd, adagrad or ftrl for it; without that option it is solved to the end",
                      error);
    if (o->checkpoint || o->resume)
        return refuse(c, "what learns from it has no checkpoints: leave --checkpoint and --resume out", error);
    if (!isnan(o->l1))
        return refuse(c, "--l1 needs --optimizer sgd, adagrad or ftrl; what is solved to the end takes --l2", error);
    if (o->patience)
        return refuse(c, "a regression that is solved to the end has no epochs: leave --patience out", error);
    if (weir_choose_regression_form(c, error))
        return -1;
    struct weir_loss loss = weir_regression_loss(o, model->task, model->class_count, &outputs);
    if (weir_regression_model_new(model, loss, c->data->features.width, outputs, error))
        return -1;
    c->regression = model->state;
    c->loss = &c->regression->loss;
    c->exact = true;
    c->l2 = !isnan(o->l2) ? o->l2 : model->task == WEIR_CLASSIFY ? 1 : 0;
    c->epochs = o->epochs ? o->epochs : WEIR_DEFAULT_ITERATIONS;
    return 0;
}

/* ---- Fitting ---------------------------------------------------------------------------------------------- */

/* Loss and accuracy of the finished model over the rows for validation. */
static int evaluate(const struct weir_choice *c, struct weir_trainer_result *r, struct weir_error *error)
{
    const struct weir_training_data *data = c->data;
    const struct weir_model *model = c->model;
    int64_t width = model->task == WEIR_CLASSIFY ? model->class_count : 1, correct = 0;
    double *values = weir_allocate((size_t)width, sizeof *values), sum = 0, weights = 0;
    void *scratch = model->kind->scratch_new(model);
    int result = values && scratch ? 0 : weir_fail_memory(error);
    for (int64_t i = 0; result == 0 && i < data->validation_count; i++) {
        int64_t row = data->validation[i], first = data->entries.offsets[row];
        int64_t offsets[] = { 0, data->entries.offsets[row + 1] - first };
        const struct weir_feature_rows one = {
            .sparse = true, .rows = 1, .entries = data->entries.items + first, .offsets = offsets
        };
        double weight = c->weights ? c->weights[row] : 1, loss;
        result = model->kind->predict(model, scratch, &one, values, error);
        if (c->classes) {
            loss = -log(fmax(values[c->classes[row]], 1e-300));
            correct += weir_vector_largest(values, width) == c->classes[row];
        } else {
            loss = (values[0] - c->targets[row]) * (values[0] - c->targets[row]);
        }
        sum += weight * loss;
        weights += weight;
    }
    r->validation_loss = sum / weights;
    r->validation_accuracy = c->classes ? (double)correct / (double)data->validation_count : NAN;
    if (result == 0)
        result = weir_trainer_check_validation(r->validation_loss, data->validation_count, error);
    if (scratch)
        model->kind->scratch_free(scratch);
    free(values);
    return result;
}

int weir_fit_sparse(const struct weir_choice *c, const struct weir_trainer_events *events, struct weir_pool *pool,
                    struct weir_train_summary *summary, struct weir_error *error)
{
    const struct weir_training_data *data = c->data;
    struct weir_exact_progress progress = { events, c };
    struct weir_regression regression = weir_exact_regression(c, &progress);
    struct weir_regression_result fitted;
    regression.outputs = c->regression->outputs;
    if (weir_sparse_regression_fit(&regression, &data->entries, c->regression->width, pool, c->regression->weight,
                                   c->regression->bias, &fitted, error))
        return -1;
    weir_exact_result(c, &fitted, summary);
    if (data->validation_count && evaluate(c, &summary->result, error))
        return -1;
    return weir_exact_record(c, &summary->result, error);
}
