/* What learning stages share: exact quantiles over passes, scratch numbers, lists of columns that are not there. */
#ifndef WEIR_STAGE_LEARN_H
#define WEIR_STAGE_LEARN_H

#include "math/quantile.h"
#include "math/quantile_guess.h"
#include "math/statistics.h"
#include "stage/stage.h"

enum { WEIR_MAX_QUANTILES = WEIR_GUESSES };

/* Some quantiles of one column. Starts as { 0 }. One pass with a guess is enough when the rows are in no particular
 * order; otherwise, or when the sketch is wanted for merging, a pass for the sketch and then passes that make it exact.
 */
struct weir_quantile_learner {
    struct weir_quantile_guess *guess;
    int limit;
    struct weir_quantiles *sketch;
    struct weir_refinement *refinements[WEIR_MAX_QUANTILES];
    double wanted[WEIR_MAX_QUANTILES], values[WEIR_MAX_QUANTILES];
    bool exact[WEIR_MAX_QUANTILES]; /* values[i] is final */
    int count;
    bool finished; /* no further pass is wanted */
    bool known;    /* values[] hold; there was at least one number */
};

/* limit: of the collector, see weir_quantile_limit. sketch: begin with it, since states are to be merged. */
int weir_quantile_learner_begin(struct weir_quantile_learner *learner, const double *wanted, int count, int limit,
                                bool sketch, struct weir_error *error);
int weir_quantile_learner_add(struct weir_quantile_learner *learner, const double *values, size_t count,
                              struct weir_error *error);
/* At the end of a pass: 1 another pass is needed, 0 done (known tells whether there was any number), -1 an error. */
int weir_quantile_learner_end(struct weir_quantile_learner *learner, struct weir_error *error);
/* The values from the sketch alone: for merged states. */
int weir_quantile_learner_settle(struct weir_quantile_learner *learner, struct weir_error *error);
void weir_quantile_learner_release(struct weir_quantile_learner *learner);

/* A limit for the collectors of so many columns, so that all of them together stay within 64 MiB. */
int weir_quantile_limit(size_t columns);

/* The sketch and the statistics in a state's file: a blob of doubles. */
json_t *weir_quantiles_to_blob(struct weir_quantiles *sketch, struct weir_blobs *blobs, struct weir_error *error);
int weir_quantiles_from_blob(struct weir_quantiles **sketch, const json_t *json, const struct weir_blobs *blobs,
                             struct weir_error *error);
json_t *weir_statistics_to_json(const struct weir_statistics *statistics, struct weir_error *error);
int weir_statistics_from_json(struct weir_statistics *statistics, const json_t *json, struct weir_error *error);

/* A numeric array that grows and is reused batch after batch. */
struct weir_scratch {
    double *numbers;
    size_t capacity;
};
int weir_scratch_reserve(struct weir_scratch *scratch, int64_t count, struct weir_error *error);
/* All values of a scalar column as doubles, what is missing or not finite as NaN: their number in *missing. */
int weir_scratch_numbers(struct weir_scratch *scratch, const struct weir_column *column, enum weir_kind kind,
                         int64_t *missing, struct weir_error *error);
/* The same with NaN and infinities as they are; where the column itself can be read so, it is not copied. Good until
 * the column or the scratch changes. NULL: the message. */
const double *weir_scratch_view(struct weir_scratch *scratch, const struct weir_column *column, enum weir_kind kind,
                                struct weir_error *error);
void weir_scratch_release(struct weir_scratch *scratch);

/* Collects the names of columns that are not in a schema; weir_absent_fail says "no columns 'age', 'city' here, which
 * 'clean' learned from" and is 0 when there are none. */
struct weir_absent {
    struct weir_buffer names;
    int count;
};
void weir_absent_add(struct weir_absent *absent, const char *name);
int weir_absent_fail(struct weir_absent *absent, const char *stage, struct weir_error *error);

/* "column 'age' is utf8 here and was int64 when 'clean' learned"; returns -1. */
int weir_fail_type(struct weir_error *error, const char *stage, const struct weir_field *field,
                   const struct weir_type *learned);

#endif
