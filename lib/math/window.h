/* Statistics of windows that slide over a series of finite numbers.
 *
 * Window i is x[first[i]] .. x[end[i] - 1]; first and end never descend, and a window may be empty. All sums are made
 * of two parts that meet at one of the window's own numbers, the pivot: those from the pivot on, which grow as numbers
 * come, and those before it, of which there is one for each number that may yet be the window's first, made at once,
 * backwards, whenever the window has left the pivot behind and takes its newest number for it. So nothing is ever
 * subtracted from a sum, and a number costs three additions whatever the window's length (the queue of two stacks; K.
 * Tangwongsan, M. Hirzel and S. Schneider, "Low-latency sliding-window aggregation in worst-case constant time", DEBS
 * 2017, section 2.3).
 *
 * Where the pivot stands depends on the windows before alone, not on how the series was cut into calls: the next call
 * gets the series from the pivot on at least, and gives the same bits. */
#ifndef WEIR_MATH_WINDOW_H
#define WEIR_MATH_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct weir_windows {
    const size_t *first, *end; /* [count] */
    size_t count;
};

/* What a call starts with, and leaves for the next: the pivot's index in x, or -1 when no window had a number yet (or
 * the series no longer holds it: then every window of the call lies behind it). */
typedef int64_t weir_pivot;
/* The pivot behind the windows. */
weir_pivot weir_window_pivot(const struct weir_windows *windows, weir_pivot pivot);

/* s_1 .. s_powers of lib/math/moments.h for each window, powers 2 or 4. counts[], pivots[] (the number, 0 for an empty
 * window), sums[powers][]: [count] each. scratch: powers doubles for each of x. */
void weir_window_sums(const double *x, const struct weir_windows *windows, weir_pivot pivot, int powers, double *counts,
                      double *pivots, double *const *sums, double *scratch);

/* What is made of them; out[count] may be NULL. A window of fewer than `least` numbers has NaN. sums of four powers are
 * needed for skewness and kurtosis alone. */
struct weir_window_moments {
    double *mean, *sum, *deviation, *skewness, *kurtosis;
};
void weir_window_finish(const double *counts, const double *pivots, double *const *sums, size_t count, int ddof,
                        double least, const struct weir_window_moments *out);

/* The least and the greatest; NaN for fewer than `least` numbers. Either may be NULL. scratch: two doubles for each of
 * x. */
void weir_window_extremes(const double *x, const struct weir_windows *windows, weir_pivot pivot, double least,
                          double *minimum, double *maximum, double *scratch);

/* The slope of the line y = a + b x of least squares through (t, x): b = (n S_tx - S_t S_x) / (n S_tt - S_t^2), the
 * sums about the pivot. NaN where all t are equal, or for fewer than `least` numbers. t is whole numbers, b is for each
 * `unit` of them. scratch: four doubles for each of x. */
void weir_window_slopes(const double *x, const int64_t *t, double unit, const struct weir_windows *windows,
                        weir_pivot pivot, double least, double *slope, double *scratch);

enum { WEIR_WINDOW_QUANTILES = 64 };

/* Up to so many quantiles q[] of each window (lib/math/quantile.h) to out[quantiles][count]; NaN for fewer than `least`
 * numbers. scratch: so many doubles as are said of the count of x. A number costs the same in windows of any length,
 * but for a sort of the numbers at hand in each call. */
size_t weir_window_quantiles_scratch(size_t count);
void weir_window_quantiles(const double *x, const struct weir_windows *windows, double least, const double *q,
                           size_t quantiles, double *const *out, double *scratch);

#endif
