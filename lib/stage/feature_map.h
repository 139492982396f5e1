/* Rows of numbers to fewer of them by a matrix: what principal components and random projections have in common. The
 * columns become one of type fixed_list<float32>. */
#ifndef WEIR_STAGE_FEATURE_MAP_H
#define WEIR_STAGE_FEATURE_MAP_H

#include "stage/feature_columns.h"

/* y = matrix (x - center), matrix [outputs][columns.width], center [columns.width] or NULL: what a fixed stage has, and
 * its bindings borrow. */
struct weir_feature_map {
    struct weir_feature_columns columns;
    int64_t outputs;
    double *center;
    float *matrix;
    const char *into; /* the option, or NULL: the columns go, and `name` comes */
    const char *name;
};
void weir_feature_map_release(struct weir_feature_map *map); /* `into` and `name` stay */

/* Finds the columns, makes binding->out. `bound` ({ 0 }) is to be released also after an error. Threads share the work
 * unless it is a replay, where others do. */
struct weir_feature_mapping;
int weir_feature_map_bind(struct weir_feature_mapping **mapping, const struct weir_feature_map *map,
                          struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error);
int weir_feature_map_apply(struct weir_feature_mapping *mapping, const struct weir_batch *in, struct weir_batch *out,
                           struct weir_reasons *reasons, struct weir_error *error);
void weir_feature_map_unbind(struct weir_feature_mapping *mapping); /* NULL is accepted */
void weir_feature_map_summary(const struct weir_feature_mapping *mapping, struct weir_buffer *out);

#endif
