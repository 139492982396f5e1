#include "stage/seen.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* A table is filled to FULL of its capacity, then grows by the factor GROWTH: in fractions of 100. The places behind
 * the capacity are for those whom the last places have pushed on. */
enum { LEAST = 1024, DOUBLED_UP_TO = 8192, FULL = 87, GROWTH = 120, BEHIND = 64, AHEAD = 12 };

static bool is_free(const uint64_t *slot)
{
    return (slot[0] | slot[1]) == 0;
}

/* Only a free place is zero; the hash that would be takes its neighbour's. */
static struct weir_hash128 marked(struct weir_hash128 hash)
{
    if ((hash.low | hash.high) == 0)
        hash.low = 1;
    return hash;
}

static size_t home(uint64_t high, size_t capacity)
{
    return (size_t)((unsigned __int128)high * capacity >> 64);
}

static uint64_t *slot_at(const struct weir_seen *seen, size_t i)
{
    return seen->slots + i * seen->stride;
}

int weir_seen_init(struct weir_seen *seen, enum weir_seen_holds holds, struct weir_error *error)
{
    *seen = (struct weir_seen){ .capacity = LEAST, .length = LEAST + BEHIND, .stride = 2 + (size_t)holds };
    seen->slots = weir_allocate_zero(seen->length * seen->stride, sizeof *seen->slots);
    return seen->slots ? 0 : weir_fail_memory(error);
}

void weir_seen_release(struct weir_seen *seen)
{
    free(seen->slots);
    *seen = (struct weir_seen){ 0 };
}

/* The place of the hash, or that of what it has to stand in front of. Taken places ascend by the hash (its high half,
 * equal ones as they came), so that looking for what is not there ends as soon as what is: Amble and Knuth, "Ordered
 * hash tables", The Computer Journal 17, 1974. */
static size_t find(const struct weir_seen *seen, struct weir_hash128 hash, bool *there)
{
    size_t i = home(hash.high, seen->capacity);
    const uint64_t *slot = slot_at(seen, i);
    while (i < seen->length && !is_free(slot) && slot[1] < hash.high)
        i++, slot += seen->stride;
    while (i < seen->length && !is_free(slot) && slot[1] == hash.high && slot[0] != hash.low)
        i++, slot += seen->stride;
    *there = i < seen->length && slot[1] == hash.high && slot[0] == hash.low;
    return i;
}

/* More places behind the last one. */
static int lengthen(struct weir_seen *seen, size_t length)
{
    uint64_t *slots = weir_reallocate(seen->slots, length, seen->stride * sizeof *slots);
    if (!slots)
        return -1;
    seen->slots = slots;
    memset(slot_at(seen, seen->length), 0, (length - seen->length) * seen->stride * sizeof *slots);
    seen->length = length;
    return 0;
}

/* A free place at i, behind which everything moves on by one as far as places are taken. NULL: out of memory. */
static uint64_t *make_gap(struct weir_seen *seen, size_t i)
{
    size_t end = i;
    while (end < seen->length && !is_free(slot_at(seen, end)))
        end++;
    if (end == seen->length && lengthen(seen, seen->length + BEHIND) < 0)
        return NULL;
    memmove(slot_at(seen, i + 1), slot_at(seen, i), (end - i) * seen->stride * sizeof *seen->slots);
    return slot_at(seen, i);
}

/* Brings the taken places first .. end - 1 to where they belong in the grown table. Homes only move towards the end,
 * and what lies behind was done before: nothing that is still to be moved is in the way. */
static int move_run(struct weir_seen *seen, size_t first, size_t end, uint64_t *held)
{
    size_t width = seen->stride * sizeof *held;
    memcpy(held, slot_at(seen, first), (end - first) * width);
    memset(slot_at(seen, first), 0, (end - first) * width);
    for (size_t next = first; first < end; first++, held += seen->stride) {
        size_t i = home(held[1], seen->capacity);
        if (i < next)
            i = next;
        if (i >= seen->length || !is_free(slot_at(seen, i))) { /* what was done before goes on by one */
            bool there;
            if (!make_gap(seen, i = find(seen, (struct weir_hash128){ held[0], held[1] }, &there)))
                return -1;
        }
        memcpy(slot_at(seen, i), held, width);
        next = i + 1;
    }
    return 0;
}

static int grow(struct weir_seen *seen)
{
    size_t old = seen->length, held_capacity = 0;
    size_t capacity = seen->capacity < DOUBLED_UP_TO ? seen->capacity * 2 : seen->capacity / 100 * GROWTH;
    void *held = NULL;
    int result = capacity + BEHIND > old ? lengthen(seen, capacity + BEHIND) : 0;
    seen->capacity = capacity;
    for (size_t end = old; result == 0 && end > 0;) {
        size_t first = end;
        while (first > 0 && !is_free(slot_at(seen, first - 1)))
            first--;
        if (first < end) {
            result = weir_grow(&held, &held_capacity, end - first, seen->stride * sizeof *seen->slots);
            if (result == 0)
                result = move_run(seen, first, end, held);
        }
        end = first > 0 ? first - 1 : 0;
    }
    free(held);
    return result;
}

/* The place of the hash; one that is new is taken, with *fresh set. NULL: out of memory. */
static uint64_t *take(struct weir_seen *seen, struct weir_hash128 hash, bool *fresh)
{
    bool there;
    size_t place = find(seen, hash, &there);
    *fresh = !there;
    if (there)
        return slot_at(seen, place);
    if (seen->count >= seen->capacity / 100 * FULL) {
        if (grow(seen) < 0)
            return NULL;
        place = find(seen, hash, &there);
    }
    uint64_t *slot = make_gap(seen, place);
    if (!slot)
        return NULL;
    seen->count++;
    slot[0] = hash.low;
    slot[1] = hash.high;
    return slot;
}

static void prefetch(const struct weir_seen *seen, const struct weir_hash128 *hashes, int64_t i, int64_t count)
{
    if (i + AHEAD < count)
        __builtin_prefetch(slot_at(seen, home(hashes[i + AHEAD].high, seen->capacity)));
}

int weir_seen_add(struct weir_seen *seen, const struct weir_hash128 *hashes, int64_t count, int64_t first,
                  int64_t *before, struct weir_error *error)
{
    bool rows = seen->stride > 2, fresh;
    for (int64_t i = 0; i < count; i++) {
        prefetch(seen, hashes, i, count);
        uint64_t *slot = take(seen, marked(hashes[i]), &fresh);
        if (!slot)
            return weir_fail_memory(error);
        if (fresh && rows)
            slot[2] = (uint64_t)(first + i);
        before[i] = fresh ? -1 : rows ? (int64_t)slot[2] : 0;
    }
    return 0;
}

int weir_seen_replace(struct weir_seen *seen, const struct weir_hash128 *hashes, const int64_t *ranks, int64_t count,
                      int64_t first, int64_t fixed, struct weir_error *error)
{
    bool fresh;
    for (int64_t i = 0; i < count; i++) {
        prefetch(seen, hashes, i, count);
        uint64_t *slot = take(seen, marked(hashes[i]), &fresh);
        if (!slot)
            return weir_fail_memory(error);
        if (!fresh && ((int64_t)slot[2] < fixed || (ranks && (int64_t)slot[3] <= ranks[i])))
            continue;
        slot[2] = (uint64_t)(first + i);
        if (ranks)
            slot[3] = (uint64_t)ranks[i];
    }
    return 0;
}

void weir_seen_find(const struct weir_seen *seen, const struct weir_hash128 *hashes, int64_t count, int64_t *rows)
{
    for (int64_t i = 0; i < count; i++) {
        prefetch(seen, hashes, i, count);
        bool there;
        size_t place = find(seen, marked(hashes[i]), &there);
        rows[i] = there ? (int64_t)slot_at(seen, place)[2] : -1;
    }
}

bool weir_seen_next(const struct weir_seen *seen, size_t *place, struct weir_hash128 *hash, int64_t *row)
{
    while (*place < seen->length && is_free(slot_at(seen, *place)))
        ++*place;
    if (*place == seen->length)
        return false;
    const uint64_t *slot = slot_at(seen, (*place)++);
    *hash = (struct weir_hash128){ slot[0], slot[1] };
    *row = seen->stride > 2 ? (int64_t)slot[2] : -1;
    return true;
}
