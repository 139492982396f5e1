/* Fuzz targets that take texts: of any bytes those that are UTF-8. */
#ifndef WEIR_TESTS_FUZZ_TEXT_H
#define WEIR_TESTS_FUZZ_TEXT_H

#include "stream/utf8.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Whole characters of the bytes, in memory as long as they are. */
static inline char *make_text(const uint8_t *bytes, size_t size, size_t *length)
{
    char *text = malloc(size + !size);
    *length = 0;
    for (size_t at = 0, next; text && at < size; at = next) {
        next = at + 1;
        while (next < size && (bytes[next] & 0xC0) == 0x80)
            next++;
        if (weir_is_utf8((const char *)bytes + at, next - at)) {
            memcpy(text + *length, bytes + at, next - at);
            *length += next - at;
        }
    }
    char *cut = text ? realloc(text, *length + !*length) : NULL;
    if (!cut)
        abort();
    return cut;
}

#endif
