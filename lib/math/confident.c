#include "math/confident.h"
#include "base/memory.h"
#include "math/sort.h"
#include <math.h>
#include <stdlib.h>

static int most_probable(const float *p, int classes)
{
    int best = 0;
    for (int j = 1; j < classes; j++)
        if (p[j] > p[best])
            best = j;
    return best;
}

static void find_thresholds(const int32_t *label, const float *probability, int64_t rows, int classes,
                            double *thresholds, int64_t *support)
{
    for (int j = 0; j < classes; j++) {
        thresholds[j] = 0;
        support[j] = 0;
    }
    for (int64_t r = 0; r < rows; r++)
        if (label[r] >= 0) {
            thresholds[label[r]] += (double)probability[r * classes + label[r]];
            support[label[r]]++;
        }
    for (int j = 0; j < classes; j++)
        thresholds[j] = support[j] ? thresholds[j] / (double)support[j] : NAN;
}

static void count_joint(const int32_t *label, const float *probability, int64_t rows, int classes,
                        const double *thresholds, int64_t *joint)
{
    const double rounding = 1e-6; /* a class whose rows all have one probability reaches its own mean */
    for (int64_t i = 0; i < (int64_t)classes * classes; i++)
        joint[i] = 0;
    for (int64_t r = 0; r < rows; r++) {
        const float *p = probability + r * classes;
        int reached = 0, class = 0;
        for (int j = 0; label[r] >= 0 && j < classes; j++)
            if ((double)p[j] >= thresholds[j] - rounding && reached++ == 0)
                class = j;
        if (reached)
            joint[(int64_t)label[r] * classes + (reached > 1 ? most_probable(p, classes) : class)]++;
    }
}

/* A row's counts brought to the sum `rows`, whole numbers by the largest remainders. remainders[classes]: scratch. */
static void calibrate(int64_t *counts, int classes, int64_t rows, double *remainders)
{
    double sum = 0;
    for (int j = 0; j < classes; j++)
        sum += (double)counts[j];
    int64_t left = rows;
    for (int j = 0; j < classes; j++) {
        double wanted = (double)counts[j] / sum * (double)rows;
        counts[j] = (int64_t)floor(wanted);
        remainders[j] = wanted - floor(wanted);
        left -= counts[j];
    }
    for (; left > 0; left--) {
        int best = 0;
        for (int j = 1; j < classes; j++)
            if (remainders[j] > remainders[best])
                best = j;
        counts[best]++;
        remainders[best] = -1;
    }
}

/* The rows of one label, by their margins for another. */
static void mark_largest(const float *probability, int classes, int32_t i, int32_t j, int64_t wanted,
                         const int64_t *index, int64_t count, struct weir_keyed *items, int32_t *suspect)
{
    for (int64_t k = 0; k < count; k++) {
        const float *p = probability + index[k] * classes;
        items[k] = (struct weir_keyed){ weir_key((double)p[i] - (double)p[j]), (uint64_t)index[k] };
    }
    weir_sort_keyed(items, items + count, (size_t)count);
    for (int64_t k = 0; k < count && (k < wanted || items[k].key == items[wanted - 1].key); k++) {
        int64_t row = (int64_t)items[k].item;
        const float *p = probability + row * classes;
        if (most_probable(p, classes) != i && (suspect[row] < 0 || p[j] > p[suspect[row]]))
            suspect[row] = j;
    }
}

int weir_confident_find(const int32_t *label, const float *probability, int64_t rows, int classes, double *thresholds,
                        int64_t *joint, int32_t *suspect, struct weir_error *error)
{
    int64_t *support = weir_allocate((size_t)classes, sizeof *support);
    double *remainders = weir_allocate((size_t)classes, sizeof *remainders);
    int64_t *index = weir_allocate((size_t)rows, sizeof *index);
    struct weir_keyed *items = weir_allocate((size_t)rows, 2 * sizeof *items);
    int result = support && remainders && index && items ? 0 : weir_fail_memory(error);
    for (int64_t r = 0; result == 0 && r < rows; r++)
        suspect[r] = -1;
    if (result == 0) {
        find_thresholds(label, probability, rows, classes, thresholds, support);
        count_joint(label, probability, rows, classes, thresholds, joint);
    }
    for (int32_t i = 0; result == 0 && i < classes; i++) {
        int64_t *counts = joint + (int64_t)i * classes, count = 0;
        if (counts[i] == 0 && support[i])
            counts[i] = 1; /* a class of which no row is sure still has rows */
        if (support[i])
            calibrate(counts, classes, support[i], remainders);
        for (int64_t r = 0; r < rows; r++)
            if (label[r] == i)
                index[count++] = r;
        for (int32_t j = 0; j < classes; j++)
            if (j != i && counts[j] > 0)
                mark_largest(probability, classes, i, j, counts[j], index, count, items, suspect);
    }
    free(support);
    free(remainders);
    free(index);
    free(items);
    return result;
}

double weir_confident_quality(const float *probability, int classes, int32_t label)
{
    float other = 0;
    for (int j = 0; j < classes; j++)
        if (j != label && probability[j] > other)
            other = probability[j];
    return (1 + (double)probability[label] - (double)other) / 2;
}
