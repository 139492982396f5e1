/* Text to number and back: strict (the whole text or nothing), independent of the locale, correctly rounded. */
#ifndef WEIR_BASE_NUMBER_H
#define WEIR_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True and *out set when the whole text is a number of the kind: an optional sign and decimal digits within the range
 * of int64 / uint64; a decimal or exponent number ("5.", ".5" and "-1e-9" too), or inf, infinity, nan in any case,
 * correctly rounded; one that is too large for a double ("1e999") is refused, never made infinite. No blanks. */
bool weir_parse_int64(const char *text, size_t length, int64_t *out);
bool weir_parse_uint64(const char *text, size_t length, uint64_t *out);
bool weir_parse_double(const char *text, size_t length, double *out);

/* YYYY-MM-DD to days since 1970-01-01; the same with 'T' or blank, HH:MM:SS, an optional fraction of up to six digits
 * and an optional Z or +HH:MM to microseconds since 1970-01-01 UTC (*zoned tells whether a zone stood there). Real
 * dates only. */
bool weir_parse_date(const char *text, size_t length, int32_t *days);
bool weir_parse_timestamp(const char *text, size_t length, int64_t *microseconds, bool *zoned);

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar; false: there is no such date (month 1 to 12,
 * |year| up to 9,999,999). */
bool weir_date_days(int64_t year, int month, int day, int64_t *days);

/* Where a day, counted since 1970-01-01, stands in its month and year: for |days| up to 2^60. */
struct weir_calendar {
    int weekday;      /* 0 .. 6, Monday is 0 */
    int day_of_month; /* 0 .. month_days - 1 */
    int month;        /* 0 .. 11 */
    int day_of_year;  /* 0 .. year_days - 1 */
    int month_days, year_days;
};
void weir_calendar_day(int64_t days, struct weir_calendar *out);

/* Writes the shortest text that reads back as the same number ("0.1", "1e+300", "-0.0", "nan", "inf"); an integral
 * double but -0.0 has no ".0". Each returns the length; `out` has room for WEIR_NUMBER_SIZE bytes; no NUL is promised
 * within the length. */
enum { WEIR_NUMBER_SIZE = 40 };
size_t weir_format_int64(int64_t value, char *out);
size_t weir_format_uint64(uint64_t value, char *out);
size_t weir_format_double(double value, char *out);
size_t weir_format_float(float value, char *out); /* shortest for a float */
size_t weir_format_date(int32_t days, char *out);

#endif
