/* Within lib/eval: predictions prepared to be measured many times, each time with other counts for its rows. */
#ifndef WEIR_EVAL_SAMPLE_PRIVATE_H
#define WEIR_EVAL_SAMPLE_PRIVATE_H

#include "eval/metrics.h"

struct weir_sample {
    const struct weir_predictions *predictions;
    uint32_t **orders; /* rankings: [1] of the second class when there are two, else [width] */
    int order_count;
};
int weir_sample_init(struct weir_sample *sample, const struct weir_predictions *predictions, struct weir_error *error);
void weir_sample_release(struct weir_sample *sample);

/* All metrics of the task, the others NaN. counts: scratch for [classes]; afterwards they hold the counts. */
void weir_sample_measure(const struct weir_sample *sample, const uint32_t *times, struct weir_class_counts *counts,
                         double value[WEIR_METRIC_COUNT]);

/* Fills low and high. */
int weir_bootstrap_run(const struct weir_sample *sample, const struct weir_bootstrap *bootstrap,
                       double low[WEIR_METRIC_COUNT], double high[WEIR_METRIC_COUNT], struct weir_error *error);

#endif
