/* The report of metrics as one page of HTML: numbers, tables and plots of all that fits. */
#ifndef WEIR_EVAL_PAGE_H
#define WEIR_EVAL_PAGE_H

#include "eval/report.h"

/* What a table of the page has at most; the rest is counted. */
enum { WEIR_PAGE_ROWS = 100 };
/* The page, appended. seed: of the points that are drawn of many. Besides the predictions it takes 36 bytes a row, for
 * a while, and what the page itself has, which does not grow with the rows. */
int weir_page_write(const struct weir_report *report, const struct weir_predictions *predictions, uint64_t seed,
                    struct weir_buffer *out, struct weir_error *error);

#endif
