/* The stage `encode`: categories become one-hot vectors, dates become standardized days.
 *
 *   utf8, dictionary<utf8>     a category column: one slot for each category kept, in the order of values, then one for
 *                              `other`, then one for a missing value when learning saw any
 *   bool                       one number, 0 or 1; missing stays missing
 *   date, time, timestamp      one number, (days - mean) / deviation; missing stays missing
 *
 * Options: "columns" (list; all feature columns of these types when left out), "min-count" (5: categories seen fewer
 * times pool into `other`), "max-categories" (1024: the most frequent ones, ties by value).
 *
 * In the stream the column keeps its name and becomes fixed_list<float32>[width] (a category column; the field's
 * metadata weir:categories names the slots) or float32. A column whose slots would be constant (such as names, all
 * pooled) is removed; the summary says so. */
#ifndef WEIR_STAGE_ENCODE_H
#define WEIR_STAGE_ENCODE_H

#include "stage/stage.h"

enum weir_encode_form {
    WEIR_ENCODE_NOT,      /* not a column of this stage */
    WEIR_ENCODE_REMOVED,  /* a constant: it is taken out of the stream */
    WEIR_ENCODE_CATEGORY, /* codes 0 .. width - 1 */
    WEIR_ENCODE_NUMBER    /* one number: bool, date, time, timestamp */
};

/* What becomes of the column of that name. The stage must be fitted (or restored) and of kind "encode". */
enum weir_encode_form weir_encode_form(const struct weir_stage *stage, const char *name);

/* Numbers a row that the column becomes: the slots of a category column, 1 for a number, 0 for all others. */
int weir_encode_width(const struct weir_stage *stage, const char *name);

/* For a category column: codes[row] is the slot (0 .. width - 1) whose number is 1; all others are 0. Lets a trainer
 * keep codes in memory and expand minibatches. `type` is the column's type as it is in the stream: utf8 or
 * dictionary<utf8>. *unknown (may be NULL) is raised by the number of values that learning had not seen. */
int weir_encode_codes(const struct weir_stage *stage, const char *name, const struct weir_column *column,
                      const struct weir_type *type, int32_t *codes, int64_t *unknown, struct weir_error *error);

#endif
