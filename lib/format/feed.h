/* A feed: the bytes of one operand, unpacked when their first bytes say so (gzip, xz, zstd, bzip2), whatever the
 * file is called. Memory is bounded by the decoder's window, never by what a file claims. */
#ifndef WEIR_FORMAT_FEED_H
#define WEIR_FORMAT_FEED_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct weir_feed;

/* How many bytes weir_feed_peek can look ahead. */
enum { WEIR_FEED_PEEK = 65536 };

/* Takes the open descriptor over, also on failure; `name` is for messages ("-" is shown as "standard input"). */
int weir_feed_open(struct weir_feed **feed, int descriptor, const char *name, struct weir_error *error);
/* The same on bytes in memory, which stay the caller's and must outlive the feed. */
int weir_feed_open_memory(struct weir_feed **feed, const void *bytes, size_t size, const char *name,
                          struct weir_error *error);
void weir_feed_free(struct weir_feed *feed); /* NULL is accepted */

/* For messages: the path with control characters escaped, or "standard input". Lives as long as the feed. */
const char *weir_feed_name(const struct weir_feed *feed);
/* True for a regular file, read from its first byte on: opened again by its name it gives the same bytes. */
bool weir_feed_rereadable(const struct weir_feed *feed);
/* Makes a read that waits for a pipe, in another thread, return with an error, and every later one. */
void weir_feed_stop(struct weir_feed *feed);
/* The descriptor when its next byte is the feed's next byte: nothing was looked at ahead that a descriptor could not
 * take back, and nothing is compressed. Otherwise -1. The feed must not be read afterwards. */
int weir_feed_take_descriptor(struct weir_feed *feed);
/* The descriptor of a folder, which is a feed without a byte; -1: it is none. It stays the feed's. */
int weir_feed_folder(const struct weir_feed *feed);
/* True for a regular file that is not compressed, and for memory: weir_feed_seek goes anywhere in it. */
bool weir_feed_seekable(const struct weir_feed *feed);
/* Goes to a place, counted from where the feed began; what was peeked at is forgotten. */
int weir_feed_seek(struct weir_feed *feed, int64_t offset, struct weir_error *error);
/* Bytes of the file itself, as stored: read so far, and in all (-1 when it is not known). */
int64_t weir_feed_position(const struct weir_feed *feed);
int64_t weir_feed_size(const struct weir_feed *feed);

/* The next bytes without consuming them: *bytes and *got (fewer than `size`, which is at most WEIR_FEED_PEEK, only at
 * the end). They are valid until the next call. */
int weir_feed_peek(struct weir_feed *feed, size_t size, const uint8_t **bytes, size_t *got, struct weir_error *error);
/* Reads `size` bytes, fewer only at the end: how many, or -1 with the message (cut or damaged compressed data, I/O). */
ssize_t weir_feed_read(struct weir_feed *feed, void *bytes, size_t size, struct weir_error *error);

/* Gives back what was read too early: bytes[begin .. end) will be read next. Takes the memory over. Only when all that
 * was peeked at has been read, and not to be peeked at again. */
void weir_feed_push(struct weir_feed *feed, void *bytes, size_t begin, size_t end);

#endif
