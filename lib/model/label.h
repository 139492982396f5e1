/* The label: its values as they come, then what they mean: classes in the order of values, or numbers. */
#ifndef WEIR_MODEL_LABEL_H
#define WEIR_MODEL_LABEL_H

#include "model/intern.h"
#include "model/model.h"

/* Whole numbers of up to this many different values are classes, when nothing else was asked for. */
enum { WEIR_INTEGER_CLASSES = 100 };

struct weir_label {
    char *name;
    struct weir_type type; /* of the values: a dictionary's are those of its entries */
    int64_t *values;       /* [rows]: whole numbers, the bits of a double, or numbers of `texts` */
    size_t rows, capacity;
    struct weir_intern texts;
    int32_t *codes; /* a dictionary's entries in `texts`, for the batch at hand */
    size_t code_capacity;
};

/* 0, or -1 when a column of this type cannot be a label. `label` is { 0 }. */
int weir_label_init(struct weir_label *label, const struct weir_field *field, struct weir_error *error);
/* Appends the values of the rows that have one. present[rows] becomes 1 for those, 0 for others. stream_row: number of
 * the batch's first row, for messages. */
int weir_label_add(struct weir_label *label, const struct weir_column *column, const struct weir_type *type,
                   int64_t stream_row, uint8_t *present, struct weir_error *error);
/* What the values ask for: text, bool and whole numbers of up to 100 values are classes, other numbers are not. */
enum weir_task weir_label_task(const struct weir_label *label);
/* Fills model->classes, class_count; classes[rows]: 0-based, owned by the caller. An error for fewer than two. */
int weir_label_classes(const struct weir_label *label, struct weir_model *model, int32_t **classes,
                       struct weir_error *error);
/* A value as it stands in `values`, of a label that is a number. */
double weir_label_number(const struct weir_label *label, int64_t value);
/* targets[rows], owned by the caller. An error when the label is no number. */
int weir_label_targets(const struct weir_label *label, double **targets, struct weir_error *error);
void weir_label_release(struct weir_label *label);

#endif
