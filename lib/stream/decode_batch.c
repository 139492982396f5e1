#include "base/bytes.h"
#include "stream/arrow.h"
#include "stream/bits.h"
#include "stream/decode_private.h"
#include "stream/wire.h"
#include <stdlib.h>

static int fail_layout(struct weir_cursor *cursor)
{
    return weir_fail(cursor->error, WEIR_BAD_DATA, "the stream is damaged: a batch does not fit its schema");
}

static int fail_short(struct weir_cursor *cursor)
{
    return weir_fail(cursor->error, WEIR_BAD_DATA, "the stream is damaged: a buffer is too short for its rows");
}

int weir_cursor_charge(struct weir_cursor *cursor, uint64_t bytes)
{
    if (bytes > cursor->budget)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "a batch of %zu bytes claims to be far larger unpacked",
                         cursor->body.size);
    cursor->budget -= bytes;
    return 0;
}

/* ---- what stands next in the batch ---- */

static int next_node(struct weir_cursor *cursor, int64_t *rows, int64_t *null_count)
{
    if (cursor->node == cursor->nodes.count)
        return fail_layout(cursor);
    *rows = weir_flat_i64(&cursor->nodes, cursor->node * 2);
    *null_count = weir_flat_i64(&cursor->nodes, cursor->node * 2 + 1);
    cursor->node++;
    if (*rows < 0)
        return fail_layout(cursor);
    if (*rows > cursor->most_rows)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "a batch of %zu bytes claims %lld rows", cursor->body.size,
                         (long long)*rows);
    return 0;
}

/* The extent of buffer number `index` within the body. */
static int buffer_extent(const struct weir_cursor *cursor, size_t index, size_t *offset, size_t *size)
{
    int64_t from = weir_flat_i64(&cursor->buffers, index * 2), length = weir_flat_i64(&cursor->buffers, index * 2 + 1);
    if (from < 0 || length < 0 || (uint64_t)from > cursor->body.size ||
        (uint64_t)length > cursor->body.size - (uint64_t)from)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "the stream is damaged: a buffer lies outside its message");
    *offset = (size_t)from;
    *size = (size_t)length;
    return 0;
}

enum { AS_IT_IS = -1 };

/* The size before compression that a compressed buffer claims; AS_IT_IS: it was left as it is. */
static int64_t claimed_size(const uint8_t *bytes, size_t size)
{
    return size < 8 ? AS_IT_IS - 1 : weir_load_i64(bytes);
}

static size_t padded(size_t size)
{
    return (size + (WEIR_ALIGNMENT - 1)) & ~(size_t)(WEIR_ALIGNMENT - 1);
}

/* Adds up what all buffers will take when unpacked and makes one block for them. */
static int prepare_unpacking(struct weir_cursor *cursor)
{
    size_t total = 0;
    for (size_t i = 0; i < cursor->buffers.count; i++) {
        size_t offset = 0, size = 0;
        if (buffer_extent(cursor, i, &offset, &size))
            return -1;
        if (size == 0)
            continue;
        int64_t claimed = claimed_size(cursor->body.bytes + offset, size);
        if (claimed < AS_IT_IS)
            return weir_fail(cursor->error, WEIR_BAD_DATA, "a compressed buffer is damaged");
        if (claimed > 0) {
            if (weir_cursor_charge(cursor, (uint64_t)claimed))
                return -1;
            total += padded((size_t)claimed);
        }
    }
    cursor->unpacked = weir_source_block(cursor->source, total);
    cursor->most_rows += (int64_t)total * 8;
    return cursor->unpacked ? 0 : weir_fail_memory(cursor->error);
}

static int next_buffer(struct weir_cursor *cursor, struct weir_slice *slice)
{
    size_t offset = 0, size = 0;
    if (cursor->buffer == cursor->buffers.count)
        return fail_layout(cursor);
    if (buffer_extent(cursor, cursor->buffer++, &offset, &size))
        return -1;
    const uint8_t *bytes = cursor->body.bytes + offset;
    if (size == 0) {
        *slice = (struct weir_slice){ .bytes = weir_no_bytes };
        return 0;
    }
    if (cursor->codec != CODEC_NONE) {
        int64_t claimed = claimed_size(bytes, size);
        if (claimed >= 0) {
            uint8_t *out = cursor->unpacked->bytes + cursor->unpacked_used;
            if (weir_decompress(&cursor->decoder->decompressor, cursor->codec, bytes + 8, size - 8, out,
                                (size_t)claimed, cursor->error))
                return -1;
            *slice = (struct weir_slice){ weir_block_ref(cursor->unpacked), out, (size_t)claimed };
            cursor->unpacked_used += padded((size_t)claimed);
            return 0;
        }
        bytes += 8;
        size -= 8;
    }
    *slice = (struct weir_slice){ weir_block_ref(cursor->body.block), bytes, size };
    return 0;
}

/* The next buffer, cut to count * width bytes, at an address that is a multiple of width. */
static int next_fixed(struct weir_cursor *cursor, int64_t count, int width, struct weir_slice *slice)
{
    if (next_buffer(cursor, slice))
        return -1;
    size_t size = (size_t)count * (size_t)width;
    if (slice->size < size)
        return fail_short(cursor);
    slice->size = size;
    if ((uintptr_t)slice->bytes % (size_t)width == 0)
        return 0;
    struct weir_slice aligned;
    void *bytes = weir_slice_new(&aligned, size, 1);
    if (!bytes)
        return weir_fail_memory(cursor->error);
    memcpy(bytes, slice->bytes, size);
    weir_block_unref(slice->block);
    *slice = aligned;
    return 0;
}

/* `size` bytes of 0, shared by all that need some. */
static int zeros(struct weir_cursor *cursor, size_t size, struct weir_slice *slice)
{
    struct weir_decoder *decoder = cursor->decoder;
    if (!decoder->zeros || decoder->zeros->capacity < size) {
        size_t capacity = size < 4096 ? 4096 : size + size / 2;
        struct weir_block *block = weir_block_new(capacity);
        if (!block)
            return weir_fail_memory(cursor->error);
        memset(block->bytes, 0, capacity);
        weir_block_unref(decoder->zeros);
        decoder->zeros = block;
    }
    *slice = (struct weir_slice){ weir_block_ref(decoder->zeros), decoder->zeros->bytes, size };
    return 0;
}

/* ---- columns ---- */

static int decode_validity(struct weir_cursor *cursor, int64_t null_count, struct weir_column *column)
{
    struct weir_slice *validity = &column->validity;
    size_t size = (size_t)(column->rows + 7) / 8;
    if (null_count < 0 || null_count > column->rows)
        return fail_layout(cursor);
    if (next_buffer(cursor, validity))
        return -1;
    if (null_count && validity->size < size)
        return fail_short(cursor);
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
    if (next_buffer(cursor, &column->values))
        return -1;
    if (column->values.size < size)
        return fail_short(cursor);
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
        if (next_buffer(cursor, &ignored))
            return -1;
        weir_block_unref(ignored.block);
        return zeros(cursor, 4, &column->offsets);
    }
    if (next_fixed(cursor, column->rows + 1, large ? 8 : 4, &column->offsets))
        return -1;
    return large ? weir_narrow_offsets(cursor, column, first) : weir_check_offsets(cursor, column);
}

static int decode_text(struct weir_cursor *cursor, const struct weir_wire *wire, enum weir_kind kind,
                       struct weir_column *column)
{
    int64_t first;
    if (decode_offsets(cursor, wire, column, &first) || next_buffer(cursor, &column->values))
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
    int64_t count = 0;
    int result = -1;
    if (next_buffer(cursor, &views))
        return -1;
    if (cursor->variadic_at < cursor->variadic.count)
        count = weir_flat_i64(&cursor->variadic, cursor->variadic_at);
    if (cursor->variadic_at++ >= cursor->variadic.count || count < 0 ||
        (uint64_t)count > cursor->buffers.count - cursor->buffer) {
        fail_layout(cursor);
        count = 0;
        goto done;
    }
    if (!(buffers = weir_allocate_zero((size_t)count, sizeof *buffers))) {
        weir_fail_memory(cursor->error);
        count = 0;
        goto done;
    }
    for (int64_t i = 0; i < count; i++)
        if (next_buffer(cursor, &buffers[i]))
            goto done;
    if (views.size / 16 < (size_t)column->rows) {
        fail_short(cursor);
        goto done;
    }
    result = weir_flatten_views(cursor, column, views.bytes, buffers, (size_t)count);
    if (result == 0 && kind == WEIR_UTF8)
        result = weir_check_text(cursor, column);
done:
    for (int64_t i = 0; i < count; i++)
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
    if (next_fixed(cursor, size, 1, &column->values))
        return -1;
    int32_t *offsets = weir_slice_new(&column->offsets, (size_t)column->rows + 1, sizeof *offsets);
    if (!offsets)
        return weir_fail_memory(cursor->error);
    for (int64_t i = 0; i <= column->rows; i++)
        offsets[i] = (int32_t)(i * width);
    return 0;
}

static int decode_column(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                         struct weir_column *column);

static int add_children(struct weir_cursor *cursor, struct weir_column *column, int count)
{
    return weir_column_add_children(column, count) ? weir_fail_memory(cursor->error) : 0;
}

/* A child that must have `rows` rows; of one that has more the rest is cut off. */
static int decode_child(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                        int64_t rows, struct weir_column *column)
{
    if (decode_column(cursor, wire, type, column))
        return -1;
    if (column->rows < rows)
        return fail_layout(cursor);
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
    if (decode_column(cursor, &wire->children[0], &type->children[0].type, items))
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
        return fail_layout(cursor);
    if (add_children(cursor, column, type->child_count))
        return -1;
    for (int i = 0; i < type->child_count; i++)
        if (decode_child(cursor, &wire->children[i], &type->children[i].type, rows, &column->children[i]))
            return -1;
    return 0;
}

/* A column's values, whether they stand in a batch or in a dictionary. */
static int decode_values(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                         struct weir_column *column)
{
    int64_t null_count;
    if (next_node(cursor, &column->rows, &null_count))
        return -1;
    if (type->kind == WEIR_NULL) { /* its count says nothing: apache-arrow of npm leaves that of the whole in a slice */
        column->null_count = column->rows;
        return zeros(cursor, (size_t)(column->rows + 7) / 8, &column->validity);
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
        return next_fixed(cursor, column->rows, weir_kind_width(type->kind), &column->values);
    }
}

/* Codes as int32, and the dictionary beside them or its values in their place. */
static int decode_codes(struct weir_cursor *cursor, const struct weir_wire *wire, struct weir_column *column)
{
    int64_t null_count;
    struct weir_dictionary *dictionary = &cursor->decoder->dictionaries[wire->dictionary];
    if (next_node(cursor, &column->rows, &null_count) || decode_validity(cursor, null_count, column) ||
        next_fixed(cursor, column->rows, wire->code_width, &column->values))
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

static int decode_column(struct weir_cursor *cursor, const struct weir_wire *wire, const struct weir_type *type,
                         struct weir_column *column)
{
    return wire->coded ? decode_codes(cursor, wire, column) : decode_values(cursor, wire, type, column);
}

/* ---- messages ---- */

static int open_cursor(struct weir_cursor *cursor, const struct weir_flat_table *batch)
{
    struct weir_flat_table compression = weir_flat_child(batch, BATCH_COMPRESSION);
    cursor->rows = weir_flat_integer(batch, BATCH_LENGTH, 8, 0);
    cursor->nodes = weir_flat_vector(batch, BATCH_NODES, 16);
    cursor->buffers = weir_flat_vector(batch, BATCH_BUFFERS, 16);
    cursor->variadic = weir_flat_vector(batch, BATCH_VARIADIC_COUNTS, 8);
    cursor->codec = CODEC_NONE;
    cursor->budget = (256u << 20) + (uint64_t)cursor->body.size * 4096;
    cursor->most_rows = (1 << 24) + (int64_t)cursor->body.size * 8;
    if (compression.flat) {
        cursor->codec = (int)weir_flat_integer(&compression, COMPRESSION_CODEC, 1, CODEC_LZ4_FRAME);
        if (cursor->codec != CODEC_LZ4_FRAME && cursor->codec != CODEC_ZSTD)
            return weir_fail(cursor->error, WEIR_BAD_DATA, "a batch is compressed by method %d, which is not known",
                             cursor->codec);
        if (weir_flat_integer(&compression, COMPRESSION_METHOD, 1, 0) != 0)
            return weir_fail(cursor->error, WEIR_BAD_DATA, "a batch is compressed in a way that is not known");
    }
    if (cursor->flat->damaged || cursor->rows < 0)
        return fail_layout(cursor);
    if (cursor->codec != CODEC_NONE && prepare_unpacking(cursor))
        return -1;
    if (cursor->most_rows > INT32_MAX)
        cursor->most_rows = INT32_MAX;
    if (cursor->rows > cursor->most_rows)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "a batch of %zu bytes claims %lld rows", cursor->body.size,
                         (long long)cursor->rows);
    return 0;
}

static int close_cursor(struct weir_cursor *cursor)
{
    if (cursor->node != cursor->nodes.count || cursor->buffer != cursor->buffers.count)
        return fail_layout(cursor);
    return 0;
}

int weir_decode_batch(struct weir_decoder *decoder, struct weir_frame *frame, struct weir_source *source,
                      struct weir_batch *batch, struct weir_error *error)
{
    struct weir_cursor cursor = {
        .decoder = decoder, .source = source, .flat = &frame->flat, .body = frame->body, .error = error
    };
    const struct weir_schema *schema = &decoder->schema;
    int result = open_cursor(&cursor, &frame->table);
    if (result == 0 && weir_batch_init(batch, schema->count, cursor.rows))
        result = weir_fail_memory(error);
    for (int i = 0; i < schema->count && result == 0; i++) {
        struct weir_column *column = &batch->columns[i];
        result = decode_column(&cursor, &decoder->wires[i], &schema->fields[i].type, column);
        if (result == 0 && column->rows != batch->rows)
            result = fail_layout(&cursor);
        if (result)
            weir_fail_in(error, "column '%.200s'", schema->fields[i].name);
    }
    if (result == 0)
        result = close_cursor(&cursor);
    if (result)
        weir_batch_release(batch);
    weir_block_unref(cursor.unpacked);
    return result;
}

/* Values after those that are there already. */
static int append_values(struct weir_dictionary *dictionary, struct weir_column *more, struct weir_error *error)
{
    struct weir_field field = { .name = (char[]){ "values" }, .type = *dictionary->type };
    const struct weir_schema schema = { .fields = &field, .count = 1 };
    struct weir_batch joined;
    const struct weir_batch parts[2] = {
        { .rows = dictionary->values.rows, .count = 1, .columns = &dictionary->values },
        { .rows = more->rows, .count = 1, .columns = more },
    };
    if (weir_batch_concatenate(&joined, parts, 2, &schema, error))
        return -1;
    weir_column_release(&dictionary->values);
    dictionary->values = joined.columns[0];
    joined.columns[0] = (struct weir_column){ 0 };
    weir_batch_release(&joined);
    return 0;
}

static struct weir_dictionary *find_dictionary(struct weir_decoder *decoder, int64_t id)
{
    size_t low = 0, high = decoder->dictionary_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (decoder->dictionaries[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < decoder->dictionary_count && decoder->dictionaries[low].id == id;
    return found ? &decoder->dictionaries[low] : NULL;
}

int weir_decode_dictionary(struct weir_decoder *decoder, struct weir_frame *frame, struct weir_source *source,
                           struct weir_error *error)
{
    struct weir_cursor cursor = {
        .decoder = decoder, .source = source, .flat = &frame->flat, .body = frame->body, .error = error
    };
    int64_t id = weir_flat_integer(&frame->table, DICTIONARY_ID, 8, 0);
    bool delta = weir_flat_bool(&frame->table, DICTIONARY_DELTA);
    struct weir_flat_table data = weir_flat_child(&frame->table, DICTIONARY_DATA);
    struct weir_dictionary *dictionary = find_dictionary(decoder, id);
    struct weir_column values = { 0 };
    if (!data.flat || frame->flat.damaged || !dictionary)
        return weir_fail(error, WEIR_BAD_DATA, "the stream is damaged: a dictionary that no column has");
    int result = open_cursor(&cursor, &data);
    if (result == 0)
        result = decode_values(&cursor, dictionary->wire, dictionary->type, &values);
    if (result == 0 && values.rows != cursor.rows)
        result = fail_layout(&cursor);
    if (result == 0)
        result = close_cursor(&cursor);
    if (result == 0 && delta && dictionary->received) {
        result = append_values(dictionary, &values, error);
    } else if (result == 0) {
        weir_column_release(&dictionary->values);
        dictionary->values = values;
        values = (struct weir_column){ 0 };
        dictionary->received = true;
    }
    weir_column_release(&values);
    weir_block_unref(cursor.unpacked);
    return result ? weir_fail_in(error, "dictionary %lld", (long long)id) : 0;
}
