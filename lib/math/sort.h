/* Sorting doubles as keys: unsigned integers in the same order. */
#ifndef WEIR_MATH_SORT_H
#define WEIR_MATH_SORT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The order of keys is that of the numbers; -0 becomes 0. NaN must not be asked for. */
static inline uint64_t weir_key(double value)
{
    uint64_t bits;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ ((uint64_t)((int64_t)bits >> 63) | (uint64_t)1 << 63);
}
static inline double weir_key_value(uint64_t key)
{
    uint64_t bits = key ^ (((key >> 63) - 1) | (uint64_t)1 << 63);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Ascending; scratch has room for `count` keys (fewer than 2^32). Radix sort over the highest bits that differ. */
void weir_sort_keys(uint64_t *keys, uint64_t *scratch, size_t count);

/* The same for keys with something tied to them; equal keys keep their order. `scratch` has room for `count` items. */
struct weir_keyed {
    uint64_t key, item;
};
void weir_sort_keyed(struct weir_keyed *items, struct weir_keyed *scratch, size_t count);

#endif
