#include "stage/join.h"
#include "stage/join_private.h"
#include <stdlib.h>

/* The slot of the key, or the free one where it would go. */
static struct join_slot *find_slot(const struct weir_join *join, uint64_t hash, const struct weir_join_side *side,
                                   const struct weir_batch *batch, int64_t row)
{
    size_t i = (size_t)hash & join->mask;
    for (;; i = (i + 1) & join->mask) {
        struct join_slot *slot = &join->slots[i];
        if (slot->item == 0)
            return slot;
        if (slot->hash != hash)
            continue;
        if (join->exact)
            return slot;
        int64_t item = slot->item - 1;
        int64_t other = join->representatives ? join->representatives[item] : item;
        if (weir_join_equal(&join->side, join->rows, other, side, batch, row))
            return slot;
    }
}

/* Gives each row of the table its place. group[rows] is filled with a time alone. */
static int enter(struct weir_join *join, const uint64_t *hash, const uint8_t *missing, int64_t *group,
                 const struct weir_join_options *options, struct weir_error *error)
{
    for (int64_t row = 0; row < join->rows->rows; row++) {
        if (group)
            group[row] = -1;
        if (missing[row] || (group && !weir_join_has_time(&join->side, join->rows, row))) {
            join->keyless++;
            continue;
        }
        struct join_slot *slot = find_slot(join, hash[row], &join->side, join->rows, row);
        if (group) {
            if (slot->item == 0) {
                join->representatives[join->groups] = row;
                *slot = (struct join_slot){ hash[row], ++join->groups };
            }
            group[row] = slot->item - 1;
        } else if (slot->item == 0 || options->keep == WEIR_JOIN_LAST) {
            *slot = (struct join_slot){ hash[row], row + 1 };
        } else if (options->keep == WEIR_JOIN_UNIQUE) {
            return weir_join_fail_twice(join, slot->item - 1, row, options, error);
        }
    }
    return 0;
}

static int build(struct weir_join *join, const struct weir_join_options *options, struct weir_error *error)
{
    size_t rows = (size_t)join->rows->rows, slots = 16;
    while (slots < rows * 2)
        slots *= 2;
    bool timed = join->side.time >= 0;
    uint64_t *hash = weir_allocate(rows, sizeof *hash);
    uint8_t *missing = weir_allocate(rows, 1);
    int64_t *group = timed ? weir_allocate(rows, sizeof *group) : NULL;
    int result = -1;
    join->slots = weir_allocate_zero(slots, sizeof *join->slots);
    join->mask = slots - 1;
    if (timed)
        join->representatives = weir_allocate(rows, sizeof *join->representatives);
    if (!hash || !missing || !join->slots || (timed && (!group || !join->representatives))) {
        weir_fail_memory(error);
        goto cleanup;
    }
    weir_join_hash(&join->side, join->rows, &join->secret, hash, missing);
    result = enter(join, hash, missing, group, options, error);
    if (result == 0 && timed)
        result = weir_join_order_moments(join, group, options, error);
cleanup:
    free(hash);
    free(missing);
    free(group);
    return result;
}

int weir_join_new(struct weir_join **out, const struct weir_join_side *table, const struct weir_batch *rows,
                  const struct weir_join_options *options, struct weir_error *error)
{
    struct weir_join *join = weir_allocate_zero(1, sizeof *join);
    *out = NULL;
    if (!join)
        return weir_fail_memory(error);
    join->side = *table;
    join->rows = rows;
    join->exact = weir_join_exact(table);
    int *keys = weir_allocate((size_t)table->count, sizeof *keys);
    if (!keys) {
        free(join);
        return weir_fail_memory(error);
    }
    memcpy(keys, table->keys, (size_t)table->count * sizeof *keys);
    join->side.keys = join->keys = keys;
    if (weir_join_draw(&join->secret, error) < 0 || build(join, options, error) < 0) {
        weir_join_free(join);
        return -1;
    }
    *out = join;
    return 0;
}

int weir_join_find(const struct weir_join *join, const struct weir_join_side *stream, const struct weir_batch *batch,
                   const struct weir_join_reach *reach, int64_t *index, struct weir_error *error)
{
    uint64_t *hash = weir_allocate((size_t)batch->rows, sizeof *hash);
    uint8_t *missing = weir_allocate((size_t)batch->rows, 1);
    int result = hash && missing ? 0 : weir_fail_memory(error);
    if (result == 0)
        weir_join_hash(stream, batch, &join->secret, hash, missing);
    bool timed = join->side.time >= 0;
    for (int64_t row = 0; row < batch->rows && result == 0; row++) {
        if (missing[row] || (timed && !weir_join_has_time(stream, batch, row))) {
            index[row] = WEIR_JOIN_NO_KEY;
            continue;
        }
        int64_t item = find_slot(join, hash[row], stream, batch, row)->item - 1;
        if (item < 0)
            index[row] = WEIR_JOIN_NOTHING;
        else
            index[row] = timed ? weir_join_at(join, item, weir_join_time(stream, batch, row), reach) : item;
    }
    free(hash);
    free(missing);
    return result;
}

int64_t weir_join_keyless(const struct weir_join *join)
{
    return join->keyless;
}

void weir_join_free(struct weir_join *join)
{
    if (!join)
        return;
    free(join->keys);
    free(join->slots);
    free(join->representatives);
    free(join->first);
    free(join->moments);
    free(join);
}
