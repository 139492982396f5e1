/* Characters of UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
#ifndef WEIR_BASE_UTF8_H
#define WEIR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool weir_utf8_continues(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Bytes of the character that begins at `at`, where `left` bytes are (1 or more); 0: none begins there, or it is cut.
 */
static inline size_t weir_utf8_length(const uint8_t *at, size_t left)
{
    uint8_t lead = at[0];
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return left >= 2 && weir_utf8_continues(at[1]) ? 2 : 0;
    if ((lead & 0xf0) == 0xe0) {
        if (left < 3 || !weir_utf8_continues(at[1]) || !weir_utf8_continues(at[2]))
            return 0;
        return (lead == 0xe0 && at[1] < 0xa0) || (lead == 0xed && at[1] > 0x9f) ? 0 : 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        if (left < 4 || !weir_utf8_continues(at[1]) || !weir_utf8_continues(at[2]) || !weir_utf8_continues(at[3]))
            return 0;
        return (lead == 0xf0 && at[1] < 0x90) || (lead == 0xf4 && at[1] > 0x8f) ? 0 : 4;
    }
    return 0;
}

/* The same of text[length], 0 too when there is no byte, and the character's code point into *code. */
static inline size_t weir_utf8_decode(const char *text, size_t length, uint32_t *code)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t width = length ? weir_utf8_length(at, length) : 0;
    if (width == 0)
        return 0;
    uint32_t value = width == 1 ? at[0] : at[0] & (0x7fu >> width);
    for (size_t i = 1; i < width; i++)
        value = value << 6 | (at[i] & 0x3fu);
    *code = value;
    return width;
}

/* What Unicode calls white space. */
static inline bool weir_is_white_space(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* ---- Within bytes that are valid UTF-8 ---- */

/* The character at `bytes`, of valid UTF-8; its size in *size. */
static inline uint32_t weir_utf8_next(const char *bytes, size_t *size)
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
static inline uint32_t weir_utf8_before(const char *bytes, size_t end, size_t *size)
{
    size_t at = end - 1;
    while (at > 0 && ((uint8_t)bytes[at] & 0xC0) == 0x80)
        at--;
    return weir_utf8_next(bytes + at, size);
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

/* Columns that a character takes on a terminal: 0 (combining), 1 or 2 (wide), whatever the locale. */
int weir_utf8_columns(uint32_t code);
/* Columns of a terminal that the text takes, a byte that is no UTF-8 one, as far as they are at most `most`; *fits: how
 * many of its bytes that are. */
int weir_utf8_text_columns(const char *text, size_t length, int most, size_t *fits);

#endif
