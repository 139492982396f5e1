#include "stream/frame.h"

#include "base/bytes.h"
#include "stream/arrow.h"

static const uint32_t CONTINUATION = 0xffffffff;
static const uint8_t FILE_MAGIC[8] = { 'A', 'R', 'R', 'O', 'W', '1', 0, 0 };
static const char ZERO_DIGITS[] = "0000000000000000";

void weir_frame_release(struct weir_frame *frame)
{
    weir_block_unref(frame->body.block);
    weir_buffer_release(&frame->store);
    *frame = (struct weir_frame){ 0 };
}

static int fail_cut(struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "the stream is cut: it ends within a message");
}

static int fail_foreign(struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "not an Arrow stream");
}

static int fail_damaged(struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "the stream is damaged: the metadata of a message makes no sense");
}

/* Reads the prefix into frame->prefix and gives the metadata's size, 0 for the end-of-stream marker. 1, 2 or -1. */
static int read_prefix(struct weir_frame *frame, struct weir_source *source, uint32_t *size, struct weir_error *error)
{
    int64_t got = weir_source_read(source, frame->prefix, 8, error);
    if (got == 8 && frame->first && memcmp(frame->prefix, FILE_MAGIC, 8) == 0) {
        frame->file = true;
        got = weir_source_read(source, frame->prefix, 8, error);
    }
    if (got <= 0)
        return got < 0 ? -1 : WEIR_FRAME_CLOSED;
    if (frame->first && frame->prefix[0] != 0xff && got < 8)
        return fail_foreign(error);
    if (got < 4)
        return fail_cut(error);
    uint32_t word = weir_load_u32(frame->prefix);
    if (word == CONTINUATION) {
        if (got < 8)
            return fail_cut(error);
        frame->prefix_size = 8;
        *size = weir_load_u32(frame->prefix + 4);
    } else {
        /* Before Arrow 0.15 there was no marker. */
        frame->prefix_size = 4;
        *size = word;
        weir_source_unread(source, frame->prefix + 4, (size_t)got - 4);
    }
    if (*size > WEIR_MAX_METADATA && frame->first)
        return fail_foreign(error);
    if (*size > WEIR_MAX_METADATA)
        return weir_fail(error, WEIR_BAD_DATA, "the stream is damaged: no message begins here");
    frame->first = false;
    return 1;
}

static int read_metadata(struct weir_frame *frame, struct weir_source *source, uint32_t size, struct weir_error *error)
{
    int result;
    if (weir_source_is_memory(source)) {
        struct weir_slice slice;
        result = weir_source_slice(source, size, &slice, error);
        if (result == 1)
            frame->flat = (struct weir_flat){ slice.bytes, slice.size, false };
    } else {
        weir_buffer_clear(&frame->store);
        result = weir_source_append(source, size, &frame->store, error);
        if (result == 1)
            frame->flat = (struct weir_flat){ (const uint8_t *)frame->store.bytes, frame->store.size, false };
    }
    if (result == 0)
        return fail_cut(error);
    return result < 0 ? -1 : 0;
}

static bool is_key(const char *key, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(key, name, length) == 0;
}

/* Picks out the pairs that are Weir's own. */
static void read_pairs(struct weir_frame *frame, const struct weir_flat_table *message)
{
    struct weir_flat_vector pairs = weir_flat_vector(message, MESSAGE_METADATA, 4);
    for (size_t i = 0; i < pairs.count && !frame->flat.damaged; i++) {
        struct weir_flat_table pair = weir_flat_element(&pairs, i);
        const char *key, *value;
        size_t key_length, value_length;
        weir_flat_text(&pair, PAIR_KEY, &key, &key_length);
        weir_flat_text(&pair, PAIR_VALUE, &value, &value_length);
        if (!key || key_length < 5 || memcmp(key, "weir:", 5) != 0)
            continue;
        frame->marked = true;
        if (!value)
            continue;
        if (is_key(key, key_length, "weir:xxh3") && value_length == WEIR_DIGITS) {
            frame->digits = (size_t)((const uint8_t *)value - frame->flat.bytes);
        } else if (is_key(key, key_length, "weir:end")) {
            frame->end = value;
            frame->end_length = value_length;
        } else if (is_key(key, key_length, "weir:error")) {
            frame->failure = value;
            frame->failure_length = value_length;
        }
    }
}

static int read_message(struct weir_frame *frame, uint64_t *body_size, struct weir_error *error)
{
    struct weir_flat_table message = weir_flat_root(&frame->flat);
    int64_t version = weir_flat_integer(&message, MESSAGE_VERSION, 2, 0);
    int64_t header = weir_flat_integer(&message, MESSAGE_HEADER_TYPE, 1, 0);
    int64_t size = weir_flat_integer(&message, MESSAGE_BODY_LENGTH, 8, 0);
    frame->table = weir_flat_child(&message, MESSAGE_HEADER);
    read_pairs(frame, &message);
    if (frame->flat.damaged || !frame->table.flat || size < 0)
        return fail_damaged(error);
    if (version < ARROW_V4)
        return weir_fail(error, WEIR_BAD_DATA, "a stream of metadata version %lld, too old to be read",
                         (long long)version + 1);
    if (version > ARROW_V5)
        return weir_fail(error, WEIR_BAD_DATA, "a stream of metadata version %lld, which is not known",
                         (long long)version + 1);
    if (header != WEIR_HEADER_SCHEMA && header != WEIR_HEADER_DICTIONARY && header != WEIR_HEADER_RECORDS)
        return weir_fail(error, WEIR_BAD_DATA, "a message that is neither schema, dictionary nor record batch");
    frame->header = (enum weir_header)header;
    frame->version = (int)version;
    *body_size = (uint64_t)size;
    return 0;
}

int weir_frame_read(struct weir_frame *frame, struct weir_source *source, struct weir_error *error)
{
    uint32_t size = 0;
    uint64_t body_size = 0;
    weir_block_unref(frame->body.block);
    frame->body = (struct weir_slice){ 0 };
    frame->marked = false;
    frame->digits = 0;
    frame->end = frame->failure = NULL;
    int result = read_prefix(frame, source, &size, error);
    if (result != 1 || size == 0)
        return result == 1 ? 0 : result;
    if (read_metadata(frame, source, size, error) || read_message(frame, &body_size, error))
        return -1;
    result = weir_source_slice(source, body_size, &frame->body, error);
    return result == 0 ? fail_cut(error) : result;
}

void weir_message_hash(struct weir_hasher *hasher, const void *metadata, size_t size, size_t digits)
{
    const uint8_t *bytes = metadata;
    weir_hasher_reset(hasher);
    weir_hasher_add(hasher, bytes, digits);
    weir_hasher_add(hasher, ZERO_DIGITS, WEIR_DIGITS);
    weir_hasher_add(hasher, bytes + digits + WEIR_DIGITS, size - digits - WEIR_DIGITS);
}

bool weir_frame_check(const struct weir_frame *frame, struct weir_hasher *message, struct weir_hasher *stream)
{
    enum { STEP = 32 << 10 }; /* small enough to be in the nearest cache still when the second hash comes to it */
    char hex[WEIR_DIGITS + 1];
    weir_message_hash(message, frame->flat.bytes, frame->flat.size, frame->digits);
    if (stream) {
        weir_hasher_add(stream, frame->prefix, frame->prefix_size);
        weir_hasher_add(stream, frame->flat.bytes, frame->flat.size);
    }
    for (size_t at = 0; at < frame->body.size; at += STEP) {
        size_t size = frame->body.size - at < STEP ? frame->body.size - at : STEP;
        weir_hasher_add(message, frame->body.bytes + at, size);
        if (stream)
            weir_hasher_add(stream, frame->body.bytes + at, size);
    }
    weir_hash_hex(weir_hasher_digest(message), hex);
    return memcmp(hex, frame->flat.bytes + frame->digits, WEIR_DIGITS) == 0;
}
