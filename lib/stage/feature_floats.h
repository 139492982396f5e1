/* The values of columns as floats, side by side in rows: what models read, and what the numeric features are made of.
 */
#ifndef WEIR_STAGE_FEATURE_FLOATS_H
#define WEIR_STAGE_FEATURE_FLOATS_H

#include "math/vector.h"
#include "stage/stage.h"
#include <math.h>

/* Numbers a row that a column of the type gives: 1 for a number or bool, the elements of a tensor or fixed list of
 * such, 0 when it gives none. */
int64_t weir_feature_width(const struct weir_type *type);

/* One column's rows first .. first + rows - 1 as floats, `stride` from one row to the next: x[r * stride + i]. `type`
 * is the column's own, with a feature width above 0. What stands under a null is left as it comes. */
void weir_feature_floats(const struct weir_column *column, const struct weir_type *type, int64_t first, int64_t rows,
                         float *x, int64_t stride);
/* The same with a number of their own taken off the elements, in double: x[r * stride + i] = value - center[i]. NULL:
 * nothing is taken off. */
void weir_feature_deviations(const struct weir_column *column, const struct weir_type *type, const double *center,
                             int64_t first, int64_t rows, float *x, int64_t stride);
/* No number of one value, x[width], is NaN or infinite. */
static inline bool weir_feature_is_finite(const float *x, int64_t width)
{
    return width == 1 ? isfinite(*x) : weir_vector_is_finite(x, width);
}
/* True when the value of that row, or an element of it, is missing. */
bool weir_feature_missing(const struct weir_column *column, const struct weir_type *type, int64_t row);

#endif
