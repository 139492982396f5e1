/* A profile as text for people. */
#include "eval/profile_private.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BARS = 32, NAME_BYTES = 60, TEXT_BYTES = 40, LINE = 78 };

/* Text from the data, cut between two characters. */
static void put_data(struct weir_buffer *out, const char *text, size_t length, size_t most)
{
    size_t fits = length;
    if (length > most)
        for (fits = most; fits > 0 && ((uint8_t)text[fits] & 0xC0) == 0x80;)
            fits--;
    weir_buffer_escaped(out, text, fits);
    if (fits < length)
        weir_buffer_string(out, "\xE2\x80\xA6");
}

static void put_share(struct weir_buffer *out, int64_t count, int64_t of)
{
    weir_buffer_format(out, "%" PRId64, count);
    if (count > 0 && of > 0)
        weir_buffer_format(out, " (%.3g %%)", 100 * (double)count / (double)of);
}

/* The bins as characters, neighbours together where there are more than fit. */
static void put_bars(struct weir_buffer *out, const int64_t *bins, int count)
{
    int64_t bars[BARS] = { 0 }, most = 1;
    int together = (count + BARS - 1) / BARS, shown = (count + together - 1) / together;
    for (int i = 0; i < count; i++)
        bars[i / together] += bins[i];
    for (int i = 0; i < shown; i++)
        most = bars[i] > most ? bars[i] : most;
    for (int i = 0; i < shown; i++) {
        int height = (int)ceil((double)bars[i] / (double)most * 8);
        if (height == 0)
            weir_buffer_byte(out, ' ');
        else
            weir_buffer_format(out, "\xE2\x96%c", 0x80 + height); /* U+2581 to U+2588 */
    }
}

static void put_figures(struct weir_buffer *out, const struct profile_column *column,
                        const struct profile_measure *measure)
{
    const struct {
        const char *name;
        enum profile_figure figure;
    } figures[] = { { "minimum ", PROFILE_MINIMUM },
                    { ", quartiles ", PROFILE_Q25 },
                    { ", ", PROFILE_MEDIAN },
                    { ", ", PROFILE_Q75 },
                    { ", maximum ", PROFILE_MAXIMUM } };
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        bool quantile = figures[i].figure != PROFILE_MINIMUM && figures[i].figure != PROFILE_MAXIMUM;
        if (quantile && measure->points.size == 0)
            continue;
        weir_buffer_string(out, figures[i].name);
        weir_profile_figure_text(column, measure, figures[i].figure, out);
    }
}

/* `what`: "" of the values themselves, otherwise what was measured. */
static void put_measure(struct weir_buffer *out, const struct profile_column *column,
                        const struct profile_measure *measure, const char *what, bool hidden)
{
    bool of_values = measure == &column->values;
    const int64_t *bins;
    double low, high;
    if (measure->statistics.count == 0)
        return;
    weir_buffer_format(out, "  %s%smean ", what, *what ? ": " : "");
    weir_profile_figure_text(column, measure, PROFILE_MEAN, out);
    weir_buffer_string(out, ", deviation ");
    weir_profile_figure_text(column, measure, PROFILE_DEVIATION, out);
    hidden |= measure->hidden;
    if (!hidden) {
        weir_buffer_string(out, "\n  ");
        put_figures(out, column, measure);
    }
    int size = measure->hidden ? 0 : weir_histogram_bins(&measure->histogram, &bins, &low, &high);
    weir_buffer_byte(out, '\n');
    if (size < 2)
        return;
    weir_buffer_string(out, "  ");
    put_bars(out, bins, size);
    if (!hidden) {
        weir_buffer_string(out, "  ");
        weir_profile_number_text(column, of_values, low, out);
        weir_buffer_string(out, " to ");
        weir_profile_number_text(column, of_values, high, out);
    }
    weir_buffer_byte(out, '\n');
}

static void put_top(struct weir_buffer *out, const struct profile_column *column, int top)
{
    const struct weir_frequent_list *list = &column->top;
    size_t shown = list->count < (size_t)top ? list->count : (size_t)top, line = 0;
    for (size_t i = 0; i < shown; i++) {
        struct weir_buffer value = { 0 }, item = { 0 };
        weir_profile_item_text(column, &list->items[i], &value);
        if (value.size)
            put_data(&item, value.bytes, value.size, TEXT_BYTES);
        else
            weir_buffer_string(&item, "(empty)");
        weir_buffer_format(&item, " (%" PRId64 ")%s", list->items[i].count, i + 1 < shown ? "," : "");
        if (i == 0 || line + 1 + item.size > LINE) {
            weir_buffer_string(out, i == 0 ? "  most frequent:" : "\n   ");
            line = i == 0 ? strlen("  most frequent:") : strlen("   ");
        }
        weir_buffer_byte(out, ' ');
        weir_buffer_append(out, item.bytes, item.size);
        line += 1 + item.size;
        out->failed |= value.failed || item.failed;
        weir_buffer_release(&value);
        weir_buffer_release(&item);
    }
    if (shown == 0)
        return;
    if (list->slack > 0)
        weir_buffer_format(out, "; a count may be %" PRId64 " low", list->slack);
    weir_buffer_byte(out, '\n');
}

static void put_association(struct weir_buffer *out, const struct weir_profile *profile,
                            const struct profile_column *column)
{
    struct profile_associations found = weir_profile_associate(profile, column);
    const char *const names[] = { "correlation", "correlation ratio", "Cram\xC3\xA9r's V" };
    const double values[] = { found.correlation, found.correlation_ratio, found.cramers_v };
    bool any = false;
    for (int i = 0; i < 3; i++) {
        if (isnan(values[i]))
            continue;
        if (!any) {
            weir_buffer_string(out, "  with ");
            put_data(out, profile->label, strlen(profile->label), NAME_BYTES);
        }
        weir_buffer_format(out, "%s %s %.3g", any ? "," : ":", names[i], values[i]);
        any = true;
    }
    if (any)
        weir_buffer_byte(out, '\n');
}

static void put_counts(struct weir_buffer *out, const struct weir_profile *profile, const struct profile_column *column)
{
    const struct profile_measure *values = &column->values;
    int64_t there = profile->rows - column->missing;
    weir_buffer_string(out, "  missing ");
    put_share(out, column->missing, profile->rows);
    weir_buffer_format(out, ", different %s%" PRId64, column->distinct.registers ? "about " : "",
                       weir_profile_distinct(profile, column));
    if (column->has & PROFILE_LENGTHS)
        weir_buffer_format(out, ", empty %" PRId64, column->lengths.zeros);
    if (column->has & PROFILE_VALUES && !(column->has & PROFILE_MOMENT)) {
        int64_t of = column->has & PROFILE_POINTS ? there : values->statistics.count;
        weir_buffer_string(out, ", zero ");
        put_share(out, values->zeros, of);
        weir_buffer_string(out, ", negative ");
        put_share(out, values->negative, of);
    }
    if (values->nan)
        weir_buffer_format(out, ", not a number %" PRId64, values->nan);
    if (values->infinite)
        weir_buffer_format(out, ", infinite %" PRId64, values->infinite);
    weir_buffer_byte(out, '\n');
}

static const char *name_of_lengths(const struct profile_column *column)
{
    if (column->has & PROFILE_CATEGORY)
        return "characters";
    if (column->type.kind == WEIR_BINARY)
        return "bytes";
    return column->has & PROFILE_VALUES ? "entries" : "items";
}

static void put_column(struct weir_buffer *out, const struct weir_profile *profile, const struct profile_column *column,
                       int top, bool hidden)
{
    struct weir_buffer type = { 0 };
    weir_type_describe(&column->type, &type);
    weir_buffer_byte(out, '\n');
    put_data(out, column->name, strlen(column->name), NAME_BYTES);
    weir_buffer_string(out, "  ");
    put_data(out, type.bytes ? type.bytes : "", type.size, NAME_BYTES);
    if (column->role != WEIR_FEATURE)
        weir_buffer_format(out, ", %s", weir_role_name(column->role));
    weir_buffer_byte(out, '\n');
    out->failed |= type.failed;
    weir_buffer_release(&type);
    put_counts(out, profile, column);
    if (column->has & PROFILE_LENGTHS)
        put_measure(out, column, &column->lengths, name_of_lengths(column), hidden);
    if (column->has & PROFILE_VALUES)
        put_measure(out, column, &column->values, column->has & PROFILE_LENGTHS ? "values" : "", hidden);
    if ((column->has & PROFILE_TOP) && !hidden)
        put_top(out, column, top);
    put_association(out, profile, column);
}

void weir_profile_text(const struct weir_profile *profile, int top, bool no_values, struct weir_buffer *out)
{
    weir_buffer_format(out, "%" PRId64 " row%s, %d column%s", profile->rows, profile->rows == 1 ? "" : "s",
                       profile->count, profile->count == 1 ? "" : "s");
    if (profile->label) {
        weir_buffer_string(out, ", label ");
        put_data(out, profile->label, strlen(profile->label), NAME_BYTES);
    }
    weir_buffer_byte(out, '\n');
    for (int i = 0; i < profile->count; i++)
        put_column(out, profile, &profile->columns[i], top, profile->hidden || no_values);
}
