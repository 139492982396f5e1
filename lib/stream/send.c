#include "base/bytes.h"
#include "base/descriptor.h"
#include "stream/arrow.h"
#include "stream/message.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { WRITE_AT_ONCE = 512 };     /* pieces handed to one writev */
enum { BEFORE_BODY = 2 };         /* the first of a message's pieces: prefix and metadata */
enum { GATHER_BYTES = 16 << 10 }; /* a body that is copied into one piece sooner than handed on in its many */

static const uint8_t ZEROS[WEIR_ALIGNMENT];

void weir_body_add(struct weir_body_parts *parts, const void *bytes, size_t size)
{
    size_t padding = (WEIR_ALIGNMENT - size % WEIR_ALIGNMENT) % WEIR_ALIGNMENT;
    void *items = parts->items;
    if (size == 0)
        return;
    if (parts->failed || weir_grow(&items, &parts->capacity, parts->count + 2, sizeof *parts->items)) {
        parts->failed = true;
        return;
    }
    parts->items = items;
    parts->items[parts->count++] = (struct iovec){ (void *)(uintptr_t)bytes, size };
    if (padding)
        parts->items[parts->count++] = (struct iovec){ (void *)(uintptr_t)ZEROS, padding };
    parts->bytes += size + padding;
}

int weir_sender_init(struct weir_sender *sender, int descriptor)
{
    *sender = (struct weir_sender){ .descriptor = descriptor };
    sender->message = weir_hasher_new();
    sender->stream = weir_hasher_new();
    if (sender->message && sender->stream)
        return 0;
    weir_sender_release(sender);
    return -1;
}

void weir_sender_release(struct weir_sender *sender)
{
    weir_hasher_free(sender->message);
    weir_hasher_free(sender->stream);
    weir_buffer_release(&sender->metadata.buffer);
    weir_buffer_release(&sender->body);
    free(sender->parts.items);
    *sender = (struct weir_sender){ 0 };
}

size_t weir_add_pair(struct weir_flat_builder *builder, const char *key, const char *value)
{
    static const struct weir_flat_slot SLOTS[PAIR_SLOTS] = { [PAIR_KEY] = { 4, 0 }, [PAIR_VALUE] = { 4, 0 } };
    size_t pair = weir_flat_add_table(builder, SLOTS, PAIR_SLOTS);
    weir_flat_link(builder, weir_flat_slot(builder, pair, PAIR_KEY), weir_flat_add_text(builder, key, strlen(key)));
    weir_flat_link(builder, weir_flat_slot(builder, pair, PAIR_VALUE),
                   weir_flat_add_text(builder, value, strlen(value)));
    return pair;
}

void weir_sender_begin(struct weir_sender *sender, enum weir_header header, const char *key, const char *value)
{
    const struct weir_flat_slot slots[MESSAGE_SLOTS] = {
        [MESSAGE_VERSION] = { 2, ARROW_V5 }, [MESSAGE_HEADER_TYPE] = { 1, header }, [MESSAGE_HEADER] = { 4, 0 },
        [MESSAGE_BODY_LENGTH] = { 8, 0 },    [MESSAGE_METADATA] = { 4, 0 },
    };
    struct weir_flat_builder *metadata = &sender->metadata;
    struct weir_body_parts *parts = &sender->parts;
    void *items = parts->items;
    parts->failed = weir_grow(&items, &parts->capacity, BEFORE_BODY, sizeof *parts->items) != 0;
    parts->items = items;
    parts->count = BEFORE_BODY;
    parts->bytes = 0;
    weir_flat_begin(metadata);
    size_t message = weir_flat_add_table(metadata, slots, MESSAGE_SLOTS);
    weir_flat_link(metadata, 0, message);
    sender->header = weir_flat_slot(metadata, message, MESSAGE_HEADER);
    sender->body_length = weir_flat_slot(metadata, message, MESSAGE_BODY_LENGTH);
    size_t pairs = weir_flat_add_vector(metadata, key ? 2 : 1, 4);
    weir_flat_link(metadata, weir_flat_slot(metadata, message, MESSAGE_METADATA), pairs);
    if (key)
        weir_flat_link(metadata, pairs + 8, weir_add_pair(metadata, key, value));
    weir_flat_link(metadata, pairs + 4, weir_add_pair(metadata, "weir:xxh3", "0000000000000000"));
    sender->digits = metadata->buffer.size - WEIR_DIGITS - 1; /* the text was the last thing added */
}

/* Writes all of items[count], which it uses up. */
static int write_all(int descriptor, struct iovec *items, size_t count)
{
    while (count > 0) {
        ssize_t written = writev(descriptor, items, (int)(count < WRITE_AT_ONCE ? count : WRITE_AT_ONCE));
        if (written < 0 && weir_try_again(descriptor, true))
            continue;
        if (written < 0)
            return -1;
        size_t left = (size_t)written;
        while (count > 0 && left >= items->iov_len) {
            left -= items->iov_len;
            items++;
            count--;
        }
        if (count > 0) {
            items->iov_base = (uint8_t *)items->iov_base + left;
            items->iov_len -= left;
        }
    }
    return 0;
}

/* Makes one piece of a small body: hashed and written piece by piece, the row of a slow stream costs twice as much. */
static int gather(struct weir_sender *sender, struct weir_error *error)
{
    struct weir_body_parts *parts = &sender->parts;
    if (parts->bytes > GATHER_BYTES || parts->count <= BEFORE_BODY + 1)
        return 0;
    weir_buffer_clear(&sender->body);
    for (size_t i = BEFORE_BODY; i < parts->count; i++)
        weir_buffer_append(&sender->body, parts->items[i].iov_base, parts->items[i].iov_len);
    parts->items[BEFORE_BODY] = (struct iovec){ sender->body.bytes, sender->body.size };
    parts->count = BEFORE_BODY + 1;
    return weir_buffer_check(&sender->body, error);
}

static int fail_write(struct weir_sender *sender, struct weir_error *error)
{
    sender->broken = true;
    return weir_fail_errno(error, WEIR_IO, "cannot write");
}

int weir_sender_send(struct weir_sender *sender, size_t header_table, const struct weir_message *message,
                     struct weir_error *error)
{
    struct weir_buffer *metadata = &sender->metadata.buffer;
    struct weir_body_parts *parts = &sender->parts;
    uint8_t prefix[8];
    char hex[WEIR_DIGITS + 1];
    if (sender->broken)
        return weir_fail(error, WEIR_IO, "cannot write: an earlier write failed");
    weir_flat_link(&sender->metadata, sender->header, header_table);
    weir_flat_put_i64(&sender->metadata, sender->body_length, (int64_t)parts->bytes);
    size_t framed = metadata->size + sizeof prefix;
    weir_buffer_zero(metadata, (WEIR_ALIGNMENT - framed % WEIR_ALIGNMENT) % WEIR_ALIGNMENT);
    if (metadata->failed || parts->failed)
        return weir_fail_memory(error);
    if (metadata->size > WEIR_MAX_METADATA)
        return weir_fail(error, WEIR_BAD_DATA, "the columns' names, types and plan are larger than 256 MiB");
    if (gather(sender, error))
        return -1;

    bool known = message && weir_message_matches(message, metadata, sender->digits, parts->items + BEFORE_BODY,
                                                 parts->count - BEFORE_BODY);
    if (!known) {
        weir_message_hash(sender->message, metadata->bytes, metadata->size, sender->digits);
        for (size_t i = BEFORE_BODY; i < parts->count; i++)
            weir_hasher_add(sender->message, parts->items[i].iov_base, parts->items[i].iov_len);
        weir_hash_hex(weir_hasher_digest(sender->message), hex);
        memcpy(metadata->bytes + sender->digits, hex, WEIR_DIGITS);
    }

    memset(prefix, 0xff, 4);
    weir_store_u32(prefix + 4, (uint32_t)metadata->size);
    parts->items[0] = (struct iovec){ prefix, sizeof prefix };
    parts->items[1] = (struct iovec){ metadata->bytes, metadata->size };
    bool advanced = known && weir_message_advance(message, sender->stream);
    for (size_t i = 0; i < parts->count && !advanced; i++)
        weir_hasher_add(sender->stream, parts->items[i].iov_base, parts->items[i].iov_len);

    if (write_all(sender->descriptor, parts->items, parts->count))
        return fail_write(sender, error);
    return 0;
}

int weir_sender_raw(struct weir_sender *sender, const void *bytes, size_t size, struct weir_error *error)
{
    struct iovec item = { (void *)(uintptr_t)bytes, size };
    if (sender->broken)
        return weir_fail(error, WEIR_IO, "cannot write: an earlier write failed");
    return write_all(sender->descriptor, &item, 1) ? fail_write(sender, error) : 0;
}

int weir_sender_end(struct weir_sender *sender, struct weir_error *error)
{
    static const uint8_t MARKER[8] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0 };
    return weir_sender_raw(sender, MARKER, sizeof MARKER, error);
}
