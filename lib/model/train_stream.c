/* Linear and logistic regression by stochastic steps, while the stream is read: of the rows no more than a block is
 * held. Classes are met as they come: the first two share one output, a third makes it one output a class. */
#include "base/memory.h"
#include "math/logistic.h"
#include "math/vector.h"
#include "model/train_private.h"
#include "model/training_data_private.h"
#include <math.h>
#include <stdlib.h>

/* Rows that are taken together. Nothing that is learned hangs on their number but two things that need a look ahead:
 * how many classes there are, and the mean and deviation of values to be predicted, those of the first block. */
enum { BLOCK_ROWS = 1024 };

struct weir_train_stream {
    struct weir_choice choice;
    struct weir_training_data data;
    int *index;                 /* of the features in the schema */
    struct weir_intern classes; /* the labels' values as bytes, in the order in which they were met */
    struct weir_sparse_optimizer *optimizer;
    struct weir_loss loss;
    double target_offset, target_scale;
    struct weir_feature_rows rows; /* of the block, and beside them: */
    int32_t class[BLOCK_ROWS];
    double target[BLOCK_ROWS], weight[BLOCK_ROWS];
    double *z;
    size_t z_capacity;
    int64_t in_batch; /* rows of the minibatch under way */
    double batch_loss, batch_weight;
    int64_t epoch, epochs, batch, stream_rows; /* batch: minibatches of this epoch; stream_rows: read in it */
    int64_t learned, skipped;                  /* rows of this epoch */
    double loss_sum, weight_sum;
    int64_t correct;
    struct weir_trainer_report last; /* of the pass before this one */
    json_t *history;
};

bool weir_train_streams(const struct weir_train_options *o, const struct weir_schema *schema)
{
    if (weir_is(o->optimizer, "adagrad") || weir_is(o->optimizer, "ftrl"))
        return true;
    for (int i = 0; weir_is(o->optimizer, "sgd") && !o->net && i < schema->count; i++)
        if (schema->fields[i].role == WEIR_FEATURE && weir_sparse_is(&schema->fields[i].type))
            return true;
    return false;
}

/* ---- Beginning -------------------------------------------------------------------------------------------- */

static int check(const struct weir_train_options *o, struct weir_error *error)
{
    const char *name = o->optimizer;
    if (o->checkpoint || o->resume)
        return weir_fail(error, WEIR_USAGE,
                         "--optimizer %s has no checkpoints here: leave --checkpoint and --resume out", name);
    if (o->patience)
        return weir_fail(error, WEIR_USAGE, "--patience needs rows to validate with, and --optimizer %s keeps none",
                         name);
    if (o->class_weights)
        return weir_fail(error, WEIR_USAGE,
                         "--class-weights needs all rows before the first step, and --optimizer %s reads them as they "
                         "come: give a column of weights with --weight",
                         name);
    if (o->schedule && !weir_is(o->schedule, "constant"))
        return weir_fail(error, WEIR_USAGE,
                         "--schedule needs the number of minibatches, which nobody knows while --optimizer %s reads",
                         name);
    return 0;
}

/* The task, as far as the label's type tells it. */
static int choose_task(struct weir_choice *c, struct weir_error *error)
{
    const struct weir_train_options *o = c->options;
    const struct weir_label *label = &c->data->label;
    bool classify = weir_is(o->form, "logistic") || weir_is_class_loss(o->loss) || weir_is(o->task, "classify");
    bool regress = weir_is(o->form, "linear") || weir_is(o->task, "regress");
    if (!classify && !regress && weir_kind_is_integer(label->type.kind))
        return weir_fail(error, WEIR_USAGE,
                         "the label '%s' holds whole numbers, and before they are read nothing tells whether they are "
                         "classes: say --model logistic or --model linear",
                         label->name);
    c->model->task = classify || (!regress && weir_label_task(label) == WEIR_CLASSIFY) ? WEIR_CLASSIFY : WEIR_REGRESS;
    if (c->model->task == WEIR_REGRESS && label->type.kind == WEIR_UTF8)
        return weir_fail(error, WEIR_USAGE, "the label '%s' is text, and a value to be predicted is a number",
                         label->name);
    return weir_choose_regression_form(c, error);
}

static int choose(struct weir_train_stream *s, struct weir_error *error)
{
    struct weir_choice *c = &s->choice;
    const struct weir_train_options *o = c->options;
    struct weir_sparse_optimizer_options *optimizer = &c->sparse_optimizer;
    if (choose_task(c, error))
        return -1;
    weir_sparse_optimizer_parse(o->optimizer, &optimizer->kind);
    optimizer->rate = !isnan(o->learning_rate)
                          ? o->learning_rate
                          : weir_sparse_optimizer_rate(optimizer->kind, c->model->task == WEIR_REGRESS);
    optimizer->l1 = isnan(o->l1) ? 0 : o->l1;
    optimizer->l2 = !isnan(o->l2) ? o->l2 : c->model->task == WEIR_CLASSIFY && isnan(o->l1) ? 1 : 0;
    c->streamed = true;
    c->batch = o->batch ? o->batch : 1;
    s->epochs = c->epochs = o->epochs ? o->epochs : 1;
    return 0;
}

int weir_train_stream_begin(struct weir_train_stream **stream, const struct weir_train_options *options,
                            const struct weir_schema *schema, struct weir_error *error)
{
    struct weir_train_stream *s = *stream = weir_allocate_zero(1, sizeof *s);
    if (!s)
        return weir_fail_memory(error);
    struct weir_model *model = weir_allocate_zero(1, sizeof *model);
    s->rows.sparse = true;
    s->epoch = 1;
    s->target_scale = 1;
    s->data.dataset.descriptor = s->data.entries.descriptor = -1;
    s->choice = (struct weir_choice){ .options = options, .data = &s->data, .model = model, .loss = &s->loss };
    s->history = json_array();
    if (!model || !s->history)
        return weir_fail_memory(error);
    model->kind = &weir_regression_kind;
    if (check(options, error) || weir_training_data_begin_stream(&s->data, schema, error))
        return -1;
    s->index = weir_allocate(s->data.features.count, sizeof *s->index);
    if (!s->index)
        return weir_fail_memory(error);
    if (weir_features_bind(&s->data.features, schema, s->index, error))
        return -1;
    return choose(s, error);
}

void weir_train_stream_free(struct weir_train_stream *s)
{
    if (!s)
        return;
    if (s->choice.model)
        weir_model_release(s->choice.model);
    free(s->choice.model);
    weir_training_data_release(&s->data);
    weir_intern_release(&s->classes);
    weir_sparse_optimizer_free(s->optimizer);
    weir_feature_rows_release(&s->rows);
    json_decref(s->history);
    free(s->index);
    free(s->z);
    free(s);
}

/* ---- Learning --------------------------------------------------------------------------------------------- */

static int64_t class_count(const struct weir_train_stream *s)
{
    return (int64_t)s->classes.count;
}

/* Mean and deviation of the values in the first block. */
static void measure_targets(struct weir_train_stream *s)
{
    double sum = 0, squares = 0, n = (double)s->rows.rows;
    for (int64_t r = 0; r < s->rows.rows; r++)
        sum += s->target[r];
    s->target_offset = sum / n;
    for (int64_t r = 0; r < s->rows.rows; r++)
        squares += (s->target[r] - s->target_offset) * (s->target[r] - s->target_offset);
    double deviation = sqrt(squares / n);
    s->target_scale = isfinite(deviation) && deviation > 0 ? deviation : 1;
}

static int make_optimizer(struct weir_train_stream *s, int64_t outputs, struct weir_error *error)
{
    struct weir_sparse_optimizer_options options = s->choice.sparse_optimizer;
    if (s->choice.model->task == WEIR_REGRESS)
        measure_targets(s);
    options.l1 /= s->target_scale; /* the penalty is on weights in the label's units */
    return weir_sparse_optimizer_new(&s->optimizer, &options, s->data.features.width, outputs, error);
}

/* The loss of row r of the block from its scores z, which become their derivatives. */
static double row_loss(struct weir_train_stream *s, int64_t r, double *z)
{
    double smoothing = s->loss.label_smoothing, sum = 0;
    int64_t outputs = weir_sparse_optimizer_outputs(s->optimizer);
    int32_t class = s->class[r];
    if (s->loss.kind == WEIR_MSE) {
        z[0] -= (s->target[r] - s->target_offset) / s->target_scale;
        return 0.5 * z[0] * z[0];
    }
    s->correct += outputs == 1 ? (z[0] > 0) == (class == 1) : weir_vector_largest(z, outputs) == class;
    if (s->loss.kind == WEIR_CROSS_ENTROPY)
        return weir_softmax_loss(z, outputs, class, smoothing);
    for (int64_t k = 0; k < outputs; k++) {
        double target = (outputs == 1 ? class == 1 : k == class) * (1 - smoothing) + 0.5 * smoothing, loss;
        weir_logistic_loss(z + k, &target, &loss, 1);
        sum += loss;
    }
    return sum;
}

/* A sum of losses over a sum of weights, in the label's units. */
static double mean_loss(const struct weir_train_stream *s, double loss, double weight)
{
    return loss / weight * (s->loss.kind == WEIR_MSE ? 2 * s->target_scale * s->target_scale : 1);
}

static int end_minibatch(struct weir_train_stream *s, struct weir_error *error)
{
    double loss = s->batch_weight > 0 ? mean_loss(s, s->batch_loss, s->batch_weight) : s->batch_loss;
    s->batch++;
    if (!isfinite(loss))
        return weir_fail(error, WEIR_BAD_DATA,
                         "the loss is %g at minibatch %lld of epoch %lld: learning ran away; try a smaller --lr, or "
                         "`normalize` in front",
                         isnan(loss) ? (double)NAN : loss, (long long)s->batch, (long long)s->epoch);
    weir_sparse_optimizer_step(s->optimizer, s->in_batch);
    s->loss_sum += s->batch_loss;
    s->weight_sum += s->batch_weight;
    s->batch_loss = s->batch_weight = 0;
    s->in_batch = 0;
    return 0;
}

/* One output a class, as the classes have become more. The one output of two classes spoke for the second: of classes
 * that are each held against the rest it is, negated, the first one's too. The minibatch under way ends first, whose
 * derivatives are of the old outputs. */
static int expand(struct weir_train_stream *s, int64_t outputs, struct weir_error *error)
{
    if (s->in_batch && end_minibatch(s, error))
        return -1;
    bool was_single = weir_sparse_optimizer_outputs(s->optimizer) == 1;
    int32_t *from = weir_allocate((size_t)outputs, sizeof *from);
    if (!from)
        return weir_fail_memory(error);
    for (int64_t k = 0; k < outputs; k++)
        from[k] = !was_single ? (int32_t)k : k == 1 ? 0 : INT32_MAX;
    if (was_single && s->loss.kind == WEIR_BINARY_CROSS_ENTROPY)
        from[0] = -1;
    int result = weir_sparse_optimizer_expand(s->optimizer, outputs, from, error);
    free(from);
    return result;
}

/* The optimizer as it must be for the classes of this block. */
static int prepare_block(struct weir_train_stream *s, struct weir_error *error)
{
    int64_t outputs;
    s->loss = weir_regression_loss(s->choice.options, s->choice.model->task, class_count(s), &outputs);
    if (class_count(s) > WEIR_MAX_CLASSES)
        return weir_fail(error, WEIR_BAD_DATA,
                         "the label '%s' has more than %d different values: is it an id, or a number to be predicted "
                         "(--task regress)?",
                         s->data.label.name, WEIR_MAX_CLASSES);
    if (weir_grow((void **)&s->z, &s->z_capacity, (size_t)outputs, sizeof *s->z))
        return weir_fail_memory(error);
    if (!s->optimizer)
        return make_optimizer(s, outputs, error);
    return outputs == weir_sparse_optimizer_outputs(s->optimizer) ? 0 : expand(s, outputs, error);
}

static int learn_row(struct weir_train_stream *s, int64_t r, struct weir_error *error)
{
    const struct weir_entry *entries = s->rows.entries + s->rows.offsets[r];
    int64_t count = s->rows.offsets[r + 1] - s->rows.offsets[r];
    weir_sparse_optimizer_score(s->optimizer, entries, count, s->z);
    s->batch_loss += s->weight[r] * row_loss(s, r, s->z);
    s->batch_weight += s->weight[r];
    for (int64_t k = 0; k < weir_sparse_optimizer_outputs(s->optimizer); k++)
        s->z[k] *= s->weight[r];
    if (weir_sparse_optimizer_add(s->optimizer, entries, count, s->z))
        return weir_fail_memory(error);
    return ++s->in_batch == s->choice.batch ? end_minibatch(s, error) : 0;
}

static int learn_block(struct weir_train_stream *s, struct weir_error *error)
{
    if (s->rows.rows == 0)
        return 0;
    if (prepare_block(s, error))
        return -1;
    for (int64_t r = 0; r < s->rows.rows; r++)
        if (learn_row(s, r, error))
            return -1;
    s->learned += s->rows.rows;
    weir_feature_rows_clear(&s->rows);
    return 0;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

/* What stands beside the features of a row, into place `to` of the block; labelled: its number among the batch's rows
 * that have a label. */
static int put_sides(struct weir_train_stream *s, int64_t labelled, int64_t to, struct weir_error *error)
{
    int64_t value = s->data.label.values[labelled];
    s->weight[to] = s->data.weights ? s->data.weights[labelled] : 1;
    if (s->choice.model->task == WEIR_REGRESS) {
        s->target[to] = weir_label_number(&s->data.label, value);
        return 0;
    }
    s->class[to] = weir_intern_add(&s->classes, (const char *)&value, sizeof value);
    return s->class[to] < 0 ? weir_fail_memory(error) : 0;
}

static bool is_learned(const struct weir_train_stream *s, int64_t labelled)
{
    return !s->data.splits || s->data.splits[labelled] == WEIR_SPLIT_TRAIN;
}

int weir_train_stream_add(struct weir_train_stream *s, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_training_data *data = &s->data;
    if (weir_training_data_read(data, batch, s->epoch == 1, error))
        return -1;
    const uint8_t *present = data->collector->present;
    int64_t labelled = 0;
    for (int64_t row = 0; row < batch->rows;) {
        int64_t first = row, room = BLOCK_ROWS - s->rows.rows;
        while (row < batch->rows && row - first < room && present[row] && is_learned(s, labelled)) {
            if (put_sides(s, labelled++, s->rows.rows + row - first, error))
                return -1;
            row++;
        }
        if (row > first && weir_feature_rows_add(&s->rows, &data->features, s->index, data->collector->schema, batch,
                                                 first, row - first, s->stream_rows + first, NULL, error))
            return -1;
        if (s->rows.rows == BLOCK_ROWS) {
            if (learn_block(s, error))
                return -1;
        } else if (row < batch->rows) {
            s->skipped += present[row];
            labelled += present[row];
            row++;
        }
    }
    s->stream_rows += batch->rows;
    return 0;
}

void weir_train_stream_report(const struct weir_train_stream *s, struct weir_trainer_report *report)
{
    bool classes = s->choice.model->task == WEIR_CLASSIFY;
    *report = (struct weir_trainer_report){ .epoch = s->epoch,
                                            .epochs = s->epochs,
                                            .step = s->epoch,
                                            .steps = s->epochs,
                                            .rows = (s->epoch - 1) * s->data.rows + s->learned,
                                            .loss = mean_loss(s, s->loss_sum, s->weight_sum),
                                            .accuracy = classes ? (double)s->correct / (double)s->learned : NAN,
                                            .learning_rate = s->choice.sparse_optimizer.rate,
                                            .validation_loss = NAN,
                                            .validation_accuracy = NAN };
}

static int end_epoch(struct weir_train_stream *s, struct weir_error *error)
{
    if (learn_block(s, error) || (s->in_batch && end_minibatch(s, error)))
        return -1;
    if (s->epoch == 1)
        weir_training_data_end_stream(&s->data);
    if (s->data.rows == 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         s->data.unlabelled ? "none of the %lld rows has a label" : "there is no row to learn from",
                         (long long)s->data.unlabelled);
    if (s->learned == 0)
        return weir_fail(error, WEIR_BAD_DATA, "no row is left to learn from: all are for validation or test");
    if (!(s->weight_sum > 0))
        return weir_fail(error, WEIR_BAD_DATA, "all weights are 0: there is nothing to learn from");
    s->data.train_count = s->learned;
    s->data.validation_count = s->skipped;
    return 0;
}

int weir_train_stream_end_pass(struct weir_train_stream *s, const struct weir_trainer_events *events,
                               struct weir_error *error)
{
    struct weir_trainer_report report;
    if (end_epoch(s, error))
        return -1;
    weir_train_stream_report(s, &report);
    report.epoch_end = true;
    if (json_array_append_new(s->history, weir_trainer_epoch(report.loss, report.accuracy, NAN, NAN)))
        return weir_fail_memory(error);
    if (events->report)
        events->report(events->context, &report);
    if (s->epoch == s->epochs)
        return 0;
    weir_sparse_optimizer_next_pass(s->optimizer);
    s->last = report;
    s->epoch++;
    s->batch = s->stream_rows = s->learned = s->skipped = s->correct = 0;
    s->loss_sum = s->weight_sum = 0;
    return 1;
}

/* ---- The model -------------------------------------------------------------------------------------------- */

/* numbers[class as met]: its place in the order of values. */
static int order_classes(struct weir_train_stream *s, int32_t **numbers, struct weir_error *error)
{
    struct weir_label *label = &s->data.label;
    label->rows = 0;
    if (weir_grow((void **)&label->values, &label->capacity, s->classes.count, sizeof *label->values))
        return weir_fail_memory(error);
    for (size_t i = 0; i < s->classes.count; i++) {
        size_t length;
        memcpy(&label->values[label->rows++], weir_intern_text(&s->classes, i, &length), sizeof *label->values);
    }
    return weir_label_classes(label, s->choice.model, numbers, error);
}

/* Output k of the optimizer becomes output `to`, times `factor`. */
static void take_weights(const struct weir_train_stream *s, int64_t k, int64_t to, double factor)
{
    const struct weir_regression_model *state = s->choice.regression;
    for (int64_t place = 0; place < state->width; place++)
        state->weight[to * state->width + place] =
            (float)(weir_sparse_optimizer_weight(s->optimizer, place, k) * factor);
    state->bias[to] = (float)(weir_sparse_optimizer_weight(s->optimizer, state->width, k) * factor + s->target_offset);
}

static int make_model(struct weir_train_stream *s, struct weir_error *error)
{
    struct weir_choice *c = &s->choice;
    const struct weir_label *label = &s->data.label;
    int32_t *numbers = NULL;
    c->model->label = weir_duplicate_string(label->name);
    if (!c->model->label || weir_type_copy(&c->model->label_type, &label->type))
        return weir_fail_memory(error);
    if (c->model->task == WEIR_CLASSIFY && order_classes(s, &numbers, error))
        return -1;
    int64_t outputs = weir_sparse_optimizer_outputs(s->optimizer);
    int result = weir_regression_model_new(c->model, s->loss, s->data.features.width, outputs, error);
    if (result == 0) {
        c->regression = c->model->state;
        c->loss = &c->regression->loss;
        weir_sparse_optimizer_finish(s->optimizer);
        for (int64_t k = 0; k < outputs; k++) {
            bool swapped = numbers && outputs == 1 && numbers[1] == 0;
            take_weights(s, k, numbers && outputs > 1 ? numbers[k] : k, swapped ? -1 : s->target_scale);
        }
        if (!weir_vector_is_finite(c->regression->weight, outputs * c->regression->width) ||
            !weir_vector_is_finite(c->regression->bias, outputs))
            result =
                weir_fail(error, WEIR_BAD_DATA,
                          "a weight is not finite: learning ran away; try a smaller --lr, or `normalize` in front");
    }
    free(numbers);
    return result;
}

int weir_train_stream_finish(struct weir_train_stream *s, bool interrupted, struct weir_model *model,
                             struct weir_train_summary *summary, struct weir_error *error)
{
    struct weir_choice *c = &s->choice;
    struct weir_trainer_report report;
    *model = (struct weir_model){ 0 };
    *summary = (struct weir_train_summary){ 0 };
    if (interrupted && s->epoch == 1 && end_epoch(s, error))
        return -1;
    if (s->learned)
        weir_train_stream_report(s, &report);
    else
        report = s->last;
    if (make_model(s, error) || weir_train_describe_all(c, summary, error))
        return -1;
    json_t *training = c->model->training;
    if (json_object_set(training, "epochs", s->history) ||
        json_object_set_new(training, "complete", json_boolean(!interrupted)))
        return weir_fail_memory(error);
    summary->result = (struct weir_trainer_result){ .interrupted = interrupted,
                                                    .epochs = s->epoch,
                                                    .loss = report.loss,
                                                    .accuracy = report.accuracy,
                                                    .validation_loss = NAN,
                                                    .validation_accuracy = NAN };
    *model = *c->model;
    *c->model = (struct weir_model){ 0 };
    return 0;
}

const struct weir_training_data *weir_train_stream_data(const struct weir_train_stream *s)
{
    return &s->data;
}
