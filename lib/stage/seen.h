/* Which rows were seen: a set of 128-bit fingerprints, each tied to the number of the row that stands for it.
 *
 * One ordered table with linear probing, which grows where it lies, by a fifth, and is
 * never there twice: at most 22.1 bytes for each fingerprint while it grows (16 / 0.725), 33.1 with numbers of
 * rows, 44.2 with ranks too, from about 10,000 fingerprints on. */
#ifndef WEIR_STAGE_SEEN_H
#define WEIR_STAGE_SEEN_H

#include "base/error.h"
#include "base/hash.h"

enum weir_seen_holds {
    WEIR_SEEN_ONLY,   /* that it was seen */
    WEIR_SEEN_ROWS,   /* and which row stands for it */
    WEIR_SEEN_RANKED, /* and that row's rank */
};

struct weir_seen {
    uint64_t *slots; /* [capacity + a few][stride]: low, high, row, rank; both halves of the hash 0: free */
    size_t capacity, length, count;
    size_t stride;
};

int weir_seen_init(struct weir_seen *seen, enum weir_seen_holds holds, struct weir_error *error);
void weir_seen_release(struct weir_seen *seen);

/* Takes in rows first .. first + count - 1. before[count]: for a fingerprint that was there the row that stands for it
 * (0 with WEIR_SEEN_ONLY), -1 for a new one, for which the row itself stands from now on. */
int weir_seen_add(struct weir_seen *seen, const struct weir_hash128 *hashes, int64_t count, int64_t first,
                  int64_t *before, struct weir_error *error);
/* The same where a later row may take the place of an earlier one, unless that is below `fixed`: always (ranks NULL),
 * or when its rank is smaller (WEIR_SEEN_RANKED). */
int weir_seen_replace(struct weir_seen *seen, const struct weir_hash128 *hashes, const int64_t *ranks, int64_t count,
                      int64_t first, int64_t fixed, struct weir_error *error);
/* The rows that stand for fingerprints; -1 for one that is not there. */
void weir_seen_find(const struct weir_seen *seen, const struct weir_hash128 *hashes, int64_t count, int64_t *rows);

/* Goes through all that is there: the next from *place (0 at first) on; false at the end. */
bool weir_seen_next(const struct weir_seen *seen, size_t *place, struct weir_hash128 *hash, int64_t *row);

#endif
