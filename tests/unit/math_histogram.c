/* Histograms of numbers of unknown range, against counting again over the bins that came out. */
#include "base/random.h"
#include "check.h"
#include "math/histogram.h"
#include <float.h>
#include <stdlib.h>

static int64_t within(const double *values, size_t count, double low, double high)
{
    int64_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += values[i] >= low && values[i] < high;
    return found;
}

/* Each bin holds what lies in it, and the bins are no wider than 64 of them need. */
static void check_values(const double *values, size_t count, int least, size_t size)
{
    struct weir_histogram histogram;
    const int64_t *bins;
    double low, high, minimum = INFINITY, maximum = -INFINITY;
    weir_histogram_init(&histogram, least);
    for (size_t first = 0; first < count; first += size)
        weir_histogram_add(&histogram, values + first, count - first < size ? count - first : size);
    int64_t finite = 0;
    for (size_t i = 0; i < count; i++) {
        finite += isfinite(values[i]) != 0;
        minimum = isfinite(values[i]) && values[i] < minimum ? values[i] : minimum;
        maximum = isfinite(values[i]) && values[i] > maximum ? values[i] : maximum;
    }
    CHECK_INT(histogram.count, finite);
    int found = weir_histogram_bins(&histogram, &bins, &low, &high);
    if (!CHECK(finite > 0 ? found > 0 && found <= WEIR_HISTOGRAM_BINS : found == 0) || finite == 0)
        return;
    double width = ldexp(1, histogram.exponent);
    for (int i = 0; i < found; i++)
        CHECK_INT(bins[i], within(values, count, low + i * width, low + (i + 1) * width));
    CHECK(low <= minimum && minimum < low + width && maximum < high && high - width <= maximum);
    CHECK(found > WEIR_HISTOGRAM_BINS / 2 || histogram.exponent == least ||
          maximum - minimum < 64 * ldexp(fabs(maximum), -50));
}

static void test_kinds(void)
{
    enum { COUNT = 3000 };
    static double values[COUNT];
    struct weir_random random;
    for (int kind = 0; kind < 6; kind++) {
        weir_random_init(&random, 1, (uint64_t)kind);
        for (int i = 0; i < COUNT; i++) {
            double x = weir_random_normal(&random);
            values[i] = kind == 0   ? x
                        : kind == 1 ? 1e6 + x
                        : kind == 2 ? floor(3 * x)
                        : kind == 3 ? exp(8 * x)
                        : kind == 4 ? (i % 7 == 0    ? (double)NAN
                                       : i % 11 == 0 ? (double)INFINITY
                                                     : -1e-3 * fabs(x))
                                    : (double)(i % 100);
        }
        for (size_t size = 1; size <= COUNT; size = size * 7 + 1)
            check_values(values, COUNT, kind == 2 || kind == 5 ? 0 : WEIR_HISTOGRAM_FINEST, size);
    }
}

static bool same(const struct weir_histogram *a, const struct weir_histogram *b)
{
    const int64_t *bins[2];
    double ends[2][2];
    int count = weir_histogram_bins(a, &bins[0], &ends[0][0], &ends[0][1]);
    return weir_histogram_bins(b, &bins[1], &ends[1][0], &ends[1][1]) == count && a->count == b->count &&
           (count == 0 || (memcmp(bins[0], bins[1], (size_t)count * sizeof **bins) == 0 &&
                           memcmp(ends[0], ends[1], sizeof ends[0]) == 0 && a->exponent == b->exponent));
}

/* The histogram of parts, whatever their ranges, is that of the whole, and what is kept of it gives it back. */
static void test_merge(void)
{
    enum { COUNT = 400 };
    double values[COUNT];
    struct weir_random random;
    for (uint64_t round = 0; round < 300; round++) {
        struct weir_histogram whole, parts[2], restored;
        int least = round % 3 ? WEIR_HISTOGRAM_FINEST : 0;
        weir_random_init(&random, 2, round);
        size_t cut = (size_t)weir_random_below(&random, COUNT + 1);
        double scale[2], shift[2];
        for (int i = 0; i < 2; i++) {
            scale[i] = exp(12 * weir_random_normal(&random));
            shift[i] = round % 5 == 0 ? 0 : exp(8 * weir_random_normal(&random));
        }
        for (size_t i = 0; i < COUNT; i++)
            values[i] = shift[i < cut] + scale[i < cut] * weir_random_normal(&random);
        for (size_t i = 0; round % 7 == 0 && i < COUNT; i++)
            values[i] = i % 3 ? 0 : values[i];
        weir_histogram_init(&whole, least);
        weir_histogram_init(&parts[0], least);
        weir_histogram_init(&parts[1], least);
        weir_histogram_add(&whole, values, COUNT);
        weir_histogram_add(&parts[0], values, cut);
        weir_histogram_add(&parts[1], values + cut, COUNT - cut);
        weir_histogram_merge(&parts[0], &parts[1]);
        CHECK(same(&parts[0], &whole));
        const int64_t *bins;
        double low, high;
        int size = weir_histogram_bins(&whole, &bins, &low, &high);
        CHECK(weir_histogram_restore(&restored, least, whole.exponent, ldexp(low, -whole.exponent), bins, size));
        CHECK(same(&restored, &whole));
    }
}

static void test_restore(void)
{
    struct weir_histogram histogram;
    const int64_t counts[] = { 1, 0, 2 }, ends[] = { 0, 1 }, negative[] = { 1, -1, 1 };
    CHECK(weir_histogram_restore(&histogram, 0, 3, -7, counts, 3) && histogram.count == 3);
    CHECK(!weir_histogram_restore(&histogram, 0, -1, 0, counts, 3));
    CHECK(!weir_histogram_restore(&histogram, 0, 3, 0.5, counts, 3));
    CHECK(!weir_histogram_restore(&histogram, 0, 3, (double)NAN, counts, 3));
    CHECK(!weir_histogram_restore(&histogram, 0, 3, 0x1p60, counts, 3));
    CHECK(!weir_histogram_restore(&histogram, 0, 2000, 1, counts, 3));
    CHECK(!weir_histogram_restore(&histogram, 0, 1000, 0x1p50, counts, 3));
    CHECK(!weir_histogram_restore(&histogram, 0, 3, 0, ends, 2));
    CHECK(!weir_histogram_restore(&histogram, 0, 3, 0, negative, 3));
    CHECK(!weir_histogram_restore(&histogram, 0, 3, 0, counts, 65));
}

static void test_ends(void)
{
    const double none[] = { (double)NAN, (double)INFINITY, -(double)INFINITY };
    const double zeros[] = { 0, -0.0, 0 }, far[] = { 1e-300, 1e300, -1e300, 5e-324, -5e-324, 0 };
    const double large[] = { 0x1p1000, 0x1p1000 + 0x1p980 }, same[] = { 28, 28, 28 };
    check_values(none, 3, WEIR_HISTOGRAM_FINEST, 3);
    check_values(zeros, 3, WEIR_HISTOGRAM_FINEST, 1);
    check_values(large, 2, WEIR_HISTOGRAM_FINEST, 1);
    check_values(same, 3, WEIR_HISTOGRAM_FINEST, 1);
    check_values(same, 3, 0, 1);
    struct weir_histogram histogram;
    weir_histogram_init(&histogram, WEIR_HISTOGRAM_FINEST);
    weir_histogram_add(&histogram, far, 6);
    int64_t sum = 0;
    for (int i = 0; i < WEIR_HISTOGRAM_BINS; i++)
        sum += histogram.counts[i];
    CHECK_INT(sum, 6);
}

/* The outermost bins reach to 2^1024, which is no double. */
static void test_largest(void)
{
    const double sides[][2] = { { DBL_MAX, DBL_MAX }, { -DBL_MAX, -DBL_MAX }, { -DBL_MAX, DBL_MAX }, { 1, DBL_MAX } };
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        struct weir_histogram histogram, restored;
        const int64_t *bins;
        double low, high;
        weir_histogram_init(&histogram, WEIR_HISTOGRAM_FINEST);
        weir_histogram_add(&histogram, sides[i], 2);
        int size = weir_histogram_bins(&histogram, &bins, &low, &high);
        CHECK(isfinite(low) && isfinite(high) && low <= sides[i][0] && high >= sides[i][1]);
        CHECK(weir_histogram_restore(&restored, WEIR_HISTOGRAM_FINEST, histogram.exponent,
                                     floor(ldexp(low, -histogram.exponent)), bins, size));
        CHECK_INT(restored.count, 2);
    }
}

int main(void)
{
    test_kinds();
    test_merge();
    test_restore();
    test_ends();
    test_largest();
    return check_result();
}
