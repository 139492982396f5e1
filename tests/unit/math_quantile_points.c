/* Points of quantiles beside the sorted run: every rank within the error that is said, exact as long as it can be, and
 * the same of the points of parts that are joined. */
#include "base/random.h"
#include "check.h"
#include "math/quantile_points.h"
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How far the answer's rank is from the wanted place: 0 when the value stands at it. */
static double rank_error(const double *sorted, int64_t count, double q, double value)
{
    int64_t below = 0, up_to = 0;
    while (below < count && sorted[below] < value)
        below++;
    up_to = below;
    while (up_to < count && sorted[up_to] <= value)
        up_to++;
    double place = q * (double)(count - 1);
    return place < (double)below ? (double)below - place : place > (double)up_to ? place - (double)up_to : 0;
}

static void check_points(const struct weir_quantile_points *points, const double *sorted, int64_t count)
{
    CHECK_INT(points->count, count);
    for (int i = 0; i <= 40; i++) {
        double q = i / 40.0, value = weir_quantile_points_value(points, q);
        if (points->error)
            CHECK(rank_error(sorted, count, q, value) <= (double)points->error + 1);
        else {
            double place = q * (double)(count - 1);
            int64_t first = (int64_t)place, last = first + 1 < count ? first + 1 : first;
            CHECK_NEAR(value, sorted[first] + (sorted[last] - sorted[first]) * (place - (double)first), 1e-9);
        }
    }
}

static void take(struct weir_quantile_points *points, const double *values, int64_t count)
{
    struct weir_quantiles *quantiles = weir_quantiles_new(4096);
    CHECK(weir_quantiles_add(quantiles, values, (size_t)count) == 0);
    CHECK(weir_quantile_points_take(points, quantiles) == 0);
    weir_quantiles_free(quantiles);
}

/* One run, and its parts. kind 0: normal, 1: few values, 2: sorted */
static void test_run(int64_t count, int kind)
{
    double *values = calloc((size_t)count, sizeof *values), *sorted = calloc((size_t)count, sizeof *sorted);
    struct weir_quantile_points whole, joined = { 0 }, part;
    struct weir_random random;
    weir_random_init(&random, 9, (uint64_t)(count + kind));
    for (int64_t i = 0; i < count; i++)
        values[i] = kind == 0   ? weir_random_normal(&random)
                    : kind == 1 ? (double)weir_random_below(&random, 5)
                                : (double)i;
    memcpy(sorted, values, (size_t)count * sizeof *values);
    qsort(sorted, (size_t)count, sizeof *sorted, ascending);
    take(&whole, values, count);
    check_points(&whole, sorted, count);
    CHECK((whole.error == 0) == (count <= WEIR_QUANTILE_POINTS));
    for (int64_t first = 0; first < count; first += count / 3 + 1) {
        int64_t rows = count - first < count / 3 + 1 ? count - first : count / 3 + 1;
        take(&part, values + first, rows);
        CHECK(weir_quantile_points_merge(&joined, &part) == 0);
        weir_quantile_points_release(&part);
    }
    check_points(&joined, sorted, count);
    CHECK((joined.error == 0) == (count <= WEIR_QUANTILE_POINTS));
    CHECK((double)joined.error <= 0.03 * (double)count + 3);
    weir_quantile_points_release(&whole);
    weir_quantile_points_release(&joined);
    free(values);
    free(sorted);
}

int main(void)
{
    const int64_t counts[] = { 1, 2, 1023, 1024, 1025, 5000, 60000 };
    struct weir_quantile_points none;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (int kind = 0; kind < 3; kind++)
            test_run(counts[i], kind);
    take(&none, NULL, 0);
    CHECK(isnan(weir_quantile_points_value(&none, 0.5)));
    weir_quantile_points_release(&none);
    return check_result();
}
