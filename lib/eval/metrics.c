#include "eval/metrics.h"
#include "eval/regression.h"
#include "eval/sample_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool less_is_better;
} kinds[WEIR_METRIC_COUNT] = {
    [WEIR_METRIC_ACCURACY] = { "accuracy", false },
    [WEIR_METRIC_PRECISION] = { "precision", false },
    [WEIR_METRIC_RECALL] = { "recall", false },
    [WEIR_METRIC_F1] = { "f1", false },
    [WEIR_METRIC_PRECISION_MACRO] = { "precision_macro", false },
    [WEIR_METRIC_RECALL_MACRO] = { "recall_macro", false },
    [WEIR_METRIC_F1_MACRO] = { "f1_macro", false },
    [WEIR_METRIC_PRECISION_MICRO] = { "precision_micro", false },
    [WEIR_METRIC_RECALL_MICRO] = { "recall_micro", false },
    [WEIR_METRIC_F1_MICRO] = { "f1_micro", false },
    [WEIR_METRIC_PRECISION_WEIGHTED] = { "precision_weighted", false },
    [WEIR_METRIC_RECALL_WEIGHTED] = { "recall_weighted", false },
    [WEIR_METRIC_F1_WEIGHTED] = { "f1_weighted", false },
    [WEIR_METRIC_AUC] = { "auc", false },
    [WEIR_METRIC_PR_AUC] = { "pr_auc", false },
    [WEIR_METRIC_LOG_LOSS] = { "log_loss", true },
    [WEIR_METRIC_BRIER] = { "brier", true },
    [WEIR_METRIC_CALIBRATION_ERROR] = { "calibration_error", true },
    [WEIR_METRIC_RMSE] = { "rmse", true },
    [WEIR_METRIC_MAE] = { "mae", true },
    [WEIR_METRIC_MSE] = { "mse", true },
    [WEIR_METRIC_R2] = { "r2", false },
};

const char *weir_metric_name(enum weir_metric metric)
{
    return kinds[metric].name;
}

/* What the most frequent class for every row would reach, with the classes' shares as its probabilities. */
static void baseline_of_classes(const struct weir_predictions *predictions, const struct weir_class_counts *real,
                                struct weir_class_counts *counts, double *value)
{
    int classes = predictions->classes.count, most = 0;
    double rows = (double)predictions->rows, log_loss = 0, brier = 0, precision = 0;
    int with_rows = 0;
    for (int c = 0; c < classes; c++) {
        if (real[c].support > real[most].support)
            most = c;
        double share = real[c].support / rows;
        log_loss -= share > 0 ? share * log(share) : 0;
        brier += share * (1 - share);
        precision += c < predictions->known ? share : 0;
        with_rows += share > 0 && c < predictions->known;
        counts[c] = (struct weir_class_counts){ .support = real[c].support };
    }
    counts[most].predicted = rows;
    counts[most].right = real[most].support;
    struct weir_class_averages averages = weir_class_average(counts, classes);
    struct weir_class_score second = predictions->known == 2 ? weir_class_score(&counts[1]) : averages.macro;
    const struct weir_class_score *scores[] = { &second, &averages.macro, &averages.micro, &averages.weighted };
    value[WEIR_METRIC_ACCURACY] = averages.accuracy;
    for (int i = 0; i < 4; i++) {
        value[WEIR_METRIC_PRECISION + 3 * i] = scores[i]->precision;
        value[WEIR_METRIC_RECALL + 3 * i] = scores[i]->recall;
        value[WEIR_METRIC_F1 + 3 * i] = scores[i]->f1;
    }
    if (predictions->width == 0)
        return;
    value[WEIR_METRIC_AUC] = 0.5;
    value[WEIR_METRIC_PR_AUC] = predictions->known == 2 ? real[1].support / rows
                                : with_rows             ? precision / with_rows
                                                        : NAN;
    value[WEIR_METRIC_LOG_LOSS] = log_loss;
    value[WEIR_METRIC_BRIER] = predictions->known == 2 ? real[1].support / rows * (1 - real[1].support / rows) : brier;
    value[WEIR_METRIC_CALIBRATION_ERROR] = 0;
}

static void baseline_of_numbers(const struct weir_predictions *predictions, double *value)
{
    struct weir_regression_errors errors = weir_regression_baseline(predictions->actual, predictions->rows);
    value[WEIR_METRIC_RMSE] = errors.rmse;
    value[WEIR_METRIC_MAE] = errors.mae;
    value[WEIR_METRIC_MSE] = errors.mse;
    value[WEIR_METRIC_R2] = errors.r2;
}

int weir_metrics_measure(struct weir_metrics *metrics, const struct weir_predictions *predictions,
                         const struct weir_bootstrap *bootstrap, struct weir_error *error)
{
    *metrics = (struct weir_metrics){ .numbers = predictions->numbers,
                                      .rows = predictions->rows,
                                      .read = predictions->read,
                                      .unlabelled = predictions->unlabelled,
                                      .unpredicted = predictions->unpredicted,
                                      .classes = &predictions->classes };
    for (int i = 0; i < WEIR_METRIC_COUNT; i++)
        metrics->baseline[i] = metrics->low[i] = metrics->high[i] = NAN;
    struct weir_sample sample;
    size_t classes = (size_t)predictions->classes.count;
    struct weir_class_counts *scratch = weir_allocate(classes, sizeof *scratch);
    metrics->counts = weir_allocate_zero(classes, sizeof *metrics->counts);
    if (classes <= WEIR_CONFUSION_CLASSES)
        metrics->confusion = weir_allocate(classes * classes, sizeof *metrics->confusion);
    int result = -1;
    if (!scratch || !metrics->counts || (classes <= WEIR_CONFUSION_CLASSES && !metrics->confusion)) {
        free(scratch);
        return weir_fail_memory(error);
    }
    if (weir_sample_init(&sample, predictions, error))
        goto cleanup;
    weir_sample_measure(&sample, NULL, metrics->counts, metrics->value);
    if (predictions->numbers)
        baseline_of_numbers(predictions, metrics->baseline);
    else {
        baseline_of_classes(predictions, metrics->counts, scratch, metrics->baseline);
        if (metrics->confusion)
            weir_class_confusion(predictions->label, predictions->predicted, predictions->rows, metrics->confusion,
                                 predictions->classes.count);
    }
    result = 0;
    if (bootstrap->samples) {
        metrics->confidence = bootstrap->confidence;
        result = weir_bootstrap_run(&sample, bootstrap, metrics->low, metrics->high, error);
    }
    weir_sample_release(&sample);
cleanup:
    free(scratch);
    return result;
}

void weir_metrics_release(struct weir_metrics *metrics)
{
    free(metrics->counts);
    free(metrics->confusion);
    *metrics = (struct weir_metrics){ 0 };
}

double weir_metrics_coverage(const struct weir_metrics *metrics)
{
    return metrics->read ? (double)(metrics->read - metrics->unpredicted) / (double)metrics->read : NAN;
}

static const char BASELINE[] = "baseline_";
static const char *const counted[] = { "rows", "coverage", "unlabelled", "unpredicted" };
enum { COUNTED = sizeof counted / sizeof *counted };

/* The metric of a name without "baseline_"; -1: none. */
static int find_metric(const char *name)
{
    for (int i = 0; i < WEIR_METRIC_COUNT; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return i;
    return -1;
}

static bool take_baseline(const char **name)
{
    size_t length = sizeof BASELINE - 1;
    bool is = strncmp(*name, BASELINE, length) == 0;
    *name += is ? length : 0;
    return is;
}

bool weir_metric_is_known(const char *name)
{
    for (int i = 0; i < COUNTED; i++)
        if (strcmp(counted[i], name) == 0)
            return true;
    take_baseline(&name);
    return find_metric(name) >= 0;
}

bool weir_metrics_find(const struct weir_metrics *metrics, const char *name, double *value, bool *less_is_better)
{
    const double numbers[COUNTED] = { (double)metrics->read, weir_metrics_coverage(metrics),
                                      (double)metrics->unlabelled, (double)metrics->unpredicted };
    for (int i = 0; i < COUNTED; i++)
        if (strcmp(counted[i], name) == 0) {
            *value = numbers[i];
            *less_is_better = i >= 2;
            return true;
        }
    bool baseline = take_baseline(&name);
    int metric = find_metric(name);
    if (metric < 0 || (metric >= WEIR_METRIC_FIRST_OF_NUMBERS) != metrics->numbers)
        return false;
    *value = baseline ? metrics->baseline[metric] : metrics->value[metric];
    *less_is_better = kinds[metric].less_is_better;
    return true;
}
