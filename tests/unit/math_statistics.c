/* lib/math/statistics against sums in long double, however the run is cut, merged or stored. */
#include "base/random.h"
#include "check.h"
#include "math/statistics.h"
#include <stdlib.h>

static void check_run(const double *values, int rows)
{
    struct weir_statistics whole = { 0 }, cut = { 0 }, front = { 0 }, back = { 0 }, loaded = { 0 };
    long double sum = 0, squares = 0;
    double low = INFINITY, high = -INFINITY;
    long double shift = isnan(values[0]) ? 0 : values[0]; /* so that the plain sums keep all digits too */
    int count = 0;
    for (int i = 0; i < rows; i++) {
        if (isnan(values[i]))
            continue;
        sum += values[i] - shift;
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
        count++;
    }
    long double mean = sum / count + shift, off = sum / count;
    for (int i = 0; i < rows; i++)
        if (!isnan(values[i]))
            squares += (values[i] - shift - off) * (values[i] - shift - off);
    weir_statistics_add(&whole, values, (size_t)rows);
    weir_statistics_finish(&whole);
    double size = fmax(fabs(low), fabs(high)), deviation = (double)sqrtl(squares / count);
    CHECK_INT(whole.count, count);
    CHECK_INT(whole.nans, rows - count);
    CHECK_NEAR(whole.mean, (double)mean, 1e-15 * size);
    CHECK_NEAR(weir_statistics_deviation(&whole, 0), deviation, 1e-13 * deviation + 1e-30);
    CHECK_NEAR(weir_statistics_deviation(&whole, 1), (double)sqrtl(squares / (count - 1)), 1e-13 * deviation + 1e-30);
    CHECK(whole.minimum == low && whole.maximum == high && whole.maximum_magnitude == size);

    for (int i = 0, step = 1; i < rows; i += step, step = step * 3 % 301 + 1)
        weir_statistics_add(&cut, values + i, (size_t)(i + step < rows ? step : rows - i));
    weir_statistics_finish(&cut);
    CHECK(cut.mean == whole.mean && cut.squares == whole.squares && cut.count == whole.count);

    weir_statistics_add(&front, values, (size_t)(rows / 3));
    weir_statistics_add(&back, values + rows / 3, (size_t)(rows - rows / 3));
    weir_statistics_merge(&front, &back);
    CHECK_INT(front.count, count);
    CHECK_NEAR(front.mean, (double)mean, 1e-15 * size);
    CHECK_NEAR(weir_statistics_deviation(&front, 0), deviation, 1e-13 * deviation + 1e-30);
    CHECK(front.minimum == low && front.maximum == high);

    double state[WEIR_STATISTICS_STATE];
    weir_statistics_save(&whole, state);
    CHECK(weir_statistics_load(&loaded, state, WEIR_STATISTICS_STATE, NULL) == 0);
    CHECK(loaded.mean == whole.mean && loaded.squares == whole.squares && loaded.count == whole.count &&
          loaded.minimum == low && loaded.maximum == high && loaded.maximum_magnitude == size);
}

int main(void)
{
    enum { ROWS = 10007 };
    static double values[ROWS];
    struct weir_random random;
    weir_random_init(&random, 1, 2);
    for (int kind = 0; kind < 6; kind++) {
        for (int i = 0; i < ROWS; i++) {
            double g = weir_random_normal(&random);
            values[i] = kind == 0   ? g
                        : kind == 1 ? 1e9 + g /* squares of the values themselves would lose every digit */
                        : kind == 2 ? exp(10 * g)
                        : kind == 3 ? (i % 4 ? g : NAN)
                        : kind == 4 ? 1e150 * g
                                    : 1e15 + floor(3 * g); /* the mean itself cannot hold its fraction */
        }
        check_run(values, ROWS);
        check_run(values, 129);
        check_run(values, 3);
    }

    /* A constant has no deviation at all, whatever the rounding. */
    struct weir_statistics constant = { 0 }, more = { 0 }, empty = { 0 };
    for (int i = 0; i < 1000; i++)
        weir_statistics_add(&constant, &(double){ 0.1 }, 1);
    for (int i = 0; i < 77; i++)
        weir_statistics_add(&more, &(double){ 0.1 }, 1);
    weir_statistics_merge(&constant, &more);
    CHECK(constant.mean == 0.1 && constant.squares == 0 && weir_statistics_deviation(&constant, 0) == 0);
    weir_statistics_merge(&constant, &empty);
    CHECK_INT(constant.count, 1077);
    weir_statistics_merge(&empty, &constant);
    CHECK(empty.count == 1077 && empty.mean == 0.1);

    /* Sums that overflow where the mean does not. */
    struct weir_statistics huge = { 0 };
    for (int i = 0; i < 500; i++)
        weir_statistics_add(&huge, &(double){ 1.5e308 }, 1);
    weir_statistics_finish(&huge);
    CHECK(huge.mean == 1.5e308);

    struct weir_statistics none = { 0 };
    weir_statistics_add(&none, &(double){ NAN }, 1);
    weir_statistics_finish(&none);
    CHECK(none.count == 0 && none.nans == 1 && none.mean == 0 && weir_statistics_deviation(&none, 0) == 0);

    /* count, nans, mean, rest, squares, minimum, maximum, greatest magnitude */
    static const double bad[][WEIR_STATISTICS_STATE] = {
        { -1, 0, 0, 0, 0, 0, 0, 0 },    { 1.5, 0, 0, 0, 0, 0, 0, 0 }, { NAN, 0, 0, 0, 0, 0, 0, 0 },
        { 2, 0, 1, 0, -1, 0, 2, 2 },    { 2, 0, 1, 0, NAN, 0, 2, 2 }, { 2, 0, 3, 0, 1, 0, 2, 2 },
        { 2, 0, 1, 0, 1, 2, 0, 2 },     { 2, 0, 1, 0, 1, 0, 2, 1 },   { 2, 0, 1, 0, 1, NAN, 2, 2 },
        { 1e300, 0, 1, 0, 1, 0, 2, 2 }, { 2, 0, 1, 1, 1, 0, 2, 2 },   { 2, 0, 1, NAN, 1, 0, 2, 2 },
    };
    struct weir_error error = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(weir_statistics_load(&none, bad[i], WEIR_STATISTICS_STATE, &error) == -1);
    CHECK_TEXT(error.text, "the state of statistics contradicts itself");
    CHECK(weir_statistics_load(&none, bad[0], 7, &error) == -1);
    return check_result();
}
