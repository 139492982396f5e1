/* The binary COPY of PostgreSQL under hostile bytes: a server is believed as little as a file. The first byte chooses
 * what becomes of bad values and whether types are converted, the second how many columns there are, then a byte each
 * says of what type; the rest is one message, and the same in two. */
#include "format/postgresql_private.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const Oid oids[] = { 16,   17,   20,   21,   23,   25,   114,  700,  701,  1082,
                            1114, 1184, 1700, 2950, 3802, 1007, 1009, 1182, 1185, 2951 };

/* The rows that came, or -1 when it was refused. */
static int64_t read_copy(const uint8_t *data, size_t size, size_t cut)
{
    struct weir_error error = { 0 };
    int count = data[1] % 4 + 1, wanted[4], code = 0;
    size_t head = 2 + (size_t)count;
    struct weir_format_options options = { .bad = (enum weir_bad)(data[0] & 3) };
    struct weir_table table = { .options = &options };
    struct weir_pg_copy copy = { .columns = calloc((size_t)count, sizeof *copy.columns), .count = count };
    struct weir_rows rows = { 0 };
    struct weir_batch batch = { 0 };
    if (!copy.columns || weir_feed_open_memory(&table.feed, "", 0, "postgresql", &error))
        abort();
    for (int i = 0; i < count; i++) {
        struct weir_pg_column *column = &copy.columns[i];
        struct weir_type native = { 0 };
        char name[2] = { (char)('a' + i), 0 };
        wanted[i] = i;
        column->type = weir_pg_type_find(oids[data[2 + i] % (sizeof oids / sizeof *oids)], &column->array);
        struct weir_field *field = weir_schema_add(&table.schema, name, WEIR_UTF8);
        if (!field || weir_pg_type_native(column->type, column->array, &native) ||
            weir_builder_init(&column->native, &native))
            abort();
        if (data[0] & 4)
            weir_type_release(&native);
        else
            field->type = native;
    }
    table.contradictions = calloc((size_t)count, sizeof *table.contradictions);
    if (weir_rows_init(&rows, &table, &error))
        abort();
    weir_pg_copy_start(&copy, &rows, wanted);
    const char *bytes = (const char *)data + head;
    if (cut)
        code = weir_pg_copy_message(&copy, &rows, bytes, cut, &error);
    if (code == 0)
        code = weir_pg_copy_message(&copy, &rows, bytes + cut, size - head - cut, &error);
    if (code && !error.text[0])
        abort();
    if (code == 0 && weir_rows_finish(&rows, &batch, &error) < 0)
        abort();
    int64_t got = code ? -1 : table.rows_read;
    weir_batch_release(&batch);
    weir_rows_release(&rows);
    weir_pg_copy_release(&copy);
    weir_schema_release(&table.schema);
    weir_feed_free(table.feed);
    free(table.contradictions);
    free(table.flags);
    return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LEAST = 8, FIRST = 19 };
    if (size < LEAST || size > 4096)
        return 0;
    int64_t whole = read_copy(data, size, 0);
    size_t head = 3u + data[1] % 4;
    if (whole < 0 || size <= head + FIRST)
        return 0;
    size_t first = FIRST + weir_load_u32_big(data + head + FIRST - 4); /* an extension follows */
    if (size > head + first && read_copy(data, size, first) != whole)
        abort(); /* the signature in a message of its own */
    return 0;
}
