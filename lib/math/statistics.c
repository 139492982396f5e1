#include "math/statistics.h"
#include <math.h>
#include <string.h>

enum { LANES = 8 };

/* Chan, Golub and LeVeque, equations 2.1: joins `count` numbers of the given mean (mean + rest) and squares. */
static void join(struct weir_statistics *statistics, int64_t count, double mean, double rest, double squares)
{
    double a = (double)statistics->count, b = (double)count, share = b / (a + b);
    statistics->count += count;
    if (a == 0) {
        statistics->mean = mean;
        statistics->mean_rest = rest;
        statistics->squares = squares;
        return;
    }
    double delta = (mean - statistics->mean) + (rest - statistics->mean_rest);
    statistics->squares += squares + delta * delta * (a * share);
    double step = delta * share + statistics->mean_rest, old = statistics->mean;
    statistics->mean = old + step;
    statistics->mean_rest = isfinite(statistics->mean) ? step - (statistics->mean - old) : 0;
}

static void join_range(struct weir_statistics *statistics, double minimum, double maximum)
{
    if (statistics->count == 0 || minimum < statistics->minimum)
        statistics->minimum = minimum;
    if (statistics->count == 0 || maximum > statistics->maximum)
        statistics->maximum = maximum;
}

/* One block of n > 0 numbers, none of them NaN. Sums run in eight lanes so that the compiler can use vectors without
 * changing their order, and in a loop each, which it sees through. */
static void take_block(struct weir_statistics *statistics, const double *x, int n)
{
    double sum[LANES] = { 0 }, low[LANES], high[LANES];
    for (int lane = 0; lane < LANES; lane++)
        low[lane] = high[lane] = x[0];
    int whole = n / LANES * LANES;
    for (int i = 0; i < whole; i += LANES) {
        for (int lane = 0; lane < LANES; lane++)
            sum[lane] += x[i + lane];
        for (int lane = 0; lane < LANES; lane++)
            low[lane] = x[i + lane] < low[lane] ? x[i + lane] : low[lane];
        for (int lane = 0; lane < LANES; lane++)
            high[lane] = x[i + lane] > high[lane] ? x[i + lane] : high[lane];
    }
    for (int i = whole; i < n; i++) {
        sum[0] += x[i];
        low[0] = x[i] < low[0] ? x[i] : low[0];
        high[0] = x[i] > high[0] ? x[i] : high[0];
    }
    double total = 0, minimum = low[0], maximum = high[0];
    for (int lane = 0; lane < LANES; lane++) {
        total += sum[lane];
        minimum = low[lane] < minimum ? low[lane] : minimum;
        maximum = high[lane] > maximum ? high[lane] : maximum;
    }
    double mean = total / n;
    if (!isfinite(mean)) { /* the sum may be too large where the mean is not */
        mean = 0;
        for (int i = 0; i < n; i++)
            mean += x[i] / n;
    }
    /* The second sum is what the rounding of the mean left over. */
    double square[LANES] = { 0 }, rest[LANES] = { 0 };
    for (int i = 0; i < whole; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            double d = x[i + lane] - mean;
            square[lane] += d * d;
            rest[lane] += d;
        }
    for (int i = whole; i < n; i++) {
        double d = x[i] - mean;
        square[0] += d * d;
        rest[0] += d;
    }
    double squares = 0, difference = 0;
    for (int lane = 0; lane < LANES; lane++) {
        squares += square[lane];
        difference += rest[lane];
    }
    squares -= difference * difference / n;
    if (minimum == maximum) {
        mean = minimum;
        squares = difference = 0;
    }
    join_range(statistics, minimum, maximum);
    join(statistics, n, mean, isfinite(difference) ? difference / n : 0, squares < 0 ? 0 : squares);
}

static bool has_nan(const double *x, int n)
{
    int nans = 0;
    for (int i = 0; i < n; i++)
        nans |= x[i] != x[i];
    return nans;
}

void weir_statistics_add(struct weir_statistics *statistics, const double *values, size_t count)
{
    int pending = statistics->pending_count;
    for (size_t i = 0; i < count;) {
        if (pending == 0 && count - i >= WEIR_STATISTICS_BLOCK && !has_nan(values + i, WEIR_STATISTICS_BLOCK)) {
            take_block(statistics, values + i, WEIR_STATISTICS_BLOCK);
            i += WEIR_STATISTICS_BLOCK;
            continue;
        }
        if (isnan(values[i]))
            statistics->nans++;
        else
            statistics->pending[pending++] = values[i];
        i++;
        if (pending == WEIR_STATISTICS_BLOCK) {
            take_block(statistics, statistics->pending, pending);
            pending = 0;
        }
    }
    statistics->pending_count = pending;
}

void weir_statistics_finish(struct weir_statistics *statistics)
{
    if (statistics->pending_count)
        take_block(statistics, statistics->pending, statistics->pending_count);
    statistics->pending_count = 0;
    statistics->maximum_magnitude = fmax(fabs(statistics->minimum), fabs(statistics->maximum));
    /* Rounding must not show a constant as varying, nor a mean outside the values. */
    if (statistics->minimum == statistics->maximum) {
        statistics->mean = statistics->minimum;
        statistics->mean_rest = statistics->squares = 0;
    }
    if (statistics->mean < statistics->minimum)
        statistics->mean = statistics->minimum;
    if (statistics->mean > statistics->maximum)
        statistics->mean = statistics->maximum;
}

void weir_statistics_merge(struct weir_statistics *into, struct weir_statistics *from)
{
    weir_statistics_finish(into);
    weir_statistics_finish(from);
    into->nans += from->nans;
    if (from->count == 0)
        return;
    join_range(into, from->minimum, from->maximum);
    join(into, from->count, from->mean, from->mean_rest, from->squares);
    weir_statistics_finish(into);
}

double weir_statistics_deviation(const struct weir_statistics *statistics, int ddof)
{
    int64_t freedom = statistics->count - ddof;
    return freedom > 0 ? sqrt(statistics->squares / (double)freedom) : 0;
}

void weir_statistics_save(const struct weir_statistics *statistics, double state[WEIR_STATISTICS_STATE])
{
    state[0] = (double)statistics->count;
    state[1] = (double)statistics->nans;
    state[2] = statistics->mean;
    state[3] = statistics->mean_rest;
    state[4] = statistics->squares;
    state[5] = statistics->minimum;
    state[6] = statistics->maximum;
    state[7] = statistics->maximum_magnitude;
}

static bool is_count(double value)
{
    return value >= 0 && value <= 0x1p53 && value == floor(value);
}

int weir_statistics_load(struct weir_statistics *statistics, const double *state, size_t length,
                         struct weir_error *error)
{
    if (length != WEIR_STATISTICS_STATE)
        return weir_fail(error, WEIR_BAD_DATA, "a state of statistics has %d numbers, not %zu", WEIR_STATISTICS_STATE,
                         length);
    double minimum = state[5], maximum = state[6];
    bool finite = isfinite(minimum) && isfinite(maximum);
    if (!is_count(state[0]) || !is_count(state[1]) || !(minimum <= maximum) ||
        !(state[7] == fmax(fabs(minimum), fabs(maximum))) ||
        (finite &&
         (!(state[4] >= 0) || !(state[2] >= minimum && state[2] <= maximum) || !(fabs(state[3]) <= 1e-12 * state[7]))))
        return weir_fail(error, WEIR_BAD_DATA, "the state of statistics contradicts itself");
    *statistics = (struct weir_statistics){ .count = (int64_t)state[0],
                                            .nans = (int64_t)state[1],
                                            .mean = state[2],
                                            .mean_rest = state[3],
                                            .squares = state[4],
                                            .minimum = minimum,
                                            .maximum = maximum,
                                            .maximum_magnitude = state[7] };
    return 0;
}
