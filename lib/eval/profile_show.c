/* Figures of a profile and how they are written, the same in all its forms. */
#include "base/number.h"
#include "eval/profile_private.h"
#include "math/sort.h"
#include <math.h>
#include <string.h>

bool weir_profile_figure(const struct profile_measure *measure, enum profile_figure which, double *value)
{
    static const double places[PROFILE_FIGURES] = { 0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1, 0, 0 };
    const struct weir_statistics *statistics = &measure->statistics;
    *value = 0;
    if (statistics->count == 0 || (measure->hidden && which != PROFILE_MEAN && which != PROFILE_DEVIATION))
        return false;
    if (which == PROFILE_MINIMUM)
        *value = statistics->minimum;
    else if (which == PROFILE_MAXIMUM)
        *value = statistics->maximum;
    else if (which == PROFILE_MEAN)
        *value = statistics->mean;
    else if (which == PROFILE_DEVIATION)
        *value = weir_statistics_deviation(statistics, 0);
    else
        *value = weir_quantile_points_value(&measure->points, places[which]);
    return isfinite(*value);
}

bool weir_profile_extreme(const struct profile_measure *measure, enum profile_figure which, int64_t *value)
{
    *value = which == PROFILE_MINIMUM ? measure->least : measure->greatest;
    return (which == PROFILE_MINIMUM || which == PROFILE_MAXIMUM) && measure->whole &&
           measure->least <= measure->greatest &&
           (double)*value == (which == PROFILE_MINIMUM ? measure->statistics.minimum : measure->statistics.maximum);
}

/* A whole number of the type, as weir_value_text has it. */
static void whole_text(const struct weir_type *type, int64_t number, struct weir_buffer *out)
{
    int32_t narrow = number > INT32_MAX ? INT32_MAX : number < INT32_MIN ? INT32_MIN : (int32_t)number;
    bool small = weir_kind_width(type->kind) == 4;
    struct weir_column column = { .rows = 1 };
    column.values.bytes = small ? (const uint8_t *)&narrow : (const uint8_t *)&number;
    column.values.size = small ? sizeof narrow : sizeof number;
    weir_value_text(&column, type, 0, out);
}

void weir_profile_number_text(const struct profile_column *column, bool of_values, double number,
                              struct weir_buffer *out)
{
    if (of_values && (column->has & PROFILE_MOMENT) && fabs(number) < 0x1p62)
        whole_text(weir_profile_value_type(&column->type), (int64_t)llround(number), out);
    else if (number == floor(number) && fabs(number) < 1e15)
        weir_buffer_format(out, "%.0f", number + 0.0);
    else if (fabs(number) >= 1e4 && fabs(number) < 1e12)
        weir_buffer_format(out, "%.2f", number);
    else
        weir_buffer_format(out, "%.6g", number);
}

void weir_profile_figure_text(const struct profile_column *column, const struct profile_measure *measure,
                              enum profile_figure which, struct weir_buffer *out)
{
    bool of_values = measure == &column->values, moment = of_values && (column->has & PROFILE_MOMENT);
    int64_t number;
    double value;
    if (!weir_profile_figure(measure, which, &value))
        weir_buffer_string(out, "-");
    else if (which == PROFILE_DEVIATION && moment)
        weir_buffer_format(out, "%.6g", value);
    else if (weir_profile_extreme(measure, which, &number)) {
        char digits[WEIR_NUMBER_SIZE];
        if (moment)
            whole_text(weir_profile_value_type(&column->type), number, out);
        else
            weir_buffer_append(out, digits, weir_format_int64(number, digits));
    } else
        weir_profile_number_text(column, of_values, value, out);
}

static int64_t item_whole(enum weir_kind kind, const struct weir_frequent_item *item)
{
    return (int64_t)weir_profile_whole_key(kind, (int64_t)item->key);
}

double weir_profile_item_number(const struct profile_column *column, const struct weir_frequent_item *item)
{
    enum weir_kind kind = weir_profile_value_type(&column->type)->kind;
    if (weir_kind_is_float(kind))
        return weir_key_value(item->key);
    return kind == WEIR_UINT64 ? (double)item->key : (double)item_whole(kind, item);
}

void weir_profile_item_text(const struct profile_column *column, const struct weir_frequent_item *item,
                            struct weir_buffer *out)
{
    const struct weir_type *type = weir_profile_value_type(&column->type);
    char digits[WEIR_NUMBER_SIZE];
    if (item->text)
        weir_buffer_append(out, item->text, item->size);
    else if (type->kind == WEIR_BOOL)
        weir_buffer_string(out, item_whole(type->kind, item) ? "true" : "false");
    else if (type->kind == WEIR_UINT64)
        weir_buffer_append(out, digits, weir_format_uint64(item->key, digits));
    else if (column->has & PROFILE_MOMENT)
        whole_text(type, item_whole(type->kind, item), out);
    else if (!weir_kind_is_float(type->kind))
        weir_buffer_append(out, digits, weir_format_int64(item_whole(type->kind, item), digits));
    else if (type->kind == WEIR_FLOAT32)
        weir_buffer_append(out, digits, weir_format_float((float)weir_profile_item_number(column, item), digits));
    else
        weir_buffer_append(out, digits, weir_format_double(weir_profile_item_number(column, item), digits));
}

int64_t weir_profile_distinct(const struct weir_profile *profile, const struct profile_column *column)
{
    double estimate = weir_hyperloglog_estimate(&column->distinct);
    int64_t there = profile->rows - column->missing;
    return estimate < (double)there ? (int64_t)llround(estimate) : there;
}
