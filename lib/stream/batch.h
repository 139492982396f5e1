/* A batch: some rows of every column. Columns hold slices of shared blocks, so that taking a column over into another
 * batch copies no value. Shapes follow Arrow:
 *
 *   validity  bit a row, 1 = present; size 0 = all present (also when null_count is 0)
 *   offsets   int32, rows + 1 of them, not descending, the first need not be 0 (utf8, binary, list)
 *   values    fixed width: rows * width bytes; bool: bits; utf8, binary: the bytes; dictionary: int32 codes
 *   children  list: the items (offsets[rows] <= child rows); fixed list: rows * list_size items; struct: rows each;
 *             dictionary: the values, of any number of rows
 *
 * All that stands in a batch from weir_reader_next has been checked: offsets ascend and lie within, codes of present
 * rows lie within the dictionary, text is valid UTF-8, bitmaps are long enough. What a stage builds must hold to the
 * same. A column of kind WEIR_NULL has a bitmap of zeros in memory (none on the wire), so that weir_valid holds for it
 * as well. Values under a null are unspecified but readable. Slices are aligned to their value's width or better. */
#ifndef WEIR_STREAM_BATCH_H
#define WEIR_STREAM_BATCH_H

#include "base/bytes.h"
#include "base/memory.h"
#include "stream/schema.h"

struct weir_column {
    int64_t rows;
    int64_t null_count;
    struct weir_slice validity, offsets, values;
    struct weir_column *children; /* owned array */
    int child_count;
};

struct weir_message;

struct weir_batch {
    int64_t rows;
    int count; /* columns, in the order of the schema */
    struct weir_column *columns;
    struct weir_message *message; /* as which it was read; NULL, or it was changed since: the writer compares */
};

/* What a slice of no bytes points to, so that adding an offset of 0 is defined. */
extern const uint8_t weir_no_bytes[64];

/* How many bytes of columns a writer aims to put into one batch. */
enum { WEIR_BATCH_BYTES = 1 << 20 };

void weir_column_release(struct weir_column *column); /* back to { 0 } */
int weir_column_share(struct weir_column *to,
                      const struct weir_column *from); /* another reference; `to` is { 0 }; -1: out of memory */
/* `count` children, all { 0 }, of a column that has none. -1: out of memory. */
int weir_column_add_children(struct weir_column *column, int count);
void weir_batch_release(struct weir_batch *batch);
int weir_batch_init(struct weir_batch *batch, int count, int64_t rows); /* columns all { 0 } */
int weir_batch_share(struct weir_batch *to, const struct weir_batch *from);

static inline bool weir_valid(const struct weir_column *column, int64_t row)
{
    return column->validity.size == 0 || weir_bit(column->validity.bytes, row);
}
static inline const int32_t *weir_offsets(const struct weir_column *column) /* [rows + 1] */
{
    return (const int32_t *)(const void *)column->offsets.bytes;
}
static inline const int32_t *weir_codes(const struct weir_column *column) /* [rows], of a dictionary */
{
    return (const int32_t *)(const void *)column->values.bytes;
}
static inline const char *weir_text(const struct weir_column *column, int64_t row, size_t *length)
{
    const int32_t *offsets = weir_offsets(column);
    *length = (size_t)(offsets[row + 1] - offsets[row]);
    return (const char *)column->values.bytes + offsets[row];
}
/* The number in a column of any integer, bool, date, time, timestamp or duration kind; a uint64 above 2^63 - 1 has the
 * same bits. */
static inline int64_t weir_integer(const struct weir_column *column, enum weir_kind kind, int64_t row)
{
    const void *values = column->values.bytes;
    switch (kind) {
    case WEIR_BOOL:
        return weir_bit(values, row);
    case WEIR_INT8:
        return ((const int8_t *)values)[row];
    case WEIR_UINT8:
        return ((const uint8_t *)values)[row];
    case WEIR_INT16:
        return ((const int16_t *)values)[row];
    case WEIR_UINT16:
        return ((const uint16_t *)values)[row];
    case WEIR_UINT32:
        return ((const uint32_t *)values)[row];
    case WEIR_INT32:
    case WEIR_DATE32:
    case WEIR_TIME32:
        return ((const int32_t *)values)[row];
    default:
        return ((const int64_t *)values)[row];
    }
}
/* The number in a column of any integer, float, bool, date, time or dictionary-code kind as a double (NaN for a null
 * row is NOT promised: ask weir_valid first). */
float weir_half(uint16_t bits); /* the value of a float16 */
double weir_number(const struct weir_column *column, enum weir_kind kind, int64_t row);
/* All rows at once, a null becoming NaN: out[rows]. -1: the kind is no number. */
int weir_numbers(const struct weir_column *column, enum weir_kind kind, double *out, struct weir_error *error);

/* Rows first .. first + rows - 1 as a column that shares the memory where it can (bitmaps are copied when first is not
 * a multiple of 8). */
int weir_column_slice(struct weir_column *to, const struct weir_column *from, const struct weir_type *type,
                      int64_t first, int64_t rows);
int weir_batch_slice(struct weir_batch *to, const struct weir_batch *from, const struct weir_schema *schema,
                     int64_t first, int64_t rows);
/* The rows named by index[count], in that order (copied; an index may repeat, a negative one gives a null). -1 with the
 * message. */
int weir_column_take(struct weir_column *to, const struct weir_column *from, const struct weir_type *type,
                     const int64_t *index, int64_t count, struct weir_error *error);
int weir_batch_take(struct weir_batch *to, const struct weir_batch *from, const struct weir_schema *schema,
                    const int64_t *index, int64_t count, struct weir_error *error);
/* One batch of several, one after the other (copied). */
int weir_batch_concatenate(struct weir_batch *to, const struct weir_batch *parts, int part_count,
                           const struct weir_schema *schema, struct weir_error *error);
/* A dictionary column as a column of its values' type (copied). */
int weir_column_decode(struct weir_column *to, const struct weir_column *from, const struct weir_type *type,
                       struct weir_error *error);

/* One value as text, appended: numbers shortest, text as it is, binary in hexadecimal, lists and structs as JSON (a
 * tensor flat, in row-major order), dates in ISO form, durations as the number of their units, null as nothing. */
void weir_value_text(const struct weir_column *column, const struct weir_type *type, int64_t row,
                     struct weir_buffer *out);
/* One value as JSON, appended; numbers that JSON has not are the texts "nan", "inf" and "-inf". */
void weir_value_json(const struct weir_column *column, const struct weir_type *type, int64_t row,
                     struct weir_buffer *out);
/* Folds one value (its type left out, null counted as a value of its own) into a hash of the row's content: equal
 * content, equal hash, however it is batched, dictionary-coded or not. */
uint64_t weir_value_hash(const struct weir_column *column, const struct weir_type *type, int64_t row, uint64_t seed);

/* "more than 2 GiB of text or items in one batch of a column"; returns -1. */
int weir_column_fail_size(struct weir_error *error);

/* Bytes of the columns' buffers, shared ones counted each time. */
size_t weir_batch_bytes(const struct weir_batch *batch);

/* Builds a column row by row or in bulk. Starts with weir_builder_init; finish moves the column out and starts anew. A
 * dictionary is the exception: its texts keep their codes from one column to the next, so that it only grows. */
struct weir_builder {
    struct weir_type type; /* a copy */
    int64_t rows, null_count;
    struct weir_buffer validity, offsets, values; /* validity stays empty until the first null */
    struct weir_builder *children;
    int child_count;
    bool too_large;                   /* more than 2^31 - 1 bytes of text or items in one batch */
    struct weir_builder_codes *codes; /* dictionary: which text has which code */
};
int weir_builder_init(struct weir_builder *builder, const struct weir_type *type); /* -1: out of memory */
void weir_builder_release(struct weir_builder *builder);
void weir_builder_null(
    struct weir_builder *builder); /* lists: an empty one; fixed list and struct: its children get nulls too */
void weir_builder_int64(struct weir_builder *builder,
                        int64_t value); /* any integer, bool or time kind: stored in its width */
void weir_builder_double(struct weir_builder *builder, double value); /* float32, float64 */
/* utf8, binary; dictionary: a text that is new gets the next code */
void weir_builder_text(struct weir_builder *builder, const char *bytes, size_t length);
/* Of a dictionary: the code of a text, a new one when the text is new, without a row; weir_builder_int64 adds a row of
 * a code. -1: out of memory, or too much text, which weir_builder_finish tells. */
int64_t weir_builder_code(struct weir_builder *builder, const char *bytes, size_t length);
void weir_builder_fixed(struct weir_builder *builder, const void *values,
                        int64_t count); /* count rows of the fixed width at once, all present */
/* list: after its items were added to children[0], closes the row (also fixed list, struct). */
void weir_builder_close(struct weir_builder *builder);
/* Copies one value of a column of the same type. -1: out of memory. */
int weir_builder_copy(struct weir_builder *builder, const struct weir_column *column, int64_t row);
/* Moves what was built into *column ({ 0 }) and empties the builder, ready for the next. -1: some append failed. */
int weir_builder_finish(struct weir_builder *builder, struct weir_column *column, struct weir_error *error);

#endif
