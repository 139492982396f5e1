/* How values lie around a bracket [low, high], counted without a branch: the inner loop of exact quantiles. */
#ifndef WEIR_MATH_AROUND_PRIVATE_H
#define WEIR_MATH_AROUND_PRIVATE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct weir_around {
    int64_t below, to_low, below_high, to_high, above; /* < low, <= low, < high, <= high, > high */
};

/* n is even; NaN counts nowhere. Two values at once in the compiler's vectors, where a comparison that holds is -1. */
static inline struct weir_around weir_count_around(const double *values, size_t n, double low, double high)
{
    typedef double pair __attribute__((vector_size(16)));
    typedef int64_t counts __attribute__((vector_size(16)));
    pair lows = { low, low }, highs = { high, high };
    counts below = { 0 }, to_low = { 0 }, below_high = { 0 }, to_high = { 0 }, above = { 0 };
    for (size_t i = 0; i < n; i += 2) {
        pair x;
        memcpy(&x, values + i, sizeof x);
        below -= x < lows;
        to_low -= x <= lows;
        below_high -= x < highs;
        to_high -= x <= highs;
        above -= x > highs;
    }
    return (struct weir_around){ below[0] + below[1], to_low[0] + to_low[1], below_high[0] + below_high[1],
                                 to_high[0] + to_high[1], above[0] + above[1] };
}

#endif
