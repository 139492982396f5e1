/* Predicted numbers beside the true ones. */
#include "base/html.h"
#include "eval/drawn.h"
#include "eval/histogram_bars.h"
#include "eval/plot.h"
#include "math/ticks.h"
#include <math.h>
#include <stdlib.h>

enum { PIECE = 4096 }; /* rows offered at once */

/* At most WEIR_PLOT_POINTS of the predictions, by chance. */
struct points {
    double actual[WEIR_PLOT_POINTS], estimate[WEIR_PLOT_POINTS];
    size_t count;
};

static int draw_points(struct points *points, const struct weir_predictions *predictions, uint64_t seed,
                       struct weir_error *error)
{
    struct weir_drawn drawn;
    int64_t count = 0;
    weir_drawn_init(&drawn, WEIR_PLOT_POINTS, seed);
    for (int64_t first = 0; first < predictions->rows && count >= 0; first += PIECE) {
        int64_t rows = predictions->rows - first;
        count = weir_drawn_offer(&drawn, rows < PIECE ? rows : PIECE, error);
        for (int64_t i = 0; i < count; i++) {
            points->actual[drawn.places[i]] = predictions->actual[first + drawn.changes[i].row];
            points->estimate[drawn.places[i]] = predictions->estimate[first + drawn.changes[i].row];
        }
    }
    points->count = (size_t)drawn.count;
    weir_drawn_release(&drawn);
    return count < 0 ? -1 : 0;
}

/* Both axes take in all true and predicted numbers. */
static void find_range(const struct weir_predictions *predictions, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t i = 0; i < predictions->rows; i++) {
        *low = fmin(*low, fmin(predictions->actual[i], predictions->estimate[i]));
        *high = fmax(*high, fmax(predictions->actual[i], predictions->estimate[i]));
    }
}

/* A logarithmic axis has no place for what is not above 0. */
static bool take_logarithmic(struct weir_axis *axis)
{
    if (!(axis->low > 0))
        return false;
    axis->logarithmic = true;
    weir_axis_widen_logarithmic(&axis->low, &axis->high, 0.04);
    return true;
}

int weir_plot_predicted(struct weir_drawing *drawing, const struct weir_predictions *predictions, uint64_t seed,
                        const struct weir_plot_style *style, struct weir_error *error)
{
    struct weir_chart chart = weir_plot_chart(drawing, style, "Predicted and true");
    struct points *points = weir_allocate(1, sizeof *points);
    struct weir_buffer note = { 0 };
    struct weir_axis axis = { 0 };
    int result = -1;
    if (!points)
        return weir_fail_memory(error);
    if (draw_points(points, predictions, seed, error))
        goto cleanup;
    find_range(predictions, &axis.low, &axis.high);
    if (!((style->log_x || style->log_y) && take_logarithmic(&axis)))
        weir_axis_widen(&axis.low, &axis.high, 0.04);
    chart.x = chart.y = axis;
    chart.x.title = "true";
    chart.y.title = "predicted";
    chart.square = true;
    weir_html_counted(&note, predictions->rows, "row");
    if ((int64_t)points->count < predictions->rows) {
        weir_buffer_string(&note, ", ");
        weir_html_count(&note, (int64_t)points->count);
        weir_buffer_string(&note, " of them drawn, by chance");
    }
    if (weir_buffer_check(&note, error))
        goto cleanup;
    chart.note = note.bytes;
    weir_chart_begin(&chart);
    weir_chart_guide(&chart, axis.low, axis.low, axis.high, axis.high);
    weir_chart_marks(&chart, weir_ink_of_series(0), WEIR_MARK_DISC, points->count > 500 ? 3.5 : 5.5, 0.45,
                     points->actual, points->estimate, points->count);
    result = weir_drawing_check(drawing, error);
cleanup:
    free(points);
    weir_buffer_release(&note);
    return result;
}

int weir_plot_residuals(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                        const struct weir_plot_style *style, struct weir_error *error)
{
    struct weir_chart chart = weir_plot_chart(drawing, style, "Residuals");
    struct weir_histogram histogram;
    struct weir_bars bars;
    struct weir_buffer note = { 0 };
    weir_histogram_init(&histogram, WEIR_HISTOGRAM_FINEST);
    for (int64_t i = 0; i < predictions->rows; i++) {
        double residual = predictions->estimate[i] - predictions->actual[i];
        weir_histogram_add(&histogram, &residual, 1);
    }
    if (weir_bars_make(&bars, &histogram, 1, error))
        return -1;
    if (bars.bins == 0) { /* every difference is beyond a double */
        weir_chart_instead(&chart, "Not defined: no difference of prediction and label is finite.");
        return weir_drawing_check(drawing, error);
    }
    weir_html_counted(&note, histogram.count, "row");
    if (histogram.count < predictions->rows) {
        weir_buffer_string(&note, ", ");
        weir_html_count(&note, predictions->rows - histogram.count);
        weir_buffer_string(&note, " beyond any number left out");
    }
    weir_buffer_string(&note, "; right of 0 the prediction is too high");
    int result = weir_buffer_check(&note, error);
    if (result == 0) {
        chart.note = note.bytes;
        chart.x.title = "predicted \xE2\x88\x92 true";
        chart.y.title = "rows";
        weir_bars_axes(&bars, false, style->log_y, &chart.x, &chart.y);
        weir_chart_begin(&chart);
        if (chart.x.low < 0 && chart.x.high > 0)
            weir_chart_guide(&chart, 0, chart.y.low, 0, chart.y.high);
        result = weir_bars_draw(&bars, &chart, false, error);
    }
    weir_bars_release(&bars);
    weir_buffer_release(&note);
    return result;
}
