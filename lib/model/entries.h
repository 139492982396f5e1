/* Sparse rows in memory, one after the other, and the same by columns. Past `memory` bytes they go to an unlinked file
 * in $TMPDIR, which is mapped when all rows are there. */
#ifndef WEIR_MODEL_ENTRIES_H
#define WEIR_MODEL_ENTRIES_H

#include "base/error.h"
#include "math/sparse_product.h"
#include <stddef.h>

struct weir_entries {
    struct weir_entry *items; /* what is held, or the mapping */
    int64_t *offsets;         /* [rows + 1] */
    int64_t rows;
    size_t count; /* entries of all rows */
    size_t capacity, offset_capacity;
    size_t memory;             /* bytes of entries to hold before spilling */
    struct weir_entry *buffer; /* what is to be written to the file next */
    size_t buffered, buffer_capacity;
    int descriptor; /* of the file, -1: none */
    size_t mapped;  /* bytes of the mapping */
};

/* `entries` is overwritten. */
void weir_entries_init(struct weir_entries *entries, size_t memory);
/* Room for a row of `count` entries, to be filled until the next call, which appends the row. NULL with the message. */
struct weir_entry *weir_entries_append(struct weir_entries *entries, size_t count, struct weir_error *error);
/* All rows are there: items and offsets hold. */
int weir_entries_finish(struct weir_entries *entries, struct weir_error *error);
/* to: overwritten; a row for each of `width` columns, whose entries name the rows of `from` in their order. */
int weir_entries_transpose(const struct weir_entries *from, int64_t width, struct weir_entries *to,
                           struct weir_error *error);
struct weir_sparse_matrix weir_entries_matrix(const struct weir_entries *entries);
void weir_entries_release(struct weir_entries *entries);

#endif
