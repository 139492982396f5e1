/* Precision, recall and F1 from counted predictions. Names and rules are those of scikit-learn: a share of nothing is
 * 0, averages go over the classes that occur as a label or as a prediction. */
#ifndef WEIR_EVAL_CLASSIFICATION_H
#define WEIR_EVAL_CLASSIFICATION_H

#include <stdint.h>

struct weir_class_counts {
    double support;   /* rows with this label */
    double predicted; /* rows with this prediction */
    double right;     /* rows with both */
};

struct weir_class_score {
    double precision, recall, f1;
};

struct weir_class_averages {
    double accuracy;
    struct weir_class_score macro, micro, weighted;
};

/* counts[classes] over rows: times[rows] says how often each row counts (NULL: once). */
void weir_class_count(const int32_t *label, const int32_t *predicted, const uint32_t *times, int64_t rows,
                      struct weir_class_counts *counts, int classes);
/* matrix[classes][classes]: row = label, column = prediction. */
void weir_class_confusion(const int32_t *label, const int32_t *predicted, int64_t rows, int64_t *matrix, int classes);

struct weir_class_score weir_class_score(const struct weir_class_counts *counts);
struct weir_class_averages weir_class_average(const struct weir_class_counts *counts, int classes);

#endif
