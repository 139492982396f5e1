/* Parts of dates and times as points on a circle, so that 23 o'clock lies beside 0. */
#include "base/number.h"
#include "stage/encode_private.h"
#include "stage/options.h"
#include <math.h>

enum part { HOUR, WEEKDAY, DAY, MONTH, YEARDAY };

static const char *const part_names[WEIR_ENCODE_PARTS] = { "hour", "weekday", "day", "month", "yearday" };

bool weir_encode_part_find(const char *name, int *part)
{
    for (*part = 0; *part < WEIR_ENCODE_PARTS; ++*part)
        if (strcmp(name, part_names[*part]) == 0)
            return true;
    return false;
}

static bool has_part(const struct weir_type *type, enum part part)
{
    if (type->kind == WEIR_TIME32 || type->kind == WEIR_TIME64)
        return part == HOUR;
    return part != HOUR || type->kind != WEIR_DATE32;
}

void weir_encode_lay_out_parts(struct weir_encode_column *column, const json_t *wanted)
{
    column->part_count = 0;
    for (int part = 0; part < WEIR_ENCODE_PARTS; part++) {
        bool chosen = !wanted;
        for (size_t i = 0; i < weir_option_items(wanted); i++)
            chosen |= strcmp(weir_option_item(wanted, i), part_names[part]) == 0;
        if (chosen && has_part(&column->type, (enum part)part))
            column->parts[column->part_count++] = part;
    }
    column->width = 2 * column->part_count;
}

json_t *weir_encode_cyclic_slots(const struct weir_encode_column *column)
{
    json_t *slots = json_array();
    for (int i = 0; i < column->part_count; i++) {
        const char *name = part_names[column->parts[i]];
        if (slots && (json_array_append_new(slots, json_sprintf("%s sin", name)) < 0 ||
                      json_array_append_new(slots, json_sprintf("%s cos", name)) < 0)) {
            json_decref(slots);
            slots = NULL;
        }
    }
    return slots;
}

/* Ticks of the column's values in a day. */
static int64_t ticks_of_day(const struct weir_type *type)
{
    static const int64_t in_second[] = { 1, 1000, 1000000, 1000000000 };
    if (type->kind == WEIR_DATE32)
        return 1;
    return 86400 * (type->kind == WEIR_DATE64 ? 1000 : in_second[type->unit]);
}

int weir_encode_cyclic(const struct weir_encode_column *encoding, const struct weir_column *column,
                       const struct weir_type *type, float *out, struct weir_error *error)
{
    if (type->kind == WEIR_NULL)
        return 0;
    for (int i = 0; i < encoding->part_count; i++)
        if (!has_part(type, (enum part)encoding->parts[i]))
            return weir_fail(error, WEIR_BAD_DATA, "column %s has no %s", WEIR_SHOW(encoding->name),
                             part_names[encoding->parts[i]]);
    int64_t ticks = ticks_of_day(type);
    bool narrow = weir_kind_width(type->kind) == 4;
    for (int64_t row = 0; row < column->rows; row++, out += encoding->width) {
        if (!weir_valid(column, row))
            continue;
        const uint8_t *at = column->values.bytes + row * (narrow ? 4 : 8);
        int64_t value = narrow ? weir_load_i32(at) : weir_load_i64(at);
        int64_t rest = value % ticks, days = value / ticks - (rest < 0);
        struct weir_calendar day;
        weir_calendar_day(days, &day);
        for (int i = 0; i < encoding->part_count; i++) {
            double turn = 0;
            switch ((enum part)encoding->parts[i]) {
            case HOUR:
                turn = (double)(rest < 0 ? rest + ticks : rest) / (double)ticks;
                break;
            case WEEKDAY:
                turn = day.weekday / 7.0;
                break;
            case DAY:
                turn = (double)day.day_of_month / day.month_days;
                break;
            case MONTH:
                turn = day.month / 12.0;
                break;
            case YEARDAY:
                turn = (double)day.day_of_year / day.year_days;
                break;
            }
            out[2 * i] = (float)sin(2 * M_PI * turn);
            out[2 * i + 1] = (float)cos(2 * M_PI * turn);
        }
    }
    return 0;
}
