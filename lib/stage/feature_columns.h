/* The columns of numbers that a stage makes rows of: scalars, tensors and fixed lists side by side, in the order of the
 * schema that was learned from; found by name ever after.
 *
 * A row in which a value is missing, or NaN, is missing as a whole. One with an infinite number, or one beyond
 * float32's range, is an error, or, in a replay, a reason. */
#ifndef WEIR_STAGE_FEATURE_COLUMNS_H
#define WEIR_STAGE_FEATURE_COLUMNS_H

#include "stage/feature_floats.h"

struct weir_feature_source {
    char *name;
    struct weir_type type; /* as learned */
    int64_t width;         /* numbers a row */
};
struct weir_feature_columns {
    struct weir_feature_source *items;
    size_t count;
    int64_t width; /* of all together */
};

/* Those that the option `chosen` lists (NULL: all with numbers), as weir_choose_columns has it; at least one, and
 * `most` numbers a row at most: WEIR_BAD_DATA otherwise. `columns` is { 0 }, to be released also after an error. */
int weir_feature_columns_choose(struct weir_feature_columns *columns, const struct weir_schema *schema,
                                const json_t *chosen, int64_t most, struct weir_error *error);
void weir_feature_columns_release(struct weir_feature_columns *columns);

/* [{"name": ..., "type": ...}, ...], NULL: out of memory; and back from the state that has it as "columns". */
json_t *weir_feature_columns_to_json(const struct weir_feature_columns *columns);
int weir_feature_columns_from_json(struct weir_feature_columns *columns, const json_t *state, int64_t most,
                                   struct weir_error *error);
/* States that are to be merged must be of the same columns. */
int weir_feature_columns_check_merge(const struct weir_feature_columns *into, const struct weir_feature_columns *from,
                                     struct weir_error *error);

/* The columns in a schema at hand. */
struct weir_feature_bound {
    const struct weir_feature_columns *columns;
    int *index;              /* [count] in the schema */
    struct weir_type *types; /* [count] as they are there */
    char **reasons;          /* [count] "'age' is not a finite number" */
    int64_t rows;            /* of the batches before, for messages */
    int64_t missing;         /* rows of them that were missing */
};
enum weir_feature_fault { WEIR_FEATURE_WHOLE, WEIR_FEATURE_MISSING, WEIR_FEATURE_INFINITE };

/* Columns that are not there are an error that names them all; so is one of another width. `bound` is { 0 }, to be
 * released also after an error. */
int weir_feature_columns_bind(struct weir_feature_bound *bound, const struct weir_feature_columns *columns,
                              const struct weir_schema *schema, struct weir_error *error);
void weir_feature_bound_release(struct weir_feature_bound *bound);

/* Rows first .. first + rows - 1 of a batch as x[rows][width], less center[width] (NULL: nothing); faults[rows]. A row
 * with a fault is all zeros. Returns the number of those. */
int64_t weir_feature_rows(const struct weir_feature_bound *bound, const struct weir_batch *batch, const double *center,
                          int64_t first, int64_t rows, float *x, uint8_t *faults);
/* Looks at the faults[batch->rows] of a batch: counts what is missing; an infinite number is an error, or with
 * `reasons` one of the row's. Counts the rows. */
int weir_feature_judge(struct weir_feature_bound *bound, const struct weir_batch *batch, const uint8_t *faults,
                       struct weir_reasons *reasons, struct weir_error *error);
/* The validity of a column with a null in each row that has a fault: `column` gets it and its null_count. -1: out of
 * memory. */
int weir_feature_nulls(struct weir_column *column, const uint8_t *faults, int64_t rows);
/* "3 columns of 12 numbers, 5 rows with a missing value": for the closing line. */
void weir_feature_summary(const struct weir_feature_bound *bound, struct weir_buffer *out);

#endif
