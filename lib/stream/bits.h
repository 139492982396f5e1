/* Bitmaps many bits at a time, least significant bit first. */
#ifndef WEIR_STREAM_BITS_H
#define WEIR_STREAM_BITS_H

#include "base/bytes.h"
#include <stdbool.h>
#include <stddef.h>

/* How many of the first `count` bits are set. */
int64_t weir_bits_count(const uint8_t *bits, int64_t count);

/* Copies `count` bits, from bit `from_first` of `from` to bit `to_first` of `to`. Bits of `to` before them stay, those
 * after them in their last byte become 0. The two do not overlap. */
void weir_bits_copy(uint8_t *to, int64_t to_first, const uint8_t *from, int64_t from_first, int64_t count);

/* Sets `count` bits from `first` on to `value`; the same holds for the bits before and after. */
void weir_bits_fill(uint8_t *to, int64_t first, int64_t count, bool value);

#endif
