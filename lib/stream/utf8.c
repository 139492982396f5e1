#include "stream/utf8.h"

#include "base/bytes.h"

enum { STRIDE = 64 };

/* True when none of STRIDE bytes is above 0x7f; compilers make two to four vector instructions of it. */
static inline bool stride_is_ascii(const uint8_t *bytes)
{
    uint64_t all = 0;
    for (int i = 0; i < STRIDE; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        all |= word;
    }
    return (all & 0x8080808080808080u) == 0;
}

bool weir_is_ascii(const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t i = 0;
    while (i + STRIDE <= size && stride_is_ascii(bytes + i))
        i += STRIDE;
    while (i < size && bytes[i] < 0x80)
        i++;
    return i == size;
}

static inline bool follows(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Bytes of the character at `at` (not ASCII), of which `left` bytes are there; 0: it is none. */
static inline size_t character(const uint8_t *at, size_t left)
{
    uint8_t lead = at[0];
    if (lead >= 0xc2 && lead <= 0xdf)
        return left >= 2 && follows(at[1]) ? 2 : 0;
    if ((lead & 0xf0) == 0xe0) {
        if (left < 3 || !follows(at[1]) || !follows(at[2]))
            return 0;
        if ((lead == 0xe0 && at[1] < 0xa0) || (lead == 0xed && at[1] > 0x9f))
            return 0;
        return 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        if (left < 4 || !follows(at[1]) || !follows(at[2]) || !follows(at[3]))
            return 0;
        if ((lead == 0xf0 && at[1] < 0x90) || (lead == 0xf4 && at[1] > 0x8f))
            return 0;
        return 4;
    }
    return 0;
}

/* How many of the bytes from `at` on (`left` of them) are ASCII, looking no further than is cheap. */
static inline size_t ascii_ahead(const uint8_t *at, size_t left)
{
    size_t i = 0;
    while (left - i >= 8) {
        uint64_t word = weir_load_u64(at + i) & 0x8080808080808080u;
        if (word)
            return i + (size_t)__builtin_ctzll(word) / 8;
        i += 8;
        while (left - i >= STRIDE && stride_is_ascii(at + i))
            i += STRIDE;
    }
    while (i < left && at[i] < 0x80)
        i++;
    return i;
}

bool weir_is_utf8(const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t i = 0;
    while (i < size) {
        if (bytes[i] < 0x80) {
            i += ascii_ahead(bytes + i, size - i);
            continue;
        }
        size_t length = character(bytes + i, size - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}
