/* lib/base/number: doubles against strtod and printf, integers at their limits, what is no number. */
#include "base/number.h"
#include "base/random.h"
#include "check.h"
#include <stdlib.h>

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void check_parse(const char *text)
{
    double value = 0, wanted = strtod(text, NULL);
    if (!CHECK(weir_parse_double(text, strlen(text), &value) && same(value, wanted)))
        fprintf(stderr, "    '%s' is %.17g, expected %.17g\n", text, value, wanted);
}

static void check_format(double value, const char *expected)
{
    char text[WEIR_NUMBER_SIZE + 1];
    text[weir_format_double(value, text)] = 0;
    CHECK_TEXT(text, expected);
}

/* The fewest digits that read back, by trial: what the formatter must not exceed. */
static int fewest_digits(double value)
{
    char text[64];
    int digits = 1;
    while (digits < 17) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value)
            break;
        digits++;
    }
    return digits;
}

static int significant_digits(const char *text)
{
    int digits = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (digits == 0 && *text == '0'))
            continue;
        digits++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return digits - zeros;
}

static void test_parse_doubles(void)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "+1",
        ".5",
        "5.",
        "-.5e-3",
        "0.1",
        "1e22",
        "1e23",
        "8.41e21",
        "123456789012345678",
        "1e-22",
        "9007199254740993",
        "9007199254740992.5",
        "9007199254740993.0000000000000000000000000000000000000000001",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1e-400",
        "0e999999999999999999",
        "0.000000000000000000000000000000000000000000000000000000000000000001",
        "10000000000000000000000000000000000000",
        "1e-999999999999999999999",
        "179769313486231580793728971405301e276",
        "5e-324",
        "6.9294956446009195e15",
        "3.4028234664e38",
        "7.3177701707893310e+15",
        "0.3e-3",
        "100000000000000016777215",
        "100000000000000016777216",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_parse(texts[i]);

    static const char *const refused[] = { "",    "+",       "-",     ".",      "e5",    "1e", "1e+",   "--1",   "+-1",
                                           "4:.", "1,5",     "0x1F",  "1_0",    " 1",    "1 ", "1e5.",  "1.2.3", "nanx",
                                           "in",  "infinit", "1e999", "-1e309", "NaN()", "1f", "1e5e5", "٣" };
    double value = 42;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (!CHECK(!weir_parse_double(refused[i], strlen(refused[i]), &value)))
            fprintf(stderr, "    '%s' is taken as %g\n", refused[i], value);
    CHECK(!weir_parse_double("1\0", 2, &value));
    CHECK(weir_parse_double("12345", 3, &value) && value == 123); /* the length counts, not what follows */
    CHECK(weir_parse_double("-InF", 4, &value) && value == -INFINITY);
    CHECK(weir_parse_double("Infinity", 8, &value) && value == INFINITY);
    CHECK(weir_parse_double("NAN", 3, &value) && isnan(value));
}

/* A number of 10,000 digits that differs from a half only in the last. */
static void test_long_digits(void)
{
    static char text[10100];
    memset(text, '0', sizeof text);
    memcpy(text, "1.00000000000000011102230246251565404236316680908203125", 55);
    text[10000] = 0;
    check_parse(text);
    text[9999] = '1';
    check_parse(text);
    memset(text, '0', 9000);
    memcpy(text + 9000, "17.5e1", 7);
    check_parse(text);
    memset(text, '9', 400);
    memcpy(text + 400, "e-399", 6);
    check_parse(text);
    text[0] = '.';
    check_parse(text);
}

static void test_random_doubles(void)
{
    struct weir_random random;
    weir_random_init(&random, 1, 1);
    char text[64], digits[64];
    for (int i = 0; i < 60000; i++) {
        uint64_t bits = weir_random_u64(&random);
        if (i % 3 == 1) /* of the size that people use */
            bits = (bits & 0x800FFFFFFFFFFFFF) | (993 + weir_random_below(&random, 60)) << 52;
        if (i % 16 == 0)
            bits &= 0xFFF0000000000000; /* powers of two: uneven neighbours */
        if (i % 17 == 0)
            bits &= 0x800FFFFFFFFFFFFF; /* subnormal */
        double value, back;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        size_t length = weir_format_double(value, text);
        text[length] = 0;
        CHECK(length <= WEIR_NUMBER_SIZE && same(strtod(text, NULL), value));
        CHECK(significant_digits(text) <= fewest_digits(value));
        CHECK(weir_parse_double(text, length, &back) && same(back, value));
        snprintf(digits, sizeof digits, "%.*e", (int)weir_random_below(&random, 24), value);
        if (isfinite(strtod(digits, NULL)))
            check_parse(digits);
        float single = (float)value;
        if (isfinite(single)) {
            text[weir_format_float(single, text)] = 0;
            CHECK(strtof(text, NULL) == single);
        }
    }
}

static void test_format_doubles(void)
{
    check_format(0, "0");
    check_format(-0.0, "-0.0");
    check_format(1, "1");
    check_format(-1.5, "-1.5");
    check_format(0.1, "0.1");
    check_format(0.1 + 0.2, "0.30000000000000004");
    check_format(100, "100");
    check_format(9007199254740992, "9007199254740992");
    check_format(1e15, "1000000000000000");
    check_format(1e16, "1e+16");
    check_format(1.5e300, "1.5e+300");
    check_format(0.0001, "0.0001");
    check_format(0.00001, "1e-05");
    check_format(-1.25e-7, "-1.25e-07");
    check_format(5e-324, "5e-324");
    check_format(1.7976931348623157e308, "1.7976931348623157e+308");
    check_format(NAN, "nan");
    check_format(-INFINITY, "-inf");
    char text[WEIR_NUMBER_SIZE + 1];
    text[weir_format_float(0.1f, text)] = 0;
    CHECK_TEXT(text, "0.1");
    text[weir_format_float(16777216, text)] = 0;
    CHECK_TEXT(text, "16777216");
    text[weir_format_float(3.4028235e38f, text)] = 0;
    CHECK_TEXT(text, "3.4028235e+38");
}

static void check_int64(const char *text, bool valid, int64_t expected)
{
    int64_t value = 42;
    CHECK_INT(weir_parse_int64(text, strlen(text), &value), valid);
    if (valid)
        CHECK_INT(value, expected);
}

static void test_integers(void)
{
    check_int64("0", true, 0);
    check_int64("-0", true, 0);
    check_int64("+7", true, 7);
    check_int64("007", true, 7);
    check_int64("0000000000000000000000000000001", true, 1);
    check_int64("9223372036854775807", true, INT64_MAX);
    check_int64("-9223372036854775808", true, INT64_MIN);
    check_int64("9223372036854775808", false, 0);
    check_int64("-9223372036854775809", false, 0);
    check_int64("99999999999999999999999", false, 0);
    check_int64("", false, 0);
    check_int64("-", false, 0);
    check_int64("1.0", false, 0);
    check_int64("12a", false, 0);
    check_int64(" 1", false, 0);
    uint64_t value = 0;
    CHECK(weir_parse_uint64("18446744073709551615", 20, &value) && value == UINT64_MAX);
    CHECK(!weir_parse_uint64("18446744073709551616", 20, &value));
    CHECK(!weir_parse_uint64("-1", 2, &value));
    CHECK(weir_parse_uint64("-0", 2, &value) && value == 0);

    char text[WEIR_NUMBER_SIZE + 1];
    static const int64_t values[] = { 0, 9, 10, 99, 100, -1, 1234567890123, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "%lld", (long long)values[i]);
        text[weir_format_int64(values[i], text)] = 0;
        CHECK_TEXT(text, wanted);
    }
    text[weir_format_uint64(UINT64_MAX, text)] = 0;
    CHECK_TEXT(text, "18446744073709551615");
}

int main(void)
{
    test_parse_doubles();
    test_long_digits();
    test_random_doubles();
    test_format_doubles();
    test_integers();
    return check_result();
}
