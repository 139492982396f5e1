/* Windows over a series beside two passes over each, in long double; whatever the series is cut into, the same bits. */
#include "base/random.h"
#include "check.h"
#include "math/moments.h"
#include "math/window.h"
#include <stdlib.h>

enum { LENGTH = 3000, STATISTICS = 12 };
static const char *const names[STATISTICS] = { "mean",    "sum",     "deviation", "skewness", "kurtosis",
                                               "minimum", "maximum", "slope",     "median",   "the quantile 0.9",
                                               "least",   "greatest" };
static const double quantiles[] = { 0.5, 0.9, 0, 1 };

struct series {
    double x[LENGTH];
    int64_t t[LENGTH];
    size_t first[LENGTH], end[LENGTH];
};
static struct series series;
static double found[STATISTICS][LENGTH], again[STATISTICS][LENGTH];

/* Everything for windows from .. to - 1, with the series from `base` on; returns the pivot behind them. */
static weir_pivot run(const struct series *s, size_t base, size_t from, size_t to, weir_pivot pivot, int ddof,
                      double least, double out[STATISTICS][LENGTH])
{
    static size_t first[LENGTH], end[LENGTH];
    static double counts[LENGTH], pivots[LENGTH], sums[4][LENGTH], scratch[5 * LENGTH];
    size_t count = to - from;
    for (size_t i = 0; i < count; i++) {
        first[i] = s->first[from + i] - base;
        end[i] = s->end[from + i] - base;
    }
    const struct weir_windows windows = { first, end, count };
    const double *x = s->x + base;
    double *at[4] = { sums[0], sums[1], sums[2], sums[3] };
    weir_pivot here = pivot < (int64_t)base ? -1 : pivot - (int64_t)base;
    const struct weir_window_moments two = { out[0] + from, out[1] + from, out[2] + from, NULL, NULL };
    const struct weir_window_moments four = { NULL, NULL, NULL, out[3] + from, out[4] + from };
    weir_window_sums(x, &windows, here, 2, counts, pivots, at, scratch);
    weir_window_finish(counts, pivots, at, count, ddof, least, &two);
    weir_window_sums(x, &windows, here, 4, counts, pivots, at, scratch);
    weir_window_finish(counts, pivots, at, count, ddof, least, &four);
    weir_window_extremes(x, &windows, here, least, out[5] + from, out[6] + from, scratch);
    weir_window_slopes(x, s->t + base, 10, &windows, here, least, out[7] + from, scratch);
    double *q[] = { out[8] + from, out[9] + from, out[10] + from, out[11] + from };
    weir_window_quantiles(x, &windows, least, quantiles, 4, q, scratch);
    CHECK(weir_window_quantiles_scratch(LENGTH) <= sizeof scratch / sizeof *scratch);
    here = weir_window_pivot(&windows, here);
    return here < 0 ? pivot : here + (int64_t)base;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double between(const double *sorted, size_t n, double q)
{
    double place = q * (double)(n - 1);
    size_t low = (size_t)place, high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (sorted[high] - sorted[low]) * (place - (double)low);
}

/* The plain definitions: long double, all of the window twice. */
static void reference(const struct series *s, size_t i, int ddof, double least, double out[STATISTICS])
{
    static double sorted[LENGTH];
    size_t first = s->first[i], n = s->end[i] - first;
    const double *x = s->x + first;
    const int64_t *t = s->t + first;
    for (int j = 0; j < STATISTICS; j++)
        out[j] = (double)NAN;
    if (n == 0 || (double)n < least)
        return;
    long double sum = 0, when = 0, m2 = 0, m3 = 0, m4 = 0, tt = 0, tx = 0;
    for (size_t j = 0; j < n; j++) {
        sum += (long double)x[j] - x[0]; /* the mean must have digits enough for the third power */
        when += t[j] - t[0];
        sorted[j] = x[j];
    }
    long double mean = sum / n + x[0], moment = when / n;
    for (size_t j = 0; j < n; j++) {
        long double d = ((long double)x[j] - x[0]) - sum / n, e = t[j] - t[0] - moment;
        m2 += d * d;
        m3 += d * d * d;
        m4 += d * d * d * d;
        tt += e * e;
        tx += e * d;
    }
    qsort(sorted, n, sizeof *sorted, compare);
    bool constant = sorted[0] == sorted[n - 1];
    long double variance = m2 / n, g1 = constant ? 0 : m3 / n / (variance * sqrtl(variance));
    long double g2 = constant ? 0 : m4 / n / (variance * variance) - 3, N = n;
    out[0] = (double)mean;
    out[1] = (double)(sum + N * x[0]);
    out[2] = n > (size_t)ddof ? (double)sqrtl((constant ? 0 : m2) / (N - ddof)) : (double)NAN;
    out[3] = (double)g1;
    out[4] = (double)g2;
    if (ddof == 1) {
        out[3] = n > 2 ? (double)(g1 * sqrtl(N * (N - 1)) / (N - 2)) : (double)NAN;
        out[4] = n <= 3 ? (double)NAN : constant ? 0 : (double)((N - 1) / ((N - 2) * (N - 3)) * ((N + 1) * g2 + 6));
    }
    out[5] = sorted[0];
    out[6] = sorted[n - 1];
    out[7] = t[0] != t[n - 1] ? (double)(tx / tt * 10) : (double)NAN;
    for (int j = 0; j < 4; j++)
        out[8 + j] = between(sorted, n, quantiles[j]);
}

enum values { TIES, FAR, STEPS, CONSTANT, OUTLIERS, VALUES };

static void make_values(struct series *s, enum values kind, struct weir_random *random)
{
    int64_t t = 1767225600000000000;
    for (size_t i = 0; i < LENGTH; i++) {
        double noise = weir_random_uniform(random);
        switch (kind) {
        case TIES:
            s->x[i] = (double)weir_random_below(random, 4) - 2;
            break;
        case FAR:
            s->x[i] = 1e9 + noise;
            break;
        case STEPS:
            s->x[i] = (i / 700 % 2 ? 1e8 : -3) + noise;
            break;
        case CONSTANT:
            s->x[i] = i % 900 < 800 ? 0.1 : noise;
            break;
        default:
            s->x[i] = weir_random_below(random, 50) == 0 ? 1e5 * noise : noise;
        }
        t += (int64_t)weir_random_below(random, 3) * 1000000000;
        s->t[i] = t;
    }
}

/* length > 0: the last so many; -1: random ends that only go forward, and windows without a number; -2: windows that
 * grow and shrink again and again. `before`: the number itself is no part of its window. */
static void make_windows(struct series *s, int length, bool before, struct weir_random *random)
{
    size_t first = 0;
    for (size_t i = 0; i < LENGTH; i++) {
        size_t end = before ? i : i + 1, step = weir_random_below(random, length == -1 || i / 40 % 2 ? 4 : 1);
        if (length > 0)
            first = end > (size_t)length ? end - (size_t)length : 0;
        else
            first = weir_random_below(random, 100) == 0 ? end : first + step < end ? first + step : end;
        s->first[i] = first;
        s->end[i] = end;
    }
}

static void check_series(enum values kind, int length, bool before, int ddof, double least)
{
    struct weir_random random;
    weir_random_init(&random, 7, (uint64_t)kind * 100 + (uint64_t)(length + 2));
    make_values(&series, kind, &random);
    make_windows(&series, length, before, &random);
    run(&series, 0, 0, LENGTH, -1, ddof, least, found);
    int wrong = 0;
    for (size_t i = 0; i < LENGTH; i++) {
        double wanted[STATISTICS];
        reference(&series, i, ddof, least, wanted);
        double spread = 0; /* a slope or a skewness may be as good as 0 */
        for (size_t j = series.first[i]; j < series.end[i]; j++)
            spread = fmax(spread, fabs(series.x[j] - series.x[series.first[i]]));
        for (int j = 0; j < STATISTICS; j++) {
            double a = found[j][i], b = wanted[j];
            double scale = j == 7 ? fmax(fabs(b), spread * 1e-9) : j == 3 || j == 4 ? fmax(fabs(b), 1) : fabs(b);
            bool same = isnan(b) ? isnan(a) : fabs(a - b) <= 1e-9 * scale + (j == 0 ? 1e-15 : j == 1 ? 1e-12 : 0);
            if (!same && wrong++ < 3)
                fprintf(stderr, "    values %d, length %d, window %zu (%zu to %zu): %s is %.17g, wanted %.17g\n",
                        (int)kind, length, i, series.first[i], series.end[i], names[j], a, b);
        }
    }
    CHECK_INT(wrong, 0);
    weir_pivot pivot = -1;
    size_t base = 0;
    for (size_t from = 0; from < LENGTH;) {
        size_t to = from + 1 + weir_random_below(&random, 90);
        to = to < LENGTH ? to : LENGTH;
        pivot = run(&series, base, from, to, pivot, ddof, least, again);
        base = series.first[to - 1];
        from = to;
    }
    CHECK(memcmp(found, again, sizeof found) == 0);
}

static void check_edges(void)
{
    static const double same[] = { 0.1, 0.1, 0.1 }, large[] = { 1e308, 1e308, -1e308 },
                        small[] = { 1e-100, 2e-100, 4e-100 };
    struct weir_moments s = weir_moments_of(same, 3);
    CHECK(weir_moments_mean(&s) == 0.1 && weir_moments_deviation(&s, 0) == 0);
    CHECK(weir_moments_skewness(&s, 1) == 0 && weir_moments_kurtosis(&s, 0) == 0);
    CHECK(isnan(weir_moments_kurtosis(&s, 1)));
    s = weir_moments_of(same, 0);
    CHECK(isnan(weir_moments_mean(&s)) && isnan(weir_moments_sum(&s)) && isnan(weir_moments_deviation(&s, 0)));
    s = weir_moments_of(large, 3);
    CHECK(!isfinite(weir_moments_deviation(&s, 0)) && !isfinite(weir_moments_kurtosis(&s, 0)));
    s = weir_moments_of(small, 3); /* the fourth powers are none that a double has */
    CHECK_NEAR(weir_moments_deviation(&s, 0), 1.247219128924647e-100, 1e-112);
    CHECK(isnan(weir_moments_kurtosis(&s, 0)));
    static const double five[] = { 2, 8, 0, 4, 1, 9, 9, 0 }; /* SciPy's skew and kurtosis, bias True and False */
    s = weir_moments_of(five, 8);
    CHECK_NEAR(weir_moments_skewness(&s, 0), 0.2650554122698573, 1e-12);
    CHECK_NEAR(weir_moments_kurtosis(&s, 0), -1.6660010752838508, 1e-12);
    CHECK_NEAR(weir_moments_skewness(&s, 1), 0.3305821804079746, 1e-12);
    CHECK_NEAR(weir_moments_kurtosis(&s, 1), -2.098602258096087, 1e-12);
}

/* Long windows over a series of several stretches, beside an array that is kept in order: the last `length` of what
 * rises and falls, with ties and gaps between the values; now and then a window is empty. */
static void check_long(size_t length, bool before)
{
    enum { MANY = 30000 };
    static double x[MANY], made[4][MANY], sorted[MANY], scratch[5 * MANY];
    static size_t first[MANY], end[MANY];
    struct weir_random random;
    weir_random_init(&random, 11, length);
    double *out[4] = { made[0], made[1], made[2], made[3] };
    for (size_t i = 0; i < MANY; i++) {
        x[i] = (double)weir_random_below(&random, 5000) / 7 + (double)(i / 2000 % 3) * 1e5 - (double)(i % 2) * 1e4;
        end[i] = before ? i : i + 1;
        first[i] = end[i] > length ? end[i] - length : 0;
        if (i > 0 && (first[i] < first[i - 1] || weir_random_below(&random, 4000) == 0))
            first[i] = first[i] < first[i - 1] ? first[i - 1] : end[i];
    }
    const struct weir_windows windows = { first, end, MANY };
    weir_window_quantiles(x, &windows, 2, quantiles, 4, out, scratch);
    int wrong = 0;
    size_t n = 0, a = 0, b = 0;
    for (size_t i = 0; i < MANY; i++) {
        for (; b < end[i]; b++, n++) {
            size_t at = n;
            for (; at > 0 && sorted[at - 1] > x[b]; at--)
                sorted[at] = sorted[at - 1];
            sorted[at] = x[b];
        }
        for (; a < first[i]; a++, n--) {
            size_t at = 0;
            while (sorted[at] != x[a])
                at++;
            memmove(sorted + at, sorted + at + 1, (n - at - 1) * sizeof *sorted);
        }
        for (int j = 0; j < 4; j++)
            wrong += n < 2 ? !isnan(made[j][i]) : !(fabs(made[j][i] - between(sorted, n, quantiles[j])) <= 1e-9);
    }
    CHECK_INT(wrong, 0);
}

int main(void)
{
    static const int lengths[] = { 1, 2, 3, 24, 65, 130, 1000, -1, -2 };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int kind = 0; kind < VALUES; kind++)
            check_series((enum values)kind, lengths[i], kind % 2, (int)i % 2, i % 3 == 0 ? 3 : 1);
    check_long(64, true);
    check_long(1000, false);
    check_long(7000, true);
    check_edges();
    return check_result();
}
