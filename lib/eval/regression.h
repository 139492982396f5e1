/* How far predicted numbers are from the true ones. */
#ifndef WEIR_EVAL_REGRESSION_H
#define WEIR_EVAL_REGRESSION_H

#include <stdint.h>

struct weir_regression_errors {
    double mse, rmse, mae;
    /* 1 - (sum of squared errors) / (sum of squared distances from the mean label). As in scikit-learn: with labels
     * that are all equal 1 when there is no error and else 0; NaN with fewer than two rows. */
    double r2;
};

/* actual[rows], estimate[rows]; times as elsewhere. NaN without rows. */
struct weir_regression_errors weir_regression_measure(const double *actual, const double *estimate,
                                                      const uint32_t *times, int64_t rows);
/* The same for a prediction that is always the mean of `actual`. */
struct weir_regression_errors weir_regression_baseline(const double *actual, int64_t rows);

#endif
