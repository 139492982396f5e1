#include "base/utf8.h"
#include "cli/stream_io.h"
#include <stdlib.h>
#include <string.h>

enum { WIDEST_CELL = 32, GAP = 2, HEADER_LINES = 3, WIDEST_REST = 200 };

/* One column of the table: its name, type and role above its values. */
struct table_column {
    struct weir_buffer *cells; /* HEADER_LINES, then the rows; safe for a terminal */
    int *columns;              /* that each takes on the terminal */
    int width;
    bool right; /* numbers stand at the right */
};

/* Cuts the cell to WIDEST_CELL columns; the last one then is an ellipsis. */
static int cut(struct weir_buffer *cell)
{
    size_t bytes;
    int columns = weir_utf8_text_columns(cell->bytes, cell->size, WIDEST_CELL, &bytes);
    if (bytes == cell->size)
        return columns;
    columns = weir_utf8_text_columns(cell->bytes, cell->size, WIDEST_CELL - 1, &bytes);
    cell->size = bytes;
    weir_buffer_string(cell, "\xE2\x80\xA6");
    return columns + 1;
}

static void table_column_release(struct table_column *column, int64_t lines)
{
    for (int64_t i = 0; column->cells && i < lines; i++)
        weir_buffer_release(&column->cells[i]);
    free(column->cells);
    free(column->columns);
    *column = (struct table_column){ 0 };
}

static int fill_column(struct table_column *table, const struct weir_field *field, const struct weir_column *column,
                       int64_t rows)
{
    int64_t lines = rows + HEADER_LINES;
    struct weir_buffer text = { 0 };
    bool failed = false;
    table->cells = weir_allocate_zero((size_t)lines, sizeof *table->cells);
    table->columns = weir_allocate_zero((size_t)lines, sizeof *table->columns);
    table->right = weir_kind_is_number(field->type.kind) && field->type.kind != WEIR_BOOL;
    for (int64_t i = 0; table->cells && table->columns && i < lines; i++) {
        weir_buffer_clear(&text);
        if (i == 0)
            weir_buffer_string(&text, field->name);
        else if (i == 1)
            weir_type_describe(&field->type, &text);
        else if (i == 2)
            weir_buffer_string(&text, field->role == WEIR_FEATURE ? "" : weir_role_name(field->role));
        else if (weir_valid(column, i - HEADER_LINES))
            weir_value_text(column, &field->type, i - HEADER_LINES, &text);
        else
            weir_buffer_string(&text, "null");
        weir_append_safe(&table->cells[i], text.bytes ? text.bytes : "", text.size);
        table->columns[i] = cut(&table->cells[i]);
        if (table->columns[i] > table->width)
            table->width = table->columns[i];
        failed |= table->cells[i].failed;
    }
    failed |= text.failed || !table->cells || !table->columns;
    weir_buffer_release(&text);
    return failed ? -1 : 0;
}

static void pad(struct weir_buffer *out, int columns)
{
    for (int i = 0; i < columns; i++)
        weir_buffer_byte(out, ' ');
}

static void append_line(struct weir_buffer *out, const struct table_column *table, int count, int64_t line)
{
    for (int c = 0; c < count; c++) {
        int blank = table[c].width - table[c].columns[line];
        pad(out, (c ? GAP : 0) + (table[c].right ? blank : 0));
        weir_buffer_append(out, table[c].cells[line].bytes, table[c].cells[line].size);
        if (!table[c].right && c + 1 < count)
            pad(out, blank);
    }
    while (out->size > 0 && out->bytes[out->size - 1] == ' ')
        out->size--;
    weir_buffer_byte(out, '\n');
}

static void append_rule(struct weir_buffer *out, const struct table_column *table, int count)
{
    for (int c = 0; c < count; c++) {
        pad(out, c ? GAP : 0);
        for (int i = 0; i < table[c].width; i++)
            weir_buffer_byte(out, '-');
    }
    weir_buffer_byte(out, '\n');
}

/* "and 12 more columns: a, b, c, ..." */
static void append_rest(struct weir_buffer *out, const struct weir_schema *schema, int from)
{
    int rest = schema->count - from;
    weir_buffer_format(out, "and %d more column%s:", rest, rest == 1 ? "" : "s");
    size_t start = out->size;
    for (int i = from; i < schema->count; i++) {
        if (out->size - start > WIDEST_REST) {
            weir_buffer_string(out, ", ...");
            break;
        }
        struct weir_buffer name = { 0 };
        weir_append_safe(&name, schema->fields[i].name, strlen(schema->fields[i].name));
        if (name.size > 0)
            cut(&name);
        weir_buffer_format(out, "%s %.*s", i == from ? "" : ",", (int)name.size, name.bytes ? name.bytes : "");
        out->failed |= name.failed;
        weir_buffer_release(&name);
    }
    weir_buffer_byte(out, '\n');
}

int weir_preview(const struct weir_schema *schema, const struct weir_batch *rows, int64_t total_rows, int width,
                 struct weir_buffer *out)
{
    int64_t lines = rows->rows + HEADER_LINES;
    int count = 0, used = 0, result = -1;
    bool roles = false;
    struct table_column *table = weir_allocate_zero((size_t)schema->count, sizeof *table);
    if (!table)
        return -1;
    for (int i = 0; i < schema->count; i++) {
        if (fill_column(&table[i], &schema->fields[i], &rows->columns[i], rows->rows) < 0)
            goto cleanup;
        used += table[i].width + (i ? GAP : 0);
        if (width > 0 && used > width && i > 0)
            break;
        count++;
        roles |= schema->fields[i].role != WEIR_FEATURE;
    }
    for (int64_t line = 0; count > 0 && line < lines; line++) {
        if (line != 2 || roles)
            append_line(out, table, count, line);
        if (line == HEADER_LINES - 1)
            append_rule(out, table, count);
    }
    if (count < schema->count)
        append_rest(out, schema, count);
    if (total_rows > rows->rows)
        weir_buffer_format(out, "... %lld rows in all, %lld shown\n", (long long)total_rows, (long long)rows->rows);
    else if (total_rows >= 0)
        weir_buffer_format(out, "%lld row%s, %d column%s\n", (long long)total_rows, total_rows == 1 ? "" : "s",
                           schema->count, schema->count == 1 ? "" : "s");
    result = out->failed ? -1 : 0;
cleanup:
    for (int i = 0; i < schema->count; i++)
        table_column_release(&table[i], lines);
    free(table);
    return result;
}
