#include "eval/calibration.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static double row_log_loss(const double *p, int width, int32_t label)
{
    double chance = label < width ? p[label] : 0;
    if (chance < DBL_EPSILON)
        chance = DBL_EPSILON;
    if (chance > 1 - DBL_EPSILON)
        chance = 1 - DBL_EPSILON;
    return -log(chance);
}

static double row_brier(const double *p, int width, int32_t label)
{
    if (width == 2) {
        double d = p[1] - (label == 1);
        return d * d;
    }
    double sum = 0;
    for (int c = 0; c < width; c++) {
        double d = p[c] - (label == c);
        sum += d * d;
    }
    return sum;
}

static void add_to_bin(struct weir_calibration_bin *bins, double probability, bool held, double times)
{
    int bin = (int)ceil(probability * WEIR_CALIBRATION_BINS) - 1;
    bin = bin < 0 ? 0 : bin >= WEIR_CALIBRATION_BINS ? WEIR_CALIBRATION_BINS - 1 : bin;
    bins[bin].rows += times;
    bins[bin].probability += times * probability;
    bins[bin].right += times * held;
}

void weir_calibration_diagram(const double *probability, int64_t rows, int width, const int32_t *label,
                              const int32_t *predicted, struct weir_calibration_bin *bins)
{
    memset(bins, 0, WEIR_CALIBRATION_BINS * sizeof *bins);
    for (int64_t i = 0; i < rows; i++)
        if (width == 2)
            add_to_bin(bins, probability[2 * i + 1], label[i] == 1, 1);
        else
            add_to_bin(bins, probability[i * width + predicted[i]], label[i] == predicted[i], 1);
}

struct weir_calibration weir_calibration_measure(const double *probability, int64_t rows, int width,
                                                 const int32_t *label, const int32_t *predicted, const uint32_t *times)
{
    double total = 0, loss = 0, brier = 0;
    struct weir_calibration_bin bins[WEIR_CALIBRATION_BINS] = { { 0 } };
    for (int64_t i = 0; i < rows; i++) {
        const double *p = probability + i * width;
        double n = times ? times[i] : 1;
        if (n == 0)
            continue;
        total += n;
        loss += n * row_log_loss(p, width, label[i]);
        brier += n * row_brier(p, width, label[i]);
        add_to_bin(bins, p[predicted[i]], label[i] == predicted[i], n);
    }
    double error = 0;
    for (int bin = 0; bin < WEIR_CALIBRATION_BINS; bin++)
        error += fabs(bins[bin].right - bins[bin].probability);
    if (total == 0)
        return (struct weir_calibration){ NAN, NAN, NAN };
    return (struct weir_calibration){ loss / total, brier / total, error / total };
}
