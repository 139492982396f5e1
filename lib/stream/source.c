#include "stream/source.h"

#include "base/descriptor.h"
#include <string.h>

/* What is allocated at once on the word of a frame; beyond it memory grows with the bytes that came. */
enum { TRUSTED_BYTES = 64 << 20 };

void weir_source_release(struct weir_source *source)
{
    for (int i = 0; i < WEIR_SOURCE_BLOCKS; i++)
        weir_block_unref(source->blocks[i]);
    *source = (struct weir_source){ .descriptor = -1 };
}

/* Up to `size` bytes of the head; their number. */
static size_t read_head(struct weir_source *source, uint8_t *bytes, size_t size)
{
    size_t done = 0;
    while (done < size && source->head_at < source->head_count) {
        const struct weir_slice *slice = &source->head[source->head_at];
        size_t rest = slice->size - source->head_offset, step = size - done < rest ? size - done : rest;
        memcpy(bytes + done, slice->bytes + source->head_offset, step);
        done += step;
        source->head_offset += step;
        if (step == rest) {
            source->head_at++;
            source->head_offset = 0;
        }
    }
    return done;
}

/* block: in which the bytes stand for good; NULL: they do not. */
static int64_t read_into(struct weir_source *source, struct weir_block *block, void *bytes, size_t size,
                         struct weir_error *error)
{
    size_t done = size < source->held_size ? size : source->held_size;
    memcpy(bytes, source->held, done);
    memmove(source->held, source->held + done, source->held_size - done);
    source->held_size -= done;
    done += read_head(source, (uint8_t *)bytes + done, size - done);
    uint8_t *to = (uint8_t *)bytes + done;
    size_t rest = size - done;
    if (source->descriptor < 0) {
        if (rest > source->size - source->at)
            rest = source->size - source->at;
        if (rest)
            memcpy(to, source->memory + source->at, rest);
        source->at += rest;
        done += rest;
    } else if (rest) {
        ssize_t got = source->stop ? weir_read_full_unless(source->descriptor, to, rest, source->stop)
                                   : weir_read_full(source->descriptor, to, rest);
        if (got < 0)
            return weir_fail_errno(error, WEIR_IO, "cannot read");
        const struct weir_slice read = { block, to, (size_t)got };
        if (source->copy && got > 0 && source->copy(source->copy_context, &read, error))
            return -1;
        done += (size_t)got;
    }
    source->bytes += (int64_t)done;
    return (int64_t)done;
}

bool weir_source_is_memory(const struct weir_source *source)
{
    return source->descriptor < 0 && source->held_size == 0 && source->head_at == source->head_count;
}

int64_t weir_source_read(struct weir_source *source, void *bytes, size_t size, struct weir_error *error)
{
    return read_into(source, NULL, bytes, size, error);
}

void weir_source_unread(struct weir_source *source, const void *bytes, size_t size)
{
    memcpy(source->held, bytes, size);
    source->held_size = size;
    source->bytes -= (int64_t)size;
}

int weir_source_append(struct weir_source *source, uint64_t size, struct weir_buffer *buffer, struct weir_error *error)
{
    while (size > 0) {
        size_t step = size < TRUSTED_BYTES ? (size_t)size : TRUSTED_BYTES;
        if (weir_buffer_reserve(buffer, step))
            return weir_fail_memory(error);
        int64_t got = weir_source_read(source, buffer->bytes + buffer->size, step, error);
        if (got < 0)
            return -1;
        buffer->size += (size_t)got;
        if ((size_t)got < step)
            return 0;
        size -= step;
    }
    return 1;
}

struct weir_block *weir_source_block(struct weir_source *source, size_t capacity)
{
    struct weir_block **place = NULL;
    for (int i = 0; i < WEIR_SOURCE_BLOCKS; i++) {
        struct weir_block *block = source->blocks[i];
        if (block && atomic_load_explicit(&block->references, memory_order_acquire) != 1)
            continue;
        if (block && block->capacity >= capacity && block->capacity / 8 <= capacity + 4096)
            return weir_block_ref(block);
        place = &source->blocks[i];
    }
    if (!place)
        place = &source->blocks[source->oldest++ % WEIR_SOURCE_BLOCKS];
    size_t roomy;
    if (!weir_add(capacity, capacity / 8 + 64, &roomy))
        return NULL;
    struct weir_block *block = weir_block_new(roomy);
    if (!block)
        return NULL;
    weir_block_unref(*place);
    *place = block;
    return weir_block_ref(block);
}

/* A slice of the head that is these very bytes. */
static bool slice_head(struct weir_source *source, uint64_t size, struct weir_slice *slice)
{
    if (source->held_size > 0 || source->head_at == source->head_count || source->head_offset > 0 || size == 0)
        return false;
    const struct weir_slice *next = &source->head[source->head_at];
    if (next->size != size || !next->block || next->bytes != next->block->bytes)
        return false;
    *slice = weir_slice_share(next);
    source->head_at++;
    source->bytes += (int64_t)size;
    return true;
}

static int slice_memory(struct weir_source *source, uint64_t size, struct weir_slice *slice)
{
    if (size > source->size - source->at)
        return 0;
    *slice = (struct weir_slice){ NULL, source->memory + source->at, (size_t)size };
    source->at += size;
    source->bytes += (int64_t)size;
    return 1;
}

int weir_source_slice(struct weir_source *source, uint64_t size, struct weir_slice *slice, struct weir_error *error)
{
    if (weir_source_is_memory(source))
        return slice_memory(source, size, slice);
    if (slice_head(source, size, slice))
        return 1;
    size_t capacity = size < TRUSTED_BYTES ? (size_t)size : TRUSTED_BYTES, filled = 0;
    struct weir_block *block = weir_source_block(source, capacity);
    if (!block)
        return weir_fail_memory(error);
    for (;;) {
        int64_t got = read_into(source, block, block->bytes + filled, capacity - filled, error);
        if (got < 0) {
            weir_block_unref(block);
            return -1;
        }
        filled += (size_t)got;
        if (filled < capacity) {
            weir_block_unref(block);
            return 0;
        }
        if (filled == size)
            break;
        capacity = size - filled < filled ? (size_t)size : filled * 2;
        struct weir_block *larger = weir_block_new(capacity);
        if (larger)
            memcpy(larger->bytes, block->bytes, filled);
        weir_block_unref(block);
        if (!larger)
            return weir_fail_memory(error);
        block = larger;
    }
    *slice = (struct weir_slice){ block, block->bytes, (size_t)size };
    return 1;
}
