/* Within lib/stage: the parts of a join. */
#ifndef WEIR_STAGE_JOIN_PRIVATE_H
#define WEIR_STAGE_JOIN_PRIVATE_H

#include "stage/join.h"

/* A table of hashes with linear probing, at most half full. Of several rows with one key it holds the first. */
struct join_slot {
    uint64_t hash;
    int64_t item; /* + 1: a row, or with a time a group of rows; 0: free */
};

/* Rows of the table with their times: those of one group stand together, in the order of time. */
struct join_moment {
    int64_t time; /* in the order of the times, see weir_join_time */
    int64_t row;
};

struct weir_join {
    struct weir_join_side side;
    int *keys; /* of the side; owned */
    const struct weir_batch *rows;
    struct weir_join_secret secret;
    struct join_slot *slots;
    size_t mask;
    bool exact; /* equal hashes are equal keys */
    int64_t keyless;
    /* with a time: */
    int64_t *representatives; /* [groups] a row of each group */
    int64_t *first;           /* [groups + 1] in moments */
    int64_t groups;
    struct join_moment *moments;
};

/* join_key.c */
bool weir_join_exact(const struct weir_join_side *side);
bool weir_join_equal(const struct weir_join_side *a, const struct weir_batch *in_a, int64_t row_a,
                     const struct weir_join_side *b, const struct weir_batch *in_b, int64_t row_b);
int weir_join_fail_twice(const struct weir_join *join, int64_t first, int64_t second,
                         const struct weir_join_options *options, struct weir_error *error);

/* join_asof.c */
bool weir_join_has_time(const struct weir_join_side *side, const struct weir_batch *batch, int64_t row);
int64_t weir_join_time(const struct weir_join_side *side, const struct weir_batch *batch, int64_t row);
/* Orders the rows of each group by time; group[rows] is the group of each row, -1: none. */
int weir_join_order_moments(struct weir_join *join, const int64_t *group, const struct weir_join_options *options,
                            struct weir_error *error);
/* The row of the group at the time, or WEIR_JOIN_NOTHING. */
int64_t weir_join_at(const struct weir_join *join, int64_t group, int64_t time, const struct weir_join_reach *reach);

#endif
