/* What a model said beside what was true: the rows of a scored stream, as metrics need them. */
#ifndef WEIR_EVAL_PREDICTIONS_H
#define WEIR_EVAL_PREDICTIONS_H

#include "eval/classes.h"

enum weir_evaluation_task { WEIR_EVALUATE_AS_FOUND, WEIR_EVALUATE_CLASSES, WEIR_EVALUATE_NUMBERS };

/* A column by which results are sliced. */
struct weir_slicing {
    char *name; /* owned */
    int column;
    struct weir_classes values;
    int32_t *slices; /* [rows]: number of the value, -1: missing */
};

/* Only rows with a label and a prediction are kept: 8 bytes a row and 8 more for each class with a probability
 * (classes), or 16 (numbers), and 4 for each slicing. Starts as { 0 }. */
struct weir_predictions {
    bool numbers; /* regression */
    int64_t rows; /* kept */
    int64_t read, unlabelled, unpredicted;
    int64_t strange; /* kept, with a label that is none of the model's classes */
    /* Classification. */
    struct weir_classes classes; /* the model's, in its order, then labels that it does not know */
    int known;                   /* how many are the model's */
    int32_t *label, *predicted;  /* [rows]: class numbers */
    int width;                   /* probabilities a row (known), 0: there are none */
    double *probability;         /* [rows][width] */
    /* Regression. */
    double *actual, *estimate; /* [rows] */
    struct weir_slicing *slicings;
    int slicing_count;
    struct weir_predictions_private *private_part;
};

/* The label is the first column of that role; `prediction` and `probability` are found by name. Without a probability
 * column, predictions of a float type are numbers, those of an integer type are numbers when the labels have more than
 * 100 values, all others are classes; a task other than AS_FOUND decides. `slicings`: names of columns. */
int weir_predictions_begin(struct weir_predictions *predictions, const struct weir_schema *schema,
                           enum weir_evaluation_task task, char *const *slicings, size_t slicing_count,
                           struct weir_error *error);
int weir_predictions_add(struct weir_predictions *predictions, const struct weir_batch *batch,
                         struct weir_error *error);
/* After the last batch: decides what was left open, puts the classes in order. An error when no row was kept. */
int weir_predictions_end(struct weir_predictions *predictions, struct weir_error *error);
/* Some rows, rows[count], as predictions of their own, which borrow the classes of `from`. */
int weir_predictions_slice(struct weir_predictions *slice, const struct weir_predictions *from, const uint32_t *rows,
                           int64_t count, struct weir_error *error);
/* of_slice: the classes are borrowed. */
void weir_predictions_release(struct weir_predictions *predictions, bool of_slice);

#endif
