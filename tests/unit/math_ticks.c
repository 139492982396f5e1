/* Ticks: round, within the axis, as many as fit, and written with as many digits as they need; also at the ends of what
 * a double can be. */
#include "check.h"
#include "math/ticks.h"
#include <float.h>

static void text_of(const struct weir_ticks *ticks, char *out)
{
    size_t size = 0;
    for (int i = 0; i < ticks->count; i++) {
        char text[WEIR_TICK_TEXT];
        size_t length = weir_ticks_text(ticks, i, text);
        if (size)
            out[size++] = ' ';
        memcpy(out + size, text, length);
        size += length;
    }
    out[size] = '\0';
}

static void linear_is(double low, double high, int most, bool whole, const char *wanted)
{
    struct weir_ticks ticks;
    char text[WEIR_TICKS_MOST * (WEIR_TICK_TEXT + 1)];
    weir_ticks_linear(low, high, most, whole, &ticks);
    text_of(&ticks, text);
    CHECK_TEXT(text, wanted);
}

static void logarithmic_is(double low, double high, int most, const char *wanted)
{
    struct weir_ticks ticks;
    char text[WEIR_TICKS_MOST * (WEIR_TICK_TEXT + 1)];
    weir_ticks_logarithmic(low, high, most, &ticks);
    text_of(&ticks, text);
    CHECK_TEXT(text, wanted);
}

static void test_linear(void)
{
    linear_is(0, 1, 6, false, "0.0 0.2 0.4 0.6 0.8 1.0");
    linear_is(0, 1, 5, false, "0.0 0.5 1.0");
    linear_is(-3.1, 3.1, 7, false, "-3 -2 -1 0 1 2 3");
    linear_is(0, 0.3, 4, false, "0.0 0.1 0.2 0.3"); /* 3 * 0.1 is beyond 0.3 by a rounding */
    linear_is(12, 48000, 6, false, "10,000 20,000 30,000 40,000");
    linear_is(0, 2.4, 12, true, "0 1 2");
    linear_is(0, 0.4, 12, true, "0");
    linear_is(1e9, 3e9, 4, false, "1e9 2e9 3e9");
    linear_is(0, 1.5e-9, 4, false, "0 5e-10 1.0e-9 1.5e-9");
    linear_is(-1500000, 0, 4, false, "-1,500,000 -1,000,000 -500,000 0");
    linear_is(5000000, 5000001, 3, false, "5,000,000.0 5,000,000.5 5,000,001.0");
}

static void test_logarithmic(void)
{
    logarithmic_is(1, 1000, 6, "1 10 100 1,000");
    logarithmic_is(0.001, 0.1, 6, "0.001 0.01 0.1");
    logarithmic_is(1, 90, 9, "1 2 5 10 20 50");
    logarithmic_is(1e-12, 1e12, 6, "1e-10 1e-5 1 100,000 1e10");
    logarithmic_is(20, 90, 6, "20 40 60 80");
}

/* Whatever the axis: between one and `most` ticks that ascend within it, in a moment. */
static void test_any(void)
{
    static const double ends[] = { -DBL_MAX / 8, -1e300,     -1e17, -12345.678, -1, -1e-9,     -1e-300, 0,
                                   5e-324,       1e-300,     1e-9,  0.7,        1,  12345.678, 1e15,    1e17,
                                   1e300,        DBL_MAX / 8 };
    const int count = sizeof ends / sizeof *ends;
    for (int a = 0; a < count; a++)
        for (int b = a + 1; b < count; b++)
            for (int most = 2; most <= 12; most += 5) {
                struct weir_ticks ticks;
                char text[WEIR_TICK_TEXT];
                weir_ticks_linear(ends[a], ends[b], most, false, &ticks);
                CHECK(ticks.count >= 1 && ticks.count <= most);
                double slack = (ends[b] - ends[a]) * 1e-6;
                for (int i = 0; i < ticks.count; i++) {
                    CHECK(ticks.values[i] >= ends[a] - slack && ticks.values[i] <= ends[b] + slack);
                    CHECK(i == 0 || ticks.values[i] > ticks.values[i - 1]);
                    CHECK(weir_ticks_text(&ticks, i, text) < WEIR_TICK_TEXT);
                }
                if (ends[a] <= 0)
                    continue;
                weir_ticks_logarithmic(ends[a], ends[b], most, &ticks);
                CHECK(ticks.count <= WEIR_TICKS_MOST);
                for (int i = 0; i < ticks.count; i++)
                    CHECK(weir_ticks_text(&ticks, i, text) < WEIR_TICK_TEXT);
            }
}

static void widened_is(double low, double high, double share, double wanted_low, double wanted_high)
{
    weir_axis_widen(&low, &high, share);
    CHECK_NEAR(low, wanted_low, 1e-9 * fabs(wanted_low));
    CHECK_NEAR(high, wanted_high, 1e-9 * fabs(wanted_high));
    CHECK(low < high && isfinite(high - low));
}

static void test_widen(void)
{
    widened_is(0, 10, 0.1, -1, 11);
    widened_is(0, 0, 0.1, -1, 1);
    widened_is(100, 100, 0.1, 95, 105);
    widened_is(-INFINITY, INFINITY, 0, -DBL_MAX / 8, DBL_MAX / 8);
    widened_is(1e300, 1e300, 0, 0.95e300, 1.05e300);
}

static void test_widen_logarithmic(void)
{
    static const double ends[] = { 0, 5e-324, 1e-310, 1e-300, 1, 1e300, DBL_MAX, INFINITY };
    const int count = sizeof ends / sizeof *ends;
    for (int a = 0; a < count; a++)
        for (int b = a; b < count; b++) {
            struct weir_ticks ticks;
            double low = ends[a], high = ends[b];
            weir_axis_widen_logarithmic(&low, &high, b % 2 ? 0.03 : 0);
            CHECK(low > 0 && low < high && isfinite(high));
            weir_ticks_logarithmic(low, high, 6, &ticks);
            CHECK(ticks.count <= WEIR_TICKS_MOST);
        }
}

int main(void)
{
    test_linear();
    test_logarithmic();
    test_any();
    test_widen();
    test_widen_logarithmic();
    return check_result();
}
