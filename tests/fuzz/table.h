/* What the targets of lib/format share: an input is read as a table, once in large chunks and once in small ones, in
 * which records lie across every boundary; both must tell the same rows. */
#ifndef WEIR_TESTS_FUZZ_TABLE_H
#define WEIR_TESTS_FUZZ_TABLE_H

#include "format/format.h"
#include <stdlib.h>

/* A digest of all rows and of what is wrong with them, or 0 when the input is refused; *rows: how many. */
static uint64_t read_table(const struct weir_format_options *options, const uint8_t *data, size_t size, int64_t *rows)
{
    struct weir_error error = { 0 };
    struct weir_feed *feed;
    struct weir_table *table;
    struct weir_schema schema = { 0 };
    struct weir_batch batch = { 0 };
    uint64_t digest = 1;
    int code;
    *rows = 0;
    if (weir_feed_open_memory(&feed, data, size, "input", &error) || weir_table_open(&table, feed, options, &error))
        return 0;
    if (weir_schema_copy(&schema, &table->schema))
        abort();
    for (int i = 0; i < schema.count; i++)
        if (schema.fields[i].type.kind == WEIR_NULL)
            schema.fields[i].type.kind = WEIR_UTF8;
    code = weir_table_start(table, &schema, &error);
    while (code == 0 && (code = weir_table_next(table, &batch, &error)) > 0) {
        for (int64_t row = 0; row < batch.rows && row < 4096; row++) {
            for (int i = 0; i < batch.count; i++)
                digest = weir_value_hash(&batch.columns[i], &schema.fields[i].type, row, digest) | 1;
            digest = (digest * 31 + (table->flags ? (uint64_t)table->flags[row] : 0)) | 1;
        }
        *rows += batch.rows;
        code = 0;
    }
    if (code < 0) {
        if (!error.text[0])
            abort();
        digest = 0;
    }
    weir_batch_release(&batch);
    weir_schema_release(&schema);
    weir_table_free(table);
    return digest;
}

/* The first byte chooses the options: two bits what becomes of bad values, one each for quotes, the header and a text
 * that means missing, three the size of the small chunks. */
static int fuzz_table(const char *format, const uint8_t *data, size_t size)
{
    static char marker[] = "NA";
    static char *const missing[] = { marker };
    struct weir_format_options options = { .format = format, .threads = 1 };
    int64_t rows, small_rows;
    if (size == 0 || size > 4096) /* batches of small chunks are then small enough to be hashed whole */
        return 0;
    options.bad = (enum weir_bad)(data[0] & 3);
    options.unquoted = data[0] & 4;
    options.no_header = data[0] & 8;
    options.missing = (struct weir_texts){ missing, data[0] >> 4 & 1 };
    options.chunk = 1 << 16;
    uint64_t whole = read_table(&options, data + 1, size - 1, &rows);
    options.chunk = 1 + data[0] / 32 * 5;
    uint64_t small = read_table(&options, data + 1, size - 1, &small_rows);
    if (whole != small || (whole && rows != small_rows))
        abort();
    return 0;
}

#endif
