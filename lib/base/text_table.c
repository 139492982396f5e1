#include "base/text_table.h"
#include "base/utf8.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2 };

void weir_text_table_init(struct weir_text_table *table, int columns, uint64_t right)
{
    *table = (struct weir_text_table){ .columns = columns, .right = right };
}

void weir_text_table_cell(struct weir_text_table *table, const char *text)
{
    void *cells = table->cells;
    if (weir_grow(&cells, &table->capacity, table->count + 1, sizeof *table->cells) < 0) {
        table->failed = true;
        return;
    }
    table->cells = cells;
    struct weir_buffer *cell = &table->cells[table->count++];
    *cell = (struct weir_buffer){ 0 };
    weir_append_safe(cell, text, strlen(text));
    table->failed |= cell->failed;
}

void weir_text_table_number(struct weir_text_table *table, int64_t number)
{
    struct weir_buffer text = { 0 };
    weir_buffer_format(&text, "%lld", (long long)number);
    weir_text_table_cell(table, text.bytes ? text.bytes : "");
    table->failed |= text.failed;
    weir_buffer_release(&text);
}

static int width_of(const struct weir_buffer *cell)
{
    size_t whole;
    return weir_utf8_text_columns(cell->bytes, cell->size, INT_MAX, &whole);
}

void weir_text_table_append(struct weir_text_table *table, int indent, struct weir_buffer *out)
{
    int widths[64] = { 0 };
    for (size_t i = 0; i < table->count; i++) {
        int c = (int)(i % (size_t)table->columns), width = width_of(&table->cells[i]);
        if (width > widths[c])
            widths[c] = width;
    }
    for (size_t i = 0; i < table->count; i++) {
        int c = (int)(i % (size_t)table->columns), blank = widths[c] - width_of(&table->cells[i]);
        bool right = table->right >> c & 1, last = c == table->columns - 1;
        weir_buffer_format(out, "%*s", (c ? GAP : indent) + (right ? blank : 0), "");
        weir_buffer_append(out, table->cells[i].bytes, table->cells[i].size);
        if (last) {
            while (out->size > 0 && out->bytes[out->size - 1] == ' ')
                out->size--;
            weir_buffer_byte(out, '\n');
        } else if (!right) {
            weir_buffer_format(out, "%*s", blank, "");
        }
        weir_buffer_release(&table->cells[i]);
    }
    out->failed |= table->failed;
    free(table->cells);
    *table = (struct weir_text_table){ 0 };
}

void weir_append_size(struct weir_buffer *out, int64_t bytes)
{
    static const char *const units[] = { "kB", "MB", "GB", "TB" };
    double size = (double)bytes / 1000;
    int unit = 0;
    if (bytes < 10000) {
        weir_buffer_format(out, "%lld bytes", (long long)bytes);
        return;
    }
    while (size >= 999.5 && unit < 3)
        size /= 1000, unit++;
    weir_buffer_format(out, "%.*f %s", size < 9.95 ? 1 : 0, size, units[unit]);
}
