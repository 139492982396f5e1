/* Metrics as text for a person and as JSON for a program. */
#ifndef WEIR_EVAL_REPORT_H
#define WEIR_EVAL_REPORT_H

#include "eval/metrics.h"

/* The metrics of the rows with one value of a column. */
struct weir_report_slice {
    const char *column;
    const char *value; /* NULL: missing */
    size_t value_length;
    struct weir_metrics metrics;
};
struct weir_report {
    struct weir_metrics whole;
    struct weir_report_slice *slices; /* those of one column stand together */
    size_t slice_count;
};

/* Measures the whole and every slice. To be released, on failure too; the predictions are borrowed. */
int weir_report_measure(struct weir_report *report, const struct weir_predictions *predictions,
                        const struct weir_bootstrap *bootstrap, struct weir_error *error);
void weir_report_release(struct weir_report *report);

void weir_report_text(const struct weir_report *report, struct weir_buffer *out);
/* One object: every name of weir_metrics_find, then classes, per_class, confusion, intervals, by. What is not defined
 * is null. */
void weir_report_json(const struct weir_report *report, struct weir_buffer *out);

#endif
