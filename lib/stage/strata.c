#include "base/random.h"
#include "stage/strata_private.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES = 1 << 20 };

int weir_strata_init(struct weir_strata *strata, const struct weir_schema *schema, const int *columns, int column_count,
                     struct weir_error *error)
{
    *strata = (struct weir_strata){ .schema = schema, .column_count = column_count, .slot_count = 64, .shift = 64 - 6 };
    strata->columns = weir_allocate((size_t)column_count, sizeof *strata->columns);
    strata->slots = weir_allocate_zero(strata->slot_count, sizeof *strata->slots);
    if (!strata->columns || !strata->slots) {
        weir_strata_release(strata);
        return weir_fail_memory(error);
    }
    if (weir_random_secret(&strata->multiply, sizeof strata->multiply, error) < 0) {
        weir_strata_release(strata);
        return -1;
    }
    strata->multiply |= 1;
    if (column_count > 0)
        memcpy(strata->columns, columns, (size_t)column_count * sizeof *columns);
    return 0;
}

void weir_strata_release(struct weir_strata *strata)
{
    free(strata->columns);
    free(strata->slots);
    free(strata->hashes);
    *strata = (struct weir_strata){ 0 };
}

uint64_t weir_strata_hash(const struct weir_strata *strata, const struct weir_batch *batch, int64_t row, uint64_t seed)
{
    for (int i = 0; i < strata->column_count; i++) {
        int c = strata->columns[i];
        seed = weir_value_hash(&batch->columns[c], &strata->schema->fields[c].type, row, seed);
    }
    return seed;
}

static struct weir_stratum_slot *find_slot(const struct weir_strata *strata, uint64_t hash)
{
    size_t i = (size_t)(hash * strata->multiply >> strata->shift);
    while (strata->slots[i].index && strata->slots[i].hash != hash)
        i = (i + 1) & (strata->slot_count - 1);
    return &strata->slots[i];
}

static int grow_slots(struct weir_strata *strata)
{
    struct weir_stratum_slot *old = strata->slots;
    size_t count = strata->slot_count;
    struct weir_stratum_slot *slots = weir_allocate_zero(count * 2, sizeof *slots);
    if (!slots)
        return -1;
    strata->slots = slots;
    strata->slot_count = count * 2;
    strata->shift--;
    for (size_t i = 0; i < count; i++)
        if (old[i].index)
            *find_slot(strata, old[i].hash) = old[i];
    free(old);
    return 0;
}

int64_t weir_strata_find(const struct weir_strata *strata, uint64_t hash)
{
    return (int64_t)find_slot(strata, hash)->index - 1;
}

int64_t weir_strata_add(struct weir_strata *strata, uint64_t hash, struct weir_error *error)
{
    int64_t index = weir_strata_find(strata, hash);
    void *hashes = strata->hashes;
    if (index >= 0)
        return index;
    if (strata->count == MOST_CLASSES)
        return weir_fail(error, WEIR_BAD_DATA, "the columns to stratify by have more than %d values: no classes",
                         MOST_CLASSES);
    if ((strata->count * 2 >= strata->slot_count && grow_slots(strata) < 0) ||
        weir_grow(&hashes, &strata->capacity, strata->count + 1, sizeof *strata->hashes) < 0)
        return weir_fail_memory(error);
    strata->hashes = hashes;
    strata->hashes[strata->count] = hash;
    *find_slot(strata, hash) = (struct weir_stratum_slot){ hash, (uint32_t)++strata->count };
    return (int64_t)strata->count - 1;
}
