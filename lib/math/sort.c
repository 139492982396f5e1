#include "math/sort.h"
#include <stdbool.h>

enum { DIGIT = 11, BUCKETS = 1 << DIGIT, SMALL = 128 };

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

/* Sorts by the bits [first, first + DIGIT * passes), stably, lowest digit first; the result stands in keys. */
static void radix_sort(uint64_t *keys, uint64_t *scratch, size_t count, int first, int passes)
{
    uint64_t *from = keys, *to = scratch;
    for (int pass = 0; pass < passes; pass++) {
        int shift = first + pass * DIGIT;
        size_t starts[BUCKETS] = { 0 };
        for (size_t i = 0; i < count; i++)
            starts[from[i] >> shift & (BUCKETS - 1)]++;
        if (starts[from[0] >> shift & (BUCKETS - 1)] == count)
            continue;
        size_t sum = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            size_t size = starts[bucket];
            starts[bucket] = sum;
            sum += size;
        }
        for (size_t i = 0; i < count; i++)
            to[starts[from[i] >> shift & (BUCKETS - 1)]++] = from[i];
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
    int first = width > 3 * DIGIT ? width - 3 * DIGIT : 0;
    radix_sort(keys, scratch, count, first, (width - first + DIGIT - 1) / DIGIT);
    if (first && !insert_within(keys, count, 2 * count))
        radix_sort(keys, scratch, count, 0, (width + DIGIT - 1) / DIGIT);
}
