/* A column of a batch, or the values of a dictionary, out of a message's nodes and buffers: everything is checked here
 * or in decode_values.c before it becomes a part of a batch. */
#include "base/bytes.h"
#include "stream/bits.h"
#include "stream/decode_private.h"
#include <stdlib.h>

static int decode_validity(struct weir_cursor *cursor, int64_t null_count, struct weir_column *column)
{
    struct weir_slice *validity = &column->validity;
    size_t size = (size_t)(column->rows + 7) / 8;
    if (null_count < 0 || null_count > column->rows)
        return weir_cursor_fail(cursor);
    if (weir_cursor_buffer(cursor, validity))
        return -1;
    if (null_count && validity->size < size)
        return weir_cursor_fail_short(cursor);
    if (null_count)
        column->null_count = column->rows - weir_bits_count(validity->bytes, column->rows);
    validity->size = size;
    if (column->null_count == 0) {
        weir_block_unref(validity->block);
        *validity = (struct weir_slice){ 0 };
    }
    return 0;
}

static int decode_bits(struct weir_cursor *cursor, struct weir_column *column)
{
    size_t size = (size_t)(column->rows + 7) / 8;
    if (weir_cursor_buffer(cursor, &column->values))
        return -1;
    if (column->values.size < size)
        return weir_cursor_fail_short(cursor);
    column->values.size = size;
    return 0;
}

/* Offsets of text, binary and lists as int32, ascending from 0 or more. */
static int decode_offsets(struct weir_cursor *cursor, const struct weir_wire *wire, struct weir_column *column,
                          int64_t *first)
{
    bool large = wire->form == WEIR_FORM_LARGE;
    *first = 0;
    if (column->rows == 0) {
        /* Arrow lets an empty column leave its one offset out. */
        struct weir_slice ignored;
        if (weir_cursor_buffer(cursor, &ignored))
            return -1;
        weir_block_unref(ignored.block);
        return weir_cursor_zeros(cursor, 4, &column->offsets);
    }
    if (weir_cursor_fixed(cursor, column->rows + 1, large ? 8 : 4, &column->offsets))
        return -1;
    return large ? weir_narrow_offsets(cursor, column, first) : weir_check_offsets(cursor, column);
}

static int decode_text(struct weir_cursor *cursor, const struct weir_wire *wire, enum weir_kind kind,
                       struct weir_column *column)
{
    int64_t first;
    if (decode_offsets(cursor, wire, column, &first) || weir_cursor_buffer(cursor, &column->values))
        return -1;
    const int32_t *offsets = weir_offsets(column);
    if ((uint64_t)first + (uint64_t)offsets[column->rows] > column->values.size)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "the stream is damaged: an offset lies outside its buffer");
    column->values.bytes += first;
    column->values.size = (size_t)offsets[column->rows];
    return kind == WEIR_UTF8 ? weir_check_text(cursor, column) : 0;
}

static int decode_views(struct weir_cursor *cursor, enum weir_kind kind, struct weir_column *column)
{
    struct weir_slice views = { 0 }, *buffers = NULL;
    size_t count = 0, held = 0;
    int result = -1;
    if (weir_cursor_buffer(cursor, &views) || weir_cursor_variadic(cursor, &count))
        goto done;
    if (!(buffers = weir_allocate_zero(count, sizeof *buffers))) {
        weir_fail_memory(cursor->error);
        goto done;
    }
    for (; held < count; held++)
        if (weir_cursor_buffer(cursor, &buffers[held]))
            goto done;
    if (views.size / 16 < (size_t)column->rows) {
        weir_cursor_fail_short(cursor);
        goto done;
    }
    result = weir_flatten_views(cursor, column, views.bytes, buffers, count);
    if (result == 0 && kind == WEIR_UTF8)
        result = weir_check_text(cursor, column);
done:
    for (size_t i = 0; i < held; i++)
        weir_block_unref(buffers[i].block);
    free(buffers);
    weir_block_unref(views.block);
    return result;
}

static int decode_fixed_binary(struct weir_cursor *cursor, int32_t width, struct weir_column *column)
{
    int64_t size;
    if (__builtin_mul_overflow(column->rows, (int64_t)width, &size) || size > INT32_MAX)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "more than 2 GiB of bytes in one batch");
    if (weir_cursor_fixed(cursor, size, 1, &column->values))
        return -1;
    int32_t *offsets = weir_slice_new(&column->offsets, (size_t)column->rows + 1, sizeof *offsets);
    if (!offsets)
        return weir_fail_memory(cursor->error);
    for (int64_t i = 0; i <= column->rows; i++)
        offsets[i] = (int32_t)(i * width);
    return 0;
}

static int add_children(struct weir_cursor *cursor, struct weir_column *column, int count)
{
    return weir_column_add_children(column, count) ? weir_fail_memory(cursor->error) : 0;
}

/* A child that must have `rows` rows; of one that has more the rest is cut off. */
static int decode_child(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                        int64_t rows, struct weir_column *column)
{
    if (weir_decode_column(cursor, wire, type, column))
        return -1;
    if (column->rows < rows)
        return weir_cursor_fail(cursor);
    if (column->rows == rows)
        return 0;
    struct weir_column cut;
    if (weir_column_slice(&cut, column, type, 0, rows))
        return weir_fail_memory(cursor->error);
    weir_column_release(column);
    *column = cut;
    return 0;
}

static int decode_list(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                       struct weir_column *column)
{
    int64_t first;
    if (decode_offsets(cursor, wire, column, &first) || add_children(cursor, column, 1))
        return -1;
    struct weir_column *items = &column->children[0];
    const struct weir_parent *above = cursor->parent;
    cursor->parent = NULL;
    int result = weir_decode_column(cursor, &wire->children[0], &type->children[0].type, items);
    cursor->parent = above;
    if (result)
        return -1;
    int64_t last = first + weir_offsets(column)[column->rows];
    if (last > items->rows)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "the stream is damaged: a list reaches beyond its items");
    if (first == 0)
        return 0;
    struct weir_column rest;
    if (weir_column_slice(&rest, items, &type->children[0].type, first, last - first))
        return weir_fail_memory(cursor->error);
    weir_column_release(items);
    *items = rest;
    return 0;
}

static int decode_nested(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                         struct weir_column *column)
{
    int64_t rows = column->rows;
    if (type->kind == WEIR_FIXED_LIST && __builtin_mul_overflow(rows, (int64_t)type->list_size, &rows))
        return weir_cursor_fail(cursor);
    if (add_children(cursor, column, type->child_count))
        return -1;
    const struct weir_parent *above = cursor->parent;
    const struct weir_parent parent = { column, type->kind == WEIR_FIXED_LIST ? type->list_size : 1, above };
    int result = 0;
    cursor->parent = &parent;
    for (int i = 0; i < type->child_count && result == 0; i++)
        result = decode_child(cursor, &wire->children[i], &type->children[i].type, rows, &column->children[i]);
    cursor->parent = above;
    return result;
}

/* A column's values, whether they stand in a batch or in a dictionary. */
int weir_decode_values(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                       struct weir_column *column)
{
    int64_t null_count;
    if (weir_cursor_node(cursor, &column->rows, &null_count))
        return -1;
    if (type->kind == WEIR_NULL) { /* its count says nothing: apache-arrow of npm leaves that of the whole in a slice */
        column->null_count = column->rows;
        return weir_cursor_zeros(cursor, (size_t)(column->rows + 7) / 8, &column->validity);
    }
    if (decode_validity(cursor, null_count, column))
        return -1;
    switch (type->kind) {
    case WEIR_BOOL:
        return decode_bits(cursor, column);
    case WEIR_UTF8:
    case WEIR_BINARY:
        if (wire->form == WEIR_FORM_VIEW)
            return decode_views(cursor, type->kind, column);
        if (wire->form == WEIR_FORM_FIXED_BINARY)
            return decode_fixed_binary(cursor, wire->width, column);
        return decode_text(cursor, wire, type->kind, column);
    case WEIR_LIST:
        return decode_list(cursor, wire, type, column);
    case WEIR_FIXED_LIST:
    case WEIR_STRUCT:
        return decode_nested(cursor, wire, type, column);
    default:
        return weir_cursor_fixed(cursor, column->rows, weir_kind_width(type->kind), &column->values);
    }
}

/* Codes as int32, and the dictionary beside them or its values in their place. */
static int decode_codes(struct weir_cursor *cursor, const struct weir_wire *wire, struct weir_column *column)
{
    int64_t null_count;
    struct weir_dictionary *dictionary = &cursor->decoder->dictionaries[wire->dictionary];
    if (weir_cursor_node(cursor, &column->rows, &null_count) || decode_validity(cursor, null_count, column) ||
        weir_cursor_fixed(cursor, column->rows, wire->code_width, &column->values))
        return -1;
    if ((wire->code_width != 4 || !wire->code_signed) && weir_widen_codes(cursor, wire, column))
        return -1;
    if (!dictionary->received) {
        /* None came: then no code can be meant. */
        struct weir_builder builder;
        if (weir_builder_init(&builder, dictionary->type))
            return weir_fail_memory(cursor->error);
        int result = weir_builder_finish(&builder, &dictionary->values, cursor->error);
        weir_builder_release(&builder);
        if (result)
            return -1;
        dictionary->received = true;
    }
    if (add_children(cursor, column, 1) || weir_check_codes(cursor, column, &dictionary->values))
        return -1;
    if (weir_column_share(&column->children[0], &dictionary->values))
        return weir_fail_memory(cursor->error);
    return wire->keep_codes ? 0 : weir_put_back_values(cursor, dictionary->type, column);
}

/* Past a column whose type is refused, and its children: nothing of them is looked at. */
static int skip(struct weir_cursor *cursor, const struct weir_wire *wire, int64_t *rows)
{
    int64_t null_count, child_rows;
    size_t variadic = 0;
    if (weir_cursor_node(cursor, rows, &null_count))
        return -1;
    for (int i = 0; i < wire->buffers; i++)
        if (weir_cursor_skip(cursor))
            return -1;
    if (!wire->coded && wire->form == WEIR_FORM_VIEW && weir_cursor_variadic(cursor, &variadic))
        return -1;
    for (size_t i = 0; i < variadic; i++)
        if (weir_cursor_skip(cursor))
            return -1;
    for (int i = 0; i < wire->child_count && !wire->coded; i++)
        if (skip(cursor, &wire->children[i], &child_rows))
            return -1;
    return 0;
}

int weir_decode_column(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                       struct weir_column *column)
{
    if (!type->refused)
        return wire->coded ? decode_codes(cursor, wire, column) : weir_decode_values(cursor, wire, type, column);
    if (skip(cursor, wire, &column->rows))
        return -1;
    column->null_count = column->rows;
    return weir_cursor_zeros(cursor, (size_t)(column->rows + 7) / 8, &column->validity);
}
