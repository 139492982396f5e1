#include "base/memory.h"
#include "math/vector.h"
#include "model/trainer_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of x that one part of a minibatch has at most (256 to 8,192 rows). */
enum { PART_FLOATS = 1 << 18 };
/* A loss this many times the first one is an explosion. */
static const double explosion = 1e6;

static double epoch_loss(const struct weir_trainer *t)
{
    return t->state.weight_sum > 0 ? t->state.loss_sum / t->state.weight_sum * t->loss_scale : 0;
}

static double epoch_accuracy(const struct weir_trainer *t)
{
    return weir_loss_takes_classes(t->loss.kind) && t->state.rows ? (double)t->state.correct / (double)t->state.rows
                                                                  : NAN;
}

static void report(struct weir_trainer *t, bool epoch_end, double accuracy)
{
    double factor =
        weir_schedule_factor(&t->options->schedule, t->state.step ? t->state.step - 1 : 0, t->steps, t->batches);
    struct weir_trainer_report r = {
        .epoch = t->state.epoch + 1,
        .epochs = t->options->epochs,
        .step = t->state.step,
        .steps = t->steps,
        .rows = t->rows_done,
        .loss = epoch_loss(t),
        .accuracy = accuracy,
        .learning_rate = t->options->optimizer.learning_rate * factor,
        .epoch_end = epoch_end,
        .validation_loss = epoch_end ? t->validation_loss : NAN,
        .validation_accuracy = epoch_end ? t->validation_accuracy : NAN,
    };
    if (t->events->report)
        t->events->report(t->events->context, &r);
}

static const char advice[] = "learning ran away; try a smaller --lr, --clip 1, or `normalize` in front";

static int exploded(struct weir_trainer *t, double loss, struct weir_error *error)
{
    double shown = isnan(loss) ? (double)NAN : loss * t->loss_scale; /* no "-nan" */
    return weir_fail(error, WEIR_BAD_DATA, "the loss is %g at minibatch %lld of epoch %lld: %s", shown,
                     (long long)t->state.batch + 1, (long long)t->state.epoch + 1, advice);
}

/* Before a model or a checkpoint is written: the next minibatch, whose loss would tell, is not there yet. */
static int check_parameters(const struct weir_trainer *t, struct weir_error *error)
{
    if (weir_vector_is_finite(weir_network_parameters(t->network), weir_network_parameter_count(t->network)) &&
        weir_vector_is_finite(weir_network_state(t->network), weir_network_state_count(t->network)))
        return 0;
    int64_t last = t->state.step - 1;
    return weir_fail(error, WEIR_BAD_DATA, "minibatch %lld of epoch %lld made parameters that are not finite: %s",
                     (long long)(last % t->batches) + 1, (long long)(last / t->batches) + 1, advice);
}

static int step(struct weir_trainer *t, struct weir_error *error)
{
    int64_t first = t->state.batch * t->batch;
    int64_t rows = t->data->train_count - first < t->batch ? t->data->train_count - first : t->batch;
    double loss = 0, weight = 0;
    int64_t correct = 0;
    if (weir_trainer_gradient(t, first, rows, &loss, &weight, &correct, error))
        return -1;
    if (weight > 0) {
        if (t->state.step == 0)
            t->state.first_loss = loss;
        if (!isfinite(loss * t->loss_scale) || loss > explosion * fmax(1, t->state.first_loss))
            return exploded(t, loss, error);
        double scale = weir_schedule_factor(&t->options->schedule, t->state.step, t->steps, t->batches);
        if (weir_optimizer_step(t->optimizer, t->pool, weir_network_parameters(t->network),
                                weir_training_gradients(t->training), scale, NULL, error))
            return weir_fail_in(error, "minibatch %lld of epoch %lld", (long long)t->state.batch + 1,
                                (long long)t->state.epoch + 1);
        t->state.loss_sum += loss * weight;
        t->state.weight_sum += weight;
        t->state.correct += correct;
    }
    t->state.rows += rows;
    t->rows_done += rows;
    t->state.batch++;
    t->state.step++;
    return 0;
}

static int set_real(json_t *object, const char *key, double value)
{
    return isnan(value) ? 0 : json_object_set_new(object, key, json_real(value));
}

json_t *weir_trainer_epoch(double loss, double accuracy, double validation_loss, double validation_accuracy)
{
    json_t *epoch = json_object();
    if (set_real(epoch, "loss", loss) || set_real(epoch, "accuracy", accuracy) ||
        set_real(epoch, "validation_loss", validation_loss) ||
        set_real(epoch, "validation_accuracy", validation_accuracy)) {
        json_decref(epoch);
        return NULL;
    }
    return epoch;
}

static void keep_best(struct weir_trainer *t)
{
    if (!t->state.best_parameters)
        return;
    if (t->state.best_epoch && !(t->validation_loss < t->state.best_loss)) {
        t->state.stale++;
        return;
    }
    t->state.best_epoch = t->state.epoch + 1;
    t->state.best_loss = t->validation_loss;
    t->state.stale = 0;
    memcpy(t->state.best_parameters, weir_network_parameters(t->network),
           (size_t)weir_network_parameter_count(t->network) * sizeof(float));
    memcpy(t->state.best_state, weir_network_state(t->network),
           (size_t)weir_network_state_count(t->network) * sizeof(float));
}

static int end_epoch(struct weir_trainer *t, struct weir_error *error)
{
    double accuracy = epoch_accuracy(t);
    t->validation_loss = t->validation_accuracy = NAN;
    if (t->data->validation_count && weir_trainer_measure(t, t->data->validation, t->data->validation_count,
                                                          &t->validation_loss, &t->validation_accuracy, error))
        return -1;
    if (t->data->classes && !weir_loss_takes_classes(t->loss.kind)) {
        int64_t correct;
        if (weir_trainer_count_correct(t, t->data->train, t->data->train_count, &correct, error))
            return -1;
        accuracy = (double)correct / (double)t->data->train_count;
    }
    if (json_array_append_new(t->state.history,
                              weir_trainer_epoch(epoch_loss(t), accuracy, t->validation_loss, t->validation_accuracy)))
        return weir_fail_memory(error);
    keep_best(t);
    report(t, true, accuracy);
    t->state.epoch++;
    t->state.batch = t->state.correct = t->state.rows = 0;
    t->state.loss_sum = t->state.weight_sum = 0;
    return 0;
}

static int record(struct weir_trainer *t, bool complete, struct weir_error *error)
{
    json_t *training = t->model->training;
    if (json_object_set_new(training, "epochs", weir_json_deep_copy(t->state.history)) ||
        json_object_set_new(training, "steps", json_integer(t->state.step)) ||
        json_object_set_new(training, "complete", json_boolean(complete)) ||
        (t->state.best_epoch && json_object_set_new(training, "best_epoch", json_integer(t->state.best_epoch))))
        return weir_fail_memory(error);
    return 0;
}

static int checkpoint(struct weir_trainer *t, struct weir_error *error)
{
    if (check_parameters(t, error) || record(t, false, error))
        return -1;
    return weir_checkpoint_write(t->options->checkpoint, t->model, &t->state, t->optimizer, t->options->fingerprint,
                                 error);
}

static bool checkpoint_due(const struct weir_trainer *t, bool epoch_end)
{
    if (!t->options->checkpoint)
        return false;
    if (t->options->checkpoint_steps)
        return !epoch_end && t->state.step % t->options->checkpoint_every == 0;
    return epoch_end && t->state.epoch % t->options->checkpoint_every == 0;
}

static bool out_of_patience(const struct weir_trainer *t)
{
    return t->options->patience && t->state.stale >= t->options->patience;
}

static int run(struct weir_trainer *t, struct weir_trainer_result *result, struct weir_error *error)
{
    bool stop = false;
    while (!stop && t->state.epoch < t->options->epochs && !out_of_patience(t)) {
        if (weir_trainer_shuffle(t, error))
            return -1;
        while (!stop && t->state.batch < t->batches) {
            if (step(t, error))
                return -1;
            report(t, false, epoch_accuracy(t));
            stop = t->events->stop && t->events->stop(t->events->context);
            if (checkpoint_due(t, false) && checkpoint(t, error))
                return -1;
        }
        if (t->state.batch == t->batches && end_epoch(t, error))
            return -1;
        if (!stop && checkpoint_due(t, true) && checkpoint(t, error))
            return -1;
    }
    result->early = out_of_patience(t);
    result->interrupted = stop && t->state.epoch < t->options->epochs && !result->early;
    return result->interrupted && t->options->checkpoint ? checkpoint(t, error) : 0;
}

/* The parameters of the best epoch, when there was a validation to tell. */
static void take_best(struct weir_trainer *t)
{
    if (!t->state.best_epoch)
        return;
    memcpy(weir_network_parameters(t->network), t->state.best_parameters,
           (size_t)weir_network_parameter_count(t->network) * sizeof(float));
    memcpy(weir_network_state(t->network), t->state.best_state,
           (size_t)weir_network_state_count(t->network) * sizeof(float));
}

static double history_number(const struct weir_trainer *t, int64_t epoch, const char *key)
{
    const json_t *value = json_object_get(json_array_get(t->state.history, (size_t)(epoch - 1)), key);
    return epoch > 0 && value ? json_number_value(value) : NAN;
}

static void summarize(const struct weir_trainer *t, struct weir_trainer_result *result)
{
    int64_t epoch = t->state.best_epoch ? t->state.best_epoch : t->state.epoch;
    result->epochs = t->state.epoch;
    result->best_epoch = t->state.best_epoch;
    result->loss = epoch ? history_number(t, epoch, "loss") : epoch_loss(t);
    result->accuracy = epoch ? history_number(t, epoch, "accuracy") : epoch_accuracy(t);
    result->validation_loss = history_number(t, epoch, "validation_loss");
    result->validation_accuracy = history_number(t, epoch, "validation_accuracy");
}

/* What follows from the model alone. */
static void begin_model(struct weir_trainer *t)
{
    const struct weir_network_model *state = t->model->state;
    t->network = state->network;
    t->loss = state->loss;
    t->outputs = weir_network_outputs(t->network);
    t->target_offset = state->target_offset;
    t->target_scale = state->target_scale;
    t->loss_scale = t->data->classes           ? 1
                    : t->loss.kind == WEIR_MAE ? t->target_scale
                                               : t->target_scale * t->target_scale;
    /* Huber's delta is in the units of the label, the network's outputs are not. */
    if (t->loss.kind == WEIR_HUBER)
        t->loss.huber_delta = (t->loss.huber_delta > 0 ? t->loss.huber_delta : 1) / t->target_scale;
    int64_t part = PART_FLOATS / t->data->dataset->width;
    t->part = part < 256 ? 256 : part > 8192 ? 8192 : part;
}

/* A checkpoint is hostile until what it counts agrees with this run. */
static int resume(struct weir_trainer *t, struct weir_error *error)
{
    const char *path = t->options->resume;
    if (weir_checkpoint_read(path, t->model, &t->state, t->optimizer, t->options->fingerprint, error))
        return -1;
    if (t->state.batch > t->batches || t->state.epoch > t->options->epochs)
        return weir_fail(error, WEIR_BAD_DATA, "'%s' is further than this run goes", path);
    int64_t rows = t->state.batch < t->batches ? t->state.batch * t->batch : t->data->train_count;
    if (t->state.step != t->state.epoch * t->batches + t->state.batch || t->state.rows != rows ||
        t->state.correct > rows || t->state.best_epoch > t->state.epoch || t->state.stale > t->state.epoch)
        return weir_fail(error, WEIR_BAD_DATA, "'%s' is damaged: what it counted does not agree", path);
    return 0;
}

static int begin(struct weir_trainer *t, struct weir_error *error)
{
    begin_model(t);
    bool whole = t->options->optimizer.kind == WEIR_GD || t->options->batch > t->data->train_count;
    t->batch = whole ? t->data->train_count : t->options->batch;
    t->batches = (t->data->train_count + t->batch - 1) / t->batch;
    t->part = t->batch < t->part ? t->batch : t->part;
    if (__builtin_mul_overflow(t->batches, t->options->epochs, &t->steps))
        return weir_fail(error, WEIR_USAGE, "--epochs: too many");

    struct weir_training_options training = {
        .loss = t->loss, .batch = t->part, .seed = t->options->seed, .bfloat16 = t->options->bfloat16
    };
    if (weir_training_new(&t->training, t->network, t->pool, &training, error) ||
        weir_optimizer_new(&t->optimizer, &t->options->optimizer, weir_network_parameter_count(t->network), error))
        return -1;
    t->order = weir_allocate((size_t)t->data->train_count, sizeof *t->order);
    t->state.history = json_array();
    if (t->part < t->batch) {
        t->sums = weir_allocate((size_t)weir_network_parameter_count(t->network), sizeof *t->sums);
        if (!t->sums)
            return weir_fail_memory(error);
    }
    if (t->data->validation_count) {
        t->state.best_parameters =
            weir_allocate((size_t)weir_network_parameter_count(t->network), sizeof *t->state.best_parameters);
        t->state.best_state = weir_allocate((size_t)weir_network_state_count(t->network), sizeof *t->state.best_state);
        if (!t->state.best_parameters || !t->state.best_state)
            return weir_fail_memory(error);
    }
    if (!t->order || !t->state.history)
        return weir_fail_memory(error);
    weir_network_initialize(t->network, t->options->seed);
    return t->options->resume ? resume(t, error) : 0;
}

static void end(struct weir_trainer *t)
{
    weir_training_free(t->training);
    weir_optimizer_free(t->optimizer);
    free(t->order);
    free(t->sums);
    json_decref(t->state.history);
    free(t->state.best_parameters);
    free(t->state.best_state);
}

int weir_train_network(struct weir_model *model, const struct weir_trainer_data *data,
                       const struct weir_trainer_options *options, const struct weir_trainer_events *events,
                       struct weir_pool *pool, struct weir_trainer_result *result, struct weir_error *error)
{
    struct weir_trainer t = { .model = model, .data = data, .options = options, .events = events, .pool = pool };
    *result = (struct weir_trainer_result){ 0 };
    int status = begin(&t, error);
    if (status == 0)
        status = run(&t, result, error);
    if (status == 0) {
        take_best(&t);
        summarize(&t, result);
        status = check_parameters(&t, error);
    }
    if (status == 0)
        status = record(&t, !result->interrupted, error);
    end(&t);
    return status;
}

int weir_trainer_evaluate(struct weir_model *model, const struct weir_trainer_data *data, struct weir_pool *pool,
                          double *loss, double *accuracy, struct weir_error *error)
{
    struct weir_trainer t = { .model = model, .data = data, .pool = pool };
    begin_model(&t);
    struct weir_training_options training = { .loss = t.loss, .batch = t.part };
    int result = weir_training_new(&t.training, t.network, pool, &training, error);
    if (result == 0)
        result = weir_trainer_measure(&t, data->validation, data->validation_count, loss, accuracy, error);
    end(&t);
    return result;
}
