/* The reliability diagram. */
#include "base/html.h"
#include "eval/calibration.h"
#include "eval/plot.h"
#include <math.h>

enum { BINS = WEIR_CALIBRATION_BINS };

static void draw_bins(struct weir_chart *chart, const struct weir_calibration_bin *bins)
{
    double xs[BINS], ys[BINS];
    size_t count = 0;
    struct weir_buffer text = { 0 };
    for (int i = 0; i < BINS; i++) {
        if (bins[i].rows == 0)
            continue;
        xs[count] = bins[i].probability / bins[i].rows;
        ys[count++] = bins[i].right / bins[i].rows;
    }
    weir_chart_guide(chart, 0, 0, 1, 1);
    weir_chart_line(chart, weir_ink_of_series(0), 0, xs, ys, count);
    for (size_t i = 0, bin = 0; i < count; i++, bin++) {
        while (bins[bin].rows == 0)
            bin++;
        weir_chart_marks(chart, weir_ink_of_series(0), WEIR_MARK_DISC, 8, 1, xs + i, ys + i, 1);
        weir_buffer_clear(&text);
        weir_html_counted(&text, (int64_t)bins[bin].rows, "row");
        weir_buffer_format(&text, ": mean probability %.4f, share %.4f", xs[i], ys[i]);
        if (!text.failed)
            weir_drawing_note(chart->drawing, text.bytes, text.size);
    }
    chart->drawing->failed |= text.failed;
    weir_buffer_release(&text);
}

static void draw_counts(struct weir_chart *chart, const struct weir_calibration_bin *bins)
{
    struct weir_buffer text = { 0 };
    for (int i = 0; i < BINS; i++) {
        if (bins[i].rows == 0)
            continue;
        struct weir_drawing_shape *bar =
            weir_chart_bar(chart, weir_ink_of_series(0), (double)i / BINS, (i + 1.0) / BINS, bins[i].rows);
        if (!chart->drawing->cells)
            bar->width -= 1;
        weir_buffer_clear(&text);
        weir_html_counted(&text, (int64_t)bins[i].rows, "row");
        weir_buffer_format(&text, " with a probability from %.3f to %.3f", (double)i / BINS, (i + 1.0) / BINS);
        if (!text.failed)
            weir_drawing_note(chart->drawing, text.bytes, text.size);
    }
    chart->drawing->failed |= text.failed;
    weir_buffer_release(&text);
}

int weir_plot_calibration(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                          const struct weir_plot_style *style, struct weir_error *error)
{
    struct weir_chart chart = weir_plot_chart(drawing, style, "Calibration"), below;
    struct weir_calibration_bin bins[BINS];
    struct weir_buffer note = { 0 }, axis = { 0 }, share = { 0 };
    size_t length;
    double most = 1, whole = chart.height;
    weir_calibration_diagram(predictions->probability, predictions->rows, predictions->width, predictions->label,
                             predictions->predicted, bins);
    for (int i = 0; i < BINS; i++)
        most = fmax(most, bins[i].rows);
    weir_html_counted(&note, predictions->rows, "row");
    weir_buffer_format(&note, " in %d bins of one width", BINS);
    weir_buffer_string(&axis, "probability of ");
    if (predictions->width == 2) {
        const char *name = weir_plot_name(&predictions->classes, 1, &length);
        weir_buffer_append(&axis, name, weir_html_fit(name, length, 60));
        weir_buffer_string(&share, "share of ");
        weir_buffer_append(&share, name, weir_html_fit(name, length, 60));
    } else {
        weir_buffer_string(&axis, "the prediction");
        weir_buffer_string(&share, "accuracy");
    }
    bool failed = note.failed || axis.failed || share.failed;
    int result = failed ? weir_fail_memory(error) : 0;
    if (result == 0) {
        chart.note = note.bytes;
        chart.height = drawing->cells ? floor(whole * 0.68 / WEIR_CELL_HEIGHT) * WEIR_CELL_HEIGHT : whole * 0.7;
        chart.x = (struct weir_axis){ .low = 0, .high = 1 };
        chart.y = (struct weir_axis){ .low = 0, .high = 1, .title = share.bytes };
        below = chart;
        below.y = (struct weir_axis){ .low = 0, .high = most, .whole = true, .title = "rows" };
        if (style->log_y)
            below.y = (struct weir_axis){ .low = 0.5, .high = fmax(most, 10), .logarithmic = true, .title = "rows" };
        chart.side = weir_chart_side(&below);
        weir_chart_begin(&chart);
        draw_bins(&chart, bins);
        below.title = below.note = NULL;
        below.side = chart.x0 - chart.left;
        below.top = chart.top + chart.height;
        below.height = whole - chart.height;
        below.x.title = axis.bytes;
        weir_chart_begin(&below);
        draw_counts(&below, bins);
        result = weir_drawing_check(drawing, error);
    }
    weir_buffer_release(&note);
    weir_buffer_release(&axis);
    weir_buffer_release(&share);
    return result;
}
