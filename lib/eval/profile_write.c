/* A profile as the text of its file: weir-profile(5). */
#include "base/number.h"
#include "eval/profile_private.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

static void put_number(struct weir_buffer *out, double value)
{
    char digits[WEIR_NUMBER_SIZE];
    if (!isfinite(value))
        weir_buffer_string(out, "null");
    else if (fabs(value) >= 0x1p53) /* never an integer, which JSON's readers may bound */
        weir_buffer_format(out, "%.16e", value);
    else
        weir_buffer_append(out, digits, weir_format_double(value, digits));
}

static void put_named(struct weir_buffer *out, const char *name, double value)
{
    weir_buffer_format(out, ",\"%s\":", name);
    put_number(out, value);
}

static void put_count(struct weir_buffer *out, const char *name, int64_t count)
{
    weir_buffer_format(out, ",\"%s\":%" PRId64, name, count);
}

static void put_numbers(struct weir_buffer *out, const char *name, const double *numbers, size_t count)
{
    weir_buffer_format(out, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        weir_buffer_string(out, i ? "," : "");
        put_number(out, numbers[i]);
    }
    weir_buffer_byte(out, ']');
}

static void put_counts(struct weir_buffer *out, const char *name, const int64_t *counts, size_t count)
{
    weir_buffer_format(out, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++)
        weir_buffer_format(out, i ? ",%" PRId64 : "%" PRId64, counts[i]);
    weir_buffer_byte(out, ']');
}

static void put_keys(struct weir_buffer *out, const char *name, const uint64_t *keys, int count)
{
    weir_buffer_format(out, ",\"%s\":\"", name);
    for (int i = 0; i < count; i++)
        weir_buffer_format(out, "%016" PRIx64, keys[i]);
    weir_buffer_byte(out, '"');
}

/* ---- What is read by people and programs ------------------------------------------------------------------------- */

static void put_figure(struct weir_buffer *out, const struct profile_measure *measure, const char *name,
                       enum profile_figure which)
{
    double value;
    bool known = weir_profile_figure(measure, which, &value);
    int64_t number;
    if (known && weir_profile_extreme(measure, which, &number))
        put_count(out, name, number);
    else
        put_named(out, name, known ? value : (double)NAN);
}

static void put_measure(struct weir_buffer *out, const char *name, const struct profile_measure *measure,
                        bool of_floats)
{
    static const char *const quantiles[] = { "0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99" };
    const int64_t *bins = NULL;
    double low = 0, high = 0;
    int size = measure->hidden ? 0 : weir_histogram_bins(&measure->histogram, &bins, &low, &high);
    weir_buffer_format(out, ",\"%s\":{\"count\":%" PRId64, name, measure->statistics.count);
    if (of_floats) {
        put_count(out, "nan", measure->nan);
        put_count(out, "infinite", measure->infinite);
    }
    put_count(out, "zeros", measure->zeros);
    put_count(out, "negative", measure->negative);
    put_figure(out, measure, "mean", PROFILE_MEAN);
    put_figure(out, measure, "deviation", PROFILE_DEVIATION);
    if (!measure->hidden) {
        put_figure(out, measure, "minimum", PROFILE_MINIMUM);
        put_figure(out, measure, "maximum", PROFILE_MAXIMUM);
    }
    if (!measure->hidden && measure->points.size) {
        weir_buffer_string(out, ",\"quantiles\":{\"error\":");
        put_number(out, (double)measure->points.error / (double)measure->points.count);
        for (int i = PROFILE_Q01; i <= PROFILE_Q99; i++)
            put_figure(out, measure, quantiles[i - PROFILE_Q01], (enum profile_figure)i);
        weir_buffer_byte(out, '}');
    }
    if (size) {
        weir_buffer_string(out, ",\"histogram\":{\"low\":");
        put_number(out, low);
        put_named(out, "high", high);
        put_counts(out, "bins", bins, (size_t)size);
        weir_buffer_byte(out, '}');
    }
    weir_buffer_byte(out, '}');
}

static void put_item(struct weir_buffer *out, const struct profile_column *column,
                     const struct weir_frequent_item *item)
{
    struct weir_buffer text = { 0 };
    bool quoted = item->text || !isfinite(weir_profile_item_number(column, item)) ||
                  (weir_profile_value_type(&column->type)->kind == WEIR_UINT64 && item->key > INT64_MAX);
    if (column->has & PROFILE_MOMENT)
        weir_buffer_format(
            &text, "%" PRId64,
            (int64_t)weir_profile_whole_key(weir_profile_value_type(&column->type)->kind, (int64_t)item->key));
    else if (quoted || (column->has & PROFILE_WHOLE))
        weir_profile_item_text(column, item, &text);
    else
        put_number(&text, weir_profile_item_number(column, item));
    if (quoted)
        weir_buffer_json_string(out, text.bytes ? text.bytes : "", text.size);
    else
        weir_buffer_append(out, text.bytes, text.size);
    out->failed |= text.failed;
    weir_buffer_release(&text);
}

static void put_top(struct weir_buffer *out, const struct profile_column *column)
{
    weir_buffer_string(out, ",\"top\":{\"values\":[");
    for (size_t i = 0; i < column->top.count; i++) {
        weir_buffer_string(out, i ? ",[" : "[");
        put_item(out, column, &column->top.items[i]);
        weir_buffer_format(out, ",%" PRId64 "]", column->top.items[i].count);
    }
    weir_buffer_byte(out, ']');
    put_count(out, "slack", column->top.slack);
    put_count(out, "rest", column->top.rest);
    put_count(out, "longer", column->top.longer);
    weir_buffer_byte(out, '}');
}

static void put_association(struct weir_buffer *out, const struct weir_profile *profile,
                            const struct profile_column *column)
{
    struct profile_associations found = weir_profile_associate(profile, column);
    const char *between = "";
    weir_buffer_string(out, ",\"label\":{");
    const char *const names[] = { "correlation", "correlation_ratio", "cramers_v" };
    const double values[] = { found.correlation, found.correlation_ratio, found.cramers_v };
    for (int i = 0; i < 3; i++) {
        if (isnan(values[i]))
            continue;
        weir_buffer_format(out, "%s\"%s\":", between, names[i]);
        put_number(out, values[i]);
        between = ",";
    }
    weir_buffer_byte(out, '}');
}

/* ---- What it is read back and joined from ------------------------------------------------------------------------ */

static void put_measure_state(struct weir_buffer *out, const char *name, const struct profile_measure *measure,
                              bool hidden)
{
    const struct weir_statistics *statistics = &measure->statistics;
    weir_buffer_format(out, ",\"%s\":{\"mean_rest\":", name);
    put_number(out, statistics->mean_rest);
    put_named(out, "squares", statistics->squares);
    if (!hidden && measure->histogram.count) {
        int first = 0;
        while (measure->histogram.counts[first] == 0)
            first++;
        put_named(out, "first", measure->histogram.first + first);
        put_count(out, "exponent", measure->histogram.exponent);
    }
    if (!hidden && measure->points.size) {
        put_count(out, "error", measure->points.error);
        put_numbers(out, "points", measure->points.values, measure->points.size);
    }
    weir_buffer_byte(out, '}');
}

static void put_moments(struct weir_buffer *out, const char *name, const struct profile_moments *moments, int count)
{
    weir_buffer_format(out, ",\"%s\":[", name);
    for (int i = 0; i < count; i++) {
        weir_buffer_string(out, i ? "," : "");
        put_number(out, moments[i].count);
        weir_buffer_byte(out, ',');
        put_number(out, moments[i].mean);
        weir_buffer_byte(out, ',');
        put_number(out, moments[i].squares);
    }
    weir_buffer_byte(out, ']');
}

static void put_association_state(struct weir_buffer *out, const struct weir_profile *profile,
                                  const struct profile_column *column)
{
    const struct profile_association *label = &column->label;
    const double line[] = { label->line.count, label->line.x,  label->line.y,
                            label->line.xx,    label->line.yy, label->line.xy };
    weir_buffer_format(out, ",\"label\":{\"too_many\":%s", label->too_many ? "true" : "false");
    if (column->has & PROFILE_NUMBER)
        put_numbers(out, "line", line, 6);
    if (label->classes)
        put_moments(out, "classes", label->classes, profile->classes);
    if (column->has & PROFILE_CATEGORY)
        put_keys(out, "keys", label->keys, label->categories);
    if (label->numbers)
        put_moments(out, "numbers", label->numbers, label->categories);
    if (label->counts)
        put_counts(out, "counts", label->counts, (size_t)(label->categories * profile->classes));
    weir_buffer_byte(out, '}');
}

static bool is_of_floats(const struct profile_column *column)
{
    return !(column->has & PROFILE_WHOLE);
}

static void put_column(struct weir_buffer *out, const struct weir_profile *profile, const struct profile_column *column,
                       bool hidden)
{
    struct weir_buffer type = { 0 };
    struct profile_measure values = column->values, lengths = column->lengths;
    values.hidden |= hidden;
    lengths.hidden |= hidden;
    weir_type_describe(&column->type, &type);
    weir_buffer_string(out, "{\"name\":");
    weir_buffer_json_string(out, column->name, strlen(column->name));
    weir_buffer_string(out, ",\"type\":");
    weir_buffer_json_string(out, type.bytes ? type.bytes : "", type.size);
    weir_buffer_format(out, ",\"role\":\"%s\"", weir_role_name(column->role));
    out->failed |= type.failed;
    weir_buffer_release(&type);
    put_count(out, "missing", column->missing);
    put_count(out, "distinct", weir_profile_distinct(profile, column));
    if (column->has & PROFILE_VALUES)
        put_measure(out, "values", &values, is_of_floats(column));
    if (column->has & PROFILE_LENGTHS)
        put_measure(out, "lengths", &lengths, false);
    if ((column->has & PROFILE_TOP) && !hidden)
        put_top(out, column);
    bool associated = profile->label && strcmp(profile->label, column->name) != 0 &&
                      (column->has & (PROFILE_NUMBER | PROFILE_CATEGORY));
    if (associated)
        put_association(out, profile, column);
    weir_buffer_string(out, ",\"state\":{\"distinct\":\"");
    weir_hyperloglog_text(&column->distinct, out);
    weir_buffer_byte(out, '"');
    if (column->has & PROFILE_VALUES)
        put_measure_state(out, "values", &values, values.hidden);
    if (column->has & PROFILE_LENGTHS)
        put_measure_state(out, "lengths", &lengths, lengths.hidden);
    if (associated)
        put_association_state(out, profile, column);
    weir_buffer_string(out, "}}");
}

void weir_profile_write(const struct weir_profile *profile, bool no_values, struct weir_buffer *out)
{
    bool hidden = profile->hidden || no_values;
    weir_buffer_string(out, WEIR_PROFILE_MAGIC "1");
    put_count(out, "rows", profile->rows);
    weir_buffer_format(out, ",\"values\":%s", hidden ? "false" : "true");
    if (profile->label) {
        weir_buffer_string(out, ",\"label\":{\"column\":");
        weir_buffer_json_string(out, profile->label, strlen(profile->label));
        weir_buffer_format(out, ",\"numbers\":%s", profile->label_numbers ? "true" : "false");
        if (profile->classes_known)
            put_keys(out, "classes", profile->class_keys, profile->classes);
        weir_buffer_byte(out, '}');
    }
    weir_buffer_string(out, ",\"columns\":[\n");
    for (int i = 0; i < profile->count; i++) {
        weir_buffer_string(out, i ? ",\n" : "");
        put_column(out, profile, &profile->columns[i], hidden);
    }
    weir_buffer_string(out, "\n]}\n");
}
