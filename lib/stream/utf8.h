/* UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF): whether bytes are valid, and characters
 * of valid ones. */
#ifndef WEIR_STREAM_UTF8_H
#define WEIR_STREAM_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool weir_is_ascii(const char *bytes, size_t size);
bool weir_is_utf8(const char *bytes, size_t size);

/* The character at `bytes`, of valid UTF-8; its size in *size. */
static inline uint32_t weir_utf8_decode(const char *bytes, size_t *size)
{
    const uint8_t *at = (const uint8_t *)bytes;
    if (at[0] < 0x80) {
        *size = 1;
        return at[0];
    }
    if (at[0] < 0xE0) {
        *size = 2;
        return (uint32_t)(at[0] & 0x1F) << 6 | (at[1] & 0x3F);
    }
    if (at[0] < 0xF0) {
        *size = 3;
        return (uint32_t)(at[0] & 0x0F) << 12 | (uint32_t)(at[1] & 0x3F) << 6 | (at[2] & 0x3F);
    }
    *size = 4;
    return (uint32_t)(at[0] & 0x07) << 18 | (uint32_t)(at[1] & 0x3F) << 12 | (uint32_t)(at[2] & 0x3F) << 6 |
           (at[3] & 0x3F);
}

/* The character before bytes[end], 0 < end, of valid UTF-8. */
static inline uint32_t weir_utf8_decode_before(const char *bytes, size_t end, size_t *size)
{
    size_t at = end - 1;
    while (at > 0 && ((uint8_t)bytes[at] & 0xC0) == 0x80)
        at--;
    return weir_utf8_decode(bytes + at, size);
}

/* A character, no surrogate, as its bytes; how many. */
static inline size_t weir_utf8_encode(uint32_t character, char bytes[4])
{
    static const uint8_t leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    size_t size = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; character >>= 6)
        bytes[i] = (char)(0x80 | (character & 0x3F));
    bytes[0] = (char)(leads[size] | character);
    return size;
}

#endif
