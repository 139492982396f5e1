#include "math/quantile_points.h"
#include "base/memory.h"
#include "math/quantile_private.h"
#include "math/sort.h"
#include <math.h>
#include <stdlib.h>

enum { POINTS = WEIR_QUANTILE_POINTS };

/* Values with the number of values that each stands for. */
struct weighted {
    struct weir_keyed *items; /* [2 * capacity]: the second half is for sorting */
    size_t count;
};

void weir_quantile_points_release(struct weir_quantile_points *points)
{
    free(points->values);
    *points = (struct weir_quantile_points){ 0 };
}

static void gather(struct weighted *weighted, const uint64_t *keys, size_t count, uint64_t weight)
{
    for (size_t i = 0; i < count; i++)
        weighted->items[weighted->count++] = (struct weir_keyed){ keys[i], weight };
}

/* The first of the ranks that point i of `size` stands for. */
static int64_t first_rank(int64_t count, size_t size, size_t i)
{
    return count / (int64_t)size * (int64_t)i + count % (int64_t)size * (int64_t)i / (int64_t)size;
}

static void gather_points(struct weighted *weighted, const struct weir_quantile_points *points)
{
    for (size_t i = 0; i < points->size; i++) {
        uint64_t key = weir_key(points->values[i]);
        int64_t weight = first_rank(points->count, points->size, i + 1) - first_rank(points->count, points->size, i);
        gather(weighted, &key, 1, (uint64_t)weight);
    }
}

/* The points of what was gathered, which are `count` values, each rank of which is known but for `error`. */
static int choose(struct weir_quantile_points *points, struct weighted *weighted, int64_t count, int64_t error)
{
    size_t size = count < POINTS ? (size_t)count : POINTS, item = 0;
    double *values = weir_allocate(size, sizeof *values);
    if (!values)
        return -1;
    weir_sort_keyed(weighted->items, weighted->items + weighted->count, weighted->count);
    int64_t ranks = weighted->count ? (int64_t)weighted->items[0].item : 0; /* of the items up to this one */
    for (size_t i = 0; i < size; i++) {
        int64_t first = first_rank(count, size, i), next = first_rank(count, size, i + 1);
        while (ranks <= first + (next - 1 - first) / 2)
            ranks += (int64_t)weighted->items[++item].item;
        values[i] = weir_key_value(weighted->items[item].key);
    }
    *points = (struct weir_quantile_points){ .count = count, .size = size, .values = values };
    points->error = error + (count > POINTS ? count / (2 * POINTS) + 1 : 0);
    return 0;
}

int weir_quantile_points_take(struct weir_quantile_points *points, struct weir_quantiles *quantiles)
{
    *points = (struct weir_quantile_points){ 0 };
    if (weir_quantiles_settle(quantiles))
        return -1;
    size_t most = quantiles->pending_count;
    for (int level = 0; level < WEIR_QUANTILE_LEVELS; level++)
        most += quantiles->levels[level].full ? (size_t)quantiles->k : 0;
    struct weighted weighted = { weir_allocate(most, 2 * sizeof *weighted.items), 0 };
    if (!weighted.items)
        return -1;
    gather(&weighted, quantiles->pending, quantiles->pending_count, 1);
    for (int level = 0; level < WEIR_QUANTILE_LEVELS; level++)
        if (quantiles->levels[level].full)
            gather(&weighted, quantiles->levels[level].keys, (size_t)quantiles->k, (uint64_t)1 << level);
    uint64_t error = quantiles->raised > quantiles->lowered ? quantiles->raised : quantiles->lowered;
    int result = choose(points, &weighted, quantiles->count, (int64_t)error);
    free(weighted.items);
    return result;
}

int weir_quantile_points_merge(struct weir_quantile_points *into, const struct weir_quantile_points *from)
{
    struct weighted weighted = { weir_allocate(into->size + from->size, 2 * sizeof *weighted.items), 0 };
    struct weir_quantile_points merged;
    if (!weighted.items)
        return -1;
    gather_points(&weighted, into);
    gather_points(&weighted, from);
    int result = choose(&merged, &weighted, into->count + from->count, into->error + from->error);
    free(weighted.items);
    if (result)
        return -1;
    weir_quantile_points_release(into);
    *into = merged;
    return 0;
}

double weir_quantile_points_value(const struct weir_quantile_points *points, double q)
{
    if (points->size == 0)
        return (double)NAN;
    if (points->count > (int64_t)points->size) {
        size_t i = (size_t)(q * (double)points->size);
        return points->values[i < points->size ? i : points->size - 1];
    }
    int64_t first, last;
    double fraction;
    weir_quantile_places(q, points->count, &first, &last, &fraction);
    return weir_quantile_between(points->values[first], points->values[last], fraction);
}
