#include "eval/calibration.h"
#include <float.h>
#include <math.h>
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

struct weir_calibration weir_calibration_measure(const double *probability, int64_t rows, int width,
                                                 const int32_t *label, const int32_t *predicted, const uint32_t *times)
{
    double total = 0, loss = 0, brier = 0, confidence[WEIR_CALIBRATION_BINS] = { 0 },
           right[WEIR_CALIBRATION_BINS] = { 0 };
    for (int64_t i = 0; i < rows; i++) {
        const double *p = probability + i * width;
        double n = times ? times[i] : 1, sure = p[predicted[i]];
        if (n == 0)
            continue;
        total += n;
        loss += n * row_log_loss(p, width, label[i]);
        brier += n * row_brier(p, width, label[i]);
        int bin = (int)ceil(sure * WEIR_CALIBRATION_BINS) - 1;
        bin = bin < 0 ? 0 : bin >= WEIR_CALIBRATION_BINS ? WEIR_CALIBRATION_BINS - 1 : bin;
        confidence[bin] += n * sure;
        right[bin] += n * (label[i] == predicted[i]);
    }
    double error = 0;
    for (int bin = 0; bin < WEIR_CALIBRATION_BINS; bin++)
        error += fabs(right[bin] - confidence[bin]);
    if (total == 0)
        return (struct weir_calibration){ NAN, NAN, NAN };
    return (struct weir_calibration){ loss / total, brier / total, error / total };
}
