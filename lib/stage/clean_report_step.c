/* clean's report: what each step did. */
#include "stage/clean_report_private.h"

/* What a page holds, so that a table of 10,000 columns makes no page that cannot be read. */
enum { MOST_COLUMNS = 40, MOST_NAMES = 100, OPTION_BYTES = 2000, ROWS_NAMED = 6 };

static void append_name(struct weir_buffer *out, const char *name)
{
    weir_buffer_string(out, "<bdi>");
    weir_html_short(out, name, strlen(name), CLEAN_NAME_BYTES);
    weir_buffer_string(out, "</bdi>");
}

static void append_type(struct weir_buffer *out, const struct weir_type *type)
{
    struct weir_buffer text = { 0 };
    weir_type_describe(type, &text);
    if (text.bytes)
        weir_html_short(out, text.bytes, text.size, CLEAN_NAME_BYTES);
    out->failed |= text.failed;
    weir_buffer_release(&text);
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

/* Bytes first .. last - 1 of an excerpt, within `tag`. */
static void append_stretch(struct weir_buffer *out, const struct clean_excerpt *excerpt, size_t first, size_t last,
                           const char *tag)
{
    if (first >= last)
        return;
    bool begins = excerpt->from == 0 && first == 0;
    bool ends = excerpt->from + last == excerpt->whole;
    if (tag)
        weir_buffer_format(out, "<%s>", tag);
    weir_html_value(out, excerpt->bytes + first, last - first,
                    begins      ? '\0'
                    : first > 0 ? excerpt->bytes[first - 1]
                                : 'x',
                    ends                     ? '\0'
                    : last < excerpt->length ? excerpt->bytes[last]
                                             : 'x');
    if (tag)
        weir_buffer_format(out, "</%s>", tag);
}

static void append_end(struct weir_buffer *out, const struct clean_excerpt *excerpt)
{
    if (excerpt->from + excerpt->length < excerpt->whole)
        weir_buffer_string(out, "\xE2\x80\xA6");
    weir_buffer_string(out, "</bdi>");
    if (excerpt->length < excerpt->whole) {
        weir_buffer_string(out, " <span class=\"quiet\">(cut: ");
        weir_html_counted(out, (int64_t)excerpt->whole, "byte");
        weir_buffer_string(out, ")</span>");
    }
}

/* The value with what differs marked by the tag; NULL: not marked. */
static void append_marked(struct weir_buffer *out, const struct clean_excerpt *excerpt, const char *tag)
{
    if (!excerpt->bytes) {
        weir_buffer_string(out, "<span class=\"quiet\">missing</span>");
        return;
    }
    if (excerpt->whole == 0) {
        weir_buffer_string(out, "<span class=\"quiet\">empty text</span>");
        return;
    }
    weir_buffer_string(out, excerpt->from > 0 ? "<bdi>\xE2\x80\xA6" : "<bdi>");
    append_stretch(out, excerpt, 0, excerpt->first, NULL);
    append_stretch(out, excerpt, excerpt->first, excerpt->last, tag);
    append_stretch(out, excerpt, excerpt->last, excerpt->length, NULL);
    append_end(out, excerpt);
}

void weir_clean_report_excerpt(struct weir_buffer *out, const struct clean_excerpt *excerpt)
{
    append_marked(out, excerpt, NULL);
}

static void append_change(struct weir_buffer *out, const struct clean_excerpt pair[2])
{
    append_marked(out, &pair[0], "del");
    weir_buffer_string(out, " <span class=\"quiet\">\xE2\x86\x92</span> ");
    append_marked(out, &pair[1], "ins");
}

/* ---- One column of a step -----------------------------------------------------------------------------------------
 */

static void append_rows(struct weir_buffer *out, const struct clean_examples *examples, int64_t all)
{
    weir_buffer_string(out, all == 1 ? "row " : "rows ");
    for (int i = 0; i < examples->count && i < ROWS_NAMED; i++) {
        weir_buffer_string(out, i > 0 ? ", " : "");
        weir_html_count(out, examples->items[i].row);
    }
    if (all > examples->count)
        weir_buffer_string(out, ", \xE2\x80\xA6");
}

static void append_changes(struct weir_buffer *out, struct clean_examples *examples)
{
    weir_clean_examples_sort(examples);
    for (int i = 0; i < examples->count; i++) {
        weir_buffer_string(out, "<li><span class=\"quiet\">row ");
        weir_html_count(out, examples->items[i].row);
        weir_buffer_string(out, ":</span> ");
        append_change(out, examples->items[i].values);
        weir_buffer_string(out, "</li>");
    }
}

static void append_fill(struct weir_buffer *out, const struct clean_cells *cells, const char *rule, bool no_values)
{
    weir_buffer_string(out, "<li>filled");
    if (rule || (!cells->fills_differ && !no_values))
        weir_buffer_string(out, " with ");
    if (rule)
        weir_html_text(out, rule, strlen(rule));
    if (!cells->fills_differ && !no_values) {
        weir_buffer_string(out, rule ? " <ins>" : "<ins>");
        weir_clean_report_excerpt(out, &cells->fill);
        weir_buffer_string(out, "</ins>");
    }
    weir_buffer_string(out, " <span class=\"quiet\">(");
    append_rows(out, cells->examples[CLEAN_FILLED], cells->counts[CLEAN_FILLED]);
    weir_buffer_string(out, ")</span></li>");
}

static void append_examples(struct weir_buffer *out, struct weir_clean_report *report, const struct clean_step *step,
                            int column, const char *rule)
{
    struct clean_cells *cells = step->cells[column];
    weir_buffer_string(out, "<td><ul>");
    if (cells->examples[CLEAN_FILLED]) {
        weir_clean_examples_sort(cells->examples[CLEAN_FILLED]);
        append_fill(out, cells, rule, report->no_values);
        if (cells->fills_differ && !report->no_values)
            append_changes(out, cells->examples[CLEAN_FILLED]);
    }
    for (int fate = CLEAN_CHANGED; fate <= CLEAN_EMPTIED; fate++) {
        if (!cells->examples[fate])
            continue;
        if (!report->no_values) {
            append_changes(out, cells->examples[fate]);
            continue;
        }
        weir_clean_examples_sort(cells->examples[fate]);
        weir_buffer_string(out, fate == CLEAN_CHANGED ? "<li>changed in " : "<li>made missing in ");
        append_rows(out, cells->examples[fate], cells->counts[fate]);
        weir_buffer_string(out, "</li>");
    }
    weir_buffer_string(out, "</ul></td>");
}

static void append_count_cell(struct weir_buffer *out, const char *name, int64_t count)
{
    weir_buffer_format(out, "<td class=\"n%s\" data-name=\"%s\">", count == 0 ? " none" : "", name);
    weir_html_count(out, count);
    weir_buffer_string(out, "</td>");
}

static int64_t touched(const struct clean_cells *cells)
{
    return cells ? cells->counts[CLEAN_CHANGED] + cells->counts[CLEAN_EMPTIED] + cells->counts[CLEAN_FILLED] : 0;
}

/* ---- A step -------------------------------------------------------------------------------------------------------
 */

/* The `most` columns with the most changed cells, ties in their own order; how many were changed at all. */
static int most_touched(const struct clean_step *step, int *chosen, int most, int *chosen_count)
{
    int all = 0, count = 0;
    for (int column = 0; column < step->count; column++) {
        int64_t cells = touched(step->cells[column]);
        if (cells == 0)
            continue;
        all++;
        int at = count < most ? count++ : most;
        for (; at > 0 && touched(step->cells[chosen[at - 1]]) < cells; at--)
            if (at < most)
                chosen[at] = chosen[at - 1];
        if (at < most)
            chosen[at] = column;
    }
    *chosen_count = count;
    return all;
}

static void append_table(struct weir_buffer *out, struct weir_clean_report *report, int i)
{
    const struct clean_step *step = &report->steps[i];
    const struct weir_binding *binding = &report->chain->bindings[i];
    int chosen[MOST_COLUMNS], count;
    int all = most_touched(step, chosen, MOST_COLUMNS, &count);
    if (all == 0)
        return;
    weir_buffer_string(out, "<table class=\"wide\"><caption>Cells changed, by column");
    if (all > count) {
        weir_buffer_format(out, ": the %d of ", count);
        weir_html_counted(out, all, "column");
        weir_buffer_string(out, " with the most");
    }
    weir_buffer_string(out, "</caption>\n<thead><tr><th scope=\"col\">Column</th><th scope=\"col\" class=\"n\">Changed"
                            "</th><th scope=\"col\" class=\"n\">Made missing</th><th scope=\"col\" class=\"n\">Filled"
                            "</th><th scope=\"col\">Examples</th></tr></thead>\n<tbody>\n");
    for (int c = 0; c < count; c++) {
        const struct clean_cells *cells = step->cells[chosen[c]];
        const struct weir_field *field = &step->after->fields[chosen[c]];
        const char *rule = NULL;
        if (cells->counts[CLEAN_FILLED] > 0 && binding->stage->kind == &weir_clean_values_kind)
            rule = weir_clean_values_fill_rule(binding, field->name);
        weir_buffer_string(out, "<tr><th scope=\"row\">");
        append_name(out, field->name);
        weir_buffer_string(out, "</th>");
        append_count_cell(out, "Changed", cells->counts[CLEAN_CHANGED]);
        append_count_cell(out, "Made missing", cells->counts[CLEAN_EMPTIED]);
        append_count_cell(out, "Filled", cells->counts[CLEAN_FILLED]);
        append_examples(out, report, step, chosen[c], rule);
        weir_buffer_string(out, "</tr>\n");
    }
    weir_buffer_string(out, "</tbody></table>\n");
}

static void append_dropped_rows(struct weir_buffer *out, const struct weir_clean_report *report,
                                const struct clean_step *step, struct clean_drops *drops)
{
    weir_clean_examples_sort(&drops->examples);
    if (report->no_values) {
        append_rows(out, &drops->examples, drops->rows);
        return;
    }
    weir_buffer_string(out, "<ul>");
    for (int i = 0; i < drops->examples.count; i++) {
        weir_buffer_string(out, "<li><span class=\"quiet\">row ");
        weir_html_count(out, drops->examples.items[i].row);
        weir_buffer_string(out, ":</span>");
        for (int c = 0; c < drops->column_count; c++) {
            weir_buffer_string(out, c > 0 ? ", " : " ");
            append_name(out, step->before->fields[drops->columns[c]].name);
            weir_buffer_string(out, " = ");
            weir_clean_report_excerpt(out, &drops->examples.items[i].values[c]);
        }
        weir_buffer_string(out, "</li>");
    }
    weir_buffer_string(out, "</ul>");
}

static void append_drops(struct weir_buffer *out, struct weir_clean_report *report, struct clean_step *step)
{
    if (step->dropped == 0)
        return;
    weir_buffer_string(out,
                       "<table class=\"wide\"><caption>Rows dropped</caption>\n<thead><tr><th scope=\"col\">Why</th>"
                       "<th scope=\"col\" class=\"n\">Rows</th><th scope=\"col\">Examples</th></tr></thead>\n"
                       "<tbody>\n");
    for (int i = 0; i < step->drop_count; i++) {
        weir_buffer_string(out, "<tr><th scope=\"row\">");
        weir_html_short(out, step->drops[i].reason, strlen(step->drops[i].reason), CLEAN_NAME_BYTES);
        weir_buffer_string(out, "</th>");
        append_count_cell(out, "Rows", step->drops[i].rows);
        weir_buffer_string(out, "<td>");
        append_dropped_rows(out, report, step, &step->drops[i]);
        weir_buffer_string(out, "</td></tr>\n");
    }
    if (step->drops_unnamed > 0) {
        weir_buffer_string(out, "<tr><th scope=\"row\">other reasons</th>");
        append_count_cell(out, "Rows", step->drops_unnamed);
        weir_buffer_string(out, "<td></td></tr>\n");
    }
    weir_buffer_string(out, "</tbody></table>\n");
}

/* "<p>WHAT: a, b, c and 12 more</p>", name by name. */
struct names {
    struct weir_buffer *out;
    const char *what;
    int count;
};
static void next_name(struct names *names, const char *name)
{
    if (names->count == 0)
        weir_buffer_format(names->out, "<p>%s: ", names->what);
    if (++names->count > MOST_NAMES)
        return;
    weir_buffer_string(names->out, names->count > 1 ? ", " : "");
    append_name(names->out, name);
}
static void end_names(struct names *names)
{
    if (names->count > MOST_NAMES) {
        weir_buffer_string(names->out, " and ");
        weir_html_count(names->out, names->count - MOST_NAMES);
        weir_buffer_string(names->out, " more");
    }
    if (names->count > 0)
        weir_buffer_string(names->out, "</p>\n");
}

static int append_columns_left_out(struct weir_buffer *out, const struct clean_step *step, struct weir_error *error)
{
    struct names names = { .out = out, .what = "Columns left out" };
    bool *stays = weir_allocate_zero((size_t)step->before->count, sizeof *stays);
    if (!stays)
        return weir_fail_memory(error);
    for (int i = 0; i < step->count; i++)
        if (step->source[i] >= 0)
            stays[step->source[i]] = true;
    for (int i = 0; i < step->before->count; i++)
        if (!stays[i])
            next_name(&names, step->before->fields[i].name);
    free(stays);
    end_names(&names);
    return names.count;
}

static int append_other_columns(struct weir_buffer *out, const struct clean_step *step)
{
    struct names added = { .out = out, .what = "Columns added" }, types = { .out = out, .what = "Types changed" };
    for (int i = 0; i < step->count; i++)
        if (step->source[i] < 0)
            next_name(&added, step->after->fields[i].name);
    end_names(&added);
    for (int i = 0; i < step->count; i++) {
        if (step->source[i] < 0)
            continue;
        const struct weir_type *before = &step->before->fields[step->source[i]].type;
        if (weir_type_equal(before, &step->after->fields[i].type))
            continue;
        next_name(&types, step->after->fields[i].name);
        if (types.count > MOST_NAMES)
            continue;
        weir_buffer_string(out, " <span class=\"quiet\">(");
        append_type(out, before);
        weir_buffer_string(out, " \xE2\x86\x92 ");
        append_type(out, &step->after->fields[i].type);
        weir_buffer_string(out, ")</span>");
    }
    end_names(&types);
    return added.count + types.count;
}

int weir_clean_report_append_step(struct weir_buffer *out, struct weir_clean_report *report, int i,
                                  struct weir_error *error)
{
    struct clean_step *step = &report->steps[i];
    const struct weir_stage *part = report->chain->bindings[i].stage;
    struct weir_buffer options = { 0 };
    int64_t cells = 0;
    weir_buffer_format(out, "<section>\n<h2 id=\"step-%d\">Step %d: %s</h2>\n<p>", i + 1, i + 1,
                       weir_clean_part_name(part));
    int result = weir_clean_part_options(part, &options, error);
    if (result == 0 && options.size > 1) {
        weir_buffer_string(out, "<code>");
        weir_html_short(out, options.bytes + 1, options.size - 1, OPTION_BYTES);
        weir_buffer_string(out, "</code>");
    } else {
        weir_buffer_string(out, "<span class=\"quiet\">no options: the defaults</span>");
    }
    weir_buffer_string(out, "</p>\n");
    out->failed |= options.failed;
    weir_buffer_release(&options);
    if (result < 0)
        return -1;
    int others = append_columns_left_out(out, step, error);
    if (others < 0)
        return -1;
    others += append_other_columns(out, step);
    for (int column = 0; column < step->count; column++)
        cells += touched(step->cells[column]);
    append_table(out, report, i);
    append_drops(out, report, step);
    if (cells == 0 && step->dropped == 0 && others == 0)
        weir_buffer_string(out, "<p>Nothing was changed.</p>\n");
    weir_buffer_string(out, "</section>\n");
    return 0;
}
