/* lib/base/number: dates and times as text. */
#include "base/number.h"
#include "check.h"

static void check_date(const char *text, bool valid, int32_t expected)
{
    int32_t days = 42;
    if (!CHECK(weir_parse_date(text, strlen(text), &days) == valid && (!valid || days == expected)))
        fprintf(stderr, "    '%s' is %d\n", text, days);
}

static void check_time(const char *text, bool valid, int64_t expected, bool expected_zone)
{
    int64_t microseconds = 42;
    bool zoned = false;
    if (!CHECK(weir_parse_timestamp(text, strlen(text), &microseconds, &zoned) == valid &&
               (!valid || (microseconds == expected && zoned == expected_zone))))
        fprintf(stderr, "    '%s' is %lld\n", text, (long long)microseconds);
}

static void test_dates(void)
{
    check_date("1970-01-01", true, 0);
    check_date("1969-12-31", true, -1);
    check_date("2000-02-29", true, 11016);
    check_date("2024-02-29", true, 19782);
    check_date("0000-03-01", true, -719468);
    check_date("9999-12-31", true, 2932896);
    static const char *const none[] = { "",           "1900-02-29",  "2023-02-29",  "2023-13-01",
                                        "2023-00-10", "2023-01-00",  "2023-04-31",  "2023-1-01",
                                        "23-01-01",   "2023/01/01",  "2023-01-01 ", "2023-01-011",
                                        "20230101",   "+2023-01-01", "-1-01-01",    "+99999999-01-01" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        check_date(none[i], false, 0);
    char text[WEIR_NUMBER_SIZE + 1];
    int32_t back;
    for (int64_t days = INT32_MIN; days <= INT32_MAX; days += 99991) {
        size_t length = weir_format_date((int32_t)days, text);
        CHECK(length <= WEIR_NUMBER_SIZE && weir_parse_date(text, length, &back) && back == days);
    }
    for (int32_t days = -800000; days < 400000; days++) { /* every day of 3,000 years */
        size_t length = weir_format_date(days, text);
        CHECK(weir_parse_date(text, length, &back) && back == days);
    }
    text[weir_format_date(20780, text)] = 0;
    CHECK_TEXT(text, "2026-11-23");
}

static void test_times(void)
{
    check_time("1970-01-01T00:00:00", true, 0, false);
    check_time("1970-01-01 00:00:01.5Z", true, 1500000, true);
    check_time("1970-01-01T00:00:00.000001", true, 1, false);
    check_time("1970-01-01T02:00:00+02:00", true, 0, true);
    check_time("1969-12-31T23:30:00-00:30", true, 0, true);
    check_time("2026-11-23T17:00:00Z", true, 1795453200000000, true);
    check_time("1969-12-31T23:59:59.999999", true, -1, false);
    check_time("+294247-01-10T04:00:54.775807Z", true, INT64_MAX, true);
    check_time("-290308-12-21T19:59:05.224192Z", true, INT64_MIN, true);
    static const char *const none[] = { "1970-01-01",
                                        "1970-01-01T00:00",
                                        "1970-01-01T24:00:00",
                                        "1970-01-01T00:60:00",
                                        "1970-01-01T00:00:60",
                                        "1970-01-01T00:00:00.",
                                        "1970-01-01T00:00:00.1234567",
                                        "1970-01-01T00:00:00z",
                                        "1970-01-01T00:00:00+0200",
                                        "1970-01-01T00:00:00+24:00",
                                        "1970-01-01t00:00:00",
                                        "1970-01-01T00:00:00 Z",
                                        "1970-02-30T00:00:00",
                                        "+294247-01-10T04:00:54.775808Z" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        check_time(none[i], false, 0, false);
}

int main(void)
{
    test_dates();
    test_times();
    return check_result();
}
