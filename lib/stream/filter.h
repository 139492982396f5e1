/* A filter: what turns batches into batches, whatever it is for. lib/cli runs it over a stream; lib/stage makes one of
 * a stage. */
#ifndef WEIR_STREAM_FILTER_H
#define WEIR_STREAM_FILTER_H

#include "stream/batch.h"

struct weir_filter {
    void *context;
    /* Learning: `learn_begin` sees the schema; when it returns 1 every batch goes through `learn`, then `learn_end`
     * says 0 (enough) or 1 (all batches once more). All three NULL: nothing is learned. Errors are negative. */
    int (*learn_begin)(void *context, const struct weir_schema *in, struct weir_error *error);
    int (*learn)(void *context, const struct weir_batch *batch, struct weir_error *error);
    int (*learn_end)(void *context, struct weir_error *error);
    /* Makes the output's schema ({ 0 } at first); called once, after learning. */
    int (*begin)(void *context, const struct weir_schema *in, struct weir_schema *out, struct weir_error *error);
    /* One batch in, one out ({ 0 } at first; 0 rows or more). 1: nothing more is wanted, this was the last. */
    int (*apply)(void *context, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error);
    /* What else comes out: after each batch (which is still there) more of it, and once the input has `ended` what was
     * held back until then. Called until it says 0: there is no more; 1: *out ({ 0 } at first) is a batch. May be NULL.
     */
    int (*more)(void *context, bool ended, struct weir_batch *out, struct weir_error *error);
    /* All batches are applied, and the output is not yet complete: what must not fail later. May be NULL. */
    int (*end)(void *context, struct weir_error *error);
    /* What the closing line says in brackets: "dropped 127 (no label), filled 3 in 'age' (median 28)"; may be NULL. */
    void (*summary)(void *context, struct weir_buffer *out);
};

#endif
