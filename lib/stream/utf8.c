#include "stream/utf8.h"

#include "base/bytes.h"
#include "base/utf8.h"

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

/* How many of the `size` bytes at `at`, at least 4, come before the last character that goes on behind them; `size`
 * when none does. */
static inline size_t whole_characters(const uint8_t *at, size_t size)
{
    if (at[size - 1] >= 0xc0)
        return size - 1;
    if (at[size - 2] >= 0xe0)
        return size - 2;
    return at[size - 3] >= 0xf0 ? size - 3 : size;
}

/* Sixteen bytes at once. A comparison makes each of them 0 or -1. */
typedef uint8_t lanes __attribute__((vector_size(16)));
enum { LANES = sizeof(lanes) };

static inline lanes load_lanes(const uint8_t *at)
{
    lanes bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* What is wrong with each of the bytes at `at`, held against the three before it (Unicode, table 3-7); 0: nothing. */
static inline lanes faults(const uint8_t *at)
{
    lanes c = load_lanes(at), first = load_lanes(at - 1), second = load_lanes(at - 2), third = load_lanes(at - 3);
    lanes wanted = (lanes)((first >= 0xc0) | (second >= 0xe0) | (third >= 0xf0));
    lanes continues = (lanes)((c & 0xc0) == 0x80);
    lanes never = (lanes)(((c & 0xfe) == 0xc0) | (c > 0xf4));
    lanes of_three = (lanes)(((first == 0xe0) & (c < 0xa0)) | ((first == 0xed) & (c > 0x9f)));
    lanes of_four = (lanes)(((first == 0xf0) & (c < 0x90)) | ((first == 0xf4) & (c > 0x8f)));
    return (wanted ^ continues) | never | of_three | of_four;
}

/* Whether at[size], a multiple of LANES, are right but for a last character that goes on behind them. The three bytes
 * before `at` are looked at too, and end one. */
static bool are_characters(const uint8_t *at, size_t size)
{
    lanes wrong = { 0 };
    for (size_t i = 0; i < size; i += LANES)
        wrong |= faults(at + i);
    uint64_t halves[2];
    memcpy(halves, &wrong, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}

/* How many bytes to hold against their neighbours at once, all being at least as dear as those beyond ASCII: many where
 * such bytes come one upon the other, few where they are rare. */
enum { FEW = STRIDE, MANY = 1024 };

bool weir_is_utf8(const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t i = 0, at_once = FEW;
    while (i < size) {
        if (bytes[i] < 0x80) {
            size_t length = ascii_ahead(bytes + i, size - i);
            at_once = length < FEW ? at_once : FEW;
            i += length;
            continue;
        }
        size_t left = size - i, length;
        if (i >= 3 && left >= STRIDE) {
            size_t many = left < at_once ? left / LANES * LANES : at_once;
            length = are_characters(bytes + i, many) ? whole_characters(bytes + i, many) : 0;
            at_once = at_once < MANY ? at_once * 2 : MANY;
        } else {
            length = weir_utf8_length(bytes + i, left);
        }
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}
