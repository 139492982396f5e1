/* Numbers, units, dates and times as people write them: what each text becomes, and what is none. */
#include "base/number.h"
#include "base/random.h"
#include "check.h"
#include "stage/clean_convert_private.h"
#include <math.h>
#include <string.h>

/* NAN: it is no number. */
static void check_number(const char *text, bool comma, double wanted, const char *unit)
{
    struct clean_number number = { 0 };
    bool found = weir_clean_parse_number(text, strlen(text), comma, &number);
    bool good = isnan(wanted) ? !found || (unit && number.unit_length > 0) : found && number.value == wanted;
    if (found && !isnan(wanted))
        good &= number.unit_length == strlen(unit ? unit : "") &&
                (number.unit_length == 0 || memcmp(number.unit, unit, number.unit_length) == 0);
    if (!CHECK(good))
        fprintf(stderr, "    '%s' (%s): %d, %.17g, unit '%.*s'\n", text, comma ? "comma" : "point", found, number.value,
                (int)number.unit_length, number.unit_length ? number.unit : "");
}

static void test_numbers(void)
{
    static const struct {
        const char *text;
        bool comma;
        double value;
        const char *unit;
    } cases[] = {
        { "12", false, 12, NULL },
        { " 1,234.56 ", false, 1234.56, NULL },
        { "1.234,56", true, 1234.56, NULL },
        { "1234,5", true, 1234.5, NULL },
        { "1 234 567,8", true, 1234567.8, NULL },
        { "1\xC2\xA0"
          "234,5",
          true, 1234.5, NULL },
        { "1\xE2\x80\xAF"
          "234",
          false, 1234, NULL },
        { "1'234.5", false, 1234.5, NULL },
        { "1’234.5", false, 1234.5, NULL },
        { "1_000_000", false, 1000000, NULL },
        { "12,34,567.8", false, 1234567.8, NULL },
        { "1,00,000", false, 100000, NULL },
        { "0,001", false, NAN, NULL }, /* a fraction with the other sign */
        { "0.123", true, NAN, NULL },
        { "00 123", false, NAN, NULL },
        { "0", true, 0, NULL },
        { "007", false, 7, NULL },
        { "-5", false, -5, NULL },
        { "−5", false, -5, NULL },
        { "+5", false, 5, NULL },
        { "- 5", false, -5, NULL },
        { "5-", false, -5, NULL },
        { "(1,200.50)", false, -1200.5, NULL },
        { "($ 1,200.50)", false, -1200.5, "$" },
        { "-€5", false, -5, "€" },
        { "€ -5", false, -5, "€" },
        { "5 €", false, 5, "€" },
        { "12,5kg", true, 12.5, "kg" },
        { "12 %", false, 12, "%" },
        { "1e3", false, 1000, NULL },
        { "1.5E-3", false, 0.0015, NULL },
        { "2em", false, 2, "em" },
        { ".5", false, 0.5, NULL },
        { ",5", true, 0.5, NULL },
        { "5.", false, 5, NULL },
        { "١٢٫٥", false, 12.5, NULL },
        { "١٬٢٣٤", false, 1234, NULL },
        { "۱۲", false, 12, NULL },
        { "१२३", false, 123, NULL },
        { "１２．５", false, 12.5, NULL },
        { "0", false, 0, NULL },
        /* none, or with a rest that is no unit */
        { "", false, NAN, NULL },
        { "abc", false, NAN, NULL },
        { "1,5", false, NAN, NULL },
        { "1.5", true, NAN, NULL },
        { "1,23", false, NAN, NULL },
        { "1234,567", false, NAN, NULL },
        { "1,2345", false, NAN, NULL },
        { "12,345,67", false, NAN, NULL },
        { "1,23,45", false, NAN, NULL },
        { "1,234 567", false, NAN, "x" },
        { "1.234.567", false, NAN, "x" },
        { "4:.", false, NAN, "x" },
        { "1e999", false, NAN, NULL },
        { "0x1F", false, NAN, "x" },
        { "5'11", false, NAN, NULL },
        { "--5", false, NAN, NULL },
        { "(5", false, NAN, NULL },
        { "(-5)", false, NAN, NULL },
        { "-5-", false, NAN, "x" },
        { "$5€", false, NAN, NULL },
        { "-", false, NAN, NULL },
        { "nan", false, NAN, NULL },
        { "inf", false, NAN, NULL },
        { "1 - 2", false, NAN, "x" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_number(cases[i].text, cases[i].comma, cases[i].value, cases[i].unit);
    char digits[600];
    memset(digits, '7', sizeof digits - 1);
    digits[sizeof digits - 1] = 0;
    check_number(digits, false, NAN, NULL);
}

static void check_unit(const char *names, const char *from, double value, double wanted)
{
    struct clean_unit *unit = weir_clean_unit_new(names, NULL);
    double found = value;
    bool good = CHECK(unit != NULL) && weir_clean_unit_convert(unit, from, strlen(from), &found);
    if (!CHECK(isnan(wanted) ? !good : good && fabs(found - wanted) <= 1e-12 * fabs(wanted)))
        fprintf(stderr, "    %g %s in %s: %d, %.17g\n", value, from, names, good, found);
    weir_clean_unit_free(unit);
}

static void test_units(void)
{
    check_unit("km", "m", 1500, 1.5);
    check_unit("m", "ft", 10, 3.048);
    check_unit("cm", "in", 1, 2.54);
    check_unit("cm", "", 180, 180);
    check_unit("kg", "lb", 1, 0.45359237);
    check_unit("°C", "°F", 212, 100);
    check_unit("°F", "°C", 100, 212);
    check_unit("K", "°C", 0, 273.15);
    check_unit("h", "min", 90, 1.5);
    check_unit("MB", "GiB", 1, 1073.741824);
    check_unit("%", "‰", 5, 0.5);
    check_unit("km/h", "mph", 60, 96.56064);
    check_unit("EUR|€|Euro", "€", 3, 3);
    check_unit("EUR|€|Euro", "Euro", 3, 3);
    check_unit("EUR|€", "USD", 3, NAN);
    check_unit("kg", "m", 3, NAN);
    check_unit("kg", "kgs", 3, NAN);
    check_unit("pieces", "m", 3, NAN);
    CHECK(weir_clean_unit_new("", NULL) == NULL);
    CHECK(weir_clean_unit_new("a||b", NULL) == NULL);
    CHECK(weir_clean_unit_new("a|", NULL) == NULL);
}

/* wanted: as weir_parse_timestamp reads it; NULL: it is no time. */
static void check_time(const char *text, enum clean_time_form form, const char *wanted)
{
    int64_t found = 0, right = 0;
    bool zoned, good = weir_clean_parse_time(text, strlen(text), form, &found);
    if (wanted)
        CHECK(weir_parse_timestamp(wanted, strlen(wanted), &right, &zoned));
    if (!CHECK(wanted ? good && found == right : !good))
        fprintf(stderr, "    '%s' (form %d): %d, %lld, wanted %lld\n", text, (int)form, good, (long long)found,
                (long long)right);
}

static void test_times(void)
{
    static const struct {
        const char *text;
        enum clean_time_form form;
        const char *wanted;
    } cases[] = {
        { "3 PAŹDZIERNIKA 2026", CLEAN_YMD, "2026-10-03 00:00:00" },
        { "3 WRZEŚNIA 2026", CLEAN_YMD, "2026-09-03 00:00:00" },
        { "2026-03-01", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "2026/3/1", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "2026.03.01", CLEAN_DMY, "2026-03-01 00:00:00" },
        { "20260301", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "2026年3月1日", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "2026년 3월 1일", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "1.3.2026", CLEAN_DMY, "2026-03-01 00:00:00" },
        { "01. 03. 2026", CLEAN_DMY, "2026-03-01 00:00:00" },
        { "3/1/2026", CLEAN_MDY, "2026-03-01 00:00:00" },
        { "01-03-26", CLEAN_DMY, "2026-03-01 00:00:00" },
        { "01-03-69", CLEAN_DMY, "1969-03-01 00:00:00" },
        { "01-03-68", CLEAN_DMY, "2068-03-01 00:00:00" },
        { "١/٣/٢٠٢٦", CLEAN_DMY, "2026-03-01 00:00:00" },
        { "1 March 2026", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "1st of March, 2026", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "March 1, 2026", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "Mar. 1st 2026", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "2026 Mar 1", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "01-MAR-26", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "1. März 2026", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "1. MÄRZ 2026", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "1er mars 2026", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "1 de marzo de 2026", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "1 марта 2026", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "1 МАРТА 2026", CLEAN_YMD, "2026-03-01 00:00:00" },
        { "1 sierpnia 2026", CLEAN_YMD, "2026-08-01 00:00:00" },
        { "2026-03-01T10:20:30Z", CLEAN_YMD, "2026-03-01 10:20:30" },
        { "2026-03-01 10:20", CLEAN_YMD, "2026-03-01 10:20:00" },
        { "2026-03-01T10:20:30.123456789+02:00", CLEAN_YMD, "2026-03-01 08:20:30.123456" },
        { "2026-03-01T10:20:30,5", CLEAN_YMD, "2026-03-01 10:20:30.5" },
        { "2026-03-01 10:20:30 +0530", CLEAN_YMD, "2026-03-01 04:50:30" },
        { "2026-03-01 10:20:30-08", CLEAN_YMD, "2026-03-01 18:20:30" },
        { "20260301T102030", CLEAN_YMD, NULL },
        { "3/1/2026 1:05 PM", CLEAN_MDY, "2026-03-01 13:05:00" },
        { "3/1/2026, 12:00 a.m.", CLEAN_MDY, "2026-03-01 00:00:00" },
        { "3/1/2026 12:30pm", CLEAN_MDY, "2026-03-01 12:30:00" },
        { "1.3.2026 10h30", CLEAN_DMY, "2026-03-01 10:30:00" },
        { "Sun, 01 Mar 2026 10:20:30 +0100", CLEAN_YMD, "2026-03-01 09:20:30" },
        { "Sun Mar  1 10:20:30 2026", CLEAN_YMD, "2026-03-01 10:20:30" },
        { "Sun Mar  1 10:20:30 UTC 2026", CLEAN_YMD, "2026-03-01 10:20:30" },
        { "01/Mar/2026:10:20:30 +0100", CLEAN_YMD, "2026-03-01 09:20:30" },
        { "Mar, 3 mars 2026", CLEAN_YMD, "2026-03-03 00:00:00" },
        { "1772360430", CLEAN_UNIX, "2026-03-01 10:20:30" },
        { "1772360430.25", CLEAN_UNIX, "2026-03-01 10:20:30.25" },
        { "1772360430250", CLEAN_UNIX_MILLI, "2026-03-01 10:20:30.25" },
        { "-1", CLEAN_UNIX, "1969-12-31 23:59:59" },
        { "46082.5", CLEAN_EXCEL, "2026-03-01 12:00:00" },
        { "0001-01-01", CLEAN_YMD, "0001-01-01 00:00:00" },
        { "2024-02-29", CLEAN_YMD, "2024-02-29 00:00:00" },
        /* none */
        { "", CLEAN_YMD, NULL },
        { "03/04/2026", CLEAN_YMD, NULL },
        { "26-03-01", CLEAN_YMD, NULL },
        { "2026-02-29", CLEAN_YMD, NULL },
        { "2026-13-01", CLEAN_YMD, NULL },
        { "13/25/2026", CLEAN_DMY, NULL },
        { "2026-03", CLEAN_YMD, NULL },
        { "2026-03/01", CLEAN_YMD, NULL },
        { "2026-03-01 25:00", CLEAN_YMD, NULL },
        { "2026-03-01 10:60", CLEAN_YMD, NULL },
        { "2026-03-01 13:00 PM", CLEAN_YMD, NULL },
        { "2026-03-01 10:20:30 EST", CLEAN_YMD, NULL },
        { "2026-03-01x", CLEAN_YMD, NULL },
        { "March 2026", CLEAN_YMD, NULL },
        { "1 Smarch 2026", CLEAN_YMD, NULL },
        { "1 March", CLEAN_YMD, NULL },
        { "123-03-01", CLEAN_YMD, NULL },
        { "yesterday", CLEAN_YMD, NULL },
        { "1e300", CLEAN_UNIX, NULL },
        { "12 s", CLEAN_UNIX, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_time(cases[i].text, cases[i].form, cases[i].wanted);
}

/* Any second of some centuries, written in each form. */
static void test_round_trips(void)
{
    static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct weir_random random;
    weir_random_init(&random, 1, 0);
    for (int i = 0; i < 3000; i++) {
        char iso[64], text[96];
        int year = 1600 + (int)weir_random_below(&random, 800), month = 1 + (int)weir_random_below(&random, 12),
            day = 1 + (int)weir_random_below(&random, 28), hour = (int)weir_random_below(&random, 24),
            minute = (int)weir_random_below(&random, 60), second = (int)weir_random_below(&random, 60);
        snprintf(iso, sizeof iso, "%04d-%02d-%02d %02d:%02d:%02d", year, month, day, hour, minute, second);
        check_time(iso, CLEAN_YMD, iso);
        snprintf(text, sizeof text, "%d/%d/%04d %02d:%02d:%02d", day, month, year, hour, minute, second);
        check_time(text, CLEAN_DMY, iso);
        snprintf(text, sizeof text, "%d.%d.%04d %d:%02d:%02d %s", month, day, year, hour % 12 ? hour % 12 : 12, minute,
                 second, hour < 12 ? "AM" : "PM");
        check_time(text, CLEAN_MDY, iso);
        snprintf(text, sizeof text, "%s %d %02d:%02d:%02d %04d", names[month - 1], day, hour, minute, second, year);
        check_time(text, CLEAN_YMD, iso);
        snprintf(text, sizeof text, "%02d/%s/%04d:%02d:%02d:%02d +0000", day, names[month - 1], year, hour, minute,
                 second);
        check_time(text, CLEAN_YMD, iso);
    }
}

/* Columns of numbers and times, against what the same date gives as text. */
static void test_columns(void)
{
    static const double none[] = { 20260230, 20261301, 0, -20260301, 20260301.5, 202603010, 1e300, -1e300 };
    static const enum weir_unit units[] = { WEIR_SECOND, WEIR_MILLI, WEIR_MICRO, WEIR_NANO };
    static const int64_t seconds[] = { 1, 1000, 1000000, 1000000000 };
    struct weir_type day = { .kind = WEIR_DATE32 }, milli = { .kind = WEIR_DATE64 };
    int64_t found, wanted;
    struct weir_random random;
    weir_random_init(&random, 2, 0);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK(!weir_clean_number_time(none[i], CLEAN_DMY, &found));
    for (int i = 0; i < 1000; i++) {
        char text[16];
        int year = 1700 + (int)weir_random_below(&random, 500), month = 1 + (int)weir_random_below(&random, 12);
        int date = year * 10000 + month * 100 + 1 + (int)weir_random_below(&random, 28);
        snprintf(text, sizeof text, "%d", date);
        CHECK(weir_clean_parse_time(text, strlen(text), CLEAN_YMD, &wanted));
        CHECK(weir_clean_number_time(date, CLEAN_YMD, &found) && found == wanted);
        int64_t days = wanted / 86400000000;
        CHECK(weir_clean_midnight(&day, days, &found) && found == wanted);
        CHECK(weir_clean_midnight(&milli, days * 86400000, &found) && found == wanted);
        for (int unit = 0; unit < 4; unit++) {
            struct weir_type type = { .kind = WEIR_TIMESTAMP, .unit = units[unit] };
            CHECK(weir_clean_midnight(&type, days * 86400 * seconds[unit], &found) && found == wanted);
            CHECK(!weir_clean_midnight(&type, days * 86400 * seconds[unit] + 1, &found));
        }
    }
    CHECK(!weir_clean_midnight(&day, INT64_MAX, &found));
}

int main(void)
{
    test_columns();
    test_numbers();
    test_units();
    test_times();
    test_round_trips();
    return check_result();
}
