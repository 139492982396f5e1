/* Within lib/stage: rows gathered in memory and, once they take too much of it, dealt to temporary files by a key of 64
 * bits each, so that equal keys meet in one file. A row carries its number in a last column of its batch. */
#ifndef WEIR_STAGE_DEAL_PRIVATE_H
#define WEIR_STAGE_DEAL_PRIVATE_H

#include "stage/spill_file.h"

enum { WEIR_DEAL_MOST = 256 }; /* files */

/* Starts as the first five and zeros. */
struct weir_deal {
    const struct weir_schema *schema; /* of the rows and their number; borrowed */
    /* keys[rows] of a batch */
    int (*key)(const void *context, const struct weir_batch *rows, uint64_t *keys, struct weir_error *error);
    const void *context;
    int files_wanted; /* a power of two, WEIR_DEAL_MOST at most */
    int shift;        /* a row goes to the file key >> shift, modulo their number */

    struct weir_batch *held; /* [count] */
    size_t count, capacity, bytes;
    struct weir_spill_file *files; /* [files_wanted]; NULL: nothing was dealt yet */
};

/* The rows as columns and one more, their numbers first, first + 1 ... -1 when out of memory. */
int weir_deal_number(struct weir_batch *to, const struct weir_batch *rows, int64_t first);
/* A name for that column which none of the schemas has, of which the second may be NULL. -1 when out of memory. */
int weir_deal_number_name(const struct weir_schema *a, const struct weir_schema *b, struct weir_buffer *name);
/* The numbers of a batch whose column `column` they are. */
static inline const int64_t *weir_deal_numbers(const struct weir_batch *batch, int column)
{
    return (const int64_t *)(const void *)batch->columns[column].values.bytes;
}

/* Holds the batch, which it takes over: { 0 } afterwards. `bytes` is then what all those held take. */
int weir_deal_hold(struct weir_deal *deal, struct weir_batch *batch, struct weir_error *error);
/* What is held, as one batch; nothing is held afterwards. */
int weir_deal_join(struct weir_deal *deal, struct weir_batch *whole, struct weir_error *error);
/* Deals what is held, if anything, to the files. */
int weir_deal_out(struct weir_deal *deal, struct weir_error *error);
void weir_deal_release(struct weir_deal *deal); /* leaves nothing held and no file */

#endif
