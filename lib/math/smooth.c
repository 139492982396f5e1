#include "math/smooth.h"
#include <string.h>

/* The first place whose value is not below `value`. */
static int lower_bound(const double *ordered, int count, double value)
{
    int low = 0;
    while (count > 0) {
        int half = count / 2;
        if (ordered[low + half] < value) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

static void insert(double *ordered, int count, double value)
{
    int at = lower_bound(ordered, count, value);
    memmove(ordered + at + 1, ordered + at, (size_t)(count - at) * sizeof *ordered);
    ordered[at] = value;
}

static void take_out(double *ordered, int count, double value)
{
    int at = lower_bound(ordered, count, value);
    memmove(ordered + at, ordered + at + 1, (size_t)(count - at - 1) * sizeof *ordered);
}

double weir_sliding_median_add(struct weir_sliding_median *median, double *memory, int window, double value)
{
    double *recent = memory, *ordered = memory + window;
    if (median->count == window)
        take_out(ordered, median->count--, recent[median->next]);
    insert(ordered, median->count++, value);
    recent[median->next] = value;
    median->next = median->next + 1 == window ? 0 : median->next + 1;
    int half = median->count / 2;
    if (median->count % 2 == 1)
        return ordered[half];
    return ordered[half - 1] / 2 + ordered[half] / 2; /* their sum could be beyond all numbers */
}
