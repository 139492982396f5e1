/* Values as numbered texts: the classes of a label, or the values of a column by which results are sliced. */
#ifndef WEIR_EVAL_CLASSES_H
#define WEIR_EVAL_CLASSES_H

#include "stream/batch.h"

/* Starts as { 0 }; numbers are given from 0 on in the order in which values come. */
struct weir_classes {
    char **names; /* owned */
    size_t *lengths;
    int count;
    size_t names_capacity, lengths_capacity;
    int32_t *slots; /* hash table of numbers, -1: empty */
    size_t mask;
};
void weir_classes_release(struct weir_classes *classes); /* back to { 0 } */

/* The number of the text, a new one when it is not there yet; -1 when out of memory. */
int32_t weir_classes_add(struct weir_classes *classes, const char *text, size_t length);

/* The numbers of a column's values (as weir_value_text writes them) in out[rows], -1 for a null. wanted[rows]: of other
 * rows the value gets no number, and out has -1; NULL: all are. What is no single value (lists, structs, tensors) is
 * refused, as are more than `most` different values: -1 with the message, which names the column `name`. */
int weir_classes_of(struct weir_classes *classes, const struct weir_column *column, const struct weir_type *type,
                    const bool *wanted, const char *name, int most, int32_t *out, struct weir_error *error);

/* Orders the classes by value from number `from` on (numbers by size when `numeric`, else bytes): order[old] is the new
 * number; room for `count`. */
int weir_classes_sort(struct weir_classes *classes, int from, bool numeric, int32_t *order);

/* The names in a JSON array of texts, in that order. */
int weir_classes_read(struct weir_classes *classes, const char *json, struct weir_error *error);

#endif
