/* Moments: the values of a column that says when, and spans between them. */
#ifndef WEIR_STAGE_MOMENT_H
#define WEIR_STAGE_MOMENT_H

#include "stream/batch.h"

/* Dates, times, timestamps, durations and plain numbers (float16 is none). */
bool weir_is_moment(const struct weir_type *type);
/* False: the row has none (null, NaN). */
bool weir_has_moment(const struct weir_column *column, enum weir_kind kind, int64_t row);
/* Whole numbers as they are; uint64 and floating-point numbers as keys of the same order. */
int64_t weir_moment(const struct weir_column *column, enum weir_kind kind, int64_t row);

/* How many units of the column's type a second has; 0: it is not counted in seconds. */
double weir_units_a_second(const struct weir_type *type);
/* The seconds that a letter behind a number stands for: s, m, h, d or w; 0: none of them. */
double weir_span_seconds(char letter);

#endif
