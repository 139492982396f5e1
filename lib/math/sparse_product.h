/* Products of a sparse matrix with a few dense columns. */
#ifndef WEIR_MATH_SPARSE_PRODUCT_H
#define WEIR_MATH_SPARSE_PRODUCT_H

#include <stdint.h>

/* A number that is not 0 and its place in the row. */
struct weir_entry {
    uint32_t index;
    float value;
};

/* Row r has entries[offsets[r]] .. entries[offsets[r + 1] - 1]. */
struct weir_sparse_matrix {
    int64_t rows;
    const int64_t *offsets; /* [rows + 1] */
    const struct weir_entry *entries;
};

/* y[r - first][k] = sum over the row's entries of value x[index][k], for rows first .. end - 1; x is [places][width], y
 * [end - first][width], all in double. The order of a sum follows from the number of entries, k and width. */
void weir_sparse_product(const struct weir_sparse_matrix *matrix, int64_t first, int64_t end, const double *x,
                         int64_t width, double *y);
/* The same with the squares of the values. */
void weir_sparse_product_squares(const struct weir_sparse_matrix *matrix, int64_t first, int64_t end, const double *x,
                                 int64_t width, double *y);

#endif
