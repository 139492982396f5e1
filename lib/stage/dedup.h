/* Dropping or marking the rows that repeat others.
 *
 * Rows that are equal are found by their fingerprints (stage/fingerprint.h), those that are nearly equal by
 * stage/near.h. Where the first of equal rows is kept, they stream through; all else reads the input twice, and once
 * more when ids are to be told. */
#ifndef WEIR_STAGE_DEDUP_H
#define WEIR_STAGE_DEDUP_H

#include "base/json.h"
#include "stage/near.h"
#include "stream/filter.h"

enum weir_keep { WEIR_KEEP_FIRST, WEIR_KEEP_LAST, WEIR_KEEP_BEST };

struct weir_dedup_options {
    const char *const *by; /* [by_count] columns that make rows equal; none: all but those with the role id */
    size_t by_count;
    enum weir_keep keep;
    const char *best; /* WEIR_KEEP_BEST: the column whose greatest value is kept; nulls and NaN are the least */
    const char *const
        *near; /* [near_count] COLUMN or COLUMN=THRESHOLD, not along with `by`; none: rows must be equal */
    size_t near_count;
    double threshold; /* of columns without one of their own */
    enum weir_near_unit unit;
    int size;
    bool shingled; /* unit and size were asked for: what is compared must be texts */
    int64_t memory;
    uint64_t seed;
    bool mark; /* add the columns duplicate_of (the id of the row kept, its number from 1 when there is none) and
                  cluster        (that row's number, of every row of its own) in place of dropping */
    const char *index; /* a file that remembers rows across runs; NULL: none */
};

/* A filter for the program `dedup`. The strings must outlive it. step: what the plan records (a step that is not
 * replayed); stolen. The index is locked from here on: WEIR_TRY_AGAIN when another run has it. */
int weir_dedup_filter(struct weir_filter *filter, const struct weir_dedup_options *options, json_t *step,
                      struct weir_error *error);
/* Once the output is complete: the index is replaced by what the filter has written beside it. */
int weir_dedup_commit(struct weir_filter *filter, struct weir_error *error);
void weir_dedup_filter_release(struct weir_filter *filter);

#endif
