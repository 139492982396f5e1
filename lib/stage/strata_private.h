/* Within lib/stage: the classes of rows by the values that they have in some columns. */
#ifndef WEIR_STAGE_STRATA_PRIVATE_H
#define WEIR_STAGE_STRATA_PRIVATE_H

#include "stream/batch.h"

struct weir_stratum_slot {
    uint64_t hash;
    uint32_t index; /* + 1; 0: the slot is free */
};

/* Starts with weir_strata_init. Equal values, equal class, whatever the column's type and however it is coded; a
 * missing value is a value like any other. */
struct weir_strata {
    const struct weir_schema *schema;
    int *columns;
    int column_count;
    struct weir_stratum_slot *slots; /* a table with linear probing, at most half full */
    size_t slot_count;
    int shift;         /* 64 less the bits that number a slot */
    uint64_t multiply; /* odd, drawn anew each run, so that nobody can make classes that meet in a slot */
    uint64_t *hashes;  /* [count], in the order in which the classes came */
    size_t count, capacity;
};

/* columns[column_count] are copied, schema must outlive it. Without columns all rows are one class. */
int weir_strata_init(struct weir_strata *strata, const struct weir_schema *schema, const int *columns, int column_count,
                     struct weir_error *error);
void weir_strata_release(struct weir_strata *strata); /* back to { 0 } */
/* Of the values of the row; the seed of a class is 0. */
uint64_t weir_strata_hash(const struct weir_strata *strata, const struct weir_batch *batch, int64_t row, uint64_t seed);
/* The index of the class; -1: not there. */
int64_t weir_strata_find(const struct weir_strata *strata, uint64_t hash);
/* The same; one that is not there gets the index `count`. -1: the message, also when there would be more than
 * 1,048,576. */
int64_t weir_strata_add(struct weir_strata *strata, uint64_t hash, struct weir_error *error);

#endif
