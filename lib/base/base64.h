/* Bytes as text and back: base64 (RFC 4648, with padding). */
#ifndef WEIR_BASE_BASE64_H
#define WEIR_BASE_BASE64_H

#include "base/buffer.h"

void weir_base64_encode(const void *bytes, size_t size, struct weir_buffer *out);
/* Appends what `text` encodes. Strict: no blanks, whole groups of four, no stray bits. */
int weir_base64_decode(const char *text, size_t length, struct weir_buffer *out, struct weir_error *error);

#endif
