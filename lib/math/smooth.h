/* Filters that smooth a series as it comes: no value depends on a later one. */
#ifndef WEIR_MATH_SMOOTH_H
#define WEIR_MATH_SMOOTH_H

#include <stddef.h>

/* The median of the last `window` values (Tukey, "Exploratory Data Analysis", 1977, section 7A), of fewer at the start;
 * of an even number the mean of the middle two. The memory, 2 * window doubles that begin anywhere, is the caller's. */
struct weir_sliding_median {
    int count, next; /* values within; place in `recent` of the oldest, once it is full */
};
/* memory: recent[window], then ordered[window]. value: finite. Costs one pass over the ordered values. */
double weir_sliding_median_add(struct weir_sliding_median *median, double *memory, int window, double value);

/* Simple exponential smoothing (Brown, 1959): s_0 = x_0, s_t = alpha * x_t + (1 - alpha) * s_(t-1). */
static inline double weir_exponential(double before, double value, double alpha)
{
    return before + alpha * (value - before);
}

#endif
