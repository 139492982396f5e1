/* Within lib/eval: the parts of the page. */
#ifndef WEIR_EVAL_PAGE_PRIVATE_H
#define WEIR_EVAL_PAGE_PRIVATE_H

#include "eval/page.h"

/* All metrics, each class, and each value of the columns of --by, as tables. */
void weir_page_metrics(struct weir_buffer *out, const struct weir_metrics *metrics);
void weir_page_classes(struct weir_buffer *out, const struct weir_metrics *metrics);
void weir_page_slices(struct weir_buffer *out, const struct weir_report *report);
/* What thresholds on the probability of the second of two classes would do. */
void weir_page_thresholds(struct weir_buffer *out, const struct weir_predictions *predictions, const uint32_t *order);

#endif
