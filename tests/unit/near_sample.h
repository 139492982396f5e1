/* What the tests of near-duplicates share: an engine run over a column, and an index in memory. */
#ifndef WEIR_TESTS_UNIT_NEAR_SAMPLE_H
#define WEIR_TESTS_UNIT_NEAR_SAMPLE_H

#include "base/random.h"
#include "check.h"
#include "stage/near.h"
#include <stdlib.h>

struct memory_file {
    struct weir_buffer bytes;
    size_t at;
};

static inline int memory_write(void *context, const void *bytes, size_t size, struct weir_error *error)
{
    struct memory_file *file = context;
    weir_buffer_append(&file->bytes, bytes, size);
    return weir_buffer_check(&file->bytes, error);
}

static inline int memory_read(void *context, void *bytes, size_t size, struct weir_error *error)
{
    struct memory_file *file = context;
    if (size > file->bytes.size - file->at)
        return weir_fail(error, WEIR_BUG, "read behind the end");
    memcpy(bytes, file->bytes.bytes + file->at, size);
    file->at += size;
    return 0;
}

/* All rows of the table in batches of `size`; 0, or -1. */
static inline int near_add_all(struct weir_near *near, const struct weir_schema *schema, const struct weir_batch *table,
                               int64_t size, struct weir_error *error)
{
    for (int64_t first = 0; first < table->rows; first += size) {
        struct weir_batch batch = { 0 };
        int64_t rows = table->rows - first < size ? table->rows - first : size;
        weir_batch_slice(&batch, table, schema, first, rows);
        int result = weir_near_add(near, &batch, error);
        weir_batch_release(&batch);
        if (result < 0)
            return -1;
    }
    return 0;
}

/* duplicate_of of the whole table by one engine. */
static inline void near_all(const struct weir_schema *schema, const struct weir_batch *table, const int *columns,
                            int count, const struct weir_near_options *options, int64_t size, const int64_t *rank,
                            int64_t *duplicate_of)
{
    struct weir_near *near = NULL;
    struct weir_error error = { 0 };
    CHECK(weir_near_new(&near, schema, columns, count, options, &error) == 0);
    CHECK(near && near_add_all(near, schema, table, size, &error) == 0);
    CHECK(near && weir_near_finish(near, rank, duplicate_of, &error) == 0);
    CHECK_TEXT(error.text, "");
    weir_near_free(near);
}

#endif
