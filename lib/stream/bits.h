/* Bitmaps many bits at a time, least significant bit first. */
#ifndef WEIR_STREAM_BITS_H
#define WEIR_STREAM_BITS_H

#include "base/bytes.h"
#include <stdbool.h>
#include <stddef.h>

/* How many of the first `count` bits are set. */
int64_t weir_bits_count(const uint8_t *bits, int64_t count);

/* Which of the 64 bits from `first` (a multiple of 64) on are not set, of those below `count`. */
static inline uint64_t weir_bits_unset(const uint8_t *bits, int64_t first, int64_t count)
{
    const uint8_t *from = bits + first / 8;
    if (count - first >= 64)
        return ~weir_load_u64(from);
    uint64_t unset = 0;
    for (int64_t i = 0; i < count - first; i++)
        unset |= (uint64_t)!weir_bit(from, i) << i;
    return unset;
}

/* Copies `count` bits, from bit `from_first` of `from` to bit `to_first` of `to`. Bits of `to` before them stay, those
 * after them in their last byte become 0. The two do not overlap. */
void weir_bits_copy(uint8_t *to, int64_t to_first, const uint8_t *from, int64_t from_first, int64_t count);

/* Sets `count` bits from `first` on to `value`; the same holds for the bits before and after. */
void weir_bits_fill(uint8_t *to, int64_t first, int64_t count, bool value);

#endif
