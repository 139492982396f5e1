/* Columns that a stage derives from others: where they stand in the schema that comes out, and the batches with all
 * that is kept. */
#ifndef WEIR_STAGE_DERIVE_H
#define WEIR_STAGE_DERIVE_H

#include "stage/stage.h"

/* Where each column of the output comes from. Starts as { 0 }. */
struct weir_derived {
    int *from; /* [count]: the column of the input, or -1: the stage makes it */
    int count;
};

/* `out` ({ 0 }) becomes `in` with the column `source` given over to the stage, or (`into` not NULL) with a new column
 * of that name at the end. Returns the index of the stage's column, whose type is still to be set, and -1 with the
 * message: a column of the name is there already, or no memory. */
int weir_derive_replace(struct weir_derived *derived, struct weir_schema *out, const struct weir_schema *in, int source,
                        const char *into, struct weir_error *error);
/* The same for several columns that become one: with `into` they stay, without it they go, and the new one is called
 * `name`. It stands at the end. */
int weir_derive_gather(struct weir_derived *derived, struct weir_schema *out, const struct weir_schema *in,
                       const int *sources, size_t count, const char *into, const char *name, struct weir_error *error);
/* One more column at the end, of the name and a simple kind: its index, or -1 with the message. `derived` and `out`
 * must have been begun by weir_derive_keep or one of the above. */
int weir_derive_add(struct weir_derived *derived, struct weir_schema *out, const char *name, enum weir_kind kind,
                    struct weir_error *error);
/* All columns stay. */
int weir_derive_keep(struct weir_derived *derived, struct weir_schema *out, const struct weir_schema *in,
                     struct weir_error *error);
/* `out` ({ 0 }) with the columns that are kept; those of the stage are { 0 }, for it to fill. */
int weir_derive_share(const struct weir_derived *derived, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_error *error);
void weir_derived_release(struct weir_derived *derived);

/* Makes `column`, which has no values yet, one of `rows` lists of `width` numbers, `size` bytes each, whose missing
 * rows are those of the column `of` (NULL: none): the numbers, [rows][width], for the caller to fill. NULL: too many,
 * or no memory. */
void *weir_derive_lists(struct weir_column *column, int64_t rows, int64_t width, size_t size,
                        const struct weir_column *of);

#endif
