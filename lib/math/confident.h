/* Confident learning: which labels the rows' probabilities contradict, and how many labels are wrong.
 *
 *   t_j  = mean of p_j(x) over the rows labelled j              (how sure of j a model is where it is right)
 *   C_ij = the rows labelled i whose class is j: the class j with p_j >= t_j, of several the most probable one
 *   Q_ij = C_ij / sum_k C_ik * (rows labelled i)                (as if every row had been counted)
 *
 * A label i is suspect when, for some j, its margin p_j - p_i is among the Q_ij largest of the rows labelled i, and i
 * is not the most probable class itself ("prune by noise rate"). The probabilities must come from a model that has not
 * seen the row.
 *
 * C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident learning: estimating uncertainty in dataset labels", JAIR 70,
 * 2021. */
#ifndef WEIR_MATH_CONFIDENT_H
#define WEIR_MATH_CONFIDENT_H

#include "base/error.h"
#include <stdint.h>

/* label[rows]: 0 .. classes - 1, or negative for a row that is left out; probability[rows][classes].
 * thresholds[classes]: t (NaN for a class without rows); joint[classes][classes]: Q, rounded so that a row's sum is
 * that of its labels; suspect[rows]: the class (of greatest margin) that the data says, or -1. */
int weir_confident_find(const int32_t *label, const float *probability, int64_t rows, int classes, double *thresholds,
                        int64_t *joint, int32_t *suspect, struct weir_error *error);

/* How much a row's label is to be trusted, 0 to 1: (1 + p_label - the largest other p) / 2, the paper's normalized
 * margin. */
double weir_confident_quality(const float *probability, int classes, int32_t label);

#endif
