/* Rows of features, read from batches: dense, x[rows][width], or as entries, which a row has for what is not 0.
 *
 * Entries are for models whose work goes with what a row names (linear and logistic regression on sparse columns);
 * there dense columns give entries too. A list of features with a sparse column can only be read so. */
#ifndef WEIR_MODEL_FEATURE_ROWS_H
#define WEIR_MODEL_FEATURE_ROWS_H

#include "math/sparse_product.h"
#include "model/features.h"

struct weir_feature_rows {
    bool sparse;
    int64_t rows;
    float *x;                   /* dense: [rows][width] */
    struct weir_entry *entries; /* sparse: row r has offsets[r] .. offsets[r + 1] - 1, their indices ascending */
    int64_t *offsets;           /* [rows + 1] */
    size_t x_capacity, entry_capacity, offset_capacity;
};

/* Starts as { .sparse = ... }. */
void weir_feature_rows_clear(struct weir_feature_rows *rows);
void weir_feature_rows_release(struct weir_feature_rows *rows);

/* Appends rows first .. first + count - 1 of a batch. A row with a missing feature gets the reason "'age' is missing"
 * in reasons and zeros; reasons->reasons[0] belongs to row `first`. reasons may be NULL: then it is an error that names
 * the column and the row, whose number is counted from `number` for the row `first`. Texts given as reasons live as
 * long as `features`. A number that is not finite (NaN, infinity) counts likewise: "'age' is not a number". */
int weir_feature_rows_add(struct weir_feature_rows *to, const struct weir_feature_list *features, const int *index,
                          const struct weir_schema *schema, const struct weir_batch *batch, int64_t first,
                          int64_t count, int64_t number, struct weir_reasons *reasons, struct weir_error *error);

#endif
