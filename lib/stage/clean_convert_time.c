/* Dates and times as people and programs write them: ISO 8601, RFC 2822, the logs of web servers, ctime, spreadsheets,
 * and dates with the name of the month in the languages of clean_convert_month.c. Which number of 03/04/2026 is the day
 * cannot be known: the form says so, and without it such a text is none. */
#include "base/number.h"
#include "stage/clean_convert_private.h"
#include <math.h>
#include <string.h>

static const int64_t SECOND = 1000000, MINUTE = 60000000, HOUR = 3600000000, DAY = 86400000000;

bool weir_clean_time_form_find(const char *name, enum clean_time_form *form)
{
    static const char *const names[] = { "ymd", "dmy", "mdy", "unix", "unix-ms", "excel" };
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        if (strcmp(name, names[i]) == 0) {
            *form = (enum clean_time_form)i;
            return true;
        }
    return false;
}

/* ---- Pieces ------------------------------------------------------------------------------------------------- */

/* A run of decimal digits: how many, at most `most`; 0: none. */
static int take_number(struct clean_reader *reader, int most, int64_t *value)
{
    int count = 0;
    *value = 0;
    for (int digit; count < most && (digit = weir_clean_take_digit(reader)) >= 0; count++)
        *value = 10 * *value + digit;
    return count;
}

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c < 0x600 && c != 0xD7 && c != 0xF7);
}

static size_t take_word(struct clean_reader *reader, const char **word)
{
    *word = reader->at;
    while (is_letter(weir_clean_peek(reader)))
        weir_clean_skip(reader);
    return (size_t)(reader->at - *word);
}

/* Takes the word, in either case, when it stands there as a whole. */
static bool take_this(struct clean_reader *reader, const char *lower)
{
    struct clean_reader ahead = *reader;
    const char *word;
    size_t length = take_word(&ahead, &word);
    if (length != strlen(lower))
        return false;
    for (size_t i = 0; i < length; i++)
        if ((word[i] | 0x20) != lower[i])
            return false;
    *reader = ahead;
    return true;
}

/* What may stand between the parts of a date with a word: blanks, and one of , . - / or the word "de" or "of". */
static void skip_between(struct clean_reader *reader)
{
    weir_clean_skip_blanks(reader);
    if (!weir_clean_take(reader, ',') && !weir_clean_take(reader, '.') && !weir_clean_take(reader, '-') &&
        !weir_clean_take(reader, '/') && !take_this(reader, "de"))
        take_this(reader, "of");
    weir_clean_skip_blanks(reader);
}

/* st, nd, rd, th behind an English day, er behind a French one, and the sign of the ordinal. */
static void skip_ordinal(struct clean_reader *reader)
{
    if (!take_this(reader, "st") && !take_this(reader, "nd") && !take_this(reader, "rd") && !take_this(reader, "th") &&
        !take_this(reader, "er") && !weir_clean_take(reader, 0xBA))
        weir_clean_take(reader, 0xB0);
}

/* 69 to 99 are of the last century and 00 to 68 of this one, as POSIX has it. */
static int64_t full_year(int64_t year, int digits)
{
    return digits > 2 ? year : year + (year < 69 ? 2000 : 1900);
}

/* ---- The time of day ---------------------------------------------------------------------------------------- */

static bool take_fraction(struct clean_reader *reader, int64_t *microseconds)
{
    int64_t unit = SECOND / 10;
    int digit, count = 0;
    for (; (digit = weir_clean_take_digit(reader)) >= 0; unit /= 10, count++)
        *microseconds += digit * unit;
    return count > 0;
}

/* AM or PM, with points or without. */
static bool take_half(struct clean_reader *reader, int64_t *hour)
{
    struct clean_reader ahead = *reader;
    weir_clean_skip_blanks(&ahead);
    bool afternoon = false, found = take_this(&ahead, "am");
    if (!found)
        found = afternoon = take_this(&ahead, "pm");
    if (!found && (take_this(&ahead, "a") || (afternoon = take_this(&ahead, "p"))))
        found = weir_clean_take(&ahead, '.') && take_this(&ahead, "m") && weir_clean_take(&ahead, '.');
    if (!found)
        return true;
    *reader = ahead;
    if (*hour < 1 || *hour > 12)
        return false;
    *hour = *hour % 12 + (afternoon ? 12 : 0);
    return true;
}

/* HH:MM, HH:MM:SS or HH:MM:SS.fff, and 10h30. */
static bool take_clock(struct clean_reader *reader, int64_t *time)
{
    int64_t hour, minute, second = 0, fraction = 0;
    if (take_number(reader, 2, &hour) == 0 || !(weir_clean_take(reader, ':') || weir_clean_take(reader, 'h')) ||
        take_number(reader, 2, &minute) != 2)
        return false;
    if (weir_clean_take(reader, ':')) {
        if (take_number(reader, 2, &second) != 2)
            return false;
        if ((weir_clean_take(reader, '.') || weir_clean_take(reader, ',')) && !take_fraction(reader, &fraction))
            return false;
    }
    if (!take_half(reader, &hour) || hour > 23 || minute > 59 || second > 59)
        return false;
    *time = hour * HOUR + minute * MINUTE + second * SECOND + fraction;
    return true;
}

/* Nothing, Z, UTC, GMT, +01:00, +0100 or +01: the offset in *offset. */
static bool take_zone(struct clean_reader *reader, int64_t *offset)
{
    int64_t hours, minutes = 0;
    *offset = 0;
    struct clean_reader ahead = *reader;
    weir_clean_skip_blanks(&ahead);
    if (take_this(&ahead, "z") || take_this(&ahead, "utc") || take_this(&ahead, "gmt"))
        *reader = ahead;
    else
        ahead = *reader;
    weir_clean_skip_blanks(&ahead);
    bool negative = weir_clean_take(&ahead, '-') || weir_clean_take(&ahead, 0x2212);
    if (!negative && !weir_clean_take(&ahead, '+'))
        return true;
    if (take_number(&ahead, 2, &hours) != 2)
        return false;
    bool colon = weir_clean_take(&ahead, ':');
    int digits = take_number(&ahead, 2, &minutes);
    if ((colon ? digits != 2 : digits == 1) || hours > 23 || minutes > 59)
        return false;
    *offset = (hours * HOUR + minutes * MINUTE) * (negative ? -1 : 1);
    *reader = ahead;
    return true;
}

/* ---- The date ----------------------------------------------------------------------------------------------- */

struct date {
    int64_t year, month, day;
    bool yearless; /* of ctime: the year stands behind the time */
};

/* The separator between two numbers of a date: the same kind both times. The CJK ones end what stands before them. */
static uint32_t take_separator(struct clean_reader *reader)
{
    static const uint32_t signs[] = { '-', '/', '.', 0x5E74, 0x6708, 0xB144, 0xC6D4 };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (weir_clean_take(reader, signs[i])) {
            weir_clean_skip_blanks(reader);
            return i < 3 ? signs[i] : 0x5E74;
        }
    return 0;
}

static bool order(struct date *date, const int64_t numbers[3], const int digits[3], enum clean_time_form form)
{
    static const int year_at[] = { 0, 2, 2 }, month_at[] = { 1, 1, 0 }, day_at[] = { 2, 0, 1 };
    int by = digits[0] == 4 ? CLEAN_YMD : (int)form, year = year_at[by];
    bool good = digits[year] == 4 || (digits[year] == 2 && form != CLEAN_YMD && by == (int)form);
    for (int i = 0; i < 3; i++)
        good &= i == year || digits[i] <= 2;
    *date = (struct date){ full_year(numbers[year], digits[year]), numbers[month_at[by]], numbers[day_at[by]], false };
    return good;
}

/* 2026-03-01 and the like, and 20260301; *reader stays where it is when there is none. */
static bool take_numeric_date(struct clean_reader *reader, enum clean_time_form form, struct date *date)
{
    struct clean_reader ahead = *reader;
    int64_t numbers[3];
    int digits[3];
    digits[0] = take_number(&ahead, 8, &numbers[0]);
    if (digits[0] == 8) {
        *date = (struct date){ numbers[0] / 10000, numbers[0] / 100 % 100, numbers[0] % 100, false };
        *reader = ahead;
        return true;
    }
    uint32_t separator = digits[0] > 0 ? take_separator(&ahead) : 0;
    if (separator == 0 || (digits[1] = take_number(&ahead, 8, &numbers[1])) == 0 ||
        take_separator(&ahead) != separator || (digits[2] = take_number(&ahead, 8, &numbers[2])) == 0)
        return false;
    if (separator == 0x5E74 && !weir_clean_take(&ahead, 0x65E5))
        weir_clean_take(&ahead, 0xC77C);
    if (!order(date, numbers, digits, form))
        return false;
    *reader = ahead;
    return true;
}

/* A year behind the month and day; without one, a time may stand before it. */
static bool take_year(struct clean_reader *reader, struct date *date)
{
    struct clean_reader ahead = *reader;
    int64_t year;
    skip_between(&ahead);
    int digits = take_number(&ahead, 8, &year);
    date->yearless = digits != 4 && (digits != 2 || weir_clean_peek(&ahead) == ':');
    if (date->yearless)
        return true;
    date->year = full_year(year, digits);
    *reader = ahead;
    return true;
}

/* 3 March 2026, March 3, 2026, 2026 March 3, 03-Mar-26, 1er mars 2026, 3 de marzo de 2026. */
static bool take_named_date(struct clean_reader *reader, struct date *date)
{
    const char *word;
    int64_t first = 0;
    int digits = take_number(reader, 8, &first);
    if (digits > 0) {
        skip_ordinal(reader);
        skip_between(reader);
    }
    size_t length = take_word(reader, &word);
    date->month = weir_clean_month(word, length);
    if (date->month == 0)
        return false;
    if (digits == 1 || digits == 2) {
        date->day = first;
        return take_year(reader, date) && !date->yearless;
    }
    if (digits != 0 && digits != 4)
        return false;
    weir_clean_take(reader, '.');
    skip_between(reader);
    int day = take_number(reader, 8, &date->day);
    if (day == 0 || day > 2)
        return false;
    skip_ordinal(reader);
    date->year = first;
    return digits == 4 || take_year(reader, date);
}

static void skip_weekday(struct clean_reader *reader)
{
    struct clean_reader ahead = *reader;
    const char *word;
    size_t length = take_word(&ahead, &word);
    if (!weir_clean_is_weekday(word, length) || (weir_clean_month(word, length) > 0 && weir_clean_peek(&ahead) != ','))
        return;
    weir_clean_take(&ahead, '.');
    weir_clean_take(&ahead, ',');
    weir_clean_skip_blanks(&ahead);
    *reader = ahead;
}

/* ---- The whole ---------------------------------------------------------------------------------------------- */

/* Between date and time: T, a colon (web servers), or blanks with or without a comma. */
static void skip_to_clock(struct clean_reader *reader)
{
    if (weir_clean_take(reader, ':'))
        return;
    weir_clean_take(reader, ',');
    weir_clean_skip_blanks(reader);
    if (!weir_clean_take(reader, 'T'))
        weir_clean_take(reader, 't');
}

static bool whole(int64_t days, int64_t time, int64_t offset, int64_t *microseconds)
{
    return !__builtin_mul_overflow(days, DAY, microseconds) &&
           !__builtin_add_overflow(*microseconds, time, microseconds) &&
           !__builtin_sub_overflow(*microseconds, offset, microseconds);
}

bool weir_clean_parse_time(const char *text, size_t length, enum clean_time_form form, int64_t *microseconds)
{
    struct clean_reader reader = weir_clean_trimmed(text, length);
    struct date date = { 0 };
    int64_t time = 0, offset = 0, days, year;
    if (form > CLEAN_MDY) {
        struct clean_number number;
        return weir_clean_parse_number(text, length, false, &number) && number.unit_length == 0 &&
               weir_clean_number_time(number.value, form, microseconds);
    }
    skip_weekday(&reader);
    if (!take_numeric_date(&reader, form, &date) && !take_named_date(&reader, &date))
        return false;
    if (reader.at < reader.end) {
        skip_to_clock(&reader);
        if (!take_clock(&reader, &time) || !take_zone(&reader, &offset))
            return false;
    }
    if (date.yearless) {
        weir_clean_skip_blanks(&reader);
        if (take_number(&reader, 4, &year) != 4)
            return false;
        date.year = year;
    }
    return reader.at == reader.end && weir_date_days(date.year, (int)date.month, (int)date.day, &days) &&
           whole(days, time, offset, microseconds);
}

static bool eight_digits(double number, int64_t *microseconds)
{
    int64_t days;
    if (!(number >= 10000101 && number <= 99991231) || number != nearbyint(number))
        return false;
    int64_t date = (int64_t)number;
    return weir_date_days(date / 10000, (int)(date / 100 % 100), (int)(date % 100), &days) &&
           whole(days, 0, 0, microseconds);
}

bool weir_clean_number_time(double number, enum clean_time_form form, int64_t *microseconds)
{
    static const double units[] = { [CLEAN_UNIX] = 1e6, [CLEAN_UNIX_MILLI] = 1e3, [CLEAN_EXCEL] = 86400e6 };
    if (form <= CLEAN_MDY)
        return eight_digits(number, microseconds);
    /* a spreadsheet's day 0 is 1899-12-30, so that its days agree with those of the calendar from March 1900 on */
    double exact = (form == CLEAN_EXCEL ? number - 25569 : number) * units[form];
    if (!(fabs(exact) < 9.2e18))
        return false;
    *microseconds = (int64_t)nearbyint(exact);
    return true;
}

bool weir_clean_midnight(const struct weir_type *type, int64_t count, int64_t *microseconds)
{
    static const int64_t seconds[] = { 1, 1000, 1000000, 1000000000 };
    int64_t day = type->kind == WEIR_DATE32   ? 1
                  : type->kind == WEIR_DATE64 ? 86400 * seconds[WEIR_MILLI]
                                              : 86400 * seconds[type->unit];
    return count % day == 0 && whole(count / day, 0, 0, microseconds);
}
