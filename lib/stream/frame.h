/* Messages as they stand in a stream: continuation marker, length, metadata, body. The numbers of Arrow's tables stand
 * in arrow.h.
 *
 *     FF FF FF FF, int32 length, length bytes of metadata (a flatbuffer, padded), body
 *     FF FF FF FF 00 00 00 00: the end of the stream
 */
#ifndef WEIR_STREAM_FRAME_H
#define WEIR_STREAM_FRAME_H

#include "base/hash.h"
#include "stream/flatbuffer.h"
#include "stream/schema.h"
#include "stream/source.h"
#include <sys/uio.h>

enum weir_header { WEIR_HEADER_SCHEMA = 1, WEIR_HEADER_DICTIONARY = 2, WEIR_HEADER_RECORDS = 3 };

enum { WEIR_MAX_METADATA = 256 << 20, WEIR_DIGITS = 16, WEIR_ALIGNMENT = 64 };

struct weir_frame {
    enum weir_header header;
    int version;                  /* of the metadata, as arrow.h counts */
    struct weir_flat flat;        /* the metadata */
    struct weir_flat_table table; /* of the header */
    struct weir_slice body;
    bool marked;         /* some key begins with weir: */
    size_t digits;       /* where in the metadata the digits of weir:xxh3 begin; 0: there are none */
    const char *end;     /* value of weir:end, NULL when it is not there */
    const char *failure; /* value of weir:error */
    size_t end_length, failure_length;
    bool file;  /* the input began with the magic of Arrow's file format */
    bool first; /* to be set before the very first read */
    uint8_t prefix[8];
    size_t prefix_size;
    struct weir_buffer store; /* memory of the metadata */
};

void weir_frame_release(struct weir_frame *frame);

/* The next message with its body. 1: got one; 0: the end-of-stream marker; 2: the input ended where a message may
 * begin; -1: cut, damaged or unreadable. */
enum { WEIR_FRAME_CLOSED = 2 };
int weir_frame_read(struct weir_frame *frame, struct weir_source *source, struct weir_error *error);

/* Whether the digits of weir:xxh3 are the checksum of the message. stream (may be NULL): a running hash into which
 * every byte of the message is folded, as it stood in the stream. */
bool weir_frame_check(const struct weir_frame *frame, struct weir_hasher *message, struct weir_hasher *stream);
/* Begins a message's checksum: its metadata with the digits as zeros; the body is to follow. */
void weir_message_hash(struct weir_hasher *hasher, const void *metadata, size_t size, size_t digits);

/* ---- writing ---- */

/* The bytes of a body, not copied. Each part is followed by zeros to a multiple of WEIR_ALIGNMENT. */
struct weir_body_parts {
    struct iovec *items;
    size_t count, capacity;
    size_t bytes; /* with the zeros */
    bool failed;  /* out of memory */
};
void weir_body_add(struct weir_body_parts *parts, const void *bytes, size_t size);

struct weir_sender {
    int descriptor;
    struct weir_flat_builder metadata;
    struct weir_body_parts parts;
    struct weir_buffer body; /* the parts of a small one, in one piece */
    struct weir_hasher *message, *stream;
    size_t digits, header, body_length; /* places in the metadata that are filled in last */
    bool broken;                        /* a write failed half-way: nothing more may be sent */
};
int weir_sender_init(struct weir_sender *sender, int descriptor); /* -1: out of memory */
void weir_sender_release(struct weir_sender *sender);

/* A KeyValue table: its position. */
size_t weir_add_pair(struct weir_flat_builder *builder, const char *key, const char *value);

/* Begins a message in sender->metadata: the caller builds the header's table and gives it to weir_sender_send, with the
 * body in sender->parts. key and value (may be NULL): one more pair beside weir:xxh3. */
void weir_sender_begin(struct weir_sender *sender, enum weir_header header, const char *key, const char *value);
struct weir_message;
/* `message` (may be NULL): what the message perhaps was when it was read (message.h). */
int weir_sender_send(struct weir_sender *sender, size_t header_table, const struct weir_message *message,
                     struct weir_error *error);
/* Bytes that are no message. */
int weir_sender_raw(struct weir_sender *sender, const void *bytes, size_t size, struct weir_error *error);
int weir_sender_end(struct weir_sender *sender, struct weir_error *error); /* the end-of-stream marker */

#endif
