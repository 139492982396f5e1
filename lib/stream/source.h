/* Where a stream's bytes come from: a descriptor, or memory. Claims of size are believed only as far as bytes arrive.
 */
#ifndef WEIR_STREAM_SOURCE_H
#define WEIR_STREAM_SOURCE_H

#include "base/buffer.h"

enum { WEIR_SOURCE_BLOCKS = 4 };

struct weir_source {
    const struct weir_slice *head; /* [head_count] comes first; borrowed */
    size_t head_count, head_at, head_offset;
    int descriptor;        /* -1: memory */
    const uint8_t *memory; /* [size] */
    size_t size, at;
    int64_t bytes; /* read so far */
    /* Given what is read from the descriptor, as reader.h says; NULL: nobody. */
    int (*copy)(void *context, const struct weir_slice *bytes, struct weir_error *error);
    void *copy_context;
    int stop;        /* a descriptor that ends a reading that waits, once it can be read from; 0: none */
    uint8_t held[8]; /* read too early, given out first */
    size_t held_size;
    struct weir_block *blocks[WEIR_SOURCE_BLOCKS]; /* used again once nobody else holds them */
    unsigned oldest;
};

void weir_source_release(struct weir_source *source);

/* All that comes now stands in memory. */
bool weir_source_is_memory(const struct weir_source *source);
/* Up to `size` bytes, fewer only at the end: their number, or -1 with the message. */
int64_t weir_source_read(struct weir_source *source, void *bytes, size_t size, struct weir_error *error);
/* Gives back the last `size` bytes read (at most 8, once). */
void weir_source_unread(struct weir_source *source, const void *bytes, size_t size);
/* The next `size` bytes appended to `buffer`, or as a slice at a 64-byte boundary (of memory and of the head's
 * slices: where they stand). 1, 0 when the input ends before, -1 with the message. */
int weir_source_append(struct weir_source *source, uint64_t size, struct weir_buffer *buffer, struct weir_error *error);
int weir_source_slice(struct weir_source *source, uint64_t size, struct weir_slice *slice, struct weir_error *error);

/* A block of at least `capacity` bytes for the caller to fill, often one that was used before. The caller's reference.
 * NULL: out of memory. */
struct weir_block *weir_source_block(struct weir_source *source, size_t capacity);

#endif
