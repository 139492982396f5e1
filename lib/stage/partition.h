/* Dividing rows into parts: by chance with exact shares (in all, or in each class), or by the hash of a key. */
#ifndef WEIR_STAGE_PARTITION_H
#define WEIR_STAGE_PARTITION_H

#include "stream/batch.h"

enum { WEIR_MOST_PARTS = 256 };

enum weir_partition_by {
    WEIR_BY_ROW,   /* shares as exact as whole rows allow, whatever the number of rows */
    WEIR_BY_CLASS, /* the same within each combination of values of the columns */
    WEIR_BY_KEY,   /* equal values of the columns, equal part, in this run and every other with the seed */
};

struct weir_partition_options {
    enum weir_partition_by by;
    const int *columns; /* [column_count] of the schema, for a class or a key */
    int column_count;
    const double *shares; /* [parts], each > 0, their sum at most 1; what is left over goes to no part */
    int parts;
    uint64_t seed;
    /* [parts]: true of those that take no row that was made of another (weir_made_column says which were); NULL: all
     * take them. */
    const bool *held_out;
};

struct weir_partition;
/* schema must outlive it; the rest is copied. */
int weir_partition_new(struct weir_partition **partition, const struct weir_schema *schema,
                       const struct weir_partition_options *options, struct weir_error *error);
/* part[rows]: 0 .. parts - 1, or `parts` for a row that goes to no part. Rows must come in the order of the stream; the
 * result does not depend on how they are batched. */
int weir_partition_rows(struct weir_partition *partition, const struct weir_batch *batch, uint16_t *part,
                        struct weir_error *error);
/* Made rows so far that would have gone to a part that is held out, and went to none. */
int64_t weir_partition_left_out(const struct weir_partition *partition);
void weir_partition_free(struct weir_partition *partition); /* NULL is accepted */

#endif
