#include "stage/counts.h"
#include "base/hash.h"
#include "base/random.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

void weir_counts_release(struct weir_counts *counts)
{
    free(counts->items);
    free(counts->slots);
    weir_buffer_release(&counts->bytes);
    *counts = (struct weir_counts){ 0 };
}

/* The slot that holds the value, or the free one where it belongs. */
static size_t find_slot(const struct weir_counts *counts, uint64_t hash, const void *value, size_t size)
{
    size_t mask = counts->slot_count - 1, at = hash & mask;
    while (counts->slots[at]) {
        const struct weir_count *item = &counts->items[counts->slots[at] - 1];
        if (item->hash == hash && item->size == size &&
            (size == 0 || memcmp(counts->bytes.bytes + item->offset, value, size) == 0))
            break;
        at = (at + 1) & mask;
    }
    return at;
}

static void fill_slots(struct weir_counts *counts)
{
    memset(counts->slots, 0, counts->slot_count * sizeof *counts->slots);
    for (size_t i = 0; i < counts->count; i++) {
        size_t at = counts->items[i].hash & (counts->slot_count - 1);
        while (counts->slots[at])
            at = (at + 1) & (counts->slot_count - 1);
        counts->slots[at] = (uint32_t)(i + 1);
    }
}

static int widen(struct weir_counts *counts)
{
    size_t wanted = counts->slot_count ? counts->slot_count * 2 : FIRST_SLOTS;
    uint32_t *slots = weir_allocate(wanted, sizeof *slots);
    if (!slots)
        return -1;
    free(counts->slots);
    counts->slots = slots;
    counts->slot_count = wanted;
    fill_slots(counts);
    return 0;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Forgets the rarer half: every item whose count is at most the median of the counts (all of one count: all of them).
 */
static int forget(struct weir_counts *counts)
{
    int64_t *sorted = weir_allocate(counts->count, sizeof *sorted);
    if (!sorted)
        return -1;
    for (size_t i = 0; i < counts->count; i++)
        sorted[i] = counts->items[i].count;
    qsort(sorted, counts->count, sizeof *sorted, ascending);
    int64_t limit = sorted[(counts->count - 1) / 2];
    free(sorted);
    size_t kept = 0, bytes = 0;
    for (size_t i = 0; i < counts->count; i++) {
        struct weir_count item = counts->items[i];
        if (item.count <= limit)
            continue;
        memmove(counts->bytes.bytes + bytes, counts->bytes.bytes + item.offset, item.size);
        item.offset = bytes;
        bytes += item.size;
        counts->items[kept++] = item;
    }
    counts->count = kept;
    counts->bytes.size = bytes;
    counts->slack += limit;
    fill_slots(counts);
    return 0;
}

int weir_counts_add(struct weir_counts *counts, const void *value, size_t size, int64_t times)
{
    if (size > WEIR_COUNTS_LONGEST)
        return 0;
    if (counts->slot_count == 0 &&
        (weir_random_secret(&counts->seed, sizeof counts->seed, NULL) < 0 || widen(counts) < 0))
        return -1;
    uint64_t hash = weir_hash(value, size, counts->seed);
    size_t slot = find_slot(counts, hash, value, size);
    if (counts->slots[slot]) {
        counts->items[counts->slots[slot] - 1].count += times;
        return 0;
    }
    if (counts->count >= WEIR_COUNTS_VALUES || counts->bytes.size + size > WEIR_COUNTS_BYTES) {
        if (forget(counts) < 0)
            return -1;
        slot = find_slot(counts, hash, value, size);
    } else if (counts->count * 2 >= counts->slot_count) {
        if (widen(counts) < 0)
            return -1;
        slot = find_slot(counts, hash, value, size);
    }
    if (weir_grow((void **)&counts->items, &counts->capacity, counts->count + 1, sizeof *counts->items) < 0)
        return -1;
    size_t offset = counts->bytes.size;
    weir_buffer_append(&counts->bytes, value, size);
    if (counts->bytes.failed)
        return -1;
    counts->items[counts->count++] = (struct weir_count){ hash, offset, (uint32_t)size, times };
    counts->slots[slot] = (uint32_t)counts->count;
    return 0;
}

int64_t weir_counts_find(const struct weir_counts *counts, const void *value, size_t size)
{
    if (counts->slot_count == 0)
        return -1;
    return (int64_t)counts->slots[find_slot(counts, weir_hash(value, size, counts->seed), value, size)] - 1;
}

static int by_value(const void *a, const void *b, void *context)
{
    const struct weir_counts *counts = context;
    const struct weir_count *x = &counts->items[*(const uint32_t *)a], *y = &counts->items[*(const uint32_t *)b];
    uint32_t shorter = x->size < y->size ? x->size : y->size;
    int order = shorter ? memcmp(counts->bytes.bytes + x->offset, counts->bytes.bytes + y->offset, shorter) : 0;
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

static int by_count(const void *a, const void *b, void *context)
{
    const struct weir_counts *counts = context;
    int64_t x = counts->items[*(const uint32_t *)a].count, y = counts->items[*(const uint32_t *)b].count;
    return x != y ? (x < y) - (x > y) : by_value(a, b, context);
}

void weir_counts_sort_by_count(const struct weir_counts *counts, uint32_t *index, size_t count)
{
    qsort_r(index, count, sizeof *index, by_count, (void *)(uintptr_t)counts);
}

void weir_counts_sort_by_value(const struct weir_counts *counts, uint32_t *index, size_t count)
{
    qsort_r(index, count, sizeof *index, by_value, (void *)(uintptr_t)counts);
}

int weir_counts_merge(struct weir_counts *counts, const struct weir_counts *other)
{
    for (size_t i = 0; i < other->count; i++)
        if (weir_counts_add(counts, weir_counts_value(other, i), other->items[i].size, other->items[i].count) < 0)
            return -1;
    counts->slack += other->slack;
    return 0;
}

json_t *weir_counts_to_json(const struct weir_counts *counts)
{
    uint32_t *index = weir_allocate(counts->count, sizeof *index);
    json_t *values = index ? json_array() : NULL;
    for (size_t i = 0; index && i < counts->count; i++)
        index[i] = (uint32_t)i;
    if (index)
        weir_counts_sort_by_value(counts, index, counts->count);
    for (size_t i = 0; values && i < counts->count; i++) {
        const struct weir_count *item = &counts->items[index[i]];
        json_t *pair = json_array();
        if (!pair || json_array_append_new(pair, json_stringn(weir_counts_value(counts, index[i]), item->size)) < 0 ||
            json_array_append_new(pair, json_integer(item->count)) < 0 || json_array_append(values, pair) < 0) {
            json_decref(values);
            values = NULL;
        }
        json_decref(pair);
    }
    free(index);
    return values ? json_pack("{s:I, s:o}", "slack", (json_int_t)counts->slack, "values", values) : NULL;
}

int weir_counts_from_json(struct weir_counts *counts, const json_t *json, struct weir_error *error)
{
    const json_int_t most = INT64_MAX / 4 / WEIR_COUNTS_VALUES; /* so that states can be merged again and again */
    const json_t *slack = json_object_get(json, "slack"), *values = json_object_get(json, "values");
    if (!json_is_integer(slack) || json_integer_value(slack) < 0 || json_integer_value(slack) > most ||
        !json_is_array(values) || json_array_size(values) > WEIR_COUNTS_VALUES)
        return weir_fail(error, WEIR_BAD_DATA, "its counts are no counts");
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *pair = json_array_get(values, i);
        const json_t *text = json_array_get(pair, 0), *count = json_array_get(pair, 1);
        if (!json_is_string(text) || !json_is_integer(count) || json_integer_value(count) < 1 ||
            json_integer_value(count) > most)
            return weir_fail(error, WEIR_BAD_DATA, "count %zu is no pair of a text and a whole number", i);
        if (weir_counts_add(counts, json_string_value(text), json_string_length(text), json_integer_value(count)) < 0)
            return weir_fail_memory(error);
        if (counts->count != i + 1)
            return weir_fail(error, WEIR_BAD_DATA, "count %zu is of a text that is too long, or stands there twice", i);
    }
    counts->slack = json_integer_value(slack);
    return 0;
}
