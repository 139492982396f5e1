/* A histogram of a run of numbers of unknown range, in one pass and constant memory: at most 64 bins of one width, a
 * power of two, which doubles (each two neighbours become one bin) whenever a number would lie too far out. So bins are
 * exact counts, between 33 and 64 of them once the numbers spread, and no bin depends on how the run was cut into
 * calls. */
#ifndef WEIR_MATH_HISTOGRAM_H
#define WEIR_MATH_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEIR_HISTOGRAM_BINS = 64 };

struct weir_histogram {
    int64_t counts[WEIR_HISTOGRAM_BINS];
    double first;        /* counts[b]: of the x with floor(x / 2^exponent) = first + b */
    int exponent, least; /* the exponent begins at `least` or, where a double has no such digits, higher */
    int64_t count;       /* numbers taken, without NaN and infinities */
};

/* least: the smallest width is 2^least; 0 for whole numbers, WEIR_HISTOGRAM_FINEST for any. */
enum { WEIR_HISTOGRAM_FINEST = -1000 };
void weir_histogram_init(struct weir_histogram *histogram, int least);
/* NaN and infinities are left out. */
void weir_histogram_add(struct weir_histogram *histogram, const double *values, size_t count);
/* `into` becomes the histogram of both runs, to the bit that of one run: both have the same `least`. */
void weir_histogram_merge(struct weir_histogram *into, const struct weir_histogram *from);
/* From what was kept of one: counts[size] (the first and the last not 0), of the x with floor(x / 2^exponent) = first +
 * b. False: it contradicts itself. */
bool weir_histogram_restore(struct weir_histogram *histogram, int least, int exponent, double first,
                            const int64_t *counts, int size);
/* The bins from the first to the last that is not empty: how many, *bins the first of them, and the numbers at the ends
 * of the axis, both finite (of the outermost bins 2^1024 is no double, and DBL_MAX stands for it). 0: no number. */
int weir_histogram_bins(const struct weir_histogram *histogram, const int64_t **bins, double *low, double *high);

#endif
