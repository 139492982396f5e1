#include "stream/message.h"

#include "base/bytes.h"
#include <stdatomic.h>
#include <stdlib.h>

/* Summing up a smaller body takes no longer than remembering it. */
enum { WORTHWHILE = 64 << 10 };

struct weir_message {
    atomic_int references;
    struct weir_buffer metadata;
    size_t digits; /* where those of the checksum begin */
    struct weir_slice body;
    struct weir_hasher *before, *after;
};

int weir_message_keep(struct weir_message **out, const struct weir_frame *frame, const struct weir_hasher *before,
                      const struct weir_hasher *after)
{
    *out = NULL;
    /* A prefix of another form would not be written again. */
    if (frame->body.size < WORTHWHILE || frame->prefix_size != sizeof frame->prefix || !frame->digits)
        return 0;
    struct weir_message *message = weir_allocate_zero(1, sizeof *message);
    if (!message)
        return -1;
    atomic_init(&message->references, 1);
    weir_buffer_append(&message->metadata, frame->flat.bytes, frame->flat.size);
    message->digits = frame->digits;
    message->body = frame->body;
    weir_block_ref(message->body.block);
    message->before = weir_hasher_new();
    message->after = weir_hasher_new();
    if (message->metadata.failed || !message->before || !message->after) {
        weir_message_unref(message);
        return -1;
    }
    weir_hasher_copy(message->before, before);
    weir_hasher_copy(message->after, after);
    *out = message;
    return 0;
}

struct weir_message *weir_message_ref(struct weir_message *message)
{
    if (message)
        atomic_fetch_add_explicit(&message->references, 1, memory_order_relaxed);
    return message;
}

void weir_message_unref(struct weir_message *message)
{
    if (!message || atomic_fetch_sub_explicit(&message->references, 1, memory_order_acq_rel) != 1)
        return;
    weir_buffer_release(&message->metadata);
    weir_block_unref(message->body.block);
    weir_hasher_free(message->before);
    weir_hasher_free(message->after);
    free(message);
}

bool weir_message_matches(const struct weir_message *message, struct weir_buffer *metadata, size_t digits,
                          const struct iovec *parts, size_t count)
{
    const struct weir_buffer *same = &message->metadata;
    size_t behind = digits + WEIR_DIGITS, at = 0;
    if (metadata->size != same->size || digits != message->digits ||
        memcmp(metadata->bytes, same->bytes, digits) != 0 ||
        memcmp(metadata->bytes + behind, same->bytes + behind, same->size - behind) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *here = message->body.bytes + at;
        if (parts[i].iov_len > message->body.size - at ||
            (parts[i].iov_base != here && memcmp(parts[i].iov_base, here, parts[i].iov_len) != 0))
            return false;
        at += parts[i].iov_len;
    }
    if (at != message->body.size)
        return false;
    memcpy(metadata->bytes + digits, same->bytes + digits, WEIR_DIGITS);
    return true;
}

bool weir_message_advance(const struct weir_message *message, struct weir_hasher *stream)
{
    if (!weir_hasher_same(stream, message->before))
        return false;
    weir_hasher_copy(stream, message->after);
    return true;
}
