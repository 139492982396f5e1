#include "base/html.h"
#include "eval/curve.h"
#include "eval/page_private.h"
#include <math.h>
#include <string.h>

enum { MOST_VALUE = 200 }; /* bytes */

/* A value of a column or a class, cut when it is very long. */
static void append_name(struct weir_buffer *out, const char *text, size_t length)
{
    if (length == 0)
        weir_buffer_string(out, "<span class=\"quiet\">(empty)</span>");
    else {
        size_t fits = weir_html_fit(text, length, MOST_VALUE);
        weir_buffer_string(out, "<bdi>");
        weir_html_value(out, text, fits, '\0', fits < length ? 'x' : '\0');
        weir_buffer_string(out, "</bdi>");
        weir_html_cut(out, length, fits);
    }
}

static void append_value(struct weir_buffer *out, const struct weir_metrics *metrics, double value)
{
    if (isnan(value))
        weir_buffer_string(out, "\xE2\x80\x93");
    else
        weir_buffer_format(out, metrics->numbers ? "%.6g" : "%.4f", value);
}

static void append_cell(struct weir_buffer *out, const struct weir_metrics *metrics, double value)
{
    weir_buffer_string(out, "<td class=\"n\">");
    append_value(out, metrics, value);
    weir_buffer_string(out, "</td>");
}

static void append_share(struct weir_buffer *out, double value)
{
    weir_buffer_format(out, "<td class=\"n\">%.4f</td>", value);
}

static void append_head(struct weir_buffer *out, const char *first, const char *const *names, size_t count)
{
    weir_buffer_format(out, "<thead><tr><th scope=\"col\">%s</th>", first);
    for (size_t i = 0; i < count; i++)
        weir_buffer_format(out, "<th scope=\"col\" class=\"n\">%s</th>", names[i]);
    weir_buffer_string(out, "</tr></thead>\n<tbody>\n");
}

static void append_left_out(struct weir_buffer *out, int64_t count, const char *what)
{
    if (count == 0)
        return;
    weir_buffer_string(out, "<p class=\"quiet\">And ");
    weir_html_count(out, count);
    weir_buffer_format(out, " %s more, which --json has.</p>\n", what);
}

void weir_page_metrics(struct weir_buffer *out, const struct weir_metrics *metrics)
{
    static const char *const names[] = { "value", "baseline", "interval" };
    int first = metrics->numbers ? WEIR_METRIC_FIRST_OF_NUMBERS : 0;
    int end = metrics->numbers ? WEIR_METRIC_COUNT : WEIR_METRIC_FIRST_OF_NUMBERS;
    bool intervals = metrics->confidence > 0;
    weir_buffer_string(out, "<h2>Metrics</h2>\n<table><caption>Beside the baseline: ");
    weir_buffer_string(out, metrics->numbers ? "the mean of the labels"
                                             : "the most frequent class, with the classes' shares as probabilities");
    if (intervals)
        weir_buffer_format(out, "; intervals hold %g %% of samples of as many rows", metrics->confidence * 100);
    weir_buffer_string(out, "</caption>\n");
    append_head(out, "metric", names, intervals ? 3 : 2);
    for (int i = first; i < end; i++) {
        if (isnan(metrics->value[i]) && isnan(metrics->baseline[i]))
            continue;
        weir_buffer_format(out, "<tr><th scope=\"row\">%s</th>", weir_metric_name((enum weir_metric)i));
        append_cell(out, metrics, metrics->value[i]);
        append_cell(out, metrics, metrics->baseline[i]);
        if (intervals) {
            weir_buffer_string(out, "<td class=\"n\">");
            append_value(out, metrics, metrics->low[i]);
            weir_buffer_string(out, isnan(metrics->low[i]) ? "" : " to ");
            if (!isnan(metrics->low[i]))
                append_value(out, metrics, metrics->high[i]);
            weir_buffer_string(out, "</td>");
        }
        weir_buffer_string(out, "</tr>\n");
    }
    weir_buffer_string(out, "</tbody></table>\n");
}

void weir_page_classes(struct weir_buffer *out, const struct weir_metrics *metrics)
{
    static const char *const names[] = { "rows", "precision", "recall", "F1" };
    const struct weir_classes *classes = metrics->classes;
    int shown = 0, left = 0;
    weir_buffer_string(out, "<h2>Classes</h2>\n<table><caption>Each class against all others</caption>\n");
    append_head(out, "class", names, sizeof names / sizeof *names);
    for (int c = 0; c < classes->count; c++) {
        const struct weir_class_counts *counts = &metrics->counts[c];
        if (counts->support == 0 && counts->predicted == 0)
            continue;
        if (shown == WEIR_PAGE_ROWS) {
            left++;
            continue;
        }
        shown++;
        struct weir_class_score score = weir_class_score(counts);
        weir_buffer_string(out, "<tr><th scope=\"row\">");
        append_name(out, classes->names[c], classes->lengths[c]);
        weir_buffer_string(out, "</th><td class=\"n\">");
        weir_html_count(out, (int64_t)counts->support);
        weir_buffer_string(out, "</td>");
        append_share(out, score.precision);
        append_share(out, score.recall);
        append_share(out, score.f1);
        weir_buffer_string(out, "</tr>\n");
    }
    weir_buffer_string(out, "</tbody></table>\n");
    append_left_out(out, left, left == 1 ? "class" : "classes");
}

static void append_threshold(struct weir_buffer *out, const struct weir_threshold *threshold, const char *mark)
{
    weir_buffer_format(out, "<tr><th scope=\"row\">%.4g%s</th>", threshold->threshold, mark);
    append_share(out, threshold->precision);
    append_share(out, threshold->recall);
    append_share(out, threshold->f1);
    append_share(out, threshold->false_positive_rate);
    append_share(out, threshold->taken);
    weir_buffer_string(out, "</tr>\n");
}

void weir_page_thresholds(struct weir_buffer *out, const struct weir_predictions *predictions, const uint32_t *order)
{
    enum { STEPS = 9 };
    static const char *const names[] = { "precision", "recall", "F1", "false positive rate", "rows taken" };
    struct weir_threshold thresholds[STEPS], best;
    for (int i = 0; i < STEPS; i++)
        thresholds[i].threshold = (i + 1) / 10.0;
    weir_thresholds_measure(predictions, order, thresholds, STEPS, &best);
    weir_buffer_string(out, "<h2>Thresholds</h2>\n<table><caption>If a row were taken for ");
    append_name(out, predictions->classes.names[1], predictions->classes.lengths[1]);
    weir_buffer_string(out, " when its probability reaches the threshold</caption>\n");
    append_head(out, "threshold", names, sizeof names / sizeof *names);
    bool placed = isnan(best.threshold);
    for (int i = 0; i < STEPS; i++) {
        if (!placed && best.threshold <= thresholds[i].threshold) {
            append_threshold(out, &best, " (best F1)");
            placed = true;
        }
        append_threshold(out, &thresholds[i], "");
    }
    if (!placed)
        append_threshold(out, &best, " (best F1)");
    weir_buffer_string(out, "</tbody></table>\n");
    if (isnan(best.threshold))
        weir_buffer_string(out, "<p>No row has the class as its label.</p>\n");
    else
        weir_buffer_string(out, "<p class=\"quiet\">The best threshold is that of these rows: other rows tell how good "
                                "it is.</p>\n");
}

/* ---- By column ------------------------------------------------------------------------------------------------ */

static void append_slice(struct weir_buffer *out, const struct weir_report_slice *slice, const enum weir_metric *shown,
                         size_t count)
{
    weir_buffer_string(out, "<tr><th scope=\"row\">");
    if (slice->value)
        append_name(out, slice->value, slice->value_length);
    else
        weir_buffer_string(out, "<span class=\"quiet\">(missing)</span>");
    weir_buffer_string(out, "</th><td class=\"n\">");
    weir_html_count(out, slice->metrics.rows);
    weir_buffer_string(out, "</td>");
    for (size_t m = 0; m < count; m++)
        append_cell(out, &slice->metrics, slice->metrics.value[shown[m]]);
    weir_buffer_string(out, "</tr>\n");
}

void weir_page_slices(struct weir_buffer *out, const struct weir_report *report)
{
    static const enum weir_metric of_classes[] = { WEIR_METRIC_ACCURACY, WEIR_METRIC_F1, WEIR_METRIC_AUC,
                                                   WEIR_METRIC_LOG_LOSS },
                                  of_numbers[] = { WEIR_METRIC_RMSE, WEIR_METRIC_MAE, WEIR_METRIC_R2 };
    static const char *const class_names[] = { "rows", "accuracy", "F1", "AUC", "log loss" }, *const number_names[] = {
        "rows", "RMSE", "MAE", "R\xC2\xB2"
    };
    bool numbers = report->whole.numbers;
    size_t count = numbers ? sizeof of_numbers / sizeof *of_numbers : sizeof of_classes / sizeof *of_classes;
    for (size_t i = 0, end; i < report->slice_count; i = end) {
        const char *column = report->slices[i].column;
        for (end = i; end < report->slice_count && strcmp(report->slices[end].column, column) == 0; end++)
            ;
        size_t shown = end - i < WEIR_PAGE_ROWS ? end - i : WEIR_PAGE_ROWS;
        weir_buffer_string(out, "<h2>By ");
        append_name(out, column, strlen(column));
        weir_buffer_string(out, "</h2>\n<table><caption>The rows with each value of the column</caption>\n");
        append_head(out, "value", numbers ? number_names : class_names, count + 1);
        for (size_t s = i; s < i + shown; s++)
            append_slice(out, &report->slices[s], numbers ? of_numbers : of_classes, count);
        weir_buffer_string(out, "</tbody></table>\n");
        append_left_out(out, (int64_t)(end - i - shown), end - i - shown == 1 ? "value" : "values");
    }
}
