#include "base/bytes.h"
#include "stream/arrow.h"
#include "stream/compression.h"
#include "stream/encode.h"
#include <stdlib.h>

static const int32_t NO_ROWS[1]; /* the one offset of a column without rows */

void weir_encoder_clear(struct weir_encoder *encoder)
{
    weir_buffer_clear(&encoder->nodes);
    weir_buffer_clear(&encoder->buffers);
    while (encoder->kept_count)
        weir_block_unref(encoder->kept[--encoder->kept_count].block);
    while (encoder->column_count)
        weir_column_release(&encoder->columns[--encoder->column_count]);
}

void weir_encoder_release(struct weir_encoder *encoder)
{
    weir_encoder_clear(encoder);
    weir_buffer_release(&encoder->nodes);
    weir_buffer_release(&encoder->buffers);
    free(encoder->kept);
    free(encoder->columns);
    *encoder = (struct weir_encoder){ 0 };
}

static void add_numbers(struct weir_buffer *buffer, int64_t first, int64_t second)
{
    uint8_t bytes[16];
    weir_store_u64(bytes, (uint64_t)first);
    weir_store_u64(bytes + 8, (uint64_t)second);
    weir_buffer_append(buffer, bytes, sizeof bytes);
}

/* Memory that lives until the batch is sent; NULL: out of memory. */
static uint8_t *keep(struct weir_encoder *encoder, size_t size)
{
    void *kept = encoder->kept;
    if (weir_grow(&kept, &encoder->kept_capacity, encoder->kept_count + 1, sizeof *encoder->kept))
        return NULL;
    encoder->kept = kept;
    uint8_t *bytes = weir_slice_new(&encoder->kept[encoder->kept_count], size, 1);
    encoder->kept_count += bytes != NULL;
    return bytes;
}

static int add_buffer(struct weir_encoder *encoder, const void *bytes, size_t size)
{
    if (size && encoder->compression != WEIR_UNCOMPRESSED) {
        struct weir_buffer compressed = { 0 };
        uint8_t *kept = NULL;
        int result = weir_compress(encoder->compression, bytes, size, &compressed, encoder->error);
        if (result == 0 && (kept = keep(encoder, compressed.size)))
            memcpy(kept, compressed.bytes, compressed.size);
        else if (result == 0)
            result = weir_fail_memory(encoder->error);
        size = compressed.size;
        bytes = kept;
        weir_buffer_release(&compressed);
        if (result)
            return -1;
    }
    add_numbers(&encoder->buffers, (int64_t)encoder->parts->bytes, (int64_t)size);
    weir_body_add(encoder->parts, bytes, size);
    return 0;
}

static int fail_built(struct weir_encoder *encoder)
{
    return weir_fail(encoder->error, WEIR_BUG, "a batch is not what its type says");
}

static int add_slice(struct weir_encoder *encoder, const struct weir_slice *slice, size_t size)
{
    return slice->size < size ? fail_built(encoder) : add_buffer(encoder, slice->bytes, size);
}

static int encode_empty(struct weir_encoder *encoder, const struct weir_type *type)
{
    add_numbers(&encoder->nodes, 0, 0);
    if (type->kind == WEIR_NULL)
        return 0;
    int result = add_buffer(encoder, NULL, 0);
    if (type->kind == WEIR_UTF8 || type->kind == WEIR_BINARY || type->kind == WEIR_LIST)
        result |= add_buffer(encoder, NO_ROWS, sizeof NO_ROWS);
    if (type->kind < WEIR_LIST || type->kind == WEIR_DICTIONARY)
        return result | add_buffer(encoder, NULL, 0);
    for (int i = 0; i < type->child_count; i++)
        result |= encode_empty(encoder, &type->children[i].type);
    return result;
}

/* Offsets that begin at 0, as other readers like them. */
static int encode_offsets(struct weir_encoder *encoder, const struct weir_column *column)
{
    const int32_t *offsets = weir_offsets(column);
    size_t size = (size_t)(column->rows + 1) * 4;
    if (column->offsets.size < size)
        return fail_built(encoder);
    if (offsets[0] == 0)
        return add_buffer(encoder, offsets, size);
    int32_t *moved = (int32_t *)(void *)keep(encoder, size);
    if (!moved)
        return weir_fail_memory(encoder->error);
    for (int64_t i = 0; i <= column->rows; i++)
        moved[i] = offsets[i] - offsets[0];
    return add_buffer(encoder, moved, size);
}

static int encode_text(struct weir_encoder *encoder, const struct weir_column *column)
{
    const int32_t *offsets = weir_offsets(column);
    if (encode_offsets(encoder, column))
        return -1;
    int32_t first = offsets[0], last = offsets[column->rows];
    if (first < 0 || last < first || (size_t)last > column->values.size)
        return fail_built(encoder);
    return add_buffer(encoder, column->values.bytes + first, (size_t)(last - first));
}

static int encode_list(struct weir_encoder *encoder, const struct weir_type *type, const struct weir_column *column)
{
    const int32_t *offsets = weir_offsets(column);
    const struct weir_type *item = &type->children[0].type;
    if (column->child_count != 1 || encode_offsets(encoder, column))
        return column->child_count != 1 ? fail_built(encoder) : -1;
    const struct weir_column *items = &column->children[0];
    int32_t first = offsets[0], last = offsets[column->rows];
    if (first < 0 || last < first || last > items->rows)
        return fail_built(encoder);
    if (first == 0 && last == items->rows)
        return weir_encode_column(encoder, item, items);
    struct weir_column slice;
    void *columns = encoder->columns;
    if (weir_grow(&columns, &encoder->column_capacity, encoder->column_count + 1, sizeof *encoder->columns))
        return weir_fail_memory(encoder->error);
    encoder->columns = columns;
    if (weir_column_slice(&slice, items, item, first, last - first))
        return weir_fail_memory(encoder->error);
    encoder->columns[encoder->column_count++] = slice;
    return weir_encode_column(encoder, item, &slice);
}

static int encode_children(struct weir_encoder *encoder, const struct weir_type *type, const struct weir_column *column)
{
    int64_t rows = type->kind == WEIR_FIXED_LIST ? column->rows * type->list_size : column->rows;
    if (column->child_count != type->child_count)
        return fail_built(encoder);
    for (int i = 0; i < type->child_count; i++)
        if (column->children[i].rows != rows)
            return fail_built(encoder);
        else if (weir_encode_column(encoder, &type->children[i].type, &column->children[i]))
            return -1;
    return 0;
}

int weir_encode_column(struct weir_encoder *encoder, const struct weir_type *type, const struct weir_column *column)
{
    if (!column || column->rows == 0)
        return encode_empty(encoder, type);
    size_t bitmap = (size_t)(column->rows + 7) / 8;
    if (type->kind == WEIR_NULL) {
        add_numbers(&encoder->nodes, column->rows, column->rows);
        return 0;
    }
    add_numbers(&encoder->nodes, column->rows, column->null_count);
    if (column->null_count ? add_slice(encoder, &column->validity, bitmap) : add_buffer(encoder, NULL, 0))
        return -1;
    switch (type->kind) {
    case WEIR_BOOL:
        return add_slice(encoder, &column->values, bitmap);
    case WEIR_UTF8:
    case WEIR_BINARY:
        return encode_text(encoder, column);
    case WEIR_LIST:
        return encode_list(encoder, type, column);
    case WEIR_FIXED_LIST:
    case WEIR_STRUCT:
        return encode_children(encoder, type, column);
    default:
        return add_slice(encoder, &column->values, (size_t)column->rows * (size_t)weir_kind_width(type->kind));
    }
}

static size_t add_vector(struct weir_flat_builder *builder, const struct weir_buffer *pairs)
{
    size_t vector = weir_flat_add_vector(builder, pairs->size / 16, 16);
    if (!builder->buffer.failed && pairs->size)
        memcpy(builder->buffer.bytes + vector + 4, pairs->bytes, pairs->size);
    return vector;
}

size_t weir_encode_batch(struct weir_encoder *encoder, struct weir_flat_builder *builder, int64_t rows)
{
    bool compressed = encoder->compression != WEIR_UNCOMPRESSED;
    const struct weir_flat_slot slots[BATCH_SLOTS] = { [BATCH_LENGTH] = { 8, rows },
                                                       [BATCH_NODES] = { 4, 0 },
                                                       [BATCH_BUFFERS] = { 4, 0 },
                                                       [BATCH_COMPRESSION] = { compressed ? 4 : 0, 0 } };
    if (encoder->nodes.failed || encoder->buffers.failed)
        builder->buffer.failed = true;
    size_t table = weir_flat_add_table(builder, slots, BATCH_SLOTS);
    weir_flat_link(builder, weir_flat_slot(builder, table, BATCH_NODES), add_vector(builder, &encoder->nodes));
    weir_flat_link(builder, weir_flat_slot(builder, table, BATCH_BUFFERS), add_vector(builder, &encoder->buffers));
    if (compressed) {
        const struct weir_flat_slot codec[COMPRESSION_SLOTS] = {
            [COMPRESSION_CODEC] = { 1, encoder->compression == WEIR_LZ4 ? CODEC_LZ4_FRAME : CODEC_ZSTD },
            [COMPRESSION_METHOD] = { 1, 0 }
        };
        weir_flat_link(builder, weir_flat_slot(builder, table, BATCH_COMPRESSION),
                       weir_flat_add_table(builder, codec, COMPRESSION_SLOTS));
    }
    return table;
}

size_t weir_encode_dictionary(struct weir_encoder *encoder, struct weir_flat_builder *builder, int64_t id, int64_t rows)
{
    const struct weir_flat_slot slots[DICTIONARY_SLOTS] = {
        [DICTIONARY_ID] = { 8, id }, [DICTIONARY_DATA] = { 4, 0 }, [DICTIONARY_DELTA] = { 1, 0 }
    };
    size_t table = weir_flat_add_table(builder, slots, DICTIONARY_SLOTS);
    weir_flat_link(builder, weir_flat_slot(builder, table, DICTIONARY_DATA), weir_encode_batch(encoder, builder, rows));
    return table;
}

size_t weir_encoded_size(const struct weir_type *type, const struct weir_column *column)
{
    size_t rows = (size_t)column->rows, size = rows / 8 + rows * (size_t)weir_kind_width(type->kind);
    if (type->kind == WEIR_UTF8 || type->kind == WEIR_BINARY || type->kind == WEIR_LIST) {
        const int32_t *offsets = weir_offsets(column);
        size_t used = rows ? (size_t)(offsets[rows] - offsets[0]) : 0;
        if (type->kind != WEIR_LIST)
            return size + rows * 4 + used;
        const struct weir_column *items = &column->children[0];
        double share = items->rows ? (double)used / (double)items->rows : 0;
        return size + rows * 4 + (size_t)(share * (double)weir_encoded_size(&type->children[0].type, items));
    }
    if (type->kind == WEIR_FIXED_LIST || type->kind == WEIR_STRUCT)
        for (int i = 0; i < type->child_count; i++)
            size += weir_encoded_size(&type->children[i].type, &column->children[i]);
    return size;
}
