#include "eval/classification.h"
#include <math.h>
#include <string.h>

void weir_class_count(const int32_t *label, const int32_t *predicted, const uint32_t *times, int64_t rows,
                      struct weir_class_counts *counts, int classes)
{
    memset(counts, 0, (size_t)classes * sizeof *counts);
    for (int64_t i = 0; i < rows; i++) {
        double n = times ? times[i] : 1;
        counts[label[i]].support += n;
        counts[predicted[i]].predicted += n;
        if (label[i] == predicted[i])
            counts[label[i]].right += n;
    }
}

void weir_class_confusion(const int32_t *label, const int32_t *predicted, int64_t rows, int64_t *matrix, int classes)
{
    memset(matrix, 0, (size_t)classes * (size_t)classes * sizeof *matrix);
    for (int64_t i = 0; i < rows; i++)
        matrix[(int64_t)label[i] * classes + predicted[i]]++;
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

struct weir_class_score weir_class_score(const struct weir_class_counts *counts)
{
    return (struct weir_class_score){ .precision = share(counts->right, counts->predicted),
                                      .recall = share(counts->right, counts->support),
                                      .f1 = share(2 * counts->right, counts->predicted + counts->support) };
}

struct weir_class_averages weir_class_average(const struct weir_class_counts *counts, int classes)
{
    struct weir_class_averages averages = { 0 };
    struct weir_class_counts sum = { 0 };
    double present = 0;
    for (int c = 0; c < classes; c++) {
        struct weir_class_score score = weir_class_score(&counts[c]);
        double support = counts[c].support;
        sum.support += support;
        sum.predicted += counts[c].predicted;
        sum.right += counts[c].right;
        present += support > 0 || counts[c].predicted > 0;
        averages.macro.precision += score.precision;
        averages.macro.recall += score.recall;
        averages.macro.f1 += score.f1;
        averages.weighted.precision += score.precision * support;
        averages.weighted.recall += score.recall * support;
        averages.weighted.f1 += score.f1 * support;
    }
    averages.micro = weir_class_score(&sum);
    averages.accuracy = sum.support > 0 ? sum.right / sum.support : NAN;
    averages.macro.precision = share(averages.macro.precision, present);
    averages.macro.recall = share(averages.macro.recall, present);
    averages.macro.f1 = share(averages.macro.f1, present);
    averages.weighted.precision = share(averages.weighted.precision, sum.support);
    averages.weighted.recall = share(averages.weighted.recall, sum.support);
    averages.weighted.f1 = share(averages.weighted.f1, sum.support);
    return averages;
}
