/* Linear, logistic and softmax regression on sparse rows, fitted to the end: what is made small is what regression.h
 * says, with one loss more,
 *
 *   one against the rest   sum w_i sum_k (log(1 + exp(z_ik)) - t_ik z_ik) + l2 / 2 |W|^2
 *
 * which is a logistic regression for each class (LIBLINEAR's, whose C is 1 / l2). The method is a trust region Newton
 * method (math/tron.h) over the rows and over the same by columns, so that every sum has one order whatever the number
 * of threads. */
#ifndef WEIR_MODEL_SPARSE_REGRESSION_H
#define WEIR_MODEL_SPARSE_REGRESSION_H

#include "model/entries.h"
#include "model/regression.h"

/* `regression` as for dense rows, but for `dataset`: its rows are those of `entries`, of `width` places. Fills
 * weight[outputs][width] and bias[outputs]. 0, or -1 as weir_regression_fit. */
int weir_sparse_regression_fit(const struct weir_regression *regression, const struct weir_entries *entries,
                               int64_t width, struct weir_pool *pool, float *weight, float *bias,
                               struct weir_regression_result *result, struct weir_error *error);

#endif
