/* Quantiles of windows: the numbers of the window at hand are kept in ascending order. */
#include "math/clones.h"
#include "math/ordered.h"
#include "math/quantile.h"
#include "math/window.h"
#include <math.h>
#include <stdbool.h>

/* Where the quantiles of so many numbers lie. */
struct places {
    size_t count;
    int64_t first[WEIR_WINDOW_QUANTILES], last[WEIR_WINDOW_QUANTILES];
    double fraction[WEIR_WINDOW_QUANTILES];
};

static void place(struct places *places, const double *q, size_t quantiles, size_t count)
{
    for (size_t j = 0; j < quantiles && count != places->count; j++)
        weir_quantile_places(q[j], (int64_t)count, &places->first[j], &places->last[j], &places->fraction[j]);
    places->count = count;
}

/* 0 for -0: which of them lies first is chance. */
static inline double between(const struct places *places, size_t j, double first, double last)
{
    return weir_quantile_between(first, last, places->fraction[j]) + 0.0;
}

/* ---- Short windows -------------------------------------------------------------------------------------------- */

/* Numbers as whole ones in the same order, and back: what is compared, counted and moved is the same for all of them,
 * without a branch, so that the compiler makes vectors of it. */
static int64_t to_key(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ ((bits >> 63) & INT64_MAX);
}

static double from_key(int64_t key)
{
    double value;
    key ^= (key >> 63) & INT64_MAX;
    memcpy(&value, &key, sizeof value);
    return value;
}

/* Places in steps of STEP, so that loops have no rest. In front of the keys stands INT64_MIN, behind them, from `count`
 * on, INT64_MAX. */
enum { FEW = 64, STEP = 8 };
struct few {
    int64_t keys[1 + FEW + 1];
};

/* Masks where a condition would make a branch of the loads. */
static inline int64_t choose(bool condition, int64_t a, int64_t b)
{
    int64_t mask = -(int64_t)condition;
    return (a & mask) | (b & ~mask);
}

static inline int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* `to` becomes `from` with `value` for one key `old`. Of the ascending keys those between the two move by one place,
 * and what comes to a place is the middle one of `value` and the two neighbours that may come there. INT64_MAX for
 * `old` makes one more of them, for `value` one less. No more than `places` are there, before or then. */
static inline __attribute__((always_inline)) void replace_few(struct few *restrict to, const struct few *restrict from,
                                                              size_t places, int64_t old, int64_t value)
{
    const int64_t *keys = from->keys + 1, *before = from->keys, *behind = from->keys + 2;
    int64_t *made = to->keys + 1;
    if (value > old)
        for (size_t i = 0; i < places; i++)
            made[i] = choose(keys[i] < old, keys[i], greater(keys[i], lesser(behind[i], value)));
    else
        for (size_t i = 0; i < places; i++)
            made[i] = choose(keys[i] > old, keys[i], lesser(keys[i], greater(before[i], value)));
}

/* The first `count` numbers at once: each to the place that so many smaller ones leave it. */
static inline __attribute__((always_inline)) void begin_few(struct few *few, const double *x, size_t count)
{
    int64_t keys[FEW];
    few->keys[0] = INT64_MIN;
    for (size_t i = 0; i < FEW; i++)
        keys[i] = few->keys[1 + i] = INT64_MAX;
    few->keys[1 + FEW] = INT64_MAX;
    for (size_t i = 0; i < count; i++)
        keys[i] = to_key(x[i]);
    for (size_t i = 0; i < count; i++) {
        int64_t below = 0;
        for (size_t j = 0; j < i; j++)
            below += keys[j] == keys[i];
        for (size_t j = 0; j < (count + STEP - 1) / STEP * STEP; j++)
            below += keys[j] < keys[i];
        few->keys[1 + below] = keys[i];
    }
}

WEIR_CLONES static void slide_few(const double *x, const struct weir_windows *windows, double least, const double *q,
                                  size_t quantiles, double *const *out)
{
    struct few few[2], *now = &few[0], *next = &few[1];
    struct places places = { 0 };
    size_t a = 0, b = 0, most = 0; /* x[a .. b - 1] are in order; places that either may have used */
    begin_few(now, x, 0);
    begin_few(next, x, 0);
    for (size_t i = 0; i < windows->count; i++) {
        size_t first = windows->first[i], end = windows->end[i], n = end > first ? end - first : 0;
        if (first >= b) {
            begin_few(now, x + first, n);
            a = first;
            b = first + n;
        }
        while (a < first || b < end) {
            int64_t old = a < first ? to_key(x[a]) : INT64_MAX, value = b < end ? to_key(x[b]) : INT64_MAX;
            size_t needed = (b - a + (a >= first) + STEP - 1) / STEP * STEP;
            most = needed > most ? needed : most;
            replace_few(next, now, most, old, value);
            struct few *swap = now;
            now = next;
            next = swap;
            a += a < first;
            b += b < end;
        }
        if (n > 0)
            place(&places, q, quantiles, n);
        for (size_t j = 0; j < quantiles; j++) {
            out[j][i] = (double)NAN;
            if (n > 0 && (double)n >= least)
                out[j][i] = between(&places, j, from_key(now->keys[1 + places.first[j]]),
                                    from_key(now->keys[1 + places.last[j]]));
        }
    }
}

/* ---- Others --------------------------------------------------------------------------------------------------- */

WEIR_CLONES static void slide_many(const double *x, const struct weir_windows *windows, double least, const double *q,
                                   size_t quantiles, double *const *out, double *ordered)
{
    struct places places = { 0 };
    size_t a = 0, b = 0;
    for (size_t i = 0; i < windows->count; i++) {
        size_t first = windows->first[i], end = windows->end[i], n = end > first ? end - first : 0;
        if (first >= b)
            a = b = first;
        for (; a < first && b < end; a++, b++)
            weir_ordered_replace(ordered, b - a, x[a], x[b]);
        for (; a < first; a++)
            weir_ordered_remove(ordered, b - a, x[a]);
        for (; b < end; b++)
            weir_ordered_insert(ordered, b - a, x[b]);
        if (n > 0)
            place(&places, q, quantiles, n);
        for (size_t j = 0; j < quantiles; j++) {
            out[j][i] = (double)NAN;
            if (n > 0 && (double)n >= least)
                out[j][i] = between(&places, j, ordered[places.first[j]], ordered[places.last[j]]);
        }
    }
}

void weir_window_quantiles(const double *x, const struct weir_windows *windows, double least, const double *q,
                           size_t quantiles, double *const *out, double *ordered)
{
    size_t longest = 0;
    for (size_t i = 0; i < windows->count; i++)
        if (windows->end[i] - windows->first[i] > longest && windows->end[i] > windows->first[i])
            longest = windows->end[i] - windows->first[i];
    if (longest < FEW)
        slide_few(x, windows, least, q, quantiles, out);
    else
        slide_many(x, windows, least, q, quantiles, out, ordered);
}
