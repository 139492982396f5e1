#include "math/reservoir.h"
#include "base/hash.h"
#include "base/memory.h"
#include <math.h>
#include <stdlib.h>

void weir_reservoir_init(struct weir_reservoir *reservoir, int64_t wanted, uint64_t seed)
{
    /* A sequence of its own: a shuffle by the same seed draws from another. */
    static const char name[] = "reservoir";
    *reservoir = (struct weir_reservoir){ .wanted = wanted };
    weir_random_init(&reservoir->random, seed, weir_hash(name, sizeof name, 0));
}

void weir_reservoir_release(struct weir_reservoir *reservoir)
{
    free(reservoir->entries);
    *reservoir = (struct weir_reservoir){ 0 };
}

/* (0, 1] */
static double uniform(struct weir_reservoir *reservoir)
{
    return 1 - weir_random_uniform(&reservoir->random);
}

static void rise(struct weir_reservoir_entry *entries, size_t i, struct weir_reservoir_entry entry)
{
    for (size_t up; i > 0 && entries[up = (i - 1) / 2].key < entry.key; i = up)
        entries[i] = entries[up];
    entries[i] = entry;
}

static void sink(struct weir_reservoir_entry *entries, size_t count, struct weir_reservoir_entry entry)
{
    size_t i = 0;
    for (size_t down = 1; down < count; i = down, down = 2 * i + 1) {
        if (down + 1 < count && entries[down + 1].key > entries[down].key)
            down++;
        if (!(entries[down].key > entry.key))
            break;
        entries[i] = entries[down];
    }
    entries[i] = entry;
}

/* The sample is full, and its last row another: how far it is to the next that enters. */
static void aim(struct weir_reservoir *reservoir)
{
    const double never = 0x1p62;
    reservoir->time = exp(reservoir->entries[0].key);
    reservoir->passed = 0;
    reservoir->target = -log(uniform(reservoir));
    double rows = floor(reservoir->target / reservoir->time);
    reservoir->skip = (int64_t)(rows < never ? rows : never);
}

/* While there is room, each row enters. */
static int fill(struct weir_reservoir *reservoir, double weight)
{
    void *entries = reservoir->entries;
    if (weir_grow(&entries, &reservoir->capacity, reservoir->count + 1, sizeof *reservoir->entries) < 0)
        return -1;
    reservoir->entries = entries;
    struct weir_reservoir_entry entry = { log(-log(uniform(reservoir))) - log(weight), reservoir->entered++ };
    rise(reservoir->entries, reservoir->count, entry);
    if ((int64_t)++reservoir->count == reservoir->wanted)
        aim(reservoir);
    return 0;
}

/* The row's clock rings before the last one of the sample does: when, and for which row it enters. */
static int64_t replace(struct weir_reservoir *reservoir, double weight)
{
    struct weir_reservoir_entry *last = &reservoir->entries[0];
    double time = -log1p(uniform(reservoir) * expm1(-weight * reservoir->time));
    struct weir_reservoir_entry entry = { log(time) - log(weight), reservoir->entered };
    int64_t evicted = last->number;
    bool enters = entry.key < last->key; /* always, but where t is too large for a double */
    if (enters) {
        reservoir->entered++;
        sink(reservoir->entries, reservoir->count, entry);
    }
    aim(reservoir);
    return enters ? evicted : -1;
}

/* The next row that enters, from r on; `rows` when there is none. */
static int64_t pass_over(struct weir_reservoir *reservoir, const double *weights, int64_t r, int64_t rows)
{
    double passed = reservoir->passed, target = reservoir->target, time = reservoir->time;
    if (!weights) {
        int64_t skipped = reservoir->skip < rows - r ? reservoir->skip : rows - r;
        reservoir->skip -= skipped;
        return r + skipped;
    }
    /* A row of weight 0 adds nothing, not even to an X of 0 or a t that is infinite. */
    while (r < rows && (weights[r] == 0 || (passed += weights[r] * time) < target))
        r++;
    reservoir->passed = passed;
    return r;
}

int64_t weir_reservoir_offer(struct weir_reservoir *reservoir, const double *weights, int64_t rows,
                             struct weir_reservoir_change *changes)
{
    int64_t count = 0;
    for (int64_t r = 0; r < rows && reservoir->wanted > 0; r++) {
        if ((int64_t)reservoir->count < reservoir->wanted) {
            if (weights && weights[r] == 0)
                continue;
            if (fill(reservoir, weights ? weights[r] : 1) < 0)
                return -1;
            changes[count++] = (struct weir_reservoir_change){ r, -1 };
            continue;
        }
        r = pass_over(reservoir, weights, r, rows);
        if (r == rows)
            break;
        int64_t evicted = replace(reservoir, weights ? weights[r] : 1);
        if (evicted >= 0)
            changes[count++] = (struct weir_reservoir_change){ r, evicted };
    }
    return count;
}
