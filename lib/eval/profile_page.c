/* A profile as a page. */
#include "base/html.h"
#include "eval/profile_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 80, TEXT_BYTES = 80, MOST_COLUMNS = 500 };

static void name_of(struct weir_buffer *out, const char *name)
{
    weir_buffer_string(out, "<bdi>");
    weir_html_short(out, name, strlen(name), NAME_BYTES);
    weir_buffer_string(out, "</bdi>");
}

static void put_type(struct weir_buffer *out, const struct profile_column *column)
{
    struct weir_buffer type = { 0 };
    weir_type_describe(&column->type, &type);
    weir_html_short(out, type.bytes ? type.bytes : "", type.size, NAME_BYTES);
    out->failed |= type.failed;
    weir_buffer_release(&type);
    if (column->role != WEIR_FEATURE)
        weir_buffer_format(out, ", %s", weir_role_name(column->role));
}

static void put_share(struct weir_buffer *out, int64_t count, int64_t of)
{
    weir_html_count(out, count);
    if (count > 0 && of > 0)
        weir_buffer_format(out, " (%.3g %%)", 100 * (double)count / (double)of);
}

static void put_distinct(struct weir_buffer *out, const struct weir_profile *profile,
                         const struct profile_column *column)
{
    weir_buffer_string(out, column->distinct.registers ? "about " : "");
    weir_html_count(out, weir_profile_distinct(profile, column));
}

/* ---- The head ------------------------------------------------------------------------------------------------------
 */

static void put_tiles(struct weir_buffer *out, const struct weir_profile *profile)
{
    int64_t missing = 0, with_missing = 0;
    for (int i = 0; i < profile->count; i++) {
        missing += profile->columns[i].missing;
        with_missing += profile->columns[i].missing > 0;
    }
    weir_buffer_string(out, "<dl class=\"tiles\">\n");
    weir_html_tile(out, "Rows", profile->rows);
    weir_html_tile(out, "Columns", profile->count);
    weir_html_tile(out, "Cells missing", missing);
    weir_html_tile(out, "Columns with missing cells", with_missing);
    weir_buffer_string(out, "</dl>\n");
}

/* The histogram of the values, or of the lengths of what has none, without its axis. */
static void put_shape(struct weir_buffer *out, const struct profile_column *column)
{
    const struct profile_measure *measure = column->has & PROFILE_VALUES ? &column->values : &column->lengths;
    struct weir_html_bars chart = { .title = column->has & PROFILE_VALUES ? "Histogram of the values"
                                                                          : "Histogram of the lengths",
                                    .small = true };
    double ends[2];
    chart.count = measure->hidden ? 0 : weir_histogram_bins(&measure->histogram, &chart.bars, &ends[0], &ends[1]);
    if (chart.count)
        weir_html_bars(out, &chart);
}

static void put_overview(struct weir_buffer *out, const struct weir_profile *profile, int shown)
{
    weir_buffer_string(out,
                       "<section>\n<h2 id=\"columns\">Columns</h2>\n<table class=\"wide\"><caption>All columns, in "
                       "their order</caption>\n<thead><tr><th scope=\"col\">Column</th><th scope=\"col\">Type</th>"
                       "<th scope=\"col\">Shape</th><th scope=\"col\" class=\"n\">Missing</th><th scope=\"col\" "
                       "class=\"n\">Different</th>"
                       "</tr></thead>\n<tbody>\n");
    for (int i = 0; i < shown; i++) {
        const struct profile_column *column = &profile->columns[i];
        weir_buffer_format(out, "<tr><th scope=\"row\"><a href=\"#column-%d\">", i + 1);
        name_of(out, column->name);
        weir_buffer_string(out, "</a></th><td data-name=\"Type\">");
        put_type(out, column);
        weir_buffer_string(out, "</td><td data-name=\"Shape\">");
        put_shape(out, column);
        weir_buffer_string(out, "</td><td class=\"n\" data-name=\"Missing\">");
        put_share(out, column->missing, profile->rows);
        weir_buffer_string(out, "</td><td class=\"n\" data-name=\"Different\">");
        put_distinct(out, profile, column);
        weir_buffer_string(out, "</td></tr>\n");
    }
    weir_buffer_string(out, "</tbody></table>\n");
    if (shown < profile->count) {
        weir_buffer_string(out, "<p class=\"quiet\">");
        weir_html_counted(out, profile->count - shown, "column");
        weir_buffer_string(out, " more are not shown here.</p>\n");
    }
    weir_buffer_string(out, "</section>\n");
}

/* ---- The label ------------------------------------------------------------------------------------------------------
 */

struct tied {
    int column;
    double strength;
    struct profile_associations found;
};

static int by_strength(const void *a, const void *b)
{
    const struct tied *x = a, *y = b;
    if (x->strength != y->strength)
        return (x->strength < y->strength) - (x->strength > y->strength);
    return (x->column > y->column) - (x->column < y->column);
}

static void measure_cell(struct weir_buffer *out, double value, const char *name)
{
    weir_buffer_format(out, "<td class=\"n%s\" data-name=\"%s\">", isnan(value) ? " none" : "", name);
    if (isnan(value))
        weir_buffer_string(out, "\xE2\x80\x93");
    else
        weir_buffer_format(out, "%.3f", value);
    weir_buffer_string(out, "</td>");
}

static void put_label_rows(struct weir_buffer *out, const struct weir_profile *profile, const struct tied *tied,
                           int count)
{
    weir_buffer_string(out, "<table class=\"wide\"><caption>Columns by how much they have to do with the label"
                            "</caption>\n<thead><tr><th scope=\"col\">Column</th><th scope=\"col\">Strength</th><th "
                            "scope=\"col\" class=\"n\">Correlation</th><th scope=\"col\" class=\"n\">Correlation ratio"
                            "</th><th scope=\"col\" class=\"n\">Cram\xC3\xA9r's V</th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < count; i++) {
        weir_buffer_format(out, "<tr><th scope=\"row\"><a href=\"#column-%d\">", tied[i].column + 1);
        name_of(out, profile->columns[tied[i].column].name);
        weir_buffer_string(out, "</a></th><td data-name=\"Strength\">");
        weir_html_share(out, tied[i].strength, "bar of the strength");
        weir_buffer_string(out, "</td>");
        measure_cell(out, tied[i].found.correlation, "Correlation");
        measure_cell(out, tied[i].found.correlation_ratio, "Correlation ratio");
        measure_cell(out, tied[i].found.cramers_v, "Cram\xC3\xA9r's V");
        weir_buffer_string(out, "</tr>\n");
    }
    weir_buffer_string(out, "</tbody></table>\n");
}

static void put_label(struct weir_buffer *out, const struct weir_profile *profile, int shown)
{
    struct tied *tied = weir_allocate((size_t)profile->count, sizeof *tied);
    int count = 0;
    out->failed |= !tied;
    for (int i = 0; tied && i < shown; i++) {
        struct profile_associations found = weir_profile_associate(profile, &profile->columns[i]);
        double strength = fmax(fmax(fabs(found.correlation), found.correlation_ratio), found.cramers_v);
        if (!isnan(strength))
            tied[count++] = (struct tied){ i, strength, found };
    }
    if (count)
        qsort(tied, (size_t)count, sizeof *tied, by_strength);
    weir_buffer_string(out, "<section>\n<h2 id=\"label\">With the label ");
    name_of(out, profile->label);
    weir_buffer_string(out, "</h2>\n");
    if (count)
        put_label_rows(out, profile, tied, count);
    else
        weir_buffer_string(out, "<p>Nothing that could be measured.</p>\n");
    weir_buffer_string(out, "</section>\n");
    free(tied);
}

/* ---- A column -------------------------------------------------------------------------------------------------------
 */

static void put_histogram(struct weir_buffer *out, const struct profile_column *column,
                          const struct profile_measure *measure, const char *what, bool hidden)
{
    const int64_t *bins;
    double ends[2];
    struct weir_buffer texts[2] = { { 0 }, { 0 } }, title = { 0 };
    int count = measure->hidden ? 0 : weir_histogram_bins(&measure->histogram, &bins, &ends[0], &ends[1]);
    if (count == 0)
        return;
    for (int i = 0; i < 2; i++)
        weir_profile_number_text(column, measure == &column->values, ends[i], &texts[i]);
    weir_buffer_format(&title, "Histogram, %s: ", what);
    weir_html_counted(&title, measure->histogram.count, "number");
    weir_buffer_format(out, "<figure><figcaption>%s</figcaption>\n", what);
    struct weir_html_bars chart = { .bars = bins,
                                    .count = count,
                                    .title = title.bytes ? title.bytes : "",
                                    .low = hidden ? NULL : texts[0].bytes,
                                    .high = hidden ? NULL : texts[1].bytes };
    weir_html_bars(out, &chart);
    weir_buffer_string(out, "</figure>\n");
    out->failed |= title.failed || texts[0].failed || texts[1].failed;
    weir_buffer_release(&texts[0]);
    weir_buffer_release(&texts[1]);
    weir_buffer_release(&title);
}

static void begin_row(struct weir_buffer *out, const char *name)
{
    weir_buffer_format(out, "<tr><th scope=\"row\">%s</th><td class=\"n\">", name);
}

static void end_row(struct weir_buffer *out)
{
    weir_buffer_string(out, "</td></tr>\n");
}

static void figure_rows(struct weir_buffer *out, const struct profile_column *column,
                        const struct profile_measure *measure, bool hidden)
{
    static const char *const names[PROFILE_FIGURES] = { "Minimum",           "1 %",  "5 %",  "First quartile", "Median",
                                                        "Third quartile",    "95 %", "99 %", "Maximum",        "Mean",
                                                        "Standard deviation" };
    for (int i = 0; i < PROFILE_FIGURES; i++) {
        double value;
        bool quantile = i > PROFILE_MINIMUM && i < PROFILE_MAXIMUM, aggregate = i >= PROFILE_MEAN;
        if ((hidden && !aggregate) || (quantile && measure->points.size == 0) ||
            !weir_profile_figure(measure, (enum profile_figure)i, &value))
            continue;
        struct weir_buffer text = { 0 };
        begin_row(out, names[i]);
        weir_profile_figure_text(column, measure, (enum profile_figure)i, &text);
        weir_html_text(out, text.bytes ? text.bytes : "", text.size);
        end_row(out);
        out->failed |= text.failed;
        weir_buffer_release(&text);
    }
}

static void count_row(struct weir_buffer *out, const char *name, int64_t count, int64_t of)
{
    begin_row(out, name);
    put_share(out, count, of);
    end_row(out);
}

static void put_measures(struct weir_buffer *out, const struct profile_column *column,
                         const struct profile_measure *measure, const char *caption, bool hidden)
{
    bool of_values = measure == &column->values;
    weir_buffer_format(out,
                       "<table><caption>%s</caption>\n<thead><tr><th scope=\"col\">Measure</th><th scope=\"col\" "
                       "class=\"n\">Value</th></tr></thead>\n<tbody>\n",
                       caption);
    count_row(out, "Numbers", measure->statistics.count, 0);
    figure_rows(out, column, measure, hidden);
    if (!(of_values && (column->has & PROFILE_MOMENT)))
        count_row(out, "Zero", measure->zeros, measure->statistics.count);
    if (of_values && !(column->has & PROFILE_MOMENT))
        count_row(out, "Negative", measure->negative, measure->statistics.count);
    if (measure->nan)
        count_row(out, "Not a number", measure->nan, 0);
    if (measure->infinite)
        count_row(out, "Infinite", measure->infinite, 0);
    weir_buffer_string(out, "</tbody></table>\n");
}

static void put_top(struct weir_buffer *out, const struct weir_profile *profile, const struct profile_column *column,
                    int top)
{
    const struct weir_frequent_list *list = &column->top;
    size_t shown = list->count < (size_t)top ? list->count : (size_t)top;
    if (shown == 0)
        return;
    weir_buffer_string(
        out, "<table><caption>Most frequent values</caption>\n<thead><tr><th scope=\"col\">Value</th><th "
             "scope=\"col\" class=\"n\">Rows</th><th scope=\"col\">Beside the first</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < shown; i++) {
        struct weir_buffer text = { 0 };
        weir_profile_item_text(column, &list->items[i], &text);
        size_t fits = weir_html_fit(text.bytes ? text.bytes : "", text.size, TEXT_BYTES);
        weir_buffer_string(out, "<tr><th scope=\"row\"><bdi>");
        weir_html_value(out, text.bytes ? text.bytes : "", fits, '\0', fits < text.size ? 'x' : '\0');
        weir_buffer_string(out, text.size == 0 ? "<span class=\"quiet\">(empty)</span>" : "");
        weir_buffer_string(out, fits < text.size ? "\xE2\x80\xA6</bdi></th>" : "</bdi></th>");
        weir_buffer_string(out, "<td class=\"n\">");
        put_share(out, list->items[i].count, profile->rows);
        weir_buffer_string(out, "</td><td>");
        weir_html_share(out, (double)list->items[i].count / (double)list->items[0].count,
                        "bar of the count beside that of the first");
        weir_buffer_string(out, "</td></tr>\n");
        out->failed |= text.failed;
        weir_buffer_release(&text);
    }
    weir_buffer_string(out, "</tbody></table>\n");
    if (list->slack > 0) {
        weir_buffer_string(out, "<p class=\"quiet\">A count may be ");
        weir_html_count(out, list->slack);
        weir_buffer_string(out, " low.</p>\n");
    }
}

static const char *name_of_lengths(const struct profile_column *column)
{
    if (column->has & PROFILE_CATEGORY)
        return "Lengths in characters";
    if (column->type.kind == WEIR_BINARY)
        return "Lengths in bytes";
    return column->has & PROFILE_VALUES ? "Entries of a row" : "Items of a row";
}

static void put_column(struct weir_buffer *out, const struct weir_profile *profile, int index, int top, bool hidden)
{
    const struct profile_column *column = &profile->columns[index];
    bool lengths = column->has & PROFILE_LENGTHS, values = column->has & PROFILE_VALUES;
    weir_buffer_format(out, "<section>\n<h3 id=\"column-%d\">", index + 1);
    name_of(out, column->name);
    weir_buffer_string(out, " <span class=\"quiet\">(");
    put_type(out, column);
    weir_buffer_string(out, ")</span></h3>\n<p>Missing: ");
    put_share(out, column->missing, profile->rows);
    weir_buffer_string(out, "; different values: ");
    put_distinct(out, profile, column);
    weir_buffer_string(out, "</p>\n");
    if ((column->has & PROFILE_TOP) && !hidden && lengths)
        put_top(out, profile, column, top);
    if (lengths)
        put_histogram(out, column, &column->lengths, name_of_lengths(column), hidden);
    if (values)
        put_histogram(out, column, &column->values, "Values", hidden);
    if (lengths)
        put_measures(out, column, &column->lengths, name_of_lengths(column), hidden);
    if (values)
        put_measures(out, column, &column->values, "Values", hidden);
    if ((column->has & PROFILE_TOP) && !hidden && !lengths)
        put_top(out, profile, column, top);
    weir_buffer_string(out, "</section>\n");
}

void weir_profile_page(const struct weir_profile *profile, int top, bool no_values, struct weir_buffer *out)
{
    int shown = profile->count < MOST_COLUMNS ? profile->count : MOST_COLUMNS;
    bool hidden = profile->hidden || no_values;
    weir_html_begin(out, "Profile of a table");
    put_tiles(out, profile);
    weir_buffer_string(out, "<p class=\"quiet\">Where a number of different values is said to be about so many, it is "
                            "right to within some percent. Blanks at an end or side by side are shown as <i "
                            "class=\"mark\">\xE2\x90\xA3</i>, characters that cannot be seen by their names.</p>\n");
    weir_buffer_string(out, "<nav aria-label=\"Contents\"><ul>\n<li><a href=\"#columns\">Columns</a></li>\n");
    if (profile->label)
        weir_buffer_string(out, "<li><a href=\"#label\">With the label</a></li>\n");
    weir_buffer_string(out, "<li><a href=\"#each\">Each column</a></li>\n</ul></nav>\n");
    put_overview(out, profile, shown);
    if (profile->label)
        put_label(out, profile, shown);
    weir_buffer_string(out, "<section>\n<h2 id=\"each\">Each column</h2>\n");
    for (int i = 0; i < shown; i++)
        put_column(out, profile, i, top, hidden);
    weir_buffer_string(out, "</section>\n");
    weir_html_end(out);
}
