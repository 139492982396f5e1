/* The data of COPY ... TO STDOUT (FORMAT binary)
 * (https://www.postgresql.org/docs/current/sql-copy.html), message by message, into rows. */
#include "base/bytes.h"
#include "format/postgresql_private.h"
#include <stdlib.h>
#include <string.h>

enum { SIGNATURE = 19 /* of the whole: 11 bytes, flags, the length of an extension */ };

/* By way of text, to whatever type is wanted. */
static int convert(struct weir_pg_copy *copy, struct weir_pg_column *column, struct weir_rows *rows, const char *bytes,
                   size_t length, struct weir_error *error)
{
    struct weir_column value = { 0 };
    weir_pg_append(&column->native, column, bytes, length, &copy->text);
    if (weir_builder_finish(&column->native, &value, error))
        return -1;
    weir_buffer_clear(&copy->text);
    weir_value_text(&value, &column->native.type, 0, &copy->text);
    weir_column_release(&value);
    if (weir_buffer_check(&copy->text, error))
        return -1;
    return weir_rows_text(rows, column->target, copy->text.bytes ? copy->text.bytes : "", copy->text.size, error);
}

static int refuse(const struct weir_pg_column *column, struct weir_rows *rows, const char *bytes, size_t length,
                  struct weir_error *error)
{
    static const char infinite[] = "infinity", array[] = "{...}";
    enum weir_pg_form form = column->type->form;
    if (column->array)
        return weir_rows_refuse(rows, column->target, array, sizeof array - 1,
                                "has several dimensions, or an item that does not fit", error);
    if (form == WEIR_PG_DATE || form == WEIR_PG_TIMESTAMP)
        return weir_rows_refuse(rows, column->target, infinite, sizeof infinite - 1, "is no point in time", error);
    const char *what = memchr(bytes, 0, length) ? "holds a NUL byte" : "is not UTF-8";
    return weir_rows_refuse(rows, column->target, bytes, length, what, error);
}

/* One value of a row; length -1: null. */
static int add_value(struct weir_pg_copy *copy, struct weir_pg_column *column, struct weir_rows *rows,
                     const char *bytes, int32_t length, struct weir_error *error)
{
    if (column->target < 0)
        return 0;
    struct weir_builder *builder = &rows->builders[column->target];
    if (length < 0) {
        weir_builder_null(builder);
        return 0;
    }
    size_t size = (size_t)length;
    enum weir_pg_verdict verdict = weir_pg_check(column, bytes, size);
    if (verdict == WEIR_PG_DAMAGED)
        return weir_fail(error, WEIR_BAD_DATA, "postgresql: a value is damaged in row %lld",
                         (long long)(rows->table->rows_read + rows->rows + 1));
    if (verdict == WEIR_PG_MISFIT)
        return refuse(column, rows, bytes, size, error);
    if (!column->direct)
        return convert(copy, column, rows, bytes, size, error);
    if (builder->type.kind == WEIR_UTF8 && rows->table->options->missing.count &&
        weir_is_missing(&rows->table->options->missing, bytes, size))
        weir_builder_null(builder);
    else
        weir_pg_append(builder, column, bytes, size, &copy->text);
    rows->bytes += size;
    return 0;
}

static int damaged(const struct weir_rows *rows, struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "postgresql: what the server sent is damaged after row %lld",
                     (long long)(rows->table->rows_read + rows->rows));
}

int weir_pg_copy_message(struct weir_pg_copy *copy, struct weir_rows *rows, const char *bytes, size_t size,
                         struct weir_error *error)
{
    static const char signature[] = "PGCOPY\n\377\r\n";
    if (size > WEIR_RECORD_LIMIT)
        return weir_fail(error, WEIR_BAD_DATA, "postgresql: row %lld has more than %d bytes",
                         (long long)(rows->table->rows_read + rows->rows + 1), WEIR_RECORD_LIMIT);
    const char *end = bytes + size;
    if (!copy->began) {
        if (size < SIGNATURE || memcmp(bytes, signature, sizeof signature) != 0 || weir_load_u16_big(bytes + 11) ||
            weir_load_u32_big(bytes + 15) > size - SIGNATURE)
            return damaged(rows, error);
        bytes += SIGNATURE + weir_load_u32_big(bytes + 15);
        copy->began = true;
    }
    while (bytes < end) {
        if (copy->ended || end - bytes < 2)
            return damaged(rows, error);
        int count = (int16_t)weir_load_u16_big(bytes);
        bytes += 2;
        if (count == -1) {
            copy->ended = true;
            continue;
        }
        if (count != copy->count)
            return damaged(rows, error);
        for (int i = 0; i < count; i++) {
            int32_t length = end - bytes < 4 ? -2 : (int32_t)weir_load_u32_big(bytes);
            if (length < -1 || length > end - bytes - 4)
                return damaged(rows, error);
            bytes += 4;
            if (add_value(copy, &copy->columns[i], rows, bytes, length, error))
                return -1;
            bytes += length > 0 ? length : 0;
        }
        weir_rows_end(rows);
    }
    return 0;
}

void weir_pg_copy_start(struct weir_pg_copy *copy, const struct weir_rows *rows, const int *wanted)
{
    for (int i = 0; i < copy->count; i++)
        copy->columns[i].target = -1;
    for (int i = 0; i < rows->count; i++) {
        struct weir_pg_column *column = &copy->columns[wanted[i]];
        column->target = i;
        column->direct = weir_type_equal(&column->native.type, &rows->builders[i].type);
    }
}

void weir_pg_copy_release(struct weir_pg_copy *copy)
{
    for (int i = 0; i < copy->count; i++)
        weir_builder_release(&copy->columns[i].native);
    free(copy->columns);
    weir_buffer_release(&copy->text);
    *copy = (struct weir_pg_copy){ 0 };
}
