/* Choosing some rows of a stream by chance, in their order.
 *
 * A number of rows, with equal chances or by weight, is chosen in one pass (math/reservoir.h), in which the rows that
 * may yet be chosen are held; a share of the rows, or a number of them from each class, in two: the first counts, and
 * in the second each row is taken with the probability of what its class still needs over what is still to come of it
 * (selection sampling: Fan, Muller and Rezucha, Journal of the American Statistical Association 57, 1962), so that
 * every set of rows of the size is equally likely and nothing is held. */
#ifndef WEIR_STAGE_SAMPLE_H
#define WEIR_STAGE_SAMPLE_H

#include "base/json.h"
#include "stream/filter.h"

enum weir_sample_method {
    WEIR_SAMPLE_RESERVOIR,  /* equal chances */
    WEIR_SAMPLE_WEIGHTED,   /* by the column with the role weight */
    WEIR_SAMPLE_STRATIFIED, /* of each class in proportion to it */
    WEIR_SAMPLE_BALANCE,    /* of each class the same number */
};

struct weir_sample_options {
    enum weir_sample_method method;
    int64_t rows;          /* how many; -1: by fraction, or (balance) by the smallest or the largest class */
    double fraction;       /* of the rows, when rows is -1 */
    const char *const *by; /* [by_count] columns that make classes; none: the label */
    size_t by_count;
    int64_t at_least; /* stratified: rows of each class, or all that it has */
    bool oversample;  /* balance: rows of classes that have too few come several times */
    int64_t memory;   /* about what the rows held in one pass may take */
    uint64_t seed;
};

/* A filter for the program `sample`. The strings must outlive it. step: what the plan records (a step that is not
 * replayed); stolen. */
int weir_sample_filter(struct weir_filter *filter, const struct weir_sample_options *options, json_t *step,
                       struct weir_error *error);
void weir_sample_filter_release(struct weir_filter *filter);

#endif
