/* A sample of a stream's rows, each in a place of its own: what enters says which place it takes over. */
#ifndef WEIR_EVAL_DRAWN_H
#define WEIR_EVAL_DRAWN_H

#include "base/error.h"
#include "math/reservoir.h"

struct weir_drawn {
    struct weir_reservoir reservoir;
    int64_t count; /* places taken, at most the number wanted */
    /* What the last batch brought, in order; a place may come twice, and the later row has it. */
    struct weir_reservoir_change *changes;
    int64_t *places;
    int64_t room;
};
void weir_drawn_init(struct weir_drawn *drawn, int64_t wanted, uint64_t seed);
void weir_drawn_release(struct weir_drawn *drawn);
/* Offers the next rows: how many enter, changes[i].row in the batch into places[i]; -1 with the message. */
int64_t weir_drawn_offer(struct weir_drawn *drawn, int64_t rows, struct weir_error *error);

#endif
