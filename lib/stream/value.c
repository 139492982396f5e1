#include "base/hash.h"
#include "base/number.h"
#include "stream/batch.h"
#include <math.h>

static const int64_t TICKS[] = { 1, 1000, 1000000, 1000000000 }; /* in a second, by unit */
static const int DIGITS[] = { 0, 3, 6, 9 };

static const struct weir_column *behind_code(const struct weir_column *column, int64_t row, int64_t *at)
{
    *at = weir_codes(column)[row];
    return &column->children[0];
}

/* HH:MM:SS and as many decimals as the unit has, when they are not all 0. */
static void time_text(int64_t ticks, enum weir_unit unit, struct weir_buffer *out)
{
    int64_t seconds = ticks / TICKS[unit], rest = ticks % TICKS[unit];
    weir_buffer_format(out, "%02lld:%02lld:%02lld", (long long)(seconds / 3600), (long long)(seconds / 60 % 60),
                       (long long)(seconds % 60));
    if (rest)
        weir_buffer_format(out, ".%0*lld", DIGITS[unit], (long long)rest);
}

/* Days and ticks of the day; false when the day has no four-digit year. */
static bool split_days(int64_t value, enum weir_unit unit, int32_t *days, int64_t *ticks)
{
    int64_t in_day = TICKS[unit] * 86400, day = value / in_day;
    *ticks = value % in_day;
    if (*ticks < 0) {
        *ticks += in_day;
        day--;
    }
    *days = (int32_t)day;
    return day >= -719162 && day <= 2932896; /* 0001-01-01 .. 9999-12-31 */
}

static void integer_text(int64_t value, struct weir_buffer *out)
{
    char text[WEIR_NUMBER_SIZE];
    weir_buffer_append(out, text, weir_format_int64(value, text));
}

static void moment_text(int64_t value, const struct weir_type *type, struct weir_buffer *out)
{
    enum weir_unit unit = type->kind == WEIR_DATE64 ? WEIR_MILLI : type->unit;
    char text[WEIR_NUMBER_SIZE];
    int32_t days;
    int64_t ticks;
    if (!split_days(value, unit, &days, &ticks)) {
        integer_text(value, out);
        return;
    }
    weir_buffer_append(out, text, weir_format_date(days, text));
    if (type->kind == WEIR_DATE64 && ticks == 0)
        return;
    weir_buffer_byte(out, 'T');
    time_text(ticks, unit, out);
    if (type->zone)
        weir_buffer_byte(out, 'Z');
}

/* Numbers, dates and times: the same in text and in JSON but for the quotes. */
static void plain_text(const struct weir_column *column, const struct weir_type *type, int64_t row,
                       struct weir_buffer *out)
{
    char text[WEIR_NUMBER_SIZE];
    size_t length;
    const void *values = column->values.bytes;
    int64_t integer;
    switch (type->kind) {
    case WEIR_BOOL:
        weir_buffer_string(out, weir_bit(values, row) ? "true" : "false");
        return;
    case WEIR_UINT64:
        length = weir_format_uint64(((const uint64_t *)values)[row], text);
        break;
    case WEIR_FLOAT16:
        length = weir_format_float(weir_half(((const uint16_t *)values)[row]), text);
        break;
    case WEIR_FLOAT32:
        length = weir_format_float(((const float *)values)[row], text);
        break;
    case WEIR_FLOAT64:
        length = weir_format_double(((const double *)values)[row], text);
        break;
    case WEIR_DATE32:
        integer = weir_integer(column, type->kind, row);
        if (integer >= -719162 && integer <= 2932896)
            length = weir_format_date((int32_t)integer, text);
        else
            length = weir_format_int64(integer, text);
        break;
    case WEIR_DATE64:
    case WEIR_TIMESTAMP:
        moment_text(weir_integer(column, type->kind, row), type, out);
        return;
    case WEIR_TIME32:
    case WEIR_TIME64:
        integer = weir_integer(column, type->kind, row);
        if (integer >= 0 && integer / TICKS[type->unit] < 86400)
            time_text(integer, type->unit, out);
        else
            integer_text(integer, out);
        return;
    default:
        length = weir_format_int64(weir_integer(column, type->kind, row), text);
    }
    weir_buffer_append(out, text, length);
}

static void hexadecimal(const char *bytes, size_t length, struct weir_buffer *out)
{
    for (size_t i = 0; i < length; i++) {
        weir_buffer_byte(out, (uint8_t) "0123456789abcdef"[(uint8_t)bytes[i] >> 4]);
        weir_buffer_byte(out, (uint8_t) "0123456789abcdef"[bytes[i] & 15]);
    }
}

/* Which items of the child belong to a row of a list or fixed list. */
static void items_of(const struct weir_column *column, const struct weir_type *type, int64_t row, int64_t *first,
                     int64_t *last)
{
    if (type->kind == WEIR_LIST) {
        const int32_t *offsets = weir_offsets(column);
        *first = offsets[row];
        *last = offsets[row + 1];
    } else {
        *first = row * type->list_size;
        *last = *first + type->list_size;
    }
}

void weir_value_json(const struct weir_column *column, const struct weir_type *type, int64_t row,
                     struct weir_buffer *out)
{
    size_t length;
    const char *text;
    int64_t first, last;
    if (type->kind == WEIR_NULL || !weir_valid(column, row)) {
        weir_buffer_string(out, "null");
        return;
    }
    switch (type->kind) {
    case WEIR_UTF8:
        text = weir_text(column, row, &length);
        weir_buffer_json_string(out, text, length);
        return;
    case WEIR_BINARY:
        text = weir_text(column, row, &length);
        weir_buffer_byte(out, '"');
        hexadecimal(text, length, out);
        weir_buffer_byte(out, '"');
        return;
    case WEIR_LIST:
    case WEIR_FIXED_LIST:
        items_of(column, type, row, &first, &last);
        weir_buffer_byte(out, '[');
        for (int64_t i = first; i < last; i++) {
            if (i > first)
                weir_buffer_byte(out, ',');
            weir_value_json(&column->children[0], &type->children[0].type, i, out);
        }
        weir_buffer_byte(out, ']');
        return;
    case WEIR_STRUCT:
        weir_buffer_byte(out, '{');
        for (int i = 0; i < type->child_count; i++) {
            if (i)
                weir_buffer_byte(out, ',');
            weir_buffer_json_string(out, type->children[i].name, strlen(type->children[i].name));
            weir_buffer_byte(out, ':');
            weir_value_json(&column->children[i], &type->children[i].type, row, out);
        }
        weir_buffer_byte(out, '}');
        return;
    case WEIR_DICTIONARY:
        column = behind_code(column, row, &first);
        weir_value_json(column, &type->children[0].type, first, out);
        return;
    case WEIR_FLOAT16:
    case WEIR_FLOAT32:
    case WEIR_FLOAT64:
        if (!isfinite(weir_number(column, type->kind, row)))
            break;
        plain_text(column, type, row, out);
        return;
    case WEIR_BOOL:
    case WEIR_DURATION:
        plain_text(column, type, row, out);
        return;
    default:
        if (weir_kind_is_integer(type->kind)) {
            plain_text(column, type, row, out);
            return;
        }
    }
    weir_buffer_byte(out, '"');
    plain_text(column, type, row, out);
    weir_buffer_byte(out, '"');
}

void weir_value_text(const struct weir_column *column, const struct weir_type *type, int64_t row,
                     struct weir_buffer *out)
{
    size_t length;
    const char *text;
    int64_t at;
    if (type->kind == WEIR_NULL || !weir_valid(column, row))
        return;
    switch (type->kind) {
    case WEIR_UTF8:
        text = weir_text(column, row, &length);
        weir_buffer_append(out, text, length);
        return;
    case WEIR_BINARY:
        text = weir_text(column, row, &length);
        hexadecimal(text, length, out);
        return;
    case WEIR_LIST:
    case WEIR_FIXED_LIST:
    case WEIR_STRUCT:
        weir_value_json(column, type, row, out);
        return;
    case WEIR_DICTIONARY:
        column = behind_code(column, row, &at);
        weir_value_text(column, &type->children[0].type, at, out);
        return;
    default:
        plain_text(column, type, row, out);
    }
}

/* ---- hashing ---- */

/* What a value is, so that the text "5", the number 5 and a list of it differ. */
enum tag { NOTHING = 1, INTEGER, BIG, REAL, TEXT, ITEMS, RECORD };

static uint64_t fold(uint64_t seed, enum tag tag, uint64_t word)
{
    uint64_t words[2] = { (uint64_t)tag, word };
    return weir_hash(words, sizeof words, seed);
}

static uint64_t fold_real(uint64_t seed, double value)
{
    if (value >= -0x1p53 && value <= 0x1p53 && value == (double)(int64_t)value)
        return fold(seed, INTEGER, (uint64_t)(int64_t)value);
    uint64_t word;
    if (value != value)
        value = (double)NAN;
    memcpy(&word, &value, sizeof word);
    return fold(seed, REAL, word);
}

uint64_t weir_value_hash(const struct weir_column *column, const struct weir_type *type, int64_t row, uint64_t seed)
{
    size_t length;
    const char *text;
    int64_t first, last;
    uint64_t large;
    if (type->kind == WEIR_NULL || !weir_valid(column, row))
        return fold(seed, NOTHING, 0);
    switch (type->kind) {
    case WEIR_FLOAT16:
    case WEIR_FLOAT32:
    case WEIR_FLOAT64:
        return fold_real(seed, weir_number(column, type->kind, row));
    case WEIR_UINT64:
        large = ((const uint64_t *)(const void *)column->values.bytes)[row];
        return fold(seed, large > INT64_MAX ? BIG : INTEGER, large);
    case WEIR_UTF8:
    case WEIR_BINARY:
        text = weir_text(column, row, &length);
        return fold(weir_hash(text, length, seed), TEXT, length);
    case WEIR_LIST:
    case WEIR_FIXED_LIST:
        items_of(column, type, row, &first, &last);
        seed = fold(seed, ITEMS, (uint64_t)(last - first));
        for (int64_t i = first; i < last; i++)
            seed = weir_value_hash(&column->children[0], &type->children[0].type, i, seed);
        return seed;
    case WEIR_STRUCT:
        seed = fold(seed, RECORD, (uint64_t)type->child_count);
        for (int i = 0; i < type->child_count; i++)
            seed = weir_value_hash(&column->children[i], &type->children[i].type, row, seed);
        return seed;
    case WEIR_DICTIONARY:
        column = behind_code(column, row, &first);
        return weir_value_hash(column, &type->children[0].type, first, seed);
    default:
        return fold(seed, INTEGER, (uint64_t)weir_integer(column, type->kind, row));
    }
}
