/* The inner work of reading a stream: the schema's fields and types, the columns of a message, their buffers. */
#ifndef WEIR_STREAM_DECODE_PRIVATE_H
#define WEIR_STREAM_DECODE_PRIVATE_H

#include "stream/wire.h"

/* ---- A schema (decode_schema.c, decode_type.c) ---- */

struct weir_schema_cursor {
    struct weir_frame *frame;
    size_t fields;      /* seen so far, children counted */
    uint64_t text_left; /* bytes of names and metadata that may still be copied (texts may be shared in a flatbuffer) */
    size_t dictionaries;
    const char *refused; /* of the column at hand: its type, or one within it, that nothing here handles; or NULL */
    struct weir_error *error;
};

/* "its schema makes no sense"; returns -1. */
int weir_schema_cursor_fail(struct weir_schema_cursor *cursor);
/* A copy of a text of the schema. 1: made; 0: it is not UTF-8 or holds a NUL; -1: error. */
int weir_schema_cursor_text(struct weir_schema_cursor *cursor, const struct weir_flat_table *table, int slot,
                            char **copy);
/* Everything of a type but its children: `arrow` says which table of the union it is. A type that is refused becomes
 * null, and cursor->refused names it. */
int weir_decode_type(struct weir_schema_cursor *cursor, int64_t arrow, const struct weir_flat_table *table,
                     struct weir_type *type, struct weir_wire *wire);
/* How many children fields a type of Arrow's has; -1: any number. */
int weir_arrow_children(int64_t arrow);
/* Codes in the place of values: text stays a dictionary in memory, other values are put back. */
int weir_decode_encoding(struct weir_schema_cursor *cursor, const struct weir_flat_table *encoding,
                         struct weir_type *type, struct weir_wire *wire);

/* ---- Dictionaries (decode_dictionary.c) ---- */

/* Those that the columns of decoder->schema have, `most` or fewer, numbered in the wires. */
int weir_decoder_find_dictionaries(struct weir_decoder *decoder, size_t most, struct weir_error *error);

/* ---- The way through a message (decode_cursor.c) ---- */

/* A column whose child is being read; beneath its missing rows the child's mean nothing. */
struct weir_parent {
    const struct weir_column *column;
    int64_t items; /* of the child, for each row */
    const struct weir_parent *above;
};

struct weir_cursor {
    struct weir_decoder *decoder;
    struct weir_source *source;
    struct weir_flat *flat;
    struct weir_slice body; /* borrowed */
    int64_t rows;           /* of the batch */
    struct weir_flat_vector nodes, buffers, variadic;
    size_t node, buffer, variadic_at;
    int codec;
    struct weir_block *unpacked; /* holds all decompressed buffers */
    size_t unpacked_used;
    int64_t most_rows;                /* that the message's bytes can stand for */
    uint64_t budget;                  /* bytes that may still be made beyond those that came */
    const struct weir_parent *parent; /* NULL: a column of the batch, or a list's items */
    struct weir_error *error;
};

/* Fills in what the RecordBatch table says; decoder, source, flat, body and error are set. cursor->unpacked is then the
 * caller's, also after a failure. */
int weir_cursor_open(struct weir_cursor *cursor, const struct weir_flat_table *batch);
/* All nodes and buffers have been taken. */
int weir_cursor_close(struct weir_cursor *cursor);
/* "a batch does not fit its schema", "a buffer is too short for its rows"; both return -1. */
int weir_cursor_fail(struct weir_cursor *cursor);
int weir_cursor_fail_short(struct weir_cursor *cursor);
/* `bytes` more are made of the message: an error when that is beyond all measure. */
int weir_cursor_charge(struct weir_cursor *cursor, uint64_t bytes);
/* The next column's rows and missing values, as claimed; rows are checked against the message's size. */
int weir_cursor_node(struct weir_cursor *cursor, int64_t *rows, int64_t *null_count);
/* The next buffer, unpacked, with a reference of its own; or past it. */
int weir_cursor_buffer(struct weir_cursor *cursor, struct weir_slice *slice);
int weir_cursor_skip(struct weir_cursor *cursor);
/* The next buffer, cut to count * width bytes, at an address that is a multiple of width. */
int weir_cursor_fixed(struct weir_cursor *cursor, int64_t count, int width, struct weir_slice *slice);
/* How many buffers of bytes follow the views of a column: no more than there are. */
int weir_cursor_variadic(struct weir_cursor *cursor, size_t *count);
/* `size` bytes of 0, shared by all that need some. */
int weir_cursor_zeros(struct weir_cursor *cursor, size_t size, struct weir_slice *slice);

/* ---- Columns (decode_column.c) ---- */

int weir_decode_column(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                       struct weir_column *column);
/* The values themselves, also where codes stand for them: those of a dictionary. */
int weir_decode_values(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                       struct weir_column *column);

/* ---- Checks and conversions of the buffers of one column (decode_values.c) ---- */

/* column->offsets: int32, rows + 1 of them: from 0 or more, not descending. */
int weir_check_offsets(struct weir_cursor *cursor, const struct weir_column *column);
/* column->offsets: from int64 to int32, counted from the first, which goes to *first. */
int weir_narrow_offsets(struct weir_cursor *cursor, struct weir_column *column, int64_t *first);
/* Valid UTF-8 in all rows that are present; offsets were checked. */
int weir_check_text(struct weir_cursor *cursor, const struct weir_column *column);
/* column->offsets and values from column->rows views of 16 bytes into buffers[count]. */
int weir_flatten_views(struct weir_cursor *cursor, struct weir_column *column, const uint8_t *views,
                       const struct weir_slice *buffers, size_t count);
/* column->values: codes of any width as int32; one that does not fit becomes -1. */
int weir_widen_codes(struct weir_cursor *cursor, const struct weir_wire *wire, struct weir_column *column);
/* Codes of present rows lie within the dictionary; those of missing values, and strays beneath a missing row of a
 * parent, become missing rows. */
int weir_check_codes(struct weir_cursor *cursor, struct weir_column *column, const struct weir_column *values);
/* A coded column (codes checked, its dictionary in children[0]) becomes one of the values' own type. */
int weir_put_back_values(struct weir_cursor *cursor, const struct weir_type *type, struct weir_column *column);

#endif
