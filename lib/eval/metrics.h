/* All metrics of a set of predictions by name, beside those of the baseline, with confidence intervals. */
#ifndef WEIR_EVAL_METRICS_H
#define WEIR_EVAL_METRICS_H

#include "eval/classification.h"
#include "eval/predictions.h"

enum weir_metric {
    WEIR_METRIC_ACCURACY,
    WEIR_METRIC_PRECISION, /* two classes: of the second; more: the macro average. Recall and F1 likewise */
    WEIR_METRIC_RECALL,
    WEIR_METRIC_F1,
    WEIR_METRIC_PRECISION_MACRO,
    WEIR_METRIC_RECALL_MACRO,
    WEIR_METRIC_F1_MACRO,
    WEIR_METRIC_PRECISION_MICRO,
    WEIR_METRIC_RECALL_MICRO,
    WEIR_METRIC_F1_MICRO,
    WEIR_METRIC_PRECISION_WEIGHTED,
    WEIR_METRIC_RECALL_WEIGHTED,
    WEIR_METRIC_F1_WEIGHTED,
    WEIR_METRIC_AUC, /* two classes: of the second; more: the mean over classes that have rows of both kinds */
    WEIR_METRIC_PR_AUC,
    WEIR_METRIC_LOG_LOSS,
    WEIR_METRIC_BRIER,
    WEIR_METRIC_CALIBRATION_ERROR,
    WEIR_METRIC_FIRST_OF_NUMBERS,
    WEIR_METRIC_RMSE = WEIR_METRIC_FIRST_OF_NUMBERS,
    WEIR_METRIC_MAE,
    WEIR_METRIC_MSE,
    WEIR_METRIC_R2,
    WEIR_METRIC_COUNT
};

struct weir_metrics {
    bool numbers; /* regression: only the metrics from WEIR_METRIC_FIRST_OF_NUMBERS on, else only those before */
    int64_t rows; /* measured */
    int64_t read, unlabelled, unpredicted;
    double value[WEIR_METRIC_COUNT]; /* NaN: not defined for these rows */
    /* The baseline: always the most frequent class, with the classes' shares as probabilities; or always the mean. */
    double baseline[WEIR_METRIC_COUNT];
    double low[WEIR_METRIC_COUNT], high[WEIR_METRIC_COUNT]; /* NaN: no interval */
    double confidence;                                      /* of the intervals; 0: none were asked for */
    const struct weir_classes *classes;                     /* borrowed from the predictions */
    struct weir_class_counts *counts;                       /* [classes->count] */
    int64_t *confusion;                                     /* [classes->count]^2; NULL above WEIR_CONFUSION_CLASSES */
};
enum { WEIR_CONFUSION_CLASSES = 1000 };

struct weir_bootstrap {
    int64_t samples;   /* 0: no intervals */
    double confidence; /* 0.95 */
    uint64_t seed;
};

/* `metrics` is overwritten; to be released, on failure too. Intervals: percentiles of the metric over samples of as
 * many rows, drawn with replacement (B. Efron, "Bootstrap methods", 1979); the same for a seed at any number of
 * threads.
 */
int weir_metrics_measure(struct weir_metrics *metrics, const struct weir_predictions *predictions,
                         const struct weir_bootstrap *bootstrap, struct weir_error *error);
void weir_metrics_release(struct weir_metrics *metrics);

const char *weir_metric_name(enum weir_metric metric);

/* By name: metrics, "baseline_" and a metric's name, rows, coverage, unlabelled, unpredicted. True when there is such a
 * name at all, whatever the task. */
bool weir_metric_is_known(const char *name);
/* True, *value and *less_is_better set, when these metrics have the name. */
bool weir_metrics_find(const struct weir_metrics *metrics, const char *name, double *value, bool *less_is_better);
/* The share of the rows read that have a prediction. */
double weir_metrics_coverage(const struct weir_metrics *metrics);

#endif
