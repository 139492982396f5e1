#include "stream/decode_private.h"

#include "base/bytes.h"
#include "stream/utf8.h"

/* A new block as the whole of *slice, in the place of what it held. */
static void *replace_slice(struct weir_cursor *cursor, struct weir_slice *slice, size_t size)
{
    struct weir_block *held = slice->block;
    void *bytes = weir_slice_new(slice, size, 1);
    if (bytes)
        weir_block_unref(held);
    else
        weir_fail_memory(cursor->error);
    return bytes;
}

static int fail_offsets(struct weir_cursor *cursor)
{
    return weir_fail(cursor->error, WEIR_BAD_DATA, "the stream is damaged: offsets that descend");
}

int weir_check_offsets(struct weir_cursor *cursor, const struct weir_column *column)
{
    const int32_t *offsets = weir_offsets(column);
    int descending = offsets[0] < 0;
    for (int64_t i = 0; i < column->rows; i++)
        descending |= offsets[i + 1] < offsets[i];
    return descending ? fail_offsets(cursor) : 0;
}

int weir_narrow_offsets(struct weir_cursor *cursor, struct weir_column *column, int64_t *first)
{
    const struct weir_slice wide = column->offsets;
    const int64_t *from = (const int64_t *)(const void *)wide.bytes;
    int descending = from[0] < 0;
    for (int64_t i = 0; i < column->rows; i++)
        descending |= from[i + 1] < from[i];
    if (descending)
        return fail_offsets(cursor);
    *first = from[0];
    if (from[column->rows] - *first > INT32_MAX)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "more than 2 GiB of text or items in one batch");
    column->offsets = (struct weir_slice){ 0 };
    int32_t *to = replace_slice(cursor, &column->offsets, (size_t)(column->rows + 1) * 4);
    for (int64_t i = 0; to && i <= column->rows; i++)
        to[i] = (int32_t)(from[i] - *first);
    weir_block_unref(wide.block);
    return to ? 0 : -1;
}

/* ---- text ---- */

/* Whether no row begins within a character; what lies between the first offset and the last is valid UTF-8. */
static bool rows_begin_characters(const struct weir_column *column)
{
    const int32_t *offsets = weir_offsets(column);
    const uint8_t *bytes = column->values.bytes;
    int32_t last = offsets[column->rows];
    for (int64_t i = 0; i < column->rows; i++)
        if (offsets[i] < last && (bytes[offsets[i]] & 0xc0) == 0x80)
            return false;
    return true;
}

int weir_check_text(struct weir_cursor *cursor, const struct weir_column *column)
{
    const int32_t *offsets = weir_offsets(column);
    const char *bytes = (const char *)column->values.bytes;
    size_t size = (size_t)(offsets[column->rows] - offsets[0]);
    if (size == 0 || weir_is_ascii(bytes + offsets[0], size) ||
        (weir_is_utf8(bytes + offsets[0], size) && rows_begin_characters(column)))
        return 0;
    for (int64_t row = 0; row < column->rows; row++) {
        size_t length;
        const char *text = weir_text(column, row, &length);
        if (weir_valid(column, row) && !weir_is_utf8(text, length))
            return weir_fail(cursor->error, WEIR_BAD_DATA, "text that is not UTF-8 in row %lld of a batch",
                             (long long)row + 1);
    }
    return 0;
}

/* The bytes of one view: up to 12 stand in it, more in a buffer. NULL: it reaches outside. */
static const uint8_t *view_bytes(const uint8_t *view, const struct weir_slice *buffers, size_t count, int32_t *length)
{
    *length = weir_load_i32(view);
    if (*length < 0)
        return NULL;
    if (*length <= 12)
        return view + 4;
    uint32_t buffer = weir_load_u32(view + 8), offset = weir_load_u32(view + 12);
    if (buffer >= count || offset > buffers[buffer].size || (size_t)*length > buffers[buffer].size - offset)
        return NULL;
    return buffers[buffer].bytes + offset;
}

int weir_flatten_views(struct weir_cursor *cursor, struct weir_column *column, const uint8_t *views,
                       const struct weir_slice *buffers, size_t count)
{
    int64_t total = 0;
    int32_t length;
    for (int64_t row = 0; row < column->rows; row++) {
        if (!weir_valid(column, row))
            continue;
        if (!view_bytes(views + row * 16, buffers, count, &length))
            return weir_fail(cursor->error, WEIR_BAD_DATA, "the stream is damaged: a text lies outside its buffer");
        total += length;
        if (total > INT32_MAX)
            return weir_fail(cursor->error, WEIR_BAD_DATA, "more than 2 GiB of text in one batch");
    }
    if (weir_cursor_charge(cursor, (uint64_t)total))
        return -1;
    int32_t *offsets = replace_slice(cursor, &column->offsets, (size_t)(column->rows + 1) * 4);
    uint8_t *out = offsets ? replace_slice(cursor, &column->values, (size_t)total) : NULL;
    if (!out)
        return -1;
    offsets[0] = 0;
    for (int64_t row = 0; row < column->rows; row++) {
        length = 0;
        if (weir_valid(column, row)) {
            const uint8_t *bytes = view_bytes(views + row * 16, buffers, count, &length);
            memcpy(out + offsets[row], bytes, (size_t)length);
        }
        offsets[row + 1] = offsets[row] + length;
    }
    return 0;
}

/* ---- dictionary codes ---- */

int weir_widen_codes(struct weir_cursor *cursor, const struct weir_wire *wire, struct weir_column *column)
{
    const struct weir_slice narrow = column->values;
    const void *from = narrow.bytes;
    int64_t rows = column->rows;
    column->values = (struct weir_slice){ 0 };
    int32_t *to = replace_slice(cursor, &column->values, (size_t)rows * 4);
    if (!to) {
        weir_block_unref(narrow.block);
        return -1;
    }
#define WIDEN(type)                                                                                                    \
    for (int64_t i = 0; i < rows; i++)                                                                                 \
        to[i] = ((const type *)from)[i] > INT32_MAX ? -1 : (int32_t)((const type *)from)[i];
    switch (wire->code_width) {
    case 1:
        for (int64_t i = 0; i < rows; i++)
            to[i] = wire->code_signed ? ((const int8_t *)from)[i] : ((const uint8_t *)from)[i];
        break;
    case 2:
        for (int64_t i = 0; i < rows; i++)
            to[i] = wire->code_signed ? ((const int16_t *)from)[i] : ((const uint16_t *)from)[i];
        break;
    case 4:
        WIDEN(uint32_t)
        break;
    default:
        WIDEN(uint64_t) /* a negative one is far above INT32_MAX as well */
        break;
    }
#undef WIDEN
    weir_block_unref(narrow.block);
    return 0;
}

/* Whether a row stands beneath a missing one of a parent. */
static bool is_beneath_missing(const struct weir_parent *parent, int64_t row)
{
    for (; parent && parent->items > 0; parent = parent->above) {
        row /= parent->items;
        if (row < parent->column->rows && !weir_valid(parent->column, row))
            return true;
    }
    return false;
}

/* Marks the rows as missing whose code points to a missing value, or to none. */
static int hide_missing_values(struct weir_cursor *cursor, struct weir_column *column, const struct weir_column *values)
{
    const int32_t *codes = weir_codes(column);
    struct weir_slice bits = { 0 };
    uint8_t *valid = replace_slice(cursor, &bits, (size_t)(column->rows + 7) / 8);
    if (!valid)
        return -1;
    memset(valid, 0, bits.size);
    column->null_count = column->rows;
    for (int64_t row = 0; row < column->rows; row++)
        if (weir_valid(column, row) && (int64_t)(uint32_t)codes[row] < values->rows && weir_valid(values, codes[row])) {
            weir_bit_set(valid, row);
            column->null_count--;
        }
    weir_block_unref(column->validity.block);
    column->validity = bits;
    return 0;
}

int weir_check_codes(struct weir_cursor *cursor, struct weir_column *column, const struct weir_column *values)
{
    const int32_t *codes = weir_codes(column);
    uint32_t highest = 0;
    bool strays = false;
    for (int64_t i = 0; i < column->rows; i++)
        highest = (uint32_t)codes[i] > highest ? (uint32_t)codes[i] : highest;
    if (column->rows && (int64_t)highest >= values->rows)
        for (int64_t row = 0; row < column->rows; row++)
            if ((int64_t)(uint32_t)codes[row] >= values->rows && weir_valid(column, row)) {
                if (!is_beneath_missing(cursor->parent, row))
                    return weir_fail(cursor->error, WEIR_BAD_DATA, "a code without a value in its dictionary of %lld",
                                     (long long)values->rows);
                strays = true;
            }
    return column->rows && (values->null_count || strays) ? hide_missing_values(cursor, column, values) : 0;
}

/* Bytes that a copy of one value takes. */
static uint64_t value_bytes(const struct weir_column *column, const struct weir_type *type, int64_t row)
{
    uint64_t width = (uint64_t)weir_kind_width(type->kind), bytes = 1 + width;
    int64_t first = row, last = row + 1;
    if (type->kind == WEIR_UTF8 || type->kind == WEIR_BINARY)
        return 5 + (uint64_t)(weir_offsets(column)[row + 1] - weir_offsets(column)[row]);
    if (type->kind == WEIR_LIST) {
        first = weir_offsets(column)[row];
        last = weir_offsets(column)[row + 1];
    } else if (type->kind == WEIR_FIXED_LIST) {
        first = row * type->list_size;
        last = first + type->list_size;
    } else if (type->kind != WEIR_STRUCT) {
        return bytes;
    }
    for (int child = 0; child < type->child_count; child++) {
        const struct weir_type *item = &type->children[child].type;
        if (weir_kind_width(item->kind))
            bytes += (uint64_t)(last - first) * (uint64_t)(weir_kind_width(item->kind) + 1);
        else
            for (int64_t i = first; i < last; i++)
                bytes += value_bytes(&column->children[child], item, i);
    }
    return bytes;
}

/* Bytes that a missing value takes: a fixed list holds its items all the same. */
static uint64_t null_bytes(const struct weir_type *type)
{
    uint64_t bytes = 5 + (uint64_t)weir_kind_width(type->kind);
    for (int child = 0; child < type->child_count; child++) {
        uint64_t item = null_bytes(&type->children[child].type);
        if (type->kind == WEIR_FIXED_LIST && __builtin_mul_overflow(item, (uint64_t)type->list_size, &item))
            return UINT64_MAX;
        if (__builtin_add_overflow(bytes, item, &bytes))
            return UINT64_MAX;
    }
    return bytes;
}

int weir_put_back_values(struct weir_cursor *cursor, const struct weir_type *type, struct weir_column *column)
{
    struct weir_field values = { .type = *type };
    const struct weir_type coded = { .kind = WEIR_DICTIONARY, .children = &values, .child_count = 1 };
    const int32_t *codes = weir_codes(column);
    struct weir_column decoded;
    for (int64_t row = 0; row < column->rows; row++) {
        bool valid = weir_valid(column, row);
        if (weir_cursor_charge(cursor, valid ? value_bytes(&column->children[0], type, codes[row]) : null_bytes(type)))
            return -1;
    }
    if (weir_column_decode(&decoded, column, &coded, cursor->error))
        return -1;
    weir_column_release(column);
    *column = decoded;
    return 0;
}
