/* Unpackers: compressed bytes pulled from a callback, plain bytes out. Chosen by content. */
#ifndef WEIR_FORMAT_UNPACKER_H
#define WEIR_FORMAT_UNPACKER_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct weir_unpacker;

/* Gives up to `size` compressed bytes: how many, 0 at the end, -1 with the message. */
typedef ssize_t weir_pull(void *context, void *bytes, size_t size, struct weir_error *error);

/* The name of the compression that the first bytes (6 are enough) show, or NULL when they show none. */
const char *weir_unpacker_sniff(const uint8_t *head, size_t size);

/* `compression` is a name from weir_unpacker_sniff. */
int weir_unpacker_new(struct weir_unpacker **unpacker, const char *compression, weir_pull *pull, void *context,
                      struct weir_error *error);
void weir_unpacker_free(struct weir_unpacker *unpacker); /* NULL is accepted */

/* Some plain bytes, at most `size`: how many, 0 at the clean end, -1 with the message (without the file's name). */
ssize_t weir_unpacker_read(struct weir_unpacker *unpacker, void *bytes, size_t size, struct weir_error *error);

#endif
