#include "stream/bits.h"

int64_t weir_bits_count(const uint8_t *bits, int64_t count)
{
    int64_t set = 0, i = 0;
    for (; i + 64 <= count; i += 64)
        set += __builtin_popcountll(weir_load_u64(bits + i / 8));
    for (; i < count; i++)
        set += weir_bit(bits, i);
    return set;
}

/* 8 bits from bit `first` on, of which the first `count` (1 .. 8) are meant: no byte beyond them is read. */
static unsigned eight_bits(const uint8_t *bits, int64_t first, int64_t count)
{
    const uint8_t *at = bits + first / 8;
    unsigned shift = (unsigned)(first % 8);
    unsigned word = at[0] >> shift;
    if (shift + (unsigned)count > 8)
        word |= (unsigned)at[1] << (8 - shift);
    return word & (0xffu >> (8 - count));
}

void weir_bits_copy(uint8_t *to, int64_t to_first, const uint8_t *from, int64_t from_first, int64_t count)
{
    while (count > 0 && to_first % 8) {
        uint8_t *at = to + to_first / 8;
        int bit = (int)(to_first % 8);
        *at = (uint8_t)((*at & ((1u << bit) - 1)) | (unsigned)weir_bit(from, from_first) << bit);
        to_first++, from_first++, count--;
    }
    uint8_t *out = to + to_first / 8;
    if (from_first % 8 == 0) {
        memcpy(out, from + from_first / 8, (size_t)(count / 8));
        out += count / 8;
        from_first += count / 8 * 8;
        count %= 8;
    }
    for (; count >= 8; count -= 8, from_first += 8)
        *out++ = (uint8_t)eight_bits(from, from_first, 8);
    if (count > 0)
        *out = (uint8_t)eight_bits(from, from_first, count);
}

void weir_bits_fill(uint8_t *to, int64_t first, int64_t count, bool value)
{
    while (count > 0 && first % 8) {
        uint8_t *at = to + first / 8;
        int bit = (int)(first % 8);
        *at = (uint8_t)((*at & ((1u << bit) - 1)) | (unsigned)value << bit);
        first++, count--;
    }
    if (count >= 8) /* a bitmap of no rows may be NULL */
        memset(to + first / 8, value ? 0xff : 0, (size_t)(count / 8));
    if (count % 8)
        to[first / 8 + count / 8] = (uint8_t)(value ? (1u << (count % 8)) - 1 : 0);
}
