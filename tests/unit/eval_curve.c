/* Curves, calibration and thresholds against scikit-learn's numbers, thinned lines against the whole, and samples in
 * their places. */
#include "../golden/plot.h"
#include "base/random.h"
#include "check.h"
#include "eval/calibration.h"
#include "eval/classification.h"
#include "eval/curve.h"
#include "eval/drawn.h"
#include "eval/frequent.h"
#include <stdlib.h>

static struct weir_predictions predictions_of(const int32_t *label, const int32_t *predicted, const double *probability,
                                              int classes)
{
    return (struct weir_predictions){ .rows = GOLDEN_ROWS,
                                      .classes = { .count = classes },
                                      .known = classes,
                                      .width = classes,
                                      .label = (int32_t *)(uintptr_t)label,
                                      .predicted = (int32_t *)(uintptr_t)predicted,
                                      .probability = (double *)(uintptr_t)probability };
}

static void curve_is(const struct weir_curve *curve, size_t stride, const double *xs, const double *ys, size_t count)
{
    if (!CHECK_INT((long long)curve->count, (long long)(count * stride)))
        return;
    for (size_t i = 0; i < count; i++) {
        CHECK_NEAR(curve->xs[i * stride + stride - 1], xs[i], 1e-12);
        CHECK_NEAR(curve->ys[i * stride + stride - 1], ys[i], 1e-12);
    }
}

/* The steps end where scikit-learn's points are; its first, at recall 0, is none of a threshold. */
static void curves_are(const struct weir_class_curves *curves, const double *fpr, const double *tpr, size_t points,
                       const double *recall, const double *precision, size_t thresholds, const double *areas)
{
    curve_is(&curves->roc, 1, fpr, tpr, points);
    curve_is(&curves->precision, 2, recall + 1, precision + 1, thresholds - 1);
    CHECK_NEAR(curves->auc, areas[0], 1e-12);
    CHECK_NEAR(curves->average_precision, areas[1], 1e-12);
    double area = 0, below = 0;
    for (size_t i = 1; i < curves->roc.count; i++)
        area += (curves->roc.xs[i] - curves->roc.xs[i - 1]) * (curves->roc.ys[i] + curves->roc.ys[i - 1]) / 2;
    for (size_t i = 1; i < curves->precision.count; i++)
        below += (curves->precision.xs[i] - curves->precision.xs[i - 1]) * curves->precision.ys[i];
    CHECK_NEAR(area, areas[0], 1e-12); /* what is drawn has the area that is told */
    CHECK_NEAR(below, areas[1], 1e-12);
}
#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define CURVES_ARE(curves, suffix)                                                                                     \
    curves_are(curves, fpr_##suffix, tpr_##suffix, LENGTH(fpr_##suffix), recall_##suffix, precision_##suffix,          \
               LENGTH(recall_##suffix), areas_##suffix)

static void test_curves(void)
{
    struct weir_predictions two = predictions_of(label_2, predicted_2, probability_2, 2);
    struct weir_predictions three = predictions_of(label_3, predicted_3, probability_3, 3);
    struct weir_curves curves;
    CHECK_INT(weir_curves_make(&curves, &two, 0, NULL), 0);
    CHECK_INT(curves.count, 1);
    CHECK_INT(curves.left_out, 0);
    CURVES_ARE(&curves.items[0], 2_1);
    weir_curves_release(&curves);
    CHECK_INT(weir_curves_make(&curves, &three, 0, NULL), 0);
    CHECK_INT(curves.count, 3);
    CURVES_ARE(&curves.items[0], 3_0);
    CURVES_ARE(&curves.items[1], 3_1);
    CURVES_ARE(&curves.items[2], 3_2);
    weir_curves_release(&curves);
}

static void test_one_class(void)
{
    int32_t label[] = { 1, 1 }, predicted[] = { 1, 0 };
    double probability[] = { 0.2, 0.8, 0.6, 0.4 };
    struct weir_predictions only = predictions_of(label, predicted, probability, 2);
    struct weir_curves curves;
    only.rows = 2;
    CHECK_INT(weir_curves_make(&curves, &only, 512, NULL), 0);
    CHECK(isnan(curves.items[0].auc));
    CHECK_INT((long long)curves.items[0].roc.count, 0);
    CHECK(curves.items[0].precision.count > 0);
    weir_curves_release(&curves);
    label[0] = label[1] = 0;
    CHECK_INT(weir_curves_make(&curves, &only, 512, NULL), 0);
    CHECK_INT((long long)curves.items[0].precision.count, 0);
    weir_curves_release(&curves);
}

static void test_thresholds(void)
{
    struct weir_predictions two = predictions_of(label_2, predicted_2, probability_2, 2);
    struct weir_threshold thresholds[] = { { .threshold = 0 }, { .threshold = 0.5 }, { .threshold = 2 } }, best;
    struct weir_curves curves;
    CHECK_INT(weir_curves_make(&curves, &two, 0, NULL), 0);
    weir_thresholds_measure(&two, curves.order, thresholds, 3, &best);
    weir_curves_release(&curves);
    CHECK_NEAR(best.f1, best_2_1[1], 1e-12);
    CHECK_NEAR(thresholds[0].recall, 1, 0);
    CHECK_NEAR(thresholds[0].taken, 1, 0);
    CHECK_NEAR(thresholds[0].false_positive_rate, 1, 0);
    CHECK_NEAR(thresholds[2].taken, 0, 0);
    CHECK_NEAR(thresholds[2].precision, 0, 0);
    double taken = 0, right = 0, positive = 0;
    for (int i = 0; i < GOLDEN_ROWS; i++) {
        taken += probability_2[2 * i + 1] >= 0.5;
        right += probability_2[2 * i + 1] >= 0.5 && label_2[i] == 1;
        positive += label_2[i] == 1;
    }
    CHECK_NEAR(thresholds[1].precision, right / taken, 1e-12);
    CHECK_NEAR(thresholds[1].recall, right / positive, 1e-12);
    CHECK_NEAR(thresholds[1].false_positive_rate, (taken - right) / (GOLDEN_ROWS - positive), 1e-12);
}

static void diagram_is(const struct weir_calibration_bin *bins, const double *mean, const double *right, size_t count)
{
    size_t found = 0;
    double rows = 0;
    for (int i = 0; i < WEIR_CALIBRATION_BINS; i++) {
        rows += bins[i].rows;
        if (bins[i].rows == 0 || found == count)
            continue;
        CHECK_NEAR(bins[i].probability / bins[i].rows, mean[found], 1e-12);
        CHECK_NEAR(bins[i].right / bins[i].rows, right[found], 1e-12);
        found++;
    }
    CHECK_INT((long long)found, (long long)count);
    CHECK_NEAR(rows, GOLDEN_ROWS, 0);
}

static void test_confusion(void)
{
    int64_t matrix[9];
    weir_class_confusion(label_2, predicted_2, GOLDEN_ROWS, matrix, 2);
    CHECK_INT(memcmp(matrix, confusion_2, sizeof confusion_2), 0);
    weir_class_confusion(label_3, predicted_3, GOLDEN_ROWS, matrix, 3);
    CHECK_INT(memcmp(matrix, confusion_3, sizeof confusion_3), 0);
}

static void test_calibration(void)
{
    struct weir_calibration_bin bins[WEIR_CALIBRATION_BINS];
    weir_calibration_diagram(probability_2, GOLDEN_ROWS, 2, label_2, predicted_2, bins);
    diagram_is(bins, calibration_mean, calibration_right, LENGTH(calibration_mean));
    weir_calibration_diagram(probability_3, GOLDEN_ROWS, 3, label_3, predicted_3, bins);
    diagram_is(bins, confidence_mean, confidence_right, LENGTH(confidence_mean));
}

/* In every column of the drawing the whole line and the thinned one have the same ends and the same extent. */
static void test_thinning(void)
{
    enum { POINTS = 20000, COLUMNS = 100 };
    struct weir_curve whole, thin;
    struct weir_random random;
    double x = 0;
    weir_random_init(&random, 1, 1);
    weir_curve_init(&whole, 0, 1, 0);
    weir_curve_init(&thin, 0, 1, COLUMNS);
    for (int i = 0; i < POINTS; i++) {
        double y = weir_random_normal(&random);
        weir_curve_add(&whole, x, y);
        weir_curve_add(&thin, x, y);
        x += weir_random_uniform(&random) < 0.5 ? 0 : 2.0 / POINTS;
    }
    CHECK_INT(weir_curve_end(&whole, NULL), 0);
    CHECK_INT(weir_curve_end(&thin, NULL), 0);
    CHECK_INT((long long)whole.count, POINTS);
    CHECK(thin.count <= 4 * (COLUMNS + 1) && thin.count > COLUMNS);
    size_t w = 0, t = 0;
    while (w < whole.count && t < thin.count) {
        int column = (int)fmin(floor(whole.xs[w] * COLUMNS), COLUMNS);
        double first = whole.ys[w], low = first, high = first, last = first;
        for (; w < whole.count && (int)fmin(floor(whole.xs[w] * COLUMNS), COLUMNS) == column; w++) {
            low = fmin(low, whole.ys[w]);
            high = fmax(high, whole.ys[w]);
            last = whole.ys[w];
        }
        double thin_low = thin.ys[t], thin_high = thin.ys[t], thin_last = thin.ys[t];
        CHECK_NEAR(thin.ys[t], first, 0);
        for (; t < thin.count && (int)fmin(floor(thin.xs[t] * COLUMNS), COLUMNS) == column; t++) {
            thin_low = fmin(thin_low, thin.ys[t]);
            thin_high = fmax(thin_high, thin.ys[t]);
            thin_last = thin.ys[t];
        }
        CHECK_NEAR(thin_low, low, 0);
        CHECK_NEAR(thin_high, high, 0);
        CHECK_NEAR(thin_last, last, 0);
    }
    CHECK_INT((long long)(whole.count - w), 0);
    weir_curve_release(&whole);
    weir_curve_release(&thin);
}

/* The same rows are drawn however they come, each once, and each equally often over many seeds. */
static void draw(uint64_t seed, int64_t rows, int64_t piece, int64_t *places, int64_t wanted)
{
    struct weir_drawn drawn;
    weir_drawn_init(&drawn, wanted, seed);
    for (int64_t first = 0; first < rows; first += piece) {
        int64_t count = weir_drawn_offer(&drawn, rows - first < piece ? rows - first : piece, NULL);
        for (int64_t i = 0; i < count; i++)
            places[drawn.places[i]] = first + drawn.changes[i].row;
    }
    CHECK_INT(drawn.count, rows < wanted ? rows : wanted);
    weir_drawn_release(&drawn);
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void test_drawn(void)
{
    enum { ROWS = 60, WANTED = 10, SEEDS = 3000 };
    int64_t once[WANTED], pieces[WANTED];
    int often[ROWS] = { 0 };
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        draw(seed, ROWS, ROWS, once, WANTED);
        draw(seed, ROWS, 7, pieces, WANTED);
        qsort(once, WANTED, sizeof *once, compare);
        qsort(pieces, WANTED, sizeof *pieces, compare);
        CHECK_INT(memcmp(once, pieces, sizeof once), 0);
        for (int i = 0; i < WANTED; i++) {
            often[once[i]]++;
            CHECK(i == 0 || once[i] > once[i - 1]);
        }
    }
    for (int row = 0; row < ROWS; row++) /* 500 on average, 20 its deviation */
        CHECK(abs(often[row] - SEEDS * WANTED / ROWS) < 100);
    draw(1, 4, 3, once, WANTED);
    CHECK_INT(once[3], 3);
}

static void test_frequent(void)
{
    const int64_t rows[] = { 3, 9, 1, 9, 4, 0 };
    int32_t chosen[6];
    CHECK_INT(weir_choose_frequent(rows, 6, 3, chosen), 3);
    CHECK(chosen[0] == 1 && chosen[1] == 3 && chosen[2] == 4);
    CHECK_INT(weir_choose_frequent(rows, 6, 1, chosen), 1);
    CHECK_INT(chosen[0], 1);
    CHECK_INT(weir_choose_frequent(rows, 2, 6, chosen), 2);
    CHECK_INT(weir_choose_frequent(rows, 0, 6, chosen), 0);
}

int main(void)
{
    test_curves();
    test_one_class();
    test_thresholds();
    test_confusion();
    test_calibration();
    test_thinning();
    test_drawn();
    test_frequent();
    return check_result();
}
