/* Series: the rows of a stream that are equal in some columns (a machine, a customer), each in the order of time.
 *
 * A series is known by a fingerprint (stage/fingerprint.h); its number is how many others were there before it. */
#ifndef WEIR_STAGE_SERIES_H
#define WEIR_STAGE_SERIES_H

#include "stage/fingerprint.h"
#include "stage/seen.h"
#include "stage/stage.h"

/* Starts as { 0 }. */
struct weir_series {
    int *group; /* [group_count] columns; none: all rows are one series */
    int group_count;
    int time; /* the column, or -1 */
    const struct weir_schema *in;
    struct weir_fingerprint *fingerprint;
    struct weir_seen seen; /* fingerprint to series */
    struct weir_hash128 *hashes;
    int64_t *last; /* [count] the latest moment */
    bool *begun;   /* [count] there was one */
    size_t hashes_capacity, of_capacity, times_capacity, last_capacity, begun_capacity;
    size_t count;
    int64_t before; /* rows of the batches before the one at hand */
    /* Of the batch at hand. */
    int64_t *of;    /* [rows] its series, or -1: the row has a reason and is in none */
    int64_t *times; /* [rows] its moment (stage/moment.h), where it has one */
};

/* The columns that `by` lists (an option's list, called `by_name` in messages; NULL: those with the role group), and
 * `time` (an option called `time_name`; NULL: the first with the role time, if it is a moment). The schema is borrowed.
 */
int weir_series_bind(struct weir_series *series, const struct weir_schema *in, const json_t *by, const char *by_name,
                     const char *time, const char *time_name, struct weir_error *error);
/* Finds out the series of each row. reasons may be NULL. */
int weir_series_find(struct weir_series *series, const struct weir_batch *in, const struct weir_reasons *reasons,
                     struct weir_error *error);
/* Within a series time stands still or goes on. `who` takes rows in their order: "--smooth". */
int weir_series_check_times(struct weir_series *series, const struct weir_batch *in, const struct weir_reasons *reasons,
                            const char *who, struct weir_error *error);
void weir_series_release(struct weir_series *series);

#endif
