/* Features: the columns that a model reads, and how a row of them becomes numbers: `width` of them, columns side by
 * side in the model's order (feature_rows.h).
 *
 * Scalars give one number each, tensors and fixed lists their elements in order, encoded columns (one-hot) their slots,
 * sparse rows (stream/sparse.h) the places that their weir:width says.
 * Columns are found by name; types must be those of training, or convert without loss (int32 for int64, uint8 ...). A
 * missing value is no number: the row is flagged. */
#ifndef WEIR_MODEL_FEATURES_H
#define WEIR_MODEL_FEATURES_H

#include "math/vector.h"
#include "stage/stage.h"
#include <math.h>

struct weir_feature_column {
    char *name;
    struct weir_type type; /* as in the stream after the plan */
    int64_t width;         /* numbers a row */
    bool sparse;           /* its rows name only some of them; the others are 0 */
    char *missing;         /* the reasons that rows get: "'age' is missing", "'age' is not a number"; owned */
    char *not_finite;
};
struct weir_feature_list {
    struct weir_feature_column *columns;
    size_t count, capacity;
    int64_t width;       /* of all together */
    size_t sparse_count; /* columns that are sparse */
};

/* All columns of the schema whose role is feature and whose type gives numbers; text and other types that nothing has
 * encoded are an error that names column and type. */
int weir_features_from_schema(struct weir_feature_list *features, const struct weir_schema *schema,
                              struct weir_error *error);
void weir_features_release(struct weir_feature_list *features);

/* Numbers a row that a dense column of the type gives: 1 for a number or bool, the elements of a tensor or fixed list
 * of such, 0 when it gives none. */
int64_t weir_feature_width(const struct weir_type *type);

/* One column's rows first .. first + rows - 1 as floats, `stride` from one row to the next: x[r * stride + i]. `type`
 * is the column's own, with a feature width above 0. What stands under a null is left as it comes. */
void weir_feature_floats(const struct weir_column *column, const struct weir_type *type, int64_t first, int64_t rows,
                         float *x, int64_t stride);
/* No number of one value, x[width], is NaN or infinite. */
static inline bool weir_feature_is_finite(const float *x, int64_t width)
{
    return width == 1 ? isfinite(*x) : weir_vector_is_finite(x, width);
}
/* True when the value of that row, or an element of it, is missing. */
bool weir_feature_missing(const struct weir_column *column, const struct weir_type *type, int64_t row);

/* To and from JSON: [{"name": "age", "type": "float32", "width": 1}, ...] */
json_t *weir_features_to_json(const struct weir_feature_list *features);
int weir_features_from_json(struct weir_feature_list *features, const json_t *json, struct weir_error *error);

/* Finds the columns in a schema: index[features->count]. Missing ones are an error that names them all. */
int weir_features_bind(const struct weir_feature_list *features, const struct weir_schema *schema, int *index,
                       struct weir_error *error);

/* The first sparse column's name, NULL when there is none. */
const char *weir_features_sparse_name(const struct weir_feature_list *features);

#endif
