#include "math/window.h"
#include "math/clones.h"
#include "math/moments.h"
#include <stdbool.h>

/* Whether the window has left the pivot behind. */
static bool has_passed(weir_pivot pivot, size_t first)
{
    return (int64_t)first > pivot;
}

weir_pivot weir_window_pivot(const struct weir_windows *windows, weir_pivot pivot)
{
    for (size_t i = 0; i < windows->count; i++)
        if (windows->first[i] < windows->end[i] && has_passed(pivot, windows->first[i]))
            pivot = (int64_t)windows->end[i] - 1;
    return pivot;
}

/* ---- Sums of powers ----------------------------------------------------------------------------------------- */

static inline __attribute__((always_inline)) void add_powers(double *sums, double y, int powers)
{
    double power = y;
    for (int k = 0; k < powers; k++, power *= y)
        sums[k] += power;
}

/* before[at][powers]: the sums from `at` up to the pivot, without it. */
static inline __attribute__((always_inline)) void slide(const double *x, const struct weir_windows *windows,
                                                        weir_pivot pivot, int powers, double *counts, double *pivots,
                                                        double *const *sums, double *before)
{
    double since[4] = { 0 }, p = 0;
    size_t next = 0;
    bool begun = false;
    for (size_t i = 0; i < windows->count; i++) {
        size_t first = windows->first[i], end = windows->end[i];
        if (first >= end) {
            counts[i] = pivots[i] = 0;
            for (int k = 0; k < powers; k++)
                sums[k][i] = 0;
            continue;
        }
        if (!begun || has_passed(pivot, first)) {
            pivot = has_passed(pivot, first) ? (int64_t)end - 1 : pivot;
            begun = true;
            next = (size_t)pivot;
            p = x[next];
            double back[4] = { 0 };
            for (size_t at = next;; at--) {
                for (int k = 0; k < powers; k++)
                    before[at * (size_t)powers + (size_t)k] = back[k];
                if (at == first)
                    break;
                add_powers(back, x[at - 1] - p, powers);
            }
            for (int k = 0; k < powers; k++)
                since[k] = 0;
        }
        for (; next < end; next++)
            add_powers(since, x[next] - p, powers);
        counts[i] = (double)(end - first);
        pivots[i] = p;
        for (int k = 0; k < powers; k++)
            sums[k][i] = before[first * (size_t)powers + (size_t)k] + since[k];
    }
}

void weir_window_sums(const double *x, const struct weir_windows *windows, weir_pivot pivot, int powers, double *counts,
                      double *pivots, double *const *sums, double *scratch)
{
    if (powers == 2)
        slide(x, windows, pivot, 2, counts, pivots, sums, scratch);
    else
        slide(x, windows, pivot, 4, counts, pivots, sums, scratch);
}

WEIR_CLONES static void finish_two(const double *counts, const double *pivots, const double *first,
                                   const double *second, size_t count, int ddof, double least,
                                   const struct weir_window_moments *out)
{
    for (size_t i = 0; out->mean && i < count; i++) {
        struct weir_moments s = { .count = counts[i], .pivot = pivots[i], .sums = { first[i], second[i] } };
        out->mean[i] = counts[i] >= least ? weir_moments_mean(&s) : (double)NAN;
    }
    for (size_t i = 0; out->sum && i < count; i++) {
        struct weir_moments s = { .count = counts[i], .pivot = pivots[i], .sums = { first[i], second[i] } };
        out->sum[i] = counts[i] >= least ? weir_moments_sum(&s) : (double)NAN;
    }
    for (size_t i = 0; out->deviation && i < count; i++) {
        struct weir_moments s = { .count = counts[i], .pivot = pivots[i], .sums = { first[i], second[i] } };
        out->deviation[i] = counts[i] >= least ? weir_moments_deviation(&s, ddof) : (double)NAN;
    }
}

static void finish_four(const double *counts, double *const *sums, size_t count, int ddof, double least,
                        const struct weir_window_moments *out)
{
    for (size_t i = 0; i < count; i++) {
        struct weir_moments s = { .count = counts[i], .sums = { sums[0][i], sums[1][i], sums[2][i], sums[3][i] } };
        bool enough = counts[i] >= least;
        if (out->skewness)
            out->skewness[i] = enough ? weir_moments_skewness(&s, ddof) : (double)NAN;
        if (out->kurtosis)
            out->kurtosis[i] = enough ? weir_moments_kurtosis(&s, ddof) : (double)NAN;
    }
}

void weir_window_finish(const double *counts, const double *pivots, double *const *sums, size_t count, int ddof,
                        double least, const struct weir_window_moments *out)
{
    finish_two(counts, pivots, sums[0], sums[1], count, ddof, least, out);
    if (out->skewness || out->kurtosis)
        finish_four(counts, sums, count, ddof, least, out);
}

/* ---- The least and the greatest ------------------------------------------------------------------------------ */

static inline double lesser(double a, double b)
{
    return a < b ? a : b;
}

static inline double greater(double a, double b)
{
    return a > b ? a : b;
}

void weir_window_extremes(const double *x, const struct weir_windows *windows, weir_pivot pivot, double least,
                          double *minimum, double *maximum, double *scratch)
{
    double low = 0, high = 0;
    size_t next = 0;
    bool begun = false;
    for (size_t i = 0; i < windows->count; i++) {
        size_t first = windows->first[i], end = windows->end[i];
        double a = (double)NAN, b = (double)NAN;
        if (first < end) {
            if (!begun || has_passed(pivot, first)) {
                pivot = has_passed(pivot, first) ? (int64_t)end - 1 : pivot;
                begun = true;
                next = (size_t)pivot;
                low = high = x[next];
                for (size_t at = next;; at--) {
                    low = lesser(x[at], low);
                    high = greater(x[at], high);
                    scratch[2 * at] = low;
                    scratch[2 * at + 1] = high;
                    if (at == first)
                        break;
                }
                low = high = x[next];
            }
            for (; next < end; next++) {
                low = lesser(x[next], low);
                high = greater(x[next], high);
            }
            if ((double)(end - first) >= least) {
                a = lesser(scratch[2 * first], low);
                b = greater(scratch[2 * first + 1], high);
            }
        }
        if (minimum)
            minimum[i] = a;
        if (maximum)
            maximum[i] = b;
    }
}

/* ---- The slope ----------------------------------------------------------------------------------------------- */

struct crossed {
    double t, x, tt, tx;
};

static inline void add_crossed(struct crossed *sums, double t, double x)
{
    sums->t += t;
    sums->x += x;
    sums->tt += t * t;
    sums->tx += t * x;
}

static inline double distance(const int64_t *t, size_t a, size_t b)
{
    return (double)(int64_t)((uint64_t)t[a] - (uint64_t)t[b]);
}

void weir_window_slopes(const double *x, const int64_t *t, double unit, const struct weir_windows *windows,
                        weir_pivot pivot, double least, double *slope, double *scratch)
{
    struct crossed *before = (struct crossed *)(void *)scratch, since = { 0 };
    size_t next = 0, p = 0;
    bool begun = false;
    for (size_t i = 0; i < windows->count; i++) {
        size_t first = windows->first[i], end = windows->end[i];
        slope[i] = (double)NAN;
        if (first >= end)
            continue;
        if (!begun || has_passed(pivot, first)) {
            pivot = has_passed(pivot, first) ? (int64_t)end - 1 : pivot;
            begun = true;
            next = p = (size_t)pivot;
            struct crossed back = { 0 };
            for (size_t at = p;; at--) {
                before[at] = back;
                if (at == first)
                    break;
                add_crossed(&back, distance(t, at - 1, p), x[at - 1] - x[p]);
            }
            since = (struct crossed){ 0 };
        }
        for (; next < end; next++)
            add_crossed(&since, distance(t, next, p), x[next] - x[p]);
        double n = (double)(end - first), st = before[first].t + since.t, sx = before[first].x + since.x;
        double squares = before[first].tt + since.tt - st * (st / n);
        double products = before[first].tx + since.tx - st * (sx / n);
        if (n >= least && t[first] != t[end - 1] && squares > 0)
            slope[i] = products / squares * unit;
    }
}
