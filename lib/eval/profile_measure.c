/* A run of numbers of a profile. */
#include "base/bytes.h"
#include "eval/profile_private.h"
#include "math/clones.h"
#include <math.h>
#include <stdlib.h>

/* Of quantiles: exact up to so many values; then the certain error of ranks is 0.2 % at 10^6 values, 0.3 % at 10^7. */
enum { EXACT = 16384 };

int weir_profile_measure_begin(struct profile_measure *measure, bool whole, bool points,
                               struct weir_quantiles **quantiles)
{
    *measure = (struct profile_measure){ .whole = whole, .least = INT64_MAX, .greatest = INT64_MIN };
    weir_histogram_init(&measure->histogram, whole ? 0 : WEIR_HISTOGRAM_FINEST);
    *quantiles = points ? weir_quantiles_new(EXACT) : NULL;
    return points && !*quantiles ? -1 : 0;
}

struct signs {
    int64_t zeros, negative, infinite;
};

WEIR_CLONES static struct signs count_signs(const double *numbers, int64_t count)
{
    int64_t zeros = 0, negative = 0, infinite = 0;
    for (int64_t i = 0; i < count; i++) {
        zeros += numbers[i] == 0;
        negative += numbers[i] < 0;
        infinite += fabs(numbers[i]) == (double)INFINITY;
    }
    return (struct signs){ zeros, negative, infinite };
}

int weir_profile_measure_add(struct profile_measure *measure, struct weir_quantiles *quantiles, double *numbers,
                             int64_t count)
{
    struct signs signs = count_signs(numbers, count);
    measure->zeros += signs.zeros;
    measure->negative += signs.negative;
    measure->infinite += signs.infinite;
    for (int64_t i = 0; signs.infinite && i < count; i++)
        numbers[i] = fabs(numbers[i]) == (double)INFINITY ? (double)NAN : numbers[i];
    weir_statistics_add(&measure->statistics, numbers, (size_t)count);
    weir_histogram_add(&measure->histogram, numbers, (size_t)count);
    return quantiles ? weir_quantiles_add(quantiles, numbers, (size_t)count) : 0;
}

int weir_profile_measure_end(struct profile_measure *measure, struct weir_quantiles *quantiles)
{
    weir_statistics_finish(&measure->statistics);
    measure->statistics.nans = 0; /* what is missing is among them, and told apart elsewhere */
    return quantiles ? weir_quantile_points_take(&measure->points, quantiles) : 0;
}

int weir_profile_measure_merge(struct profile_measure *into, const struct profile_measure *from,
                               struct weir_error *error)
{
    struct weir_statistics statistics = from->statistics;
    const int64_t most = (int64_t)1 << 53;
    if (into->statistics.count > most - statistics.count || into->nan > most - from->nan ||
        into->infinite > most - from->infinite)
        return weir_fail(error, WEIR_BAD_DATA, "more than 2^53 values");
    into->hidden |= from->hidden;
    into->nan += from->nan;
    into->infinite += from->infinite;
    into->zeros += from->zeros;
    into->negative += from->negative;
    if (from->least < into->least)
        into->least = from->least;
    if (from->greatest > into->greatest)
        into->greatest = from->greatest;
    weir_statistics_merge(&into->statistics, &statistics);
    weir_histogram_merge(&into->histogram, &from->histogram);
    return weir_quantile_points_merge(&into->points, &from->points) ? weir_fail_memory(error) : 0;
}

void weir_profile_measure_release(struct profile_measure *measure)
{
    weir_quantile_points_release(&measure->points);
    *measure = (struct profile_measure){ 0 };
}
