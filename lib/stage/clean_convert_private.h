/* How `clean` reads numbers, dates and times as people write them: pure functions on valid UTF-8, and the options. */
#ifndef WEIR_STAGE_CLEAN_CONVERT_PRIVATE_H
#define WEIR_STAGE_CLEAN_CONVERT_PRIVATE_H

#include "base/error.h"
#include "base/utf8.h"
#include "stream/schema.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text that is gone through character by character. Blanks are those that Unicode calls white space. */
struct clean_reader {
    const char *at, *end;
};
static inline bool weir_clean_at_ascii(const struct clean_reader *reader)
{
    return reader->at < reader->end && (unsigned char)*reader->at < 0x80;
}
/* The character at the reader, 0 at the end. */
static inline uint32_t weir_clean_peek(const struct clean_reader *reader)
{
    size_t size;
    if (weir_clean_at_ascii(reader))
        return (unsigned char)*reader->at;
    return reader->at < reader->end ? weir_utf8_next(reader->at, &size) : 0;
}
/* Passes one character; nothing at the end. */
static inline void weir_clean_skip(struct clean_reader *reader)
{
    size_t size = reader->at < reader->end;
    if (size == 1 && !weir_clean_at_ascii(reader))
        weir_utf8_next(reader->at, &size);
    reader->at += size;
}
/* Takes the character when it stands there. */
static inline bool weir_clean_take(struct clean_reader *reader, uint32_t character)
{
    if (reader->at == reader->end || weir_clean_peek(reader) != character)
        return false;
    weir_clean_skip(reader);
    return true;
}
void weir_clean_skip_blanks(struct clean_reader *reader);
/* Takes a decimal digit of any script: its value, or -1. */
int weir_clean_take_script_digit(struct clean_reader *reader);
static inline int weir_clean_take_digit(struct clean_reader *reader)
{
    if (!weir_clean_at_ascii(reader))
        return weir_clean_take_script_digit(reader);
    int digit = *reader->at - '0';
    if (digit < 0 || digit > 9)
        return -1;
    reader->at++;
    return digit;
}
struct clean_reader weir_clean_trimmed(const char *text, size_t length);

/* clean_convert_number.c: "1,234.56", "1.234,56", "1 234", "(12)", "12-", "12,34,567" and digits of any script. Groups
 * of digits have one kind of separator and three digits each (or, before the last, two each). `comma`: the comma is the
 * decimal sign and the point separates groups. What stands in front of the number or behind it is its unit, without
 * blanks at its ends, within the text. */
struct clean_number {
    double value;
    const char *unit;
    size_t unit_length;
};
bool weir_clean_parse_number(const char *text, size_t length, bool comma, struct clean_number *out);

/* clean_convert_unit.c: a unit that numbers are brought to, by its own name and others for the same. */
struct clean_unit;
/* names: "km" or, with other names for the same, "EUR|€". A name that is no unit of the table stands for itself alone.
 * NULL: the message. */
struct clean_unit *weir_clean_unit_new(const char *names, struct weir_error *error);
void weir_clean_unit_free(struct clean_unit *unit); /* NULL is accepted */
/* Brings *value from the unit named to this one; no name: it is in this unit already. False: another kind of unit. */
bool weir_clean_unit_convert(const struct clean_unit *unit, const char *name, size_t length, double *value);

/* clean_convert_time.c: which of the numbers of a date is which; of times since an epoch, what they count. */
enum clean_time_form { CLEAN_YMD, CLEAN_DMY, CLEAN_MDY, CLEAN_UNIX, CLEAN_UNIX_MILLI, CLEAN_EXCEL };
bool weir_clean_time_form_find(const char *name, enum clean_time_form *form);
/* Microseconds since 1970-01-01, in UTC where a zone stands. A date without a time is midnight. */
bool weir_clean_parse_time(const char *text, size_t length, enum clean_time_form form, int64_t *microseconds);
/* The same of a number of seconds, milliseconds or (of a spreadsheet) days; for the other forms, of the eight digits of
 * year, month and day. */
bool weir_clean_number_time(double number, enum clean_time_form form, int64_t *microseconds);
/* The same of a date, or of a timestamp at midnight; false when it has a time of day. */
bool weir_clean_midnight(const struct weir_type *type, int64_t count, int64_t *microseconds);

/* clean_convert_month.c: 1 to 12 for the name of a month in one of the languages of the table, full or short, in any
 * case; 0: none. weir_clean_is_weekday likewise. */
int weir_clean_month(const char *name, size_t length);
bool weir_clean_is_weekday(const char *name, size_t length);

/* clean_convert_options.c: what --numbers, --units, --dates and --times say. */
enum clean_target { CLEAN_TO_NUMBER, CLEAN_TO_DATE, CLEAN_TO_TIME, CLEAN_TARGETS };
struct clean_conversion {
    char *name; /* of the column */
    enum clean_target target;
    bool comma;
    struct clean_unit *unit; /* NULL: numbers without one */
    enum clean_time_form form;
};
struct clean_conversions {
    struct clean_conversion *items;
    size_t count, capacity;
    bool drops; /* the row of a value that cannot be converted */
};
int weir_clean_conversions_read(struct clean_conversions *out, const json_t *options, struct weir_error *error);
void weir_clean_conversions_release(struct clean_conversions *conversions);
/* The message for a conversion whose column is not there: its name may hold a form that is none. Returns -1. */
int weir_clean_conversion_lost(const struct clean_conversion *conversion, const struct weir_schema *in,
                               struct weir_error *error);

#endif
