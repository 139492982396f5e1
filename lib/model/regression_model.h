/* The kind `regression`: linear, logistic and softmax regression as one matrix of weights, for rows that are read as
 * entries (feature_rows.h); sparse columns are learned from so.
 *
 * What a row gets from z = W x + b:
 *   mse                                z
 *   binary-cross-entropy, one output   p = sigmoid(z), [1 - p, p]
 *   binary-cross-entropy, more         each class against the rest: the sigmoids' shares of their sum
 *   cross-entropy                      softmax(z) */
#ifndef WEIR_MODEL_REGRESSION_MODEL_H
#define WEIR_MODEL_REGRESSION_MODEL_H

#include "model/model.h"
#include "nn/network.h"

struct weir_regression_model {
    struct weir_loss loss;
    int64_t width, outputs;
    float *weight; /* [outputs][width] */
    float *bias;   /* [outputs] */
};

extern const struct weir_model_kind weir_regression_kind;

/* Makes model->state, for rows of `width` places, with all weights 0. */
int weir_regression_model_new(struct weir_model *model, struct weir_loss loss, int64_t width, int64_t outputs,
                              struct weir_error *error);

#endif
