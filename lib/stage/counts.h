/* How often each value occurred, in bounded memory.
 *
 * Exact up to WEIR_COUNTS_VALUES distinct values (or WEIR_COUNTS_BYTES of them). Beyond, the rarer half is forgotten
 * each time the table is full (lossy counting, after Manku and Motwani, "Approximate frequency counts over data
 * streams", VLDB 2002): a count is then low by at most `slack`, and every value that occurred more often than that is
 * still there. What is counted depends on the order of the values, never on how they were batched. */
#ifndef WEIR_STAGE_COUNTS_H
#define WEIR_STAGE_COUNTS_H

#include "base/buffer.h"
#include <jansson.h>

enum { WEIR_COUNTS_VALUES = 1 << 14, WEIR_COUNTS_BYTES = 1 << 21, WEIR_COUNTS_LONGEST = WEIR_COUNTS_BYTES / 4 };

struct weir_count {
    uint64_t hash;
    size_t offset; /* of the value's bytes in `bytes` */
    uint32_t size;
    int64_t count;
};

struct weir_counts {
    struct weir_count *items; /* in the order in which they came */
    size_t count, capacity;
    struct weir_buffer bytes;
    uint32_t *slots; /* index + 1 of an item, 0: free */
    size_t slot_count;
    uint64_t seed; /* of the hashes, so that nobody can make values that meet; it shows nowhere */
    int64_t slack; /* how many occurrences of a value may not be counted */
};

void weir_counts_release(struct weir_counts *counts); /* back to { 0 } */

/* Raises the count of the value by `times` (1 or more). -1: out of memory. A value longer than WEIR_COUNTS_LONGEST is
 * passed over. */
int weir_counts_add(struct weir_counts *counts, const void *value, size_t size, int64_t times);

/* Index of the value in `items`, or -1. */
int64_t weir_counts_find(const struct weir_counts *counts, const void *value, size_t size);

static inline const char *weir_counts_value(const struct weir_counts *counts, size_t i)
{
    return counts->bytes.bytes + counts->items[i].offset;
}

/* Sorts indices of items: by count, most frequent first, ties by value (bytes, shorter first); or by value alone. */
void weir_counts_sort_by_count(const struct weir_counts *counts, uint32_t *index, size_t count);
void weir_counts_sort_by_value(const struct weir_counts *counts, uint32_t *index, size_t count);

int weir_counts_merge(struct weir_counts *counts, const struct weir_counts *other); /* -1: out of memory */

/* {"slack": N, "values": [["free", 12], ...]} by value; values must be UTF-8. NULL: out of memory. */
json_t *weir_counts_to_json(const struct weir_counts *counts);
int weir_counts_from_json(struct weir_counts *counts, const json_t *json, struct weir_error *error);

#endif
