/* clean's report: the page and its head. */
#include "stage/clean_report_private.h"

/* ---- The head -----------------------------------------------------------------------------------------------------
 */

static void append_head(struct weir_buffer *out, const struct weir_clean_report *report)
{
    int64_t fates[CLEAN_FATE_COUNT] = { 0 };
    for (int i = 0; i < report->step_count; i++)
        for (int column = 0; column < report->steps[i].count; column++)
            for (int fate = 0; report->steps[i].cells[column] && fate < CLEAN_FATE_COUNT; fate++)
                fates[fate] += report->steps[i].cells[column]->counts[fate];
    weir_buffer_string(out, "<dl class=\"tiles\">\n");
    weir_html_tile(out, "Rows in", report->rows_in);
    weir_html_tile(out, "Rows out", report->rows_out);
    weir_html_tile(out, "Rows dropped", report->rows_in - report->rows_out);
    weir_html_tile(out, "Cells changed", fates[CLEAN_CHANGED]);
    weir_html_tile(out, "Cells made missing", fates[CLEAN_EMPTIED]);
    weir_html_tile(out, "Cells filled", fates[CLEAN_FILLED]);
    weir_buffer_string(out, "</dl>\n");
}

static void append_why(struct weir_buffer *out, const struct weir_clean_report *report)
{
    if (report->rows_in == report->rows_out)
        return;
    weir_buffer_string(out, "<p>Dropped, and why:</p>\n<ul>\n");
    for (int i = 0; i < report->step_count; i++) {
        const struct clean_step *step = &report->steps[i];
        for (int d = 0; d < step->drop_count; d++) {
            weir_buffer_string(out, "<li>");
            weir_html_counted(out, step->drops[d].rows, "row");
            weir_buffer_string(out, ": ");
            weir_html_short(out, step->drops[d].reason, strlen(step->drops[d].reason), CLEAN_NAME_BYTES);
            weir_buffer_string(out, "</li>\n");
        }
        if (step->drops_unnamed > 0) {
            weir_buffer_string(out, "<li>");
            weir_html_counted(out, step->drops_unnamed, "row");
            weir_buffer_string(out, ": other reasons</li>\n");
        }
    }
    weir_buffer_string(out, "</ul>\n");
}

static void append_contents(struct weir_buffer *out, const struct weir_clean_report *report)
{
    weir_buffer_string(out, "<nav aria-label=\"Contents\"><ol>\n");
    for (int i = 0; i < report->step_count; i++)
        weir_buffer_format(out, "<li><a href=\"#step-%d\">%s</a></li>\n", i + 1,
                           weir_clean_part_name(report->chain->bindings[i].stage));
    weir_buffer_string(out, "</ol>\n<p><a href=\"#columns\">Columns before and after</a></p></nav>\n");
}

int weir_clean_report_page(struct weir_clean_report *report, struct weir_buffer *out, struct weir_error *error)
{
    if (!report->chain)
        return weir_fail(error, WEIR_BUG, "a report without any binding");
    weir_html_begin(out, "What clean changed");
    append_head(out, report);
    append_why(out, report);
    weir_buffer_string(out,
                       "<p class=\"quiet\">A cell is one value of one row; each step counts those of the rows that "
                       "stay in it, so that a cell which two steps change is counted twice. Rows are numbered from "
                       "1, as they came. Examples are the first three and three others chosen by chance. Blanks at "
                       "an end or side by side are shown as <i class=\"mark\">\xE2\x90\xA3</i>, characters that "
                       "cannot be seen by their names.</p>\n");
    append_contents(out, report);
    for (int i = 0; i < report->step_count; i++)
        if (weir_clean_report_append_step(out, report, i, error) < 0)
            return -1;
    weir_clean_report_columns(out, report);
    weir_html_end(out);
    return weir_buffer_check(out, error);
}
