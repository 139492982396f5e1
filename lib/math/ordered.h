/* A few numbers kept in ascending order while some come and others go, as those of a window do. */
#ifndef WEIR_MATH_ORDERED_H
#define WEIR_MATH_ORDERED_H

#include <stddef.h>
#include <string.h>

/* How many of the ascending numbers are below `value`. So few are counted faster than they are searched: no branch
 * depends on the numbers. */
static inline size_t weir_ordered_rank(const double *ordered, size_t count, double value)
{
    enum { FEW = 64 };
    size_t low = 0;
    while (count > FEW) {
        size_t half = count / 2;
        low += ordered[low + half - 1] < value ? half : 0;
        count -= half;
    }
    size_t below = 0;
    for (size_t i = 0; i < count; i++)
        below += ordered[low + i] < value;
    return low + below;
}

/* ordered[count] gets room for one more. */
static inline void weir_ordered_insert(double *ordered, size_t count, double value)
{
    size_t at = weir_ordered_rank(ordered, count, value);
    memmove(ordered + at + 1, ordered + at, (count - at) * sizeof *ordered);
    ordered[at] = value;
}

/* `value` for one that is among them: only what lies between the two is moved. */
static inline void weir_ordered_replace(double *ordered, size_t count, double old, double value)
{
    size_t from = weir_ordered_rank(ordered, count, old), to = weir_ordered_rank(ordered, count, value);
    if (to > from) {
        to--;
        memmove(ordered + from, ordered + from + 1, (to - from) * sizeof *ordered);
    } else {
        memmove(ordered + to + 1, ordered + to, (from - to) * sizeof *ordered);
    }
    ordered[to] = value;
}

#endif
