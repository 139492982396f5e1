/* What `clean` changed, as a page for people: it watches the parts of the stage at their work, cell by cell, and keeps
 * counts, a few examples and small histograms, whose memory does not grow with the rows. The report is no part of the
 * plan and changes nothing in what comes out. */
#ifndef WEIR_STAGE_CLEAN_REPORT_H
#define WEIR_STAGE_CLEAN_REPORT_H

#include "stage/stage.h"

struct weir_clean_report;

/* Watches the next binding of `stage`, a `clean`, but no replay. no_values: no value of a cell stands in the page. To
 * be freed on failure too, and not before the binding is done with. */
int weir_clean_report_begin(struct weir_clean_report **report, struct weir_stage *stage, bool no_values,
                            struct weir_error *error);
/* The page about all rows so far, while the binding is there. */
int weir_clean_report_page(struct weir_clean_report *report, struct weir_buffer *out, struct weir_error *error);
void weir_clean_report_free(struct weir_clean_report *report); /* NULL is accepted */

#endif
