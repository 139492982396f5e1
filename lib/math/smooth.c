#include "math/smooth.h"
#include "math/ordered.h"

double weir_sliding_median_add(struct weir_sliding_median *median, double *memory, int window, double value)
{
    double *recent = memory, *ordered = memory + window;
    if (median->count == window)
        weir_ordered_replace(ordered, (size_t)window, recent[median->next], value);
    else
        weir_ordered_insert(ordered, (size_t)median->count++, value);
    recent[median->next] = value;
    median->next = median->next + 1 == window ? 0 : median->next + 1;
    int half = median->count / 2;
    if (median->count % 2 == 1)
        return ordered[half];
    return ordered[half - 1] / 2 + ordered[half] / 2; /* their sum could be beyond all numbers */
}
