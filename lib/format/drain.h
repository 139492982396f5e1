/* A drain: bytes gathered on their way to a descriptor, and compressed if wanted. */
#ifndef WEIR_FORMAT_DRAIN_H
#define WEIR_FORMAT_DRAIN_H

#include "base/buffer.h"

struct weir_drain;

/* compression: NULL, "gzip" or "zstd". The descriptor stays the caller's. */
int weir_drain_new(struct weir_drain **drain, int descriptor, const char *compression, struct weir_error *error);
bool weir_drain_compresses(const struct weir_drain *drain);
/* Where to append what is to be written; weir_drain_pass must be called now and then. */
struct weir_buffer *weir_drain_buffer(struct weir_drain *drain);
/* Writes what was gathered when it is much; the buffer is then empty. */
int weir_drain_pass(struct weir_drain *drain, struct weir_error *error);
/* Writes all the rest. */
int weir_drain_finish(struct weir_drain *drain, struct weir_error *error);
void weir_drain_free(struct weir_drain *drain); /* NULL is accepted */

#endif
