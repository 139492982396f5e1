/* Count, mean, deviation, least and greatest of a run of numbers, in one pass and constant memory.
 *
 * Means and squares are taken over blocks of 128 values and joined by T. Chan, G. Golub and R. LeVeque, "Updating
 * formulae and a pairwise algorithm for computing sample variances", 1979; the mean in two doubles, so that values far
 * from 0 keep the digits of their deviation. The blocks are counted from the first value on, so that the result does
 * not depend on how the caller cut the run into calls. */
#ifndef WEIR_MATH_STATISTICS_H
#define WEIR_MATH_STATISTICS_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum { WEIR_STATISTICS_BLOCK = 128, WEIR_STATISTICS_STATE = 8 };

/* Starts as { 0 }. The fields are complete only behind weir_statistics_finish. NaN is counted in `nans` and takes part
 * in nothing else; an infinity makes mean and squares infinite or NaN. */
struct weir_statistics {
    int64_t count; /* numbers taken, without nans */
    int64_t nans;
    double mean;              /* 0 when there is no number */
    double mean_rest;         /* what rounding left over: mean + mean_rest is the mean in twice the digits */
    double squares;           /* sum of (x - mean)^2 */
    double minimum, maximum;  /* 0 when there is no number */
    double maximum_magnitude; /* greatest |x| */
    int pending_count;
    double pending[WEIR_STATISTICS_BLOCK];
};

void weir_statistics_add(struct weir_statistics *statistics, const double *values, size_t count);
/* Takes in what is still pending; more may be added afterwards. */
void weir_statistics_finish(struct weir_statistics *statistics);
/* `into` becomes the statistics of both runs; both are finished first. */
void weir_statistics_merge(struct weir_statistics *into, struct weir_statistics *from);

/* sqrt(squares / (count - ddof)), 0 when count <= ddof; of finished statistics. ddof 0: the population's deviation. */
double weir_statistics_deviation(const struct weir_statistics *statistics, int ddof);

/* Finished statistics as WEIR_STATISTICS_STATE doubles and back. The second returns -1 with a message (WEIR_BAD_DATA)
 * when the numbers cannot be a state. */
void weir_statistics_save(const struct weir_statistics *statistics, double state[WEIR_STATISTICS_STATE]);
int weir_statistics_load(struct weir_statistics *statistics, const double *state, size_t length,
                         struct weir_error *error);

#endif
