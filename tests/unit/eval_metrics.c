/* lib/eval against plain references: every pair for the AUC, every threshold for average precision; weights as
 * repeated rows; classes as texts. */
#include "base/random.h"
#include "check.h"
#include "eval/calibration.h"
#include "eval/classes.h"
#include "eval/classification.h"
#include "eval/ranking.h"
#include "eval/regression.h"
#include <stdlib.h>

enum { ROWS = 120, MOST = 400 };

static double auc_by_pairs(const double *score, const int32_t *label, int rows)
{
    double won = 0, pairs = 0;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < rows; j++)
            if (label[i] == 1 && label[j] != 1) {
                won += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
                pairs++;
            }
    return won / pairs;
}

static double precision_by_thresholds(const double *score, const int32_t *label, int rows)
{
    double sum = 0, positives = 0, reached = 0, threshold = INFINITY;
    for (int i = 0; i < rows; i++)
        positives += label[i] == 1;
    for (;;) {
        double next = -INFINITY, right = 0, all = 0;
        for (int i = 0; i < rows; i++)
            if (score[i] < threshold && score[i] > next)
                next = score[i];
        if (next == -INFINITY)
            return sum;
        for (int i = 0; i < rows; i++) {
            all += score[i] >= next;
            right += score[i] >= next && label[i] == 1;
        }
        sum += (right - reached) / positives * (right / all);
        reached = right;
        threshold = next;
    }
}

static void test_ranking(void)
{
    struct weir_random random;
    weir_random_init(&random, 8, 8);
    for (int round = 0; round < 30; round++) {
        double score[2 * ROWS], repeated[MOST];
        int32_t label[ROWS], labels[MOST];
        uint32_t times[ROWS], order[MOST];
        int count = 0;
        for (int i = 0; i < ROWS; i++) {
            label[i] = (int32_t)weir_random_below(&random, 3);
            score[2 * i] = NAN; /* the stride goes past it */
            /* Few scores, so that both kinds share them; in some rounds hardly any is shared. */
            score[2 * i + 1] = floor(weir_random_uniform(&random) * (round % 5 ? 12 : 1e9)) + (label[i] == 1 ? 2 : 0);
            times[i] = (uint32_t)weir_random_below(&random, 4);
            for (uint32_t n = 0; n < times[i]; n++, count++) {
                repeated[count] = score[2 * i + 1];
                labels[count] = label[i];
            }
        }
        double auc, precision, plain[ROWS];
        for (int i = 0; i < ROWS; i++)
            plain[i] = score[2 * i + 1];
        CHECK(weir_ranking_order(score + 1, 2, ROWS, order) == 0);
        weir_ranking_measure(order, ROWS, label, 1, NULL, &auc, &precision);
        CHECK_NEAR(auc, auc_by_pairs(plain, label, ROWS), 1e-12);
        CHECK_NEAR(precision, precision_by_thresholds(plain, label, ROWS), 1e-12);
        weir_ranking_measure(order, ROWS, label, 1, times, &auc, &precision);
        CHECK_NEAR(auc, auc_by_pairs(repeated, labels, count), 1e-12);
        CHECK_NEAR(precision, precision_by_thresholds(repeated, labels, count), 1e-12);
    }
    double auc, precision, score[] = { 0.1, 0.2 };
    uint32_t order[2];
    CHECK(weir_ranking_order(score, 1, 2, order) == 0);
    weir_ranking_measure(order, 2, (int32_t[]){ 1, 1 }, 1, NULL, &auc, &precision);
    CHECK(isnan(auc) && precision == 1);
    weir_ranking_measure(order, 2, (int32_t[]){ 0, 0 }, 1, NULL, &auc, &precision);
    CHECK(isnan(auc) && isnan(precision));
    weir_ranking_measure(order, 2, (int32_t[]){ 0, 1 }, 1, (uint32_t[]){ 0, 0 }, &auc, &precision);
    CHECK(isnan(auc) && isnan(precision));
}

static void test_classes(void)
{
    /* label 0 0 0 1 1 2, predicted 0 0 1 1 1 0; class 3 occurs nowhere and is in no average. */
    const int32_t label[] = { 0, 0, 0, 1, 1, 2 }, predicted[] = { 0, 0, 1, 1, 1, 0 };
    struct weir_class_counts counts[4];
    weir_class_count(label, predicted, NULL, 6, counts, 4);
    CHECK(counts[0].support == 3 && counts[0].predicted == 3 && counts[0].right == 2);
    struct weir_class_averages averages = weir_class_average(counts, 4);
    CHECK_NEAR(averages.accuracy, 4.0 / 6, 1e-15);
    CHECK_NEAR(averages.macro.precision, (2.0 / 3 + 2.0 / 3 + 0) / 3, 1e-15);
    CHECK_NEAR(averages.macro.recall, (2.0 / 3 + 1 + 0) / 3, 1e-15);
    CHECK_NEAR(averages.weighted.f1, (3 * 2.0 / 3 + 2 * 0.8 + 0) / 6, 1e-15);
    CHECK_NEAR(averages.micro.f1, 4.0 / 6, 1e-15);
    weir_class_count(label, predicted, (uint32_t[]){ 0, 0, 0, 0, 0, 0 }, 6, counts, 4);
    CHECK(isnan(weir_class_average(counts, 4).accuracy));
    int64_t matrix[16];
    weir_class_confusion(label, predicted, 6, matrix, 4);
    CHECK(matrix[0] == 2 && matrix[1] == 1 && matrix[5] == 2 && matrix[8] == 1 && matrix[15] == 0);

    struct weir_calibration none = weir_calibration_measure(NULL, 0, 2, NULL, NULL, NULL);
    CHECK(isnan(none.log_loss) && isnan(none.brier) && isnan(none.error));
    const double sure[] = { 0, 1, 1, 0, 0, 1 };
    struct weir_calibration wrong =
        weir_calibration_measure(sure, 3, 2, (int32_t[]){ 1, 0, 0 }, (int32_t[]){ 1, 0, 1 }, NULL);
    CHECK_NEAR(wrong.log_loss, (-log(0x1p-52) - 2 * log(1 - 0x1p-52)) / 3, 1e-12);
    CHECK_NEAR(wrong.brier, 1.0 / 3, 1e-15);
    CHECK_NEAR(wrong.error, 1.0 / 3, 1e-15);
}

static void test_numbers(void)
{
    struct weir_regression_errors one = weir_regression_measure((double[]){ 1 }, (double[]){ 2 }, NULL, 1);
    CHECK(one.mse == 1 && isnan(one.r2));
    struct weir_regression_errors flat = weir_regression_measure((double[]){ 1, 1 }, (double[]){ 1, 1 }, NULL, 2);
    CHECK(flat.mse == 0 && flat.r2 == 1);
    flat = weir_regression_measure((double[]){ 1, 1 }, (double[]){ 1, 2 }, NULL, 2);
    CHECK(flat.r2 == 0);
    struct weir_regression_errors weighted =
        weir_regression_measure((double[]){ 1, 5, 9 }, (double[]){ 1, 6, 0 }, (uint32_t[]){ 1, 3, 0 }, 3);
    CHECK_NEAR(weighted.mse, 0.75, 1e-15);
    CHECK_NEAR(weighted.r2, 1 - 3.0 / 12, 1e-15);
    CHECK(isnan(weir_regression_measure((double[]){ 1 }, (double[]){ 2 }, (uint32_t[]){ 0 }, 1).mse));
}

static void test_texts(void)
{
    struct weir_classes classes = { 0 };
    struct weir_error error = { 0 };
    int32_t order[2000];
    char text[16];
    for (int i = 0; i < 2000; i++) {
        int length = snprintf(text, sizeof text, "%d", 1999 - i);
        CHECK_INT(weir_classes_add(&classes, text, (size_t)length), i);
    }
    CHECK_INT(weir_classes_add(&classes, "1990", 4), 9);
    CHECK(weir_classes_sort(&classes, 0, true, order) == 0);
    CHECK_TEXT(classes.names[10], "10");
    CHECK_INT(order[9], 1990);
    CHECK_INT(weir_classes_add(&classes, "1990", 4), 1990);
    weir_classes_release(&classes);

    CHECK(weir_classes_read(&classes, "[\"b\", \"a\", \"\"]", &error) == 0);
    CHECK_INT(weir_classes_add(&classes, "z", 1), 3);
    CHECK_INT(weir_classes_add(&classes, "y", 1), 4);
    CHECK(weir_classes_sort(&classes, 3, false, order) == 0); /* the first three stay */
    CHECK_TEXT(classes.names[0], "b");
    CHECK_TEXT(classes.names[3], "y");
    CHECK(order[0] == 0 && order[3] == 4 && order[4] == 3);
    weir_classes_release(&classes);
    static const char *const bad[] = { "", "{}", "[1]", "[\"a\", \"a\"]", "[\"a\"", "null", "[[]]" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(weir_classes_read(&classes, bad[i], &error) == -1);
        weir_classes_release(&classes);
    }
}

int main(void)
{
    test_ranking();
    test_classes();
    test_numbers();
    test_texts();
    return check_result();
}
