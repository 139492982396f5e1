/* How well scores rank the rows of one class above all others: the area under the ROC curve, and average precision. */
#ifndef WEIR_EVAL_RANKING_H
#define WEIR_EVAL_RANKING_H

#include "base/error.h"
#include <stdint.h>

/* order[rows]: the rows by descending scores[row * stride]; the highest bit marks the last of those with equal scores.
 * rows < 2^31; no score may be NaN. 0, or -1 when out of memory (32 bytes a row are used meanwhile). */
enum { WEIR_RANKING_ROW = 0x7FFFFFFF };
int weir_ranking_order(const double *scores, int64_t stride, int64_t rows, uint32_t *order);

/* *auc: trapezoids under the ROC curve, that is the chance that a positive row scores above a negative one, a draw
 * counting half; NaN without rows of both kinds. *precision: sum over falling scores of (recall gained) * (precision
 * reached); NaN without a positive row. Positive are the rows with label[row] == positive; times as elsewhere. */
void weir_ranking_measure(const uint32_t *order, int64_t rows, const int32_t *label, int32_t positive,
                          const uint32_t *times, double *auc, double *precision);

#endif
