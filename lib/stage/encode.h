/* The stage `encode`: text, whole numbers, dates and times become numbers that a model can take.
 *
 * A column's form follows from the option "method", a list of METHOD (for every column) and COLUMN=METHOD:
 *
 *   (none)     text: as onehot; date, time, timestamp: one number, (days - mean) / deviation; bool: 0 or 1
 *   onehot     one slot for each category kept, in the order of values, then one for `other`, then one for a missing
 *              value when learning saw any; the slot of the row's value is 1, all others 0
 *   ordinal    the place of the value in the order of values or in "order", from 0; -1 for any other; missing stays so
 *   frequency  the share of learning's rows that have the value, a missing one counted as a value; 0 for any other
 *   hash       "width" slots, all 0 but slot h mod width, which is 1 - 2 (h >> 63), where h is the 64 bits of XXH3
 *              (seed 0) of the value's text; a missing value is all 0 (K. Weinberger and others, "Feature hashing
 *              for large scale multitask learning", ICML 2009). Nothing is learned.
 *   target     the mean of the label over the rows with the value, drawn to the mean of all: (sum + m mean) /
 *              (n + m) with m "smoothing" (D. Micci-Barreca, "A preprocessing scheme for high-cardinality categorical
 *              attributes", SIGKDD Explorations 3, 2001). A label of numbers gives one mean, of two classes the
 *              share of the second, of more the share of each. The rows that were learned from get what the rows of
 *              the other folds say, row r being in fold r mod "folds": its own label is in no number that a row
 *              gets.
 *   cyclic     sin and cos of 2 pi x / period for each of "parts": a day's hours (with their fraction, 24), the
 *              weekday (Monday 0, 7), the day of the month (from 0, days of that month), the month (from 0, 12),
 *              the day of the year (from 0, 365 or 366); in UTC; missing stays missing. Nothing is learned.
 *
 * Categories are the values seen "min-count" (5) times or more, at most "max-categories" of them, the most frequent
 * ones, ties by value; all others are `other`. Options: "method", "column", "min-count", "max-categories", "order",
 * "width", "smoothing", "folds", "parts".
 *
 * In the stream the column keeps its name and becomes float32, or fixed_list<float32>[width], whose slots the field's
 * metadata weir:categories names. A column that would be constant (such as names, all pooled) is removed; the summary
 * says so. */
#ifndef WEIR_STAGE_ENCODE_H
#define WEIR_STAGE_ENCODE_H

#include "stage/stage.h"

enum weir_encode_form {
    WEIR_ENCODE_NOT,      /* not a column of this stage */
    WEIR_ENCODE_REMOVED,  /* a constant: it is taken out of the stream */
    WEIR_ENCODE_CATEGORY, /* one-hot: codes 0 .. width - 1 */
    WEIR_ENCODE_NUMBER,   /* one number: bool, date, time, timestamp */
    WEIR_ENCODE_ORDINAL,
    WEIR_ENCODE_FREQUENCY,
    WEIR_ENCODE_HASH,
    WEIR_ENCODE_TARGET,
    WEIR_ENCODE_CYCLIC,
    WEIR_ENCODE_FORMS
};

/* What becomes of the column of that name. The stage must be fitted (or restored) and of kind "encode". Of these three,
 * `from` is where among the stage's columns, which stand in the order of the stream, the name is sought first: its
 * place when it is known, else 0. */
enum weir_encode_form weir_encode_form(const struct weir_stage *stage, const char *name, size_t from);

/* Numbers a row that the column becomes; 0 when it is removed or none of this stage. */
int weir_encode_width(const struct weir_stage *stage, const char *name, size_t from);

/* For a one-hot column: codes[row] is the slot (0 .. width - 1) whose number is 1; all others are 0. Lets a trainer
 * keep codes in memory and expand minibatches. `type` is the column's type as it is in the stream: utf8 or
 * dictionary<utf8>. *unknown (may be NULL) is raised by the number of values that learning had not kept. */
int weir_encode_codes(const struct weir_stage *stage, const char *name, size_t from, const struct weir_column *column,
                      const struct weir_type *type, int32_t *codes, int64_t *unknown, struct weir_error *error);

#endif
