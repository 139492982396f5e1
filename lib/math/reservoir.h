/* A random sample of fixed size from a stream of unknown length, without replacement, in one pass.
 *
 * Each row has a clock that rings after a time E / w, E being exponential with mean 1 and w the row's weight; the
 * sample is the `wanted` rows whose clocks ring first. Row i is then the first with the probability w_i / sum(w), the
 * next is so among the others, and so on; with equal weights every set of rows is equally likely. A row of weight 0
 * never rings. Once the sample is full, a row enters with the probability 1 - exp(-w t), t being the time of its last
 * row, so that those which do not enter are passed over: their weights add up to X / t, X exponential with mean 1.
 * Of T rows about wanted * (1 + ln(T / wanted)) enter at all.
 *
 * Efraimidis and Spirakis, "Weighted random sampling with a reservoir", Information Processing Letters 97, 2006 (the
 * exponential jumps of A-ExpJ); with equal weights Li, "Reservoir-sampling algorithms of time complexity O(n(1 +
 * log(N/n)))", ACM Transactions on Mathematical Software 20, 1994 (L). What is chosen depends on the seed and the rows'
 * numbers and weights, not on how they were batched. */
#ifndef WEIR_MATH_RESERVOIR_H
#define WEIR_MATH_RESERVOIR_H

#include "base/random.h"
#include <stddef.h>

struct weir_reservoir_entry {
    double key;     /* the logarithm of the time, which no weight makes too large or too small */
    int64_t number; /* of the row among those that have entered */
};

struct weir_reservoir {
    struct weir_reservoir_entry *entries; /* [count], a heap whose first is the last to ring */
    size_t count, capacity;
    int64_t wanted, entered; /* the next row that enters gets the number `entered`; the owner may renumber */
    struct weir_random random;
    double time;           /* full: t */
    double passed, target; /* full, with weights: the weight times t passed over, and the X at which a row enters */
    int64_t skip;          /* full, without weights: how many rows are still passed over */
};

struct weir_reservoir_change {
    int64_t row;     /* in the batch: it enters */
    int64_t evicted; /* the number of the row that leaves for it; -1: none */
};

/* Nothing is allocated. wanted: 0 or more. */
void weir_reservoir_init(struct weir_reservoir *reservoir, int64_t wanted, uint64_t seed);
void weir_reservoir_release(struct weir_reservoir *reservoir); /* back to { 0 } */
/* Offers the next rows. weights[rows]: finite and 0 or more; NULL: all 1, for every batch or for none. changes: room
 * for `rows`. How many changes there are; -1: out of memory. */
int64_t weir_reservoir_offer(struct weir_reservoir *reservoir, const double *weights, int64_t rows,
                             struct weir_reservoir_change *changes);

#endif
