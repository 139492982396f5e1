/* Training as a whole: from the rows and what the user asked for to a model. What was left open is chosen by the data:
 *
 *   task      text, bool and dictionary labels, and whole numbers of up to 100 values, are classes; other numbers are
 *             values. A model or a loss that fits only one of the two decides.
 *   model     images (tensors of two or three dimensions, at least 10 by 10): the network
 *             conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu | dense N;
 *             smaller tensors: flatten | dense 64 relu | dense N; tables: logistic or linear regression
 *   loss      classes: binary cross-entropy for one output, cross-entropy for more; values: mse
 *   method    linear and logistic regression with their own loss are fitted to the end (regression.h); all else by
 *             minibatches (trainer.h) with Adam
 *
 * Features with a sparse column are learned from by linear and logistic regression alone: to the end
 * (sparse_regression.h), or by sgd, adagrad or ftrl while the stream is read, as also dense ones are by the last two.
 */
#ifndef WEIR_MODEL_TRAIN_H
#define WEIR_MODEL_TRAIN_H

#include "model/trainer.h"
#include "model/training_data.h"

/* Texts are as the user wrote them, NULL when not given; numbers NaN and counts 0 when not given. */
struct weir_train_options {
    const char *form;      /* "linear", "logistic" */
    const char *net;       /* the notation */
    const char *task;      /* "classify", "regress" */
    const char *loss;      /* as weir_loss_parse reads it */
    const char *optimizer; /* as weir_optimizer_parse or weir_sparse_optimizer_parse reads it, or "lbfgs" */
    const char *schedule;
    const char *class_weights; /* "balanced" or "A=2,B=1" */
    double learning_rate, momentum, beta1, beta2, alpha, epsilon, weight_decay, clip;
    double l1, l2, label_smoothing, huber_delta;
    int64_t batch, epochs, patience;
    uint64_t seed;
    bool bfloat16;
    const char *checkpoint, *resume;
    int64_t checkpoint_every;
    bool checkpoint_steps;
};

struct weir_train_summary {
    struct weir_buffer chosen; /* "logistic regression, 2 classes, binary-cross-entropy, lbfgs" */
    struct weir_trainer_result result;
    bool exact;     /* fitted to the end, not by minibatches */
    bool streamed;  /* learned from while it was read */
    bool converged; /* exact: the limit of iterations was not needed */
    enum weir_loss_kind loss;
};

/* Checks what can be checked before any row was read: names, numbers, what goes together. */
int weir_train_check(const struct weir_train_options *options, struct weir_error *error);

/* Whether the rows of such a stream are learned from while they are read, with the memory of the model alone: by
 * adagrad and ftrl always, by sgd when a feature is sparse. */
bool weir_train_streams(const struct weir_train_options *options, const struct weir_schema *schema);
/* The same run then, from the first batch to the model: `begin`, `add` for each batch, `end_pass` (1: the input is to
 * be read once more, 0: done), `finish`, `free`. The schema must live until then. */
struct weir_train_stream;
int weir_train_stream_begin(struct weir_train_stream **stream, const struct weir_train_options *options,
                            const struct weir_schema *schema, struct weir_error *error);
int weir_train_stream_add(struct weir_train_stream *stream, const struct weir_batch *batch, struct weir_error *error);
int weir_train_stream_end_pass(struct weir_train_stream *stream, const struct weir_trainer_events *events,
                               struct weir_error *error);
/* What was read and learned so far, for a progress line: the epoch, and its mean loss. */
void weir_train_stream_report(const struct weir_train_stream *stream, struct weir_trainer_report *report);
int weir_train_stream_finish(struct weir_train_stream *stream, bool interrupted, struct weir_model *model,
                             struct weir_train_summary *summary, struct weir_error *error);
/* What was read, for the closing lines. */
const struct weir_training_data *weir_train_stream_data(const struct weir_train_stream *stream);
void weir_train_stream_free(struct weir_train_stream *stream); /* NULL is accepted */

/* data: finished and divided; its features, plan and label are moved into the model. `model` and `summary` are
 * overwritten; the caller releases both. */
int weir_train_fit(const struct weir_train_options *options, struct weir_training_data *data,
                   const struct weir_trainer_events *events, struct weir_pool *pool, struct weir_model *model,
                   struct weir_train_summary *summary, struct weir_error *error);
void weir_train_summary_release(struct weir_train_summary *summary);

#endif
