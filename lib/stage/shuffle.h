/* A random order of rows in bounded memory.
 *
 * Row t of the input gets the key Philox(seed, t), and the output is the input sorted by key: every order is equally
 * likely, and it depends on the seed and the rows' numbers alone, not on batches or memory. What does not fit into
 * memory is dealt by the first bits of its key to 256 temporary files, each of which is then sorted in memory (or dealt
 * again by the next bits), which is the two-pass shuffle of Rao (Sankhya 23, 1961) and Sandelius (J. R. Stat. Soc. B
 * 24, 1962). */
#ifndef WEIR_STAGE_SHUFFLE_H
#define WEIR_STAGE_SHUFFLE_H

#include "stream/batch.h"

struct weir_shuffle;

/* memory: about how many bytes may be used (at least 1 MiB are). The schema is copied. */
int weir_shuffle_new(struct weir_shuffle **shuffle, const struct weir_schema *schema, uint64_t seed, int64_t memory,
                     struct weir_error *error);
/* The next rows of the input; memory of the batch is shared. */
int weir_shuffle_add(struct weir_shuffle *shuffle, const struct weir_batch *batch, struct weir_error *error);
/* Hands the rows out in their new order. */
int weir_shuffle_finish(struct weir_shuffle *shuffle,
                        int (*emit)(void *context, const struct weir_batch *batch, struct weir_error *error),
                        void *context, struct weir_error *error);
void weir_shuffle_free(struct weir_shuffle *shuffle); /* NULL is accepted */

#endif
