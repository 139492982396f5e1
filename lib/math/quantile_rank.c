/* Questions to a settled collector: ranks, places, brackets. */
#include "math/quantile_private.h"
#include "math/sort.h"
#include <math.h>

/* How many of the sorted keys are below `key`. */
static uint64_t count_below(const uint64_t *keys, size_t count, uint64_t key)
{
    size_t low = 0;
    while (count) {
        size_t half = count / 2;
        bool right = keys[low + half] < key;
        low = right ? low + half + 1 : low;
        count = right ? count - half - 1 : half;
    }
    return low;
}

/* The estimated number of values below `key`. */
static uint64_t rank_below(const struct weir_quantiles *quantiles, uint64_t key)
{
    uint64_t rank = count_below(quantiles->pending, quantiles->pending_count, key);
    for (int level = 1; level < WEIR_QUANTILE_LEVELS; level++)
        if (quantiles->levels[level].full)
            rank += count_below(quantiles->levels[level].keys, (size_t)quantiles->k, key) << level;
    return rank;
}

/* The smallest key of [low, high] with `wanted` values at or below it, as the estimate goes; high when there is none.
 * No key is greater than that of infinity, so key + 1 does not overflow. */
static uint64_t smallest_reaching(const struct weir_quantiles *quantiles, uint64_t wanted, uint64_t low, uint64_t high)
{
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (rank_below(quantiles, middle + 1) >= wanted)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

uint64_t weir_quantiles_at(const struct weir_quantiles *quantiles, int64_t place)
{
    if (!quantiles->sketched)
        return quantiles->pending[place];
    if (place <= 0)
        return quantiles->least;
    if (place >= quantiles->count - 1)
        return quantiles->greatest;
    return smallest_reaching(quantiles, (uint64_t)place + 1, quantiles->least, quantiles->greatest);
}

/* The number of values below a key lies in [rank - raised, rank + lowered] of its estimate. So when at most `first`
 * values can be below `low`, the value at `first` is not; and when more than `last` values must be at or below `high`,
 * the value at `last` is. */
void weir_quantiles_bracket(const struct weir_quantiles *quantiles, int64_t first, int64_t last, uint64_t *low,
                            uint64_t *high)
{
    *low = quantiles->least;
    *high = smallest_reaching(quantiles, (uint64_t)last + 1 + quantiles->raised, quantiles->least, quantiles->greatest);
    if ((uint64_t)first < quantiles->lowered)
        return;
    uint64_t most = (uint64_t)first - quantiles->lowered;
    /* The greatest key with no more than `most` below it is the smallest with more at or below. */
    *low = smallest_reaching(quantiles, most + 1, quantiles->least, *high);
}

void weir_quantile_places(double q, int64_t count, int64_t *first, int64_t *last, double *fraction)
{
    double place = q * (double)(count - 1), whole = floor(place);
    *first = (int64_t)whole;
    if (*first > count - 1)
        *first = count - 1;
    *fraction = place - whole;
    *last = *fraction > 0 && *first < count - 1 ? *first + 1 : *first;
}

double weir_quantile_between(double first, double last, double fraction)
{
    double difference = last - first;
    if (first == last || fraction == 0)
        return first;
    if (!isfinite(difference))
        return first * (1 - fraction) + last * fraction;
    return fraction >= 0.5 ? last - difference * (1 - fraction) : first + difference * fraction;
}
