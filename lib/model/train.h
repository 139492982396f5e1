/* Training as a whole: from the rows and what the user asked for to a model. What was left open is chosen by the data:
 *
 *   task      text, bool and dictionary labels, and whole numbers of up to 100 values, are classes; other numbers are
 *             values. A model or a loss that fits only one of the two decides.
 *   model     images (tensors of two or three dimensions, at least 10 by 10): the network
 *             conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu | dense N;
 *             smaller tensors: flatten | dense 64 relu | dense N; tables: logistic or linear regression
 *   loss      classes: binary cross-entropy for one output, cross-entropy for more; values: mse
 *   method    linear and logistic regression with their own loss are fitted to the end (regression.h); all else by
 *             minibatches (trainer.h) with Adam */
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
    const char *optimizer; /* as weir_optimizer_parse reads it, or "lbfgs" */
    const char *schedule;
    const char *class_weights; /* "balanced" or "A=2,B=1" */
    double learning_rate, momentum, beta1, beta2, alpha, epsilon, weight_decay, clip;
    double l2, label_smoothing, huber_delta;
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
    bool converged; /* exact: the limit of iterations was not needed */
    enum weir_loss_kind loss;
};

/* Checks what can be checked before any row was read: names, numbers, what goes together. */
int weir_train_check(const struct weir_train_options *options, struct weir_error *error);

/* data: finished and divided; its features, plan and label are moved into the model. `model` and `summary` are
 * overwritten; the caller releases both. */
int weir_train_fit(const struct weir_train_options *options, struct weir_training_data *data,
                   const struct weir_trainer_events *events, struct weir_pool *pool, struct weir_model *model,
                   struct weir_train_summary *summary, struct weir_error *error);
void weir_train_summary_release(struct weir_train_summary *summary);

#endif
