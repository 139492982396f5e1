/* The inner work of reading a batch: checks and conversions of the buffers of one column. */
#ifndef WEIR_STREAM_DECODE_PRIVATE_H
#define WEIR_STREAM_DECODE_PRIVATE_H

#include "stream/wire.h"

/* The place that decoding has reached in a message. */
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
    int64_t most_rows; /* that the message's bytes can stand for */
    uint64_t budget;   /* bytes that may still be made beyond those that came */
    struct weir_error *error;
};

int weir_cursor_charge(struct weir_cursor *cursor, uint64_t bytes);

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
/* Codes of present rows lie within the dictionary; those of missing values become missing rows. */
int weir_check_codes(struct weir_cursor *cursor, struct weir_column *column, const struct weir_column *values);
/* A coded column (codes checked, its dictionary in children[0]) becomes one of the values' own type. */
int weir_put_back_values(struct weir_cursor *cursor, const struct weir_type *type, struct weir_column *column);

#endif
