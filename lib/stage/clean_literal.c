/* clean: values that a person wrote, as a column of whole numbers, times or bools holds them. */
#include "base/number.h"
#include "stage/clean_private.h"
#include <math.h>
#include <string.h>

enum { MICROSECONDS = 1000000, DAY_SECONDS = 86400 };

/* Microseconds in a coarser or finer unit, a rest rounded down or up. */
static bool from_microseconds(int64_t micro, enum weir_unit unit, bool up, int64_t *out)
{
    static const int64_t in_unit[] = { MICROSECONDS, 1000, 1 };
    if (unit == WEIR_NANO)
        return !__builtin_mul_overflow(micro, 1000, out);
    int64_t rest = micro % in_unit[unit];
    *out = micro / in_unit[unit] + (up && rest > 0) - (!up && rest < 0);
    return true;
}

/* HH:MM or HH:MM:SS with a fraction, which is the time of the first day of all. */
static bool read_clock(const char *text, size_t length, int64_t *micro)
{
    static const char day[] = "1970-01-01T";
    enum { DAY = sizeof day - 1, SHORT = 5, LONGEST = 15 };
    char moment[DAY + LONGEST + 1];
    bool zoned;
    if (length < SHORT || length > LONGEST)
        return false;
    memcpy(moment, day, DAY);
    memcpy(moment + DAY, text, length);
    if (length == SHORT) {
        memcpy(moment + DAY + length, ":00", 3);
        length += 3;
    }
    return weir_parse_timestamp(moment, DAY + length, micro, &zoned) && !zoned;
}

bool weir_clean_read_integer(const struct weir_type *type, const char *text, size_t length, bool up, int64_t *out)
{
    int32_t days;
    int64_t micro;
    bool zoned;
    switch (type->kind) {
    case WEIR_BOOL:
        *out = length == 4 && memcmp(text, "true", 4) == 0;
        return *out || (length == 5 && memcmp(text, "false", 5) == 0);
    case WEIR_DATE32:
    case WEIR_DATE64:
        if (!weir_parse_date(text, length, &days))
            return false;
        *out = type->kind == WEIR_DATE32 ? days : (int64_t)days * DAY_SECONDS * 1000;
        return true;
    case WEIR_TIMESTAMP:
        if (weir_parse_timestamp(text, length, &micro, &zoned))
            return from_microseconds(micro, type->unit, up, out);
        return weir_parse_date(text, length, &days) &&
               from_microseconds((int64_t)days * DAY_SECONDS * MICROSECONDS, type->unit, up, out);
    case WEIR_TIME32:
    case WEIR_TIME64:
        if (read_clock(text, length, &micro))
            return from_microseconds(micro, type->unit, up, out);
        return weir_parse_int64(text, length, out) &&
               (type->kind == WEIR_TIME64 || (*out >= INT32_MIN && *out <= INT32_MAX));
    default:
        return weir_parse_int64(text, length, out);
    }
}

double weir_clean_end_within(enum weir_kind kind, double end, bool up)
{
    if (kind == WEIR_FLOAT64)
        return end;
    if (kind != WEIR_FLOAT32)
        return up ? ceil(end) : floor(end);
    float held = (float)end;
    bool within = up ? (double)held >= end : (double)held <= end;
    return (double)(within ? held : nextafterf(held, up ? INFINITY : -INFINITY));
}
