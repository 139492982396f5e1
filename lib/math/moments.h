/* Mean, deviation, skewness and kurtosis from sums of powers about one of the numbers.
 *
 * Let p be the pivot, y = x - p and s_k the sum of y^k over n numbers, m = s_1 / n. Then
 *
 *     mean p + m        sum n p + s_1
 *     M_2 = s_2 - n m^2      M_3 = s_3 - 3 m s_2 + 2 n m^3      M_4 = s_4 - 4 m s_3 + 6 m^2 s_2 - 3 n m^4
 *     deviation sqrt(M_2 / (n - ddof))
 *     skewness g_1 = (M_3 / n) / (M_2 / n)^(3/2)      kurtosis g_2 = (M_4 / n) / (M_2 / n)^2 - 3
 *
 * With ddof 1, skewness and kurtosis are the sample's (D. Joanes and C. Gill, "Comparing measures of sample skewness
 * and kurtosis", The Statistician 47, 1998, G_1 and G_2; SciPy's bias=False):
 *
 *     G_1 = g_1 sqrt(n (n - 1)) / (n - 2)      G_2 = (n - 1) ((n + 1) g_2 + 6) / ((n - 2) (n - 3))
 *
 * While p is one of the numbers or lies between them, n m^2 is at most n M_2, so that numbers far from 0 cost no digit
 * of their deviation. Of equal numbers every y is 0: their deviation, skewness and kurtosis are exactly 0. What is not
 * defined, for want of numbers or since it is beyond all doubles, is NaN. */
#ifndef WEIR_MATH_MOMENTS_H
#define WEIR_MATH_MOMENTS_H

#include <float.h>
#include <math.h>
#include <stddef.h>

/* sums[k - 1] is s_k. */
struct weir_moments {
    double count, pivot, sums[4];
};

static inline double weir_moments_squares(const struct weir_moments *s)
{
    double squares = s->sums[1] - s->sums[0] * (s->sums[0] / s->count);
    return squares > 0 ? squares : squares <= 0 ? 0 : squares;
}

static inline double weir_moments_mean(const struct weir_moments *s)
{
    return s->pivot + s->sums[0] / s->count;
}

static inline double weir_moments_sum(const struct weir_moments *s)
{
    return s->count > 0 ? s->count * s->pivot + s->sums[0] : (double)NAN;
}

static inline double weir_moments_deviation(const struct weir_moments *s, int ddof)
{
    double freedom = s->count - ddof;
    return freedom > 0 ? sqrt(weir_moments_squares(s) / freedom) : (double)NAN;
}

static inline double weir_moments_skewness(const struct weir_moments *s, int ddof)
{
    double n = s->count, m = s->sums[0] / n, variance = weir_moments_squares(s) / n;
    double third = s->sums[2] / n - 3 * m * (s->sums[1] / n) + 2 * m * m * m;
    double biased = variance == 0                         ? 0
                    : variance * sqrt(variance) < DBL_MIN ? (double)NAN
                                                          : third / variance / sqrt(variance);
    if (ddof == 0 || variance == 0)
        return n > 2 * ddof ? biased : (double)NAN;
    return n > 2 ? biased * sqrt(n * (n - 1)) / (n - 2) : (double)NAN;
}

static inline double weir_moments_kurtosis(const struct weir_moments *s, int ddof)
{
    double n = s->count, m = s->sums[0] / n, variance = weir_moments_squares(s) / n;
    double fourth = s->sums[3] / n - 4 * m * (s->sums[2] / n) + 6 * m * m * (s->sums[1] / n) - 3 * m * m * m * m;
    double biased = variance == 0                   ? 0
                    : variance * variance < DBL_MIN ? (double)NAN
                                                    : fourth / (variance * variance) - 3;
    if (ddof == 0 || variance == 0)
        return n > 3 * ddof ? biased : (double)NAN;
    return n > 3 ? (n - 1) * ((n + 1) * biased + 6) / ((n - 2) * (n - 3)) : (double)NAN;
}

/* Of finite numbers, about their mean. */
static inline struct weir_moments weir_moments_of(const double *x, size_t count)
{
    struct weir_moments s = { .count = (double)count, .pivot = count > 0 ? x[0] : 0 };
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += x[i] - x[0];
    if (count > 0 && isfinite(sum))
        s.pivot += sum / (double)count;
    for (size_t i = 0; i < count; i++) {
        double y = x[i] - s.pivot, square = y * y;
        s.sums[0] += y;
        s.sums[1] += square;
        s.sums[2] += square * y;
        s.sums[3] += square * square;
    }
    return s;
}

#endif
