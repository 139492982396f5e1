#include "math/frequent.h"
#include "math/frequent_private.h"
#include <stdlib.h>
#include <string.h>

enum { COUNTERS = WEIR_FREQUENT_COUNTERS, FIRST_SLOTS = 64, MOST_SLOTS = 2 * COUNTERS };

void weir_frequent_release(struct weir_frequent *frequent)
{
    free(frequent->keys);
    free(frequent->counts);
    free(frequent->texts);
    weir_buffer_release(&frequent->bytes);
    *frequent = (struct weir_frequent){ 0 };
}

const char *weir_frequent_text_at(const struct weir_frequent *frequent, uint32_t at, uint32_t *size)
{
    memcpy(size, frequent->bytes.bytes + at, sizeof *size);
    return frequent->bytes.bytes + at + sizeof *size;
}

static bool is_text(const struct weir_frequent *frequent, uint32_t slot, const char *text, size_t size)
{
    uint32_t length;
    const char *bytes = weir_frequent_text_at(frequent, frequent->texts[slot], &length);
    return length == size && memcmp(bytes, text, size) == 0;
}

static uint32_t home(const struct weir_frequent *frequent, uint64_t key)
{
    return (uint32_t)(key * 0x9e3779b97f4a7c15u >> 40) & (frequent->slots - 1);
}

static uint32_t find_number(const struct weir_frequent *frequent, uint64_t key)
{
    uint32_t slot = home(frequent, key);
    while (frequent->counts[slot] && frequent->keys[slot] != key)
        slot = (slot + 1) & (frequent->slots - 1);
    return slot;
}

static uint32_t find_text(const struct weir_frequent *frequent, uint64_t key, const char *text, size_t size)
{
    uint32_t slot = home(frequent, key);
    while (frequent->counts[slot] && (frequent->keys[slot] != key || !is_text(frequent, slot, text, size)))
        slot = (slot + 1) & (frequent->slots - 1);
    return slot;
}

/* The counters anew in `slots` slots, each with `less` taken off. The bytes of texts that go are given back. */
static int lay_out(struct weir_frequent *frequent, uint32_t slots, int64_t less, bool texts)
{
    struct weir_frequent laid = { .slots = slots, .slack = frequent->slack + less, .longer = frequent->longer };
    laid.keys = weir_allocate_zero(slots, sizeof *laid.keys);
    laid.counts = weir_allocate_zero(slots, sizeof *laid.counts);
    laid.texts = texts ? weir_allocate_zero(slots, sizeof *laid.texts) : NULL;
    bool failed = !laid.keys || !laid.counts || (texts && !laid.texts);
    for (uint32_t i = 0; !failed && i < frequent->slots; i++) {
        if (frequent->counts[i] <= less)
            continue;
        uint32_t slot = home(&laid, frequent->keys[i]);
        while (laid.counts[slot])
            slot = (slot + 1) & (slots - 1);
        laid.keys[slot] = frequent->keys[i];
        laid.counts[slot] = frequent->counts[i] - less;
        laid.count++;
        if (texts) {
            uint32_t size;
            const char *text = weir_frequent_text_at(frequent, frequent->texts[i], &size);
            laid.texts[slot] = (uint32_t)laid.bytes.size;
            weir_buffer_append(&laid.bytes, text - sizeof size, sizeof size + size);
        }
    }
    if (failed || laid.bytes.failed) {
        weir_frequent_release(&laid);
        return -1;
    }
    weir_frequent_release(frequent);
    *frequent = laid;
    return 0;
}

/* The count in the middle; the counters are all taken. Where many values come once, it is 1 at a glance; otherwise it
 * is found by halving with a pivot (C. Hoare's FIND), on a copy. */
static int64_t median_count(const struct weir_frequent *frequent)
{
    int64_t counts[COUNTERS];
    int taken = 0, ones = 0, low = 0, high = COUNTERS - 1, middle = (COUNTERS - 1) / 2;
    for (uint32_t i = 0; i < frequent->slots; i++)
        ones += frequent->counts[i] == 1;
    if (ones > middle)
        return 1;
    for (uint32_t i = 0; i < frequent->slots; i++)
        if (frequent->counts[i])
            counts[taken++] = frequent->counts[i];
    while (low < high) {
        int64_t pivot = counts[(low + high) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (counts[i] < pivot)
                i++;
            while (counts[j] > pivot)
                j--;
            if (i <= j) {
                int64_t kept = counts[i];
                counts[i++] = counts[j];
                counts[j--] = kept;
            }
        }
        if (middle <= j)
            high = j;
        else if (middle >= i)
            low = i;
        else
            break;
    }
    return counts[middle];
}

/* Room for one counter more. */
static int make_room(struct weir_frequent *frequent, bool texts)
{
    if (frequent->count == COUNTERS)
        return lay_out(frequent, frequent->slots, median_count(frequent), texts);
    if (2 * frequent->count >= frequent->slots && frequent->slots < MOST_SLOTS)
        return lay_out(frequent, frequent->slots ? 2 * frequent->slots : FIRST_SLOTS, 0, texts);
    return 0;
}

int weir_frequent_add_number(struct weir_frequent *frequent, uint64_t key, int64_t times)
{
    uint32_t slot = frequent->slots ? find_number(frequent, key) : 0;
    if (!frequent->slots || frequent->counts[slot] == 0) {
        if (make_room(frequent, false))
            return -1;
        slot = find_number(frequent, key);
        frequent->keys[slot] = key;
        frequent->count++;
    }
    frequent->counts[slot] += times;
    return 0;
}

int weir_frequent_add_numbers(struct weir_frequent *frequent, const uint64_t *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (weir_frequent_add_number(frequent, keys[i], 1))
            return -1;
    return 0;
}

int weir_frequent_add_text(struct weir_frequent *frequent, uint64_t hash, const char *text, size_t size, int64_t times)
{
    if (size > WEIR_FREQUENT_TEXT) {
        frequent->longer += times;
        return 0;
    }
    uint32_t slot = frequent->slots ? find_text(frequent, hash, text, size) : 0;
    if (!frequent->slots || frequent->counts[slot] == 0) {
        uint32_t length = (uint32_t)size;
        if (make_room(frequent, true))
            return -1;
        slot = find_text(frequent, hash, text, size);
        frequent->keys[slot] = hash;
        frequent->texts[slot] = (uint32_t)frequent->bytes.size;
        weir_buffer_append(&frequent->bytes, &length, sizeof length);
        weir_buffer_append(&frequent->bytes, text, size);
        if (frequent->bytes.failed)
            return -1;
        frequent->count++;
    }
    frequent->counts[slot] += times;
    return 0;
}
