/* Dates and times of the proleptic Gregorian calendar, as text and as counts since 1970-01-01. The conversion between
 * days and civil dates counts years from March, so that the leap day is a year's last (H. Hinnant, "chrono-compatible
 * low-level date algorithms"). */
#include "base/number.h"
#include <string.h>

static const int64_t DAY = 86400000000; /* in microseconds */

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t days_from_date(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = floor_divide(year, 400), year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = floor_divide(days, 146097), day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

void weir_calendar_day(int64_t days, struct weir_calendar *out)
{
    int64_t year;
    int month, day;
    date_from_days(days, &year, &month, &day);
    int64_t first = days_from_date(year, 1, 1), in_month = days - day + 1;
    int64_t next = month < 12 ? days_from_date(year, month + 1, 1) : days_from_date(year + 1, 1, 1);
    out->weekday = (int)(days + 3 - 7 * floor_divide(days + 3, 7)); /* 1970-01-01 was a Thursday */
    out->day_of_month = day - 1;
    out->month = month - 1;
    out->day_of_year = (int)(days - first);
    out->month_days = (int)(next - in_month);
    out->year_days = 365 + is_leap(year);
}

bool weir_date_days(int64_t year, int month, int day, int64_t *days)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (year < -9999999 || year > 9999999 || month < 1 || month > 12 || day < 1 ||
        day > lengths[month - 1] + (month == 2 && is_leap(year)))
        return false;
    *days = days_from_date(year, month, day);
    return true;
}

/* Exactly `digits` digits at *p, which moves behind them. */
static bool take(const char **p, const char *end, int digits, int *out)
{
    if (end - *p < digits)
        return false;
    int value = 0;
    for (int i = 0; i < digits; i++) {
        char c = (*p)[i];
        if (c < '0' || c > '9')
            return false;
        value = 10 * value + (c - '0');
    }
    *p += digits;
    *out = value;
    return true;
}

static bool take_byte(const char **p, const char *end, char byte)
{
    if (*p == end || **p != byte)
        return false;
    ++*p;
    return true;
}

/* Four digits of year, or a sign and five to seven as weir_format_date writes them beyond. */
static bool take_date(const char **p, const char *end, int64_t *days)
{
    int year, month, day, width = 4;
    bool negative = false;
    if (*p < end && (**p == '+' || **p == '-')) {
        negative = **p == '-';
        ++*p;
        for (width = 0; width < end - *p && (*p)[width] >= '0' && (*p)[width] <= '9';)
            width++;
        if (width < 5 || width > 7)
            return false;
    }
    if (!take(p, end, width, &year) || !take_byte(p, end, '-') || !take(p, end, 2, &month) || !take_byte(p, end, '-') ||
        !take(p, end, 2, &day))
        return false;
    return weir_date_days(negative ? -year : year, month, day, days);
}

bool weir_parse_date(const char *text, size_t length, int32_t *days)
{
    const char *p = text, *end = text + length;
    int64_t value;
    if (!take_date(&p, end, &value) || p != end || value < INT32_MIN || value > INT32_MAX)
        return false;
    *days = (int32_t)value;
    return true;
}

/* One to six digits behind the point, as microseconds. */
static bool take_fraction(const char **p, const char *end, int *microseconds)
{
    int value = 0, digits = 0;
    while (digits < 6 && *p < end && **p >= '0' && **p <= '9') {
        value = 10 * value + (*(*p)++ - '0');
        digits++;
    }
    if (digits == 0)
        return false;
    for (; digits < 6; digits++)
        value *= 10;
    *microseconds = value;
    return true;
}

/* Nothing, Z or +HH:MM: the offset in minutes. */
static bool take_zone(const char **p, const char *end, bool *zoned, int *minutes)
{
    *minutes = 0;
    *zoned = *p < end;
    if (*p == end || take_byte(p, end, 'Z'))
        return true;
    bool negative = **p == '-';
    if (!negative && **p != '+')
        return false;
    ++*p;
    int hour, minute;
    if (!take(p, end, 2, &hour) || !take_byte(p, end, ':') || !take(p, end, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *minutes = negative ? -(hour * 60 + minute) : hour * 60 + minute;
    return true;
}

bool weir_parse_timestamp(const char *text, size_t length, int64_t *microseconds, bool *zoned)
{
    const char *p = text, *end = text + length;
    int64_t days, total;
    int hour, minute, second, fraction = 0, offset;
    bool has_zone;
    if (!take_date(&p, end, &days) || !(take_byte(&p, end, 'T') || take_byte(&p, end, ' ')) ||
        !take(&p, end, 2, &hour) || !take_byte(&p, end, ':') || !take(&p, end, 2, &minute) ||
        !take_byte(&p, end, ':') || !take(&p, end, 2, &second) || hour > 23 || minute > 59 || second > 59)
        return false;
    if (take_byte(&p, end, '.') && !take_fraction(&p, end, &fraction))
        return false;
    if (!take_zone(&p, end, &has_zone, &offset) || p != end)
        return false;
    int64_t within = (((int64_t)hour * 60 + minute - offset) * 60 + second) * 1000000 + fraction;
    if (days < 0) { /* so that the first representable day does not overflow on the way */
        days++;
        within -= DAY;
    }
    if (__builtin_mul_overflow(days, DAY, &total) || __builtin_add_overflow(total, within, &total))
        return false;
    *microseconds = total;
    *zoned = has_zone;
    return true;
}

static char *put(char *out, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + digits;
}

static char *put_date(char *out, int64_t days)
{
    int64_t year;
    int month, day;
    date_from_days(days, &year, &month, &day);
    if (year >= 0 && year <= 9999)
        out = put(out, (int)year, 4);
    else {
        int64_t magnitude = year < 0 ? -year : year;
        *out++ = year < 0 ? '-' : '+';
        out = put(out, (int)magnitude, magnitude > 999999 ? 7 : magnitude > 99999 ? 6 : 5);
    }
    *out++ = '-';
    out = put(out, month, 2);
    *out++ = '-';
    return put(out, day, 2);
}

size_t weir_format_date(int32_t days, char *out)
{
    return (size_t)(put_date(out, days) - out);
}
