/* The loss of logistic regression over many rows at once; results are the same bits on all machines. */
#ifndef WEIR_MATH_LOGISTIC_H
#define WEIR_MATH_LOGISTIC_H

#include <stdint.h>

/* For scores z[n] and targets t[n] of 0 .. 1, the cross-entropy of t and p = 1 / (1 + exp(-z)):
 *   loss[i] = log(1 + exp(z)) - t z,  within 1e-15 of it relative to log(1 + exp(z)) + |t z|
 *   z[i] becomes its derivative p - t
 * A score that is not finite gives a loss that is not finite. Arrays do not overlap. */
void weir_logistic_loss(double *z, const double *t, double *loss, int64_t n);

/* For the scores z[n] of one row whose class is `class`, the cross-entropy of the softmax p and the target that gives
 * the class 1 - smoothing and each class smoothing / n more: the loss; z[k] becomes p[k] - target[k]. */
double weir_softmax_loss(double *z, int64_t n, int32_t class, double smoothing);

#endif
