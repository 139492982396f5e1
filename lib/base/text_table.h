/* A table of text for people: cells row by row, columns as wide as their widest cell. */
#ifndef WEIR_BASE_TEXT_TABLE_H
#define WEIR_BASE_TEXT_TABLE_H

#include "base/buffer.h"
#include <stdint.h>

struct weir_text_table {
    int columns;
    uint64_t right;            /* bit c: column c stands at the right (numbers) */
    struct weir_buffer *cells; /* [rows * columns], safe for a terminal */
    size_t count, capacity;
    bool failed;
};

/* At most 64 columns. */
void weir_text_table_init(struct weir_text_table *table, int columns, uint64_t right);
/* The next cell; what must not reach a terminal is escaped. */
void weir_text_table_cell(struct weir_text_table *table, const char *text);
void weir_text_table_number(struct weir_text_table *table, int64_t number);
/* Appends the table, each line after `indent` blanks, and releases it. */
void weir_text_table_append(struct weir_text_table *table, int indent, struct weir_buffer *out);

/* Appends a number of bytes: "1.2 MB", "9999 bytes". */
void weir_append_size(struct weir_buffer *out, int64_t bytes);

#endif
