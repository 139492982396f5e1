/* The sliding median beside sorting each window anew. */
#include "base/random.h"
#include "check.h"
#include "math/smooth.h"
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 400, MOST = 101 };

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double plain_median(const double *series, int at, int window)
{
    double sorted[MOST];
    int first = at + 1 < window ? 0 : at + 1 - window, count = at + 1 - first;
    memcpy(sorted, series + first, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

/* Few different values, so that many are equal; and many. */
static void check_window(int window, uint64_t values)
{
    double series[LENGTH], memory[2 * MOST];
    struct weir_sliding_median median = { 0 };
    struct weir_random random;
    weir_random_init(&random, 1, (uint64_t)window);
    int wrong = 0;
    for (int i = 0; i < LENGTH; i++) {
        series[i] = (double)weir_random_below(&random, values) / 4 - 100;
        double found = weir_sliding_median_add(&median, memory, window, series[i]);
        wrong += found != plain_median(series, i, window);
    }
    CHECK_INT(wrong, 0);
}

int main(void)
{
    static const int windows[] = { 1, 2, 3, 4, 5, 10, 33, MOST };
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        check_window(windows[i], 5);
        check_window(windows[i], 1 << 16);
    }
    double memory[6];
    struct weir_sliding_median median = { 0 };
    weir_sliding_median_add(&median, memory, 3, 1.7e308);
    CHECK(weir_sliding_median_add(&median, memory, 3, 1.5e308) == 1.6e308);
    CHECK(weir_exponential(10, 20, 0.25) == 12.5);
    return check_result();
}
