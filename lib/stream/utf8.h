/* Whether bytes are valid UTF-8, as base/utf8.h has it; many at a time. */
#ifndef WEIR_STREAM_UTF8_H
#define WEIR_STREAM_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool weir_is_ascii(const char *bytes, size_t size);
bool weir_is_utf8(const char *bytes, size_t size);

#endif
