/* The quantiles of a run as a short list that can be kept: of a short run its values, of a longer one those at evenly
 * spaced ranks, with a bound of the error of their ranks. Lists of several runs become the list of all of them. */
#ifndef WEIR_MATH_QUANTILE_POINTS_H
#define WEIR_MATH_QUANTILE_POINTS_H

#include "math/quantile.h"

enum { WEIR_QUANTILE_POINTS = 1024 };

/* Starts as { 0 }: of no value. values[i], for more values than points, is the one at the rank (i + 1/2) count / size.
 */
struct weir_quantile_points {
    int64_t count;  /* of the run's values */
    int64_t error;  /* how far the rank of any answer may be from the wanted one, with certainty; 0: exact */
    size_t size;    /* the lesser of count and WEIR_QUANTILE_POINTS */
    double *values; /* [size], ascending */
};

void weir_quantile_points_release(struct weir_quantile_points *points); /* back to { 0 } */
/* `points` is overwritten. The error is the collector's and count / (2 size) more when there are more values than
 * points. 0, or -1 when out of memory. */
int weir_quantile_points_take(struct weir_quantile_points *points, struct weir_quantiles *quantiles);
/* `into` becomes the list of both runs; the errors add up, and count / (2 size) more when values are left out. 0 or -1.
 */
int weir_quantile_points_merge(struct weir_quantile_points *into, const struct weir_quantile_points *from);
/* The value at q (0 to 1): numpy's default when exact, else the point whose rank is the nearest. NaN: no value. */
double weir_quantile_points_value(const struct weir_quantile_points *points, double q);

#endif
