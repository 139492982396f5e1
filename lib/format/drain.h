/* A drain: bytes gathered on their way to a descriptor, and compressed if wanted. */
#ifndef WEIR_FORMAT_DRAIN_H
#define WEIR_FORMAT_DRAIN_H

#include "base/buffer.h"
#include <string.h>

struct weir_drain;

/* compression: NULL, "gzip" or "zstd". The descriptor stays the caller's. */
int weir_drain_new(struct weir_drain **drain, int descriptor, const char *compression, struct weir_error *error);
bool weir_drain_compresses(const struct weir_drain *drain);
/* Where to append what is to be written; weir_drain_pass must be called now and then. */
struct weir_buffer *weir_drain_buffer(struct weir_drain *drain);
/* Appends to the buffer without a call, as long as there is room. */
static inline void weir_drain_append(struct weir_buffer *buffer, const char *bytes, size_t size)
{
    if (buffer->capacity - buffer->size > size + 1) {
        memcpy(buffer->bytes + buffer->size, bytes, size);
        buffer->size += size;
    } else
        weir_buffer_append(buffer, bytes, size);
}
static inline void weir_drain_byte(struct weir_buffer *buffer, char byte)
{
    weir_drain_append(buffer, &byte, 1);
}
/* Writes what was gathered when it is much; the buffer is then empty. */
int weir_drain_pass(struct weir_drain *drain, struct weir_error *error);
/* Writes all the rest. */
int weir_drain_finish(struct weir_drain *drain, struct weir_error *error);
void weir_drain_free(struct weir_drain *drain); /* NULL is accepted */

#endif
