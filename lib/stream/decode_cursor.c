/* The way through the nodes and buffers of one message, in Arrow's order; compressed buffers are unpacked on it. */
#include "base/bytes.h"
#include "stream/arrow.h"
#include "stream/decode_private.h"

int weir_cursor_fail(struct weir_cursor *cursor)
{
    return weir_fail(cursor->error, WEIR_BAD_DATA, "the stream is damaged: a batch does not fit its schema");
}

int weir_cursor_fail_short(struct weir_cursor *cursor)
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

int weir_cursor_node(struct weir_cursor *cursor, int64_t *rows, int64_t *null_count)
{
    if (cursor->node == cursor->nodes.count)
        return weir_cursor_fail(cursor);
    *rows = weir_flat_i64(&cursor->nodes, cursor->node * 2);
    *null_count = weir_flat_i64(&cursor->nodes, cursor->node * 2 + 1);
    cursor->node++;
    if (*rows < 0)
        return weir_cursor_fail(cursor);
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

int weir_cursor_buffer(struct weir_cursor *cursor, struct weir_slice *slice)
{
    size_t offset = 0, size = 0;
    if (cursor->buffer == cursor->buffers.count)
        return weir_cursor_fail(cursor);
    if (buffer_extent(cursor, cursor->buffer++, &offset, &size))
        return -1;
    const uint8_t *bytes = cursor->body.bytes + offset;
    if (size == 0) {
        *slice = (struct weir_slice){ .bytes = weir_no_bytes };
        return 0;
    }
    if (cursor->codec != CODEC_NONE) {
        int64_t claimed = claimed_size(bytes, size);
        if (claimed == 0) { /* Java writes no frame then */
            *slice = (struct weir_slice){ .bytes = weir_no_bytes };
            return 0;
        }
        if (claimed > 0) {
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

int weir_cursor_skip(struct weir_cursor *cursor)
{
    if (cursor->buffer == cursor->buffers.count)
        return weir_cursor_fail(cursor);
    cursor->buffer++;
    return 0;
}

int weir_cursor_variadic(struct weir_cursor *cursor, size_t *count)
{
    int64_t said = -1;
    if (cursor->variadic_at < cursor->variadic.count)
        said = weir_flat_i64(&cursor->variadic, cursor->variadic_at++);
    if (said < 0 || (uint64_t)said > cursor->buffers.count - cursor->buffer)
        return weir_cursor_fail(cursor);
    *count = (size_t)said;
    return 0;
}

/* The next buffer, cut to count * width bytes, at an address that is a multiple of width. */
int weir_cursor_fixed(struct weir_cursor *cursor, int64_t count, int width, struct weir_slice *slice)
{
    if (weir_cursor_buffer(cursor, slice))
        return -1;
    size_t size = (size_t)count * (size_t)width;
    if (slice->size < size)
        return weir_cursor_fail_short(cursor);
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
int weir_cursor_zeros(struct weir_cursor *cursor, size_t size, struct weir_slice *slice)
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

int weir_cursor_open(struct weir_cursor *cursor, const struct weir_flat_table *batch)
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
        return weir_cursor_fail(cursor);
    if (cursor->codec != CODEC_NONE && prepare_unpacking(cursor))
        return -1;
    if (cursor->most_rows > INT32_MAX)
        cursor->most_rows = INT32_MAX;
    if (cursor->rows > cursor->most_rows)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "a batch of %zu bytes claims %lld rows", cursor->body.size,
                         (long long)cursor->rows);
    return 0;
}

int weir_cursor_close(struct weir_cursor *cursor)
{
    if (cursor->node != cursor->nodes.count || cursor->buffer != cursor->buffers.count)
        return weir_cursor_fail(cursor);
    return 0;
}
