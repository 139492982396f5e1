#include "math/histogram.h"
#include "math/clones.h"
#include <float.h>
#include <math.h>
#include <string.h>

/* Of a number, so that bins are counted without rounding. */
enum { BINS = WEIR_HISTOGRAM_BINS, DIGITS = 50 };

void weir_histogram_init(struct weir_histogram *histogram, int least)
{
    *histogram = (struct weir_histogram){ .exponent = least, .least = least };
}

static int first_used(const struct weir_histogram *histogram)
{
    int i = 0;
    while (i < BINS - 1 && histogram->counts[i] == 0)
        i++;
    return i;
}

static int last_used(const struct weir_histogram *histogram)
{
    int i = BINS - 1;
    while (i > 0 && histogram->counts[i] == 0)
        i--;
    return i;
}

static void double_width(struct weir_histogram *histogram)
{
    int64_t merged[BINS] = { 0 };
    double first = floor(histogram->first / 2);
    for (int i = 0; i < BINS; i++)
        if (histogram->counts[i])
            merged[(int)(floor((histogram->first + i) / 2) - first)] += histogram->counts[i];
    memcpy(histogram->counts, merged, sizeof merged);
    histogram->first = first;
    histogram->exponent++;
}

static void move(struct weir_histogram *histogram, double first)
{
    int64_t moved[BINS] = { 0 };
    for (int i = 0; i < BINS; i++)
        if (histogram->counts[i])
            moved[(int)(histogram->first + i - first)] = histogram->counts[i];
    memcpy(histogram->counts, moved, sizeof moved);
    histogram->first = first;
}

/* Makes room for a number that lies in no bin. */
static void make_room(struct weir_histogram *histogram, double x)
{
    int least = x == 0 ? histogram->least : ilogb(x) - DIGITS;
    if (histogram->count == 0) {
        if (histogram->exponent < least)
            histogram->exponent = least;
        histogram->first = floor(ldexp(x, -histogram->exponent));
        return;
    }
    while (histogram->exponent < least)
        double_width(histogram);
    for (;;) {
        double bin = floor(ldexp(x, -histogram->exponent));
        double low = histogram->first + first_used(histogram), high = histogram->first + last_used(histogram);
        double first = bin < low ? bin : low, last = bin > high ? bin : high;
        if (last - first < BINS) {
            move(histogram, first);
            return;
        }
        double_width(histogram);
    }
}

/* The bin of each value; -1: of none that there is. */
WEIR_CLONES static void find_bins(const double *values, size_t count, double scale, double first, int32_t *bins)
{
    for (size_t i = 0; i < count; i++) {
        double bin = floor(values[i] * scale) - first;
        bins[i] = bin >= 0 && bin < BINS ? (int32_t)bin : -1;
    }
}

void weir_histogram_add(struct weir_histogram *histogram, const double *values, size_t count)
{
    enum { RUN = 256 };
    int32_t bins[RUN];
    for (size_t begin = 0; begin < count;) {
        size_t size = count - begin < RUN ? count - begin : RUN, i = 0;
        if (histogram->count)
            find_bins(values + begin, size, ldexp(1, -histogram->exponent), histogram->first, bins);
        for (; i < size; i++) {
            if (histogram->count && bins[i] >= 0) {
                histogram->counts[bins[i]]++;
                histogram->count++;
                continue;
            }
            double x = values[begin + i];
            if (!isfinite(x))
                continue;
            make_room(histogram, x);
            histogram->counts[(int)(floor(x * ldexp(1, -histogram->exponent)) - histogram->first)]++;
            histogram->count++;
            i++;
            break; /* the bins of the rest may be others */
        }
        begin += i;
    }
}

void weir_histogram_merge(struct weir_histogram *into, const struct weir_histogram *from)
{
    struct weir_histogram other = *from;
    if (other.count == 0)
        return;
    if (into->count == 0) {
        *into = other;
        return;
    }
    while (into->exponent < other.exponent)
        double_width(into);
    while (other.exponent < into->exponent)
        double_width(&other);
    for (;;) {
        double low = fmin(into->first + first_used(into), other.first + first_used(&other));
        double high = fmax(into->first + last_used(into), other.first + last_used(&other));
        if (high - low < BINS) {
            move(into, low);
            move(&other, low);
            break;
        }
        double_width(into);
        double_width(&other);
    }
    for (int i = 0; i < BINS; i++)
        into->counts[i] += other.counts[i];
    into->count += other.count;
}

bool weir_histogram_restore(struct weir_histogram *histogram, int least, int exponent, double first,
                            const int64_t *counts, int size)
{
    weir_histogram_init(histogram, least);
    if (size == 0)
        return true;
    if (size < 0 || size > BINS || exponent < least || exponent > DBL_MAX_EXP || !(fabs(first) <= 0x1p53) ||
        first != floor(first) || counts[0] == 0 || counts[size - 1] == 0)
        return false;
    /* A double lies in each end; the outermost bin below zero begins at -2^1024, which is none. */
    if (!(ldexp(first + 1, exponent) >= -DBL_MAX && ldexp(first + size - 1, exponent) <= DBL_MAX))
        return false;
    for (int i = 0; i < size; i++) {
        if (counts[i] < 0 || counts[i] > (int64_t)1 << 53)
            return false;
        histogram->counts[i] = counts[i];
        histogram->count += counts[i];
    }
    histogram->exponent = exponent;
    histogram->first = first;
    return true;
}

int weir_histogram_bins(const struct weir_histogram *histogram, const int64_t **bins, double *low, double *high)
{
    if (histogram->count == 0)
        return 0;
    int first = first_used(histogram), last = last_used(histogram);
    *bins = histogram->counts + first;
    *low = fmax(ldexp(histogram->first + first, histogram->exponent), -DBL_MAX);
    *high = fmin(ldexp(histogram->first + last + 1, histogram->exponent), DBL_MAX);
    return last - first + 1;
}
