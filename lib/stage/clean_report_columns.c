/* clean's report: the values of columns as a whole, before the first step and after the last. */
#include "stage/clean_report_private.h"
#include <math.h>

enum { MOST_SHOWN = 40, MOST_TEXTS_SHOWN = 10, TEXT_BYTES = 60 };

/* ---- Numbers ------------------------------------------------------------------------------------------------------
 */

/* A number of the column's type as text: moments as such, others with up to six digits. */
static void append_number(struct weir_buffer *out, const struct clean_shape *shape, double number)
{
    enum weir_kind kind = shape->type->kind;
    if (kind >= WEIR_DATE32 && kind <= WEIR_DURATION && fabs(number) < 0x1p62) {
        int64_t wide = (int64_t)llround(number);
        int32_t narrow = wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
        bool small = weir_kind_width(kind) == 4;
        struct weir_column column = { .rows = 1 };
        column.values.bytes = small ? (const uint8_t *)&narrow : (const uint8_t *)&wide;
        column.values.size = small ? sizeof narrow : sizeof wide;
        weir_value_text(&column, shape->type, 0, out);
        return;
    }
    if (number == floor(number) && fabs(number) < 1e15) {
        weir_html_count(out, (int64_t)number);
        return;
    }
    weir_buffer_format(out, "%.6g", number);
}

static void number_cell(struct weir_buffer *out, const struct clean_shape *shape, bool known, double number)
{
    struct weir_buffer text = { 0 };
    weir_buffer_string(out, "<td class=\"n\">");
    if (known) {
        append_number(&text, shape, number);
        weir_html_text(out, text.bytes ? text.bytes : "", text.size);
    } else {
        weir_buffer_string(out, "\xE2\x80\x93");
    }
    out->failed |= text.failed;
    weir_buffer_release(&text);
    weir_buffer_string(out, "</td>");
}

enum measure { MINIMUM, QUARTILE, MEDIAN, UPPER_QUARTILE, MAXIMUM, MEAN, DEVIATION, MEASURES };
static const char *const measure_names[] = { "Minimum", "First quartile",    "Median", "Third quartile", "Maximum",
                                             "Mean",    "Standard deviation" };

/* False: it has none. *failed: out of memory. */
static bool measure(struct clean_shape *shape, enum measure which, double *value, bool *failed)
{
    const struct weir_statistics *statistics = &shape->statistics;
    *value = 0;
    if (shape->kind != CLEAN_NUMBERS || statistics->count == 0)
        return false;
    bool moment = shape->type->kind >= WEIR_DATE32 && shape->type->kind <= WEIR_DURATION;
    switch (which) {
    case MINIMUM:
        *value = statistics->minimum;
        break;
    case MAXIMUM:
        *value = statistics->maximum;
        break;
    case MEAN:
        *value = statistics->mean;
        return isfinite(*value);
    case DEVIATION:
        *value = weir_statistics_deviation(statistics, 0);
        return isfinite(*value) && !moment;
    default:
        *failed |= weir_quantiles_value(shape->quantiles, 0.25 * (double)which, value) < 0;
        break;
    }
    return true;
}

static void append_histogram(struct weir_buffer *out, const struct clean_shape *shape, const char *when, bool no_values)
{
    const int64_t *bins;
    double ends[2];
    struct weir_buffer texts[2] = { { 0 }, { 0 } }, title = { 0 };
    int count = shape->kind == CLEAN_NUMBERS ? weir_histogram_bins(&shape->histogram, &bins, &ends[0], &ends[1]) : 0;
    weir_buffer_format(out, "<figure><figcaption>%s</figcaption>\n", when);
    if (count == 0) {
        weir_buffer_string(out, shape->kind == CLEAN_NUMBERS ? "<p class=\"quiet\">no number</p>"
                                                             : "<p class=\"quiet\">no column of numbers</p>");
    } else {
        for (int i = 0; i < 2; i++)
            append_number(&texts[i], shape, ends[i]);
        weir_buffer_format(&title, "Histogram, %s: ", when);
        weir_html_counted(&title, shape->histogram.count, "number");
        struct weir_html_bars chart = { .bars = bins,
                                        .count = count,
                                        .title = title.bytes ? title.bytes : "",
                                        .low = no_values ? NULL : texts[0].bytes,
                                        .high = no_values ? NULL : texts[1].bytes };
        weir_html_bars(out, &chart);
    }
    out->failed |= title.failed || texts[0].failed || texts[1].failed;
    weir_buffer_release(&texts[0]);
    weir_buffer_release(&texts[1]);
    weir_buffer_release(&title);
    weir_buffer_string(out, "</figure>\n");
}

static void append_table_head(struct weir_buffer *out, const char *caption, const char *first)
{
    weir_buffer_format(out,
                       "<table><caption>%s</caption>\n<thead><tr><th scope=\"col\">%s</th><th scope=\"col\" "
                       "class=\"n\">Before</th><th scope=\"col\" class=\"n\">After</th></tr></thead>\n<tbody>\n",
                       caption, first);
}

static void append_numbers(struct weir_buffer *out, struct clean_shape *before, struct clean_shape *after,
                           bool no_values)
{
    weir_statistics_finish(&before->statistics);
    weir_statistics_finish(&after->statistics);
    weir_buffer_string(out, "<div class=\"pair\">\n");
    append_histogram(out, before, "before", no_values);
    append_histogram(out, after, "after", no_values);
    weir_buffer_string(out, "</div>\n");
    append_table_head(out, "Statistics", "Measure");
    weir_buffer_string(out, "<tr><th scope=\"row\">Rows</th>");
    weir_html_count_cell(out, before->rows);
    weir_html_count_cell(out, after->rows);
    weir_buffer_string(out, "</tr>\n<tr><th scope=\"row\">Missing</th>");
    weir_html_count_cell(out, before->missing);
    weir_html_count_cell(out, after->missing);
    weir_buffer_string(out, "</tr>\n");
    for (int which = 0; which < MEASURES; which++) {
        double values[2];
        if (no_values && (which == MINIMUM || which == MAXIMUM))
            continue;
        bool known[2] = { measure(before, (enum measure)which, &values[0], &out->failed),
                          measure(after, (enum measure)which, &values[1], &out->failed) };
        if (!known[0] && !known[1])
            continue;
        weir_buffer_format(out, "<tr><th scope=\"row\">%s</th>", measure_names[which]);
        number_cell(out, before, known[0], values[0]);
        number_cell(out, after, known[1], values[1]);
        weir_buffer_string(out, "</tr>\n");
    }
    weir_buffer_string(out, "</tbody></table>\n");
}

/* ---- Texts --------------------------------------------------------------------------------------------------------
 */

/* The most frequent values: indices of items. */
struct frequent {
    uint32_t items[MOST_TEXTS_SHOWN];
    size_t count;
};

static void find_frequent(const struct clean_shape *shape, struct frequent *frequent, bool *failed)
{
    const struct weir_counts *counts = &shape->counts;
    *frequent = (struct frequent){ .count = 0 };
    if (counts->count == 0)
        return;
    uint32_t *index = weir_allocate(counts->count, sizeof *index);
    *failed |= !index;
    if (!index)
        return;
    for (size_t i = 0; i < counts->count; i++)
        index[i] = (uint32_t)i;
    weir_counts_sort_by_count(counts, index, counts->count);
    frequent->count = counts->count < MOST_TEXTS_SHOWN ? counts->count : MOST_TEXTS_SHOWN;
    memcpy(frequent->items, index, frequent->count * sizeof *index);
    free(index);
}

static bool is_among(const struct frequent *frequent, int64_t item)
{
    for (size_t i = 0; i < frequent->count; i++)
        if (frequent->items[i] == item)
            return true;
    return false;
}

static void text_row(struct weir_buffer *out, const struct clean_shape *before, const struct clean_shape *after,
                     const char *text, size_t length)
{
    const struct clean_shape *sides[] = { before, after };
    weir_buffer_string(out, "<tr><th scope=\"row\">");
    struct clean_excerpt excerpt = {
        (char *)(uintptr_t)text, 0, weir_html_fit(text, length, TEXT_BYTES), length, 0, 0
    };
    weir_clean_report_excerpt(out, &excerpt);
    weir_buffer_string(out, "</th>");
    for (int i = 0; i < 2; i++) {
        int64_t at = weir_counts_find(&sides[i]->counts, text, length);
        if (sides[i]->kind == CLEAN_TEXTS && !sides[i]->too_many)
            weir_html_count_cell(out, at < 0 ? 0 : sides[i]->counts.items[at].count);
        else
            weir_buffer_string(out, "<td class=\"n\">\xE2\x80\x93</td>");
    }
    weir_buffer_string(out, "</tr>\n");
}

static void distinct_cell(struct weir_buffer *out, const struct clean_shape *shape)
{
    if (shape->kind == CLEAN_TEXTS && !shape->too_many)
        weir_html_count_cell(out, (int64_t)shape->counts.count);
    else
        weir_buffer_string(out, shape->too_many ? "<td class=\"n\">many</td>" : "<td class=\"n\">\xE2\x80\x93</td>");
}

static void append_texts(struct weir_buffer *out, const struct clean_shape *before, const struct clean_shape *after)
{
    struct frequent first, then;
    find_frequent(before, &first, &out->failed);
    find_frequent(after, &then, &out->failed);
    append_table_head(out, "Most frequent values", "Value");
    for (size_t i = 0; i < first.count; i++)
        text_row(out, before, after, weir_counts_value(&before->counts, first.items[i]),
                 before->counts.items[first.items[i]].size);
    for (size_t i = 0; i < then.count; i++) {
        const char *text = weir_counts_value(&after->counts, then.items[i]);
        size_t length = after->counts.items[then.items[i]].size;
        if (!is_among(&first, weir_counts_find(&before->counts, text, length)))
            text_row(out, before, after, text, length);
    }
    weir_buffer_string(out, "<tr><th scope=\"row\" class=\"quiet\">missing</th>");
    weir_html_count_cell(out, before->missing);
    weir_html_count_cell(out, after->missing);
    weir_buffer_string(out, "</tr>\n<tr><th scope=\"row\" class=\"quiet\">different values</th>");
    distinct_cell(out, before);
    distinct_cell(out, after);
    weir_buffer_string(out, "</tr>\n</tbody></table>\n");
}

/* ---- All columns --------------------------------------------------------------------------------------------------
 */

static void append_passage(struct weir_buffer *out, const struct weir_clean_report *report,
                           struct clean_passage *passage)
{
    const struct weir_schema *in = &report->chain->in, *end = weir_clean_chain_schema(report->chain);
    const char *name = end->fields[passage->to].name;
    struct weir_buffer types[2] = { { 0 }, { 0 } };
    weir_type_describe(&in->fields[passage->from].type, &types[0]);
    weir_type_describe(&end->fields[passage->to].type, &types[1]);
    weir_buffer_string(out, "<section>\n<h3><bdi>");
    weir_html_short(out, name, strlen(name), CLEAN_NAME_BYTES);
    weir_buffer_string(out, "</bdi> <span class=\"quiet\">(");
    for (int i = 0; i < 2; i++) {
        bool same = weir_type_equal(&in->fields[passage->from].type, &end->fields[passage->to].type);
        if (i > 0 && same)
            continue;
        weir_buffer_string(out, i > 0 ? " \xE2\x86\x92 " : "");
        weir_html_short(out, types[i].bytes ? types[i].bytes : "", types[i].size, CLEAN_NAME_BYTES);
        out->failed |= types[i].failed;
    }
    weir_buffer_string(out, ")</span></h3>\n");
    weir_buffer_release(&types[0]);
    weir_buffer_release(&types[1]);
    if (passage->before.kind == CLEAN_NUMBERS || passage->after.kind == CLEAN_NUMBERS)
        append_numbers(out, &passage->before, &passage->after, report->no_values);
    if (passage->before.kind == CLEAN_TEXTS || passage->after.kind == CLEAN_TEXTS)
        append_texts(out, &passage->before, &passage->after);
    weir_buffer_string(out, "</section>\n");
}

void weir_clean_report_columns(struct weir_buffer *out, struct weir_clean_report *report)
{
    int shown = 0, differ = 0;
    weir_buffer_string(out, "<section>\n<h2 id=\"columns\">Columns before and after</h2>\n");
    for (int i = 0; i < report->passage_count; i++) {
        struct clean_passage *passage = &report->passages[i];
        bool seen = passage->before.kind != CLEAN_NO_SHAPE || passage->after.kind != CLEAN_NO_SHAPE;
        if (!passage->forked || !seen)
            continue;
        if (differ++ < MOST_SHOWN) {
            append_passage(out, report, passage);
            shown++;
        }
    }
    if (differ == 0)
        weir_buffer_string(out, "<p>No column differs.</p>\n");
    if (differ > shown) {
        weir_buffer_string(out, "<p class=\"quiet\">");
        weir_html_counted(out, differ - shown, "column");
        weir_buffer_string(out, " more changed and are not shown here.</p>\n");
    }
    weir_buffer_string(out, "</section>\n");
}
