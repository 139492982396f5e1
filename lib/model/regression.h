/* Linear, logistic and softmax regression, fitted to the end: one dense layer, the whole data at once, in double. What
 * is made small, with z = W x + b and b free of the penalty (scikit-learn's C is 1 / l2):
 *
 *   linear    1/2 sum w_i (y_i - z_i)^2                           + l2 / 2 |W|^2   (l2 = 0: least squares; else ridge)
 *   logistic  sum w_i (log(1 + exp(z_i)) - t_i z_i)               + l2 / 2 |W|^2
 *   softmax   sum w_i (log sum_k exp(z_ik) - sum_k t_ik z_ik)     + l2 / 2 |W|^2
 *
 * The features are centred and scaled within, so that the number of iterations does not hang on their units; the result
 * is in the units they came in. Linear regression of up to 512 numbers a row is solved by Cholesky's method, columns
 * that depend on those before them getting the weight 0; all else by L-BFGS. Rows are split into sixteen fixed shards,
 * whose sums are added in order. */
#ifndef WEIR_MODEL_REGRESSION_H
#define WEIR_MODEL_REGRESSION_H

#include "base/thread.h"
#include "model/dataset.h"
#include "nn/network.h"

struct weir_regression {
    const struct weir_dataset *dataset;
    const int64_t *rows; /* [count] of the dataset */
    int64_t count;
    const int32_t *classes;   /* by the dataset's row, or */
    const double *targets;    /* by the dataset's row */
    const float *weights;     /* by the dataset's row; NULL: all 1 */
    enum weir_loss_kind loss; /* mse, binary cross-entropy (one output) or cross-entropy */
    int64_t outputs;
    double label_smoothing;
    double l2;
    int max_iterations;
    double tolerance;
    void *context;                                               /* of progress */
    bool (*progress)(void *context, int iteration, double loss); /* true: stop here; may be NULL */
};

struct weir_regression_result {
    double loss;     /* mean over the weights: mse, or the cross-entropy, without the penalty */
    int64_t correct; /* rows whose largest output is their class */
    int iterations;
    bool stopped;   /* progress said so */
    bool converged; /* false: the limit of iterations came first */
};

/* Fills weight[outputs][width] and bias[outputs]. 0, or -1: out of memory, all weights 0, or a loss or weight that no
 * number holds. */
int weir_regression_fit(const struct weir_regression *regression, struct weir_pool *pool, float *weight, float *bias,
                        struct weir_regression_result *result, struct weir_error *error);

#endif
