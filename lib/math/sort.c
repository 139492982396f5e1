#include "math/sort.h"
#include <stdbool.h>

enum { DIGIT = 11, BUCKETS = 1 << DIGIT, PASSES = 3, SMALL = 128 };

/* Insertion sort that gives up after about `budget` moves: true when the keys are sorted. */
static bool insert_within(uint64_t *keys, size_t count, size_t budget)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t key = keys[i];
        size_t place = i;
        if (keys[i - 1] <= key)
            continue;
        while (place > 0 && keys[place - 1] > key) {
            keys[place] = keys[place - 1];
            place--;
        }
        keys[place] = key;
        if (i - place > budget)
            return false;
        budget -= i - place;
    }
    return true;
}

/* Sorts by the bits [first, first + DIGIT * PASSES), stably, lowest digit first; the result stands in keys. */
static void radix_sort(uint64_t *keys, uint64_t *scratch, size_t count, int first)
{
    uint64_t *from = keys, *to = scratch;
    uint32_t starts[PASSES][BUCKETS];
    memset(starts, 0, sizeof starts);
    for (size_t i = 0; i < count; i++) {
        uint64_t digits = keys[i] >> first;
        for (int pass = 0; pass < PASSES; pass++, digits >>= DIGIT)
            starts[pass][digits & (BUCKETS - 1)]++;
    }
    for (int pass = 0; pass < PASSES; pass++) {
        int shift = first + pass * DIGIT;
        uint32_t *start = starts[pass];
        if (start[from[0] >> shift & (BUCKETS - 1)] == count)
            continue; /* they all agree in this digit */
        uint32_t sum = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            uint32_t size = start[bucket];
            start[bucket] = sum;
            sum += size;
        }
        for (size_t i = 0; i < count; i++)
            to[start[from[i] >> shift & (BUCKETS - 1)]++] = from[i];
        uint64_t *other = from;
        from = to;
        to = other;
    }
    if (from != keys)
        memcpy(keys, from, count * sizeof *keys);
}

void weir_sort_keys(uint64_t *keys, uint64_t *scratch, size_t count)
{
    if (count <= SMALL) {
        insert_within(keys, count, SIZE_MAX);
        return;
    }
    uint64_t all = keys[0], any = keys[0];
    bool sorted = true;
    for (size_t i = 1; i < count; i++) {
        sorted &= keys[i] >= keys[i - 1];
        all &= keys[i];
        any |= keys[i];
    }
    if (sorted)
        return;
    /* Three digits from the highest bit that differs set nearly every key where it belongs; the rest is done by hand,
     * unless too many keys agree in all of these. */
    int width = 64 - __builtin_clzll(all ^ any);
    if (width <= PASSES * DIGIT) {
        radix_sort(keys, scratch, count, 0);
        return;
    }
    radix_sort(keys, scratch, count, width - PASSES * DIGIT);
    if (insert_within(keys, count, 2 * count))
        return;
    radix_sort(keys, scratch, count, 0);
    radix_sort(keys, scratch, count, PASSES * DIGIT);
}

/* ---- With items --------------------------------------------------------------------------------------------- */

static bool insert_keyed_within(struct weir_keyed *items, size_t count, size_t budget)
{
    for (size_t i = 1; i < count; i++) {
        struct weir_keyed item = items[i];
        size_t place = i;
        for (; place > 0 && items[place - 1].key > item.key; place--)
            items[place] = items[place - 1];
        items[place] = item;
        if (i - place > budget)
            return false;
        budget -= i - place;
    }
    return true;
}

/* Sorts by the bits from `first` on in which keys differ, stably. */
static void radix_sort_keyed(struct weir_keyed *items, struct weir_keyed *scratch, size_t count, uint64_t differ,
                             int first)
{
    struct weir_keyed *from = items, *to = scratch;
    size_t starts[BUCKETS];
    for (int shift = first; shift < 64; shift += DIGIT) {
        if ((differ >> shift & (BUCKETS - 1)) == 0)
            continue;
        memset(starts, 0, sizeof starts);
        for (size_t i = 0; i < count; i++)
            starts[from[i].key >> shift & (BUCKETS - 1)]++;
        size_t sum = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            size_t size = starts[bucket];
            starts[bucket] = sum;
            sum += size;
        }
        for (size_t i = 0; i < count; i++)
            to[starts[from[i].key >> shift & (BUCKETS - 1)]++] = from[i];
        struct weir_keyed *other = from;
        from = to;
        to = other;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
}

void weir_sort_keyed(struct weir_keyed *items, struct weir_keyed *scratch, size_t count)
{
    if (count <= SMALL) {
        insert_keyed_within(items, count, SIZE_MAX);
        return;
    }
    uint64_t all = items[0].key, any = items[0].key;
    for (size_t i = 1; i < count; i++) {
        all &= items[i].key;
        any |= items[i].key;
    }
    /* As above: the highest bits that differ first, and by hand what they leave. */
    if (all == any)
        return;
    int width = 64 - __builtin_clzll(all ^ any), first = width > PASSES * DIGIT ? width - PASSES * DIGIT : 0;
    radix_sort_keyed(items, scratch, count, all ^ any, first);
    if (first > 0 && !insert_keyed_within(items, count, 2 * count))
        radix_sort_keyed(items, scratch, count, all ^ any, 0);
}
