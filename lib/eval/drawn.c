#include "eval/drawn.h"
#include "base/memory.h"
#include <stdlib.h>

void weir_drawn_init(struct weir_drawn *drawn, int64_t wanted, uint64_t seed)
{
    *drawn = (struct weir_drawn){ 0 };
    weir_reservoir_init(&drawn->reservoir, wanted, seed);
}

void weir_drawn_release(struct weir_drawn *drawn)
{
    weir_reservoir_release(&drawn->reservoir);
    free(drawn->changes);
    free(drawn->places);
    *drawn = (struct weir_drawn){ 0 };
}

static int make_room(struct weir_drawn *drawn, int64_t rows)
{
    if (rows <= drawn->room)
        return 0;
    void *changes = weir_reallocate(drawn->changes, (size_t)rows, sizeof *drawn->changes);
    drawn->changes = changes ? changes : drawn->changes;
    void *places = weir_reallocate(drawn->places, (size_t)rows, sizeof *drawn->places);
    drawn->places = places ? places : drawn->places;
    if (!changes || !places)
        return -1;
    drawn->room = rows;
    return 0;
}

int64_t weir_drawn_offer(struct weir_drawn *drawn, int64_t rows, struct weir_error *error)
{
    struct weir_reservoir *reservoir = &drawn->reservoir;
    int64_t before = drawn->count, count = -1;
    if (make_room(drawn, rows) == 0)
        count = weir_reservoir_offer(reservoir, NULL, rows, drawn->changes);
    if (count < 0)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < count; i++) {
        int64_t evicted = drawn->changes[i].evicted;
        drawn->places[i] = evicted < 0 ? drawn->count++ : evicted < before ? evicted : drawn->places[evicted - before];
    }
    /* Who entered now is numbered from `before` on: from here on by its place. */
    for (size_t i = 0; i < reservoir->count && count > 0; i++)
        if (reservoir->entries[i].number >= before)
            reservoir->entries[i].number = drawn->places[reservoir->entries[i].number - before];
    reservoir->entered = drawn->count;
    return count;
}
