/* Within the quantile files only: the inside of a collector, and the questions by place that a refinement asks. */
#ifndef WEIR_MATH_QUANTILE_PRIVATE_H
#define WEIR_MATH_QUANTILE_PRIVATE_H

#include "math/quantile.h"

/* 2^53 values of weight 1 need fewer. */
enum { WEIR_QUANTILE_LEVELS = 48 };

struct weir_quantile_level {
    uint64_t *keys; /* k sorted keys of weight 2^level, when full; level 0 is never used */
    bool full;
    uint64_t halvings; /* how often two buffers of this weight became one of twice the weight */
};

struct weir_quantiles {
    int limit; /* values kept as they are */
    int k;     /* keys of a buffer */
    bool sketched;
    int64_t count, nans;
    uint64_t raised, lowered; /* how much too high or too low an estimated rank may be */
    uint64_t least, greatest; /* keys, complete after weir_quantiles_settle; least > greatest: not one yet */
    uint64_t *pending;        /* keys of weight 1: all of them, or fewer than 2 k when sketched */
    size_t pending_count, pending_capacity;
    bool pending_sorted;
    uint64_t *scratch; /* for sorting; as large as pending */
    size_t scratch_capacity;
    uint64_t *hand; /* 2 k keys: buffers on their way up */
    struct weir_quantile_level levels[WEIR_QUANTILE_LEVELS];
};

/* Sorts what is pending, so that the questions below can be asked. 0, or -1 when out of memory. */
int weir_quantiles_settle(struct weir_quantiles *quantiles);
/* The key at a place (0 .. count - 1) of the sorted run, as the sketch has it. */
uint64_t weir_quantiles_at(const struct weir_quantiles *quantiles, int64_t place);
/* Keys between which the values at the places first <= last lie with certainty; as narrow as the sketch knows. */
void weir_quantiles_bracket(const struct weir_quantiles *quantiles, int64_t first, int64_t last, uint64_t *low,
                            uint64_t *high);

#endif
