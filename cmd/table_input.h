/* A whole table as an operand beside the stream: what enrich joins, and what score is given for it. */
#ifndef WEIR_CMD_TABLE_INPUT_H
#define WEIR_CMD_TABLE_INPUT_H

#include "cli/stream_io.h"
#include <stdlib.h>

struct table_input {
    struct weir_run run; /* of the table: no roles, one operand */
    char *operand;
    struct weir_input *input;
    struct weir_batch *parts;
    size_t count, capacity;
    int64_t bytes;
};

/* types: NAME=TYPE for `load`, NULL: none. */
static inline int table_open(struct table_input *table, const struct weir_run *run, const char *path,
                             const struct weir_strings *types, struct weir_error *error)
{
    const struct weir_input_options options = { .types = types };
    *table = (struct table_input){ .run = *run, .operand = (char *)(uintptr_t)path };
    table->run.operands = (struct weir_strings){ &table->operand, 1, 1 };
    table->run.labels = table->run.ids = table->run.weights = table->run.drops = (struct weir_strings){ 0 };
    return weir_input_open(&table->input, &table->run, &options, error);
}

/* Gathers batches until the end, or until they take more than `most` bytes (< 0: no limit). 1: there is more, 0: that
 * was all. */
static inline int table_gather(struct table_input *table, int64_t most, struct weir_error *error)
{
    struct weir_batch batch = { 0 };
    int got;
    while ((got = weir_input_next(table->input, &batch, error)) > 0) {
        void *parts = table->parts;
        if (weir_grow(&parts, &table->capacity, table->count + 1, sizeof *table->parts) < 0) {
            got = weir_fail_memory(error);
            break;
        }
        table->parts = parts;
        table->bytes += (int64_t)weir_batch_bytes(&batch);
        table->parts[table->count++] = batch;
        batch = (struct weir_batch){ 0 };
        if (most >= 0 && table->bytes > most)
            break;
    }
    weir_batch_release(&batch);
    return got;
}

/* Lets go of what was gathered. */
static inline void table_drop(struct table_input *table)
{
    for (size_t i = 0; i < table->count; i++)
        weir_batch_release(&table->parts[i]);
    table->count = 0;
    table->bytes = 0;
}

/* Frees; what is left of the input is left. The error of a `load` that failed at its very end counts when the table
 * was read to there. */
static inline int table_close(struct table_input *table, struct weir_error *error)
{
    int result = weir_input_close(table->input, error);
    table_drop(table);
    free(table->parts);
    *table = (struct table_input){ 0 };
    return result;
}

#endif
