/* Features: the columns that a model reads, and how a row of them becomes numbers: `width` of them, columns side by
 * side in the model's order (feature_rows.h).
 *
 * Scalars give one number each, tensors and fixed lists their elements in order, encoded columns (one-hot) their slots,
 * sparse rows (stream/sparse.h) the places that their weir:width says.
 * Columns are found by name; types must be those of training, or convert without loss (int32 for int64, uint8 ...). A
 * missing value is no number: the row is flagged. */
#ifndef WEIR_MODEL_FEATURES_H
#define WEIR_MODEL_FEATURES_H

#include "stage/feature_floats.h"

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

/* To and from JSON: [{"name": "age", "type": "float32", "width": 1}, ...] */
json_t *weir_features_to_json(const struct weir_feature_list *features);
int weir_features_from_json(struct weir_feature_list *features, const json_t *json, struct weir_error *error);

/* Finds the columns in a schema: index[features->count]. Missing ones are an error that names them all. */
int weir_features_bind(const struct weir_feature_list *features, const struct weir_schema *schema, int *index,
                       struct weir_error *error);

/* The first sparse column's name, NULL when there is none. */
const char *weir_features_sparse_name(const struct weir_feature_list *features);

#endif
