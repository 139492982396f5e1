#include "eval/calibration.h"
#include "eval/ranking.h"
#include "eval/regression.h"
#include "eval/sample_private.h"
#include <math.h>
#include <stdlib.h>

int weir_sample_init(struct weir_sample *sample, const struct weir_predictions *predictions, struct weir_error *error)
{
    *sample = (struct weir_sample){ .predictions = predictions };
    if (predictions->width == 0)
        return 0;
    int count = predictions->width == 2 ? 1 : predictions->width;
    sample->orders = weir_allocate_zero((size_t)count, sizeof *sample->orders);
    if (!sample->orders)
        return weir_fail_memory(error);
    for (; sample->order_count < count; sample->order_count++) {
        int column = count == 1 ? predictions->width - 1 : sample->order_count;
        uint32_t *order = weir_allocate((size_t)predictions->rows, sizeof *order);
        sample->orders[sample->order_count] = order;
        if (!order ||
            weir_ranking_order(predictions->probability + column, predictions->width, predictions->rows, order)) {
            sample->order_count++;
            weir_sample_release(sample);
            return weir_fail_memory(error);
        }
    }
    return 0;
}

void weir_sample_release(struct weir_sample *sample)
{
    for (int i = 0; i < sample->order_count; i++)
        free(sample->orders[i]);
    free(sample->orders);
    *sample = (struct weir_sample){ 0 };
}

/* The mean of the values that are defined. */
struct mean {
    double sum;
    int count;
};
static void mean_add(struct mean *mean, double value)
{
    if (isnan(value))
        return;
    mean->sum += value;
    mean->count++;
}
static double mean_of(const struct mean *mean)
{
    return mean->count ? mean->sum / mean->count : NAN;
}

static void put_scores(double *value, const struct weir_class_score *score)
{
    value[0] = score->precision;
    value[1] = score->recall;
    value[2] = score->f1;
}

static void measure_classes(const struct weir_sample *sample, const uint32_t *times, struct weir_class_counts *counts,
                            double *value)
{
    const struct weir_predictions *p = sample->predictions;
    weir_class_count(p->label, p->predicted, times, p->rows, counts, p->classes.count);
    struct weir_class_averages averages = weir_class_average(counts, p->classes.count);
    struct weir_class_score second = averages.macro;
    if (p->known == 2)
        second = weir_class_score(&counts[1]);
    value[WEIR_METRIC_ACCURACY] = averages.accuracy;
    put_scores(value + WEIR_METRIC_PRECISION, &second);
    put_scores(value + WEIR_METRIC_PRECISION_MACRO, &averages.macro);
    put_scores(value + WEIR_METRIC_PRECISION_MICRO, &averages.micro);
    put_scores(value + WEIR_METRIC_PRECISION_WEIGHTED, &averages.weighted);
    if (p->width == 0)
        return;
    struct mean auc = { 0 }, precision = { 0 };
    for (int i = 0; i < sample->order_count; i++) {
        double area, average;
        int32_t positive = sample->order_count == 1 ? p->width - 1 : i;
        weir_ranking_measure(sample->orders[i], p->rows, p->label, positive, times, &area, &average);
        mean_add(&auc, area);
        mean_add(&precision, average);
    }
    value[WEIR_METRIC_AUC] = mean_of(&auc);
    value[WEIR_METRIC_PR_AUC] = mean_of(&precision);
    struct weir_calibration calibration =
        weir_calibration_measure(p->probability, p->rows, p->width, p->label, p->predicted, times);
    value[WEIR_METRIC_LOG_LOSS] = calibration.log_loss;
    value[WEIR_METRIC_BRIER] = calibration.brier;
    value[WEIR_METRIC_CALIBRATION_ERROR] = calibration.error;
}

void weir_sample_measure(const struct weir_sample *sample, const uint32_t *times, struct weir_class_counts *counts,
                         double value[WEIR_METRIC_COUNT])
{
    const struct weir_predictions *p = sample->predictions;
    for (int i = 0; i < WEIR_METRIC_COUNT; i++)
        value[i] = NAN;
    if (!p->numbers) {
        measure_classes(sample, times, counts, value);
        return;
    }
    struct weir_regression_errors errors = weir_regression_measure(p->actual, p->estimate, times, p->rows);
    value[WEIR_METRIC_RMSE] = errors.rmse;
    value[WEIR_METRIC_MAE] = errors.mae;
    value[WEIR_METRIC_MSE] = errors.mse;
    value[WEIR_METRIC_R2] = errors.r2;
}
