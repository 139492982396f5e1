#include "eval/histogram_bars.h"
#include "base/html.h"
#include "math/ticks.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bins of the width 2^exponent over the whole; the first has this number. */
static void find_range(const struct weir_histogram *histograms, int groups, int *exponent, double *first, double *last)
{
    const int64_t *bins;
    double low, high;
    bool any = false;
    for (int g = 0; g < groups; g++)
        if (histograms[g].count && (!any || histograms[g].exponent > *exponent)) {
            *exponent = histograms[g].exponent;
            any = true;
        }
    for (;; (*exponent)++) {
        *first = INFINITY;
        *last = -INFINITY;
        for (int g = 0; g < groups; g++) {
            if (weir_histogram_bins(&histograms[g], &bins, &low, &high) == 0)
                continue;
            *first = fmin(*first, floor(ldexp(low, -*exponent)));
            *last = fmax(*last, ceil(ldexp(high, -*exponent)) - 1);
        }
        if (!(*last - *first >= WEIR_HISTOGRAM_BINS))
            return;
    }
}

int weir_bars_make(struct weir_bars *bars, const struct weir_histogram *histograms, int groups,
                   struct weir_error *error)
{
    int exponent = 0;
    double first, last, low, high;
    const int64_t *counts;
    *bars = (struct weir_bars){ .groups = groups };
    find_range(histograms, groups, &exponent, &first, &last);
    if (!(last >= first))
        return 0;
    bars->bins = (int)(last - first) + 1;
    bars->low = fmax(ldexp(first, exponent), -DBL_MAX);
    bars->width = ldexp(1, exponent);
    bars->whole = exponent == 0;
    for (int g = 0; g < groups; g++)
        bars->whole &= histograms[g].least == 0;
    if (bars->whole) /* a bar for each, around it */
        bars->low -= 0.5;
    bars->counts = weir_allocate_zero((size_t)groups * (size_t)bars->bins, sizeof *bars->counts);
    if (!bars->counts)
        return weir_fail_memory(error);
    for (int g = 0; g < groups; g++) {
        int count = weir_histogram_bins(&histograms[g], &counts, &low, &high);
        double begin = floor(ldexp(low, -histograms[g].exponent)); /* the number of its first bin */
        for (int i = 0; i < count; i++) {
            int bin = (int)(floor(ldexp(begin + i, histograms[g].exponent - exponent)) - first);
            int64_t *place = &bars->counts[g * bars->bins + bin];
            *place += counts[i];
            bars->most = *place > bars->most ? *place : bars->most;
        }
    }
    return 0;
}

void weir_bars_release(struct weir_bars *bars)
{
    free(bars->counts);
    *bars = (struct weir_bars){ 0 };
}

static double edge(const struct weir_bars *bars, int bin, bool logarithms)
{
    /* Halves, as the bins together may be wider than a double. */
    double x = fmin(2 * (bars->low / 2 + bars->width / 2 * bin), DBL_MAX);
    return logarithms ? pow(10, x) : x;
}

void weir_bars_axes(const struct weir_bars *bars, bool logarithms, bool log_y, struct weir_axis *x, struct weir_axis *y)
{
    *x = (struct weir_axis){ .low = edge(bars, 0, logarithms),
                             .high = edge(bars, bars->bins, logarithms),
                             .logarithmic = logarithms,
                             .whole = bars->whole,
                             .title = x->title };
    if (logarithms) /* no further than can be drawn */
        weir_axis_widen_logarithmic(&x->low, &x->high, 0);
    else
        weir_axis_widen(&x->low, &x->high, 0);
    *y = (struct weir_axis){ .low = 0, .high = (double)bars->most * 1.05, .whole = true, .title = y->title };
    if (log_y)
        *y = (struct weir_axis){
            .low = 0.5, .high = fmax((double)bars->most * 1.5, 10), .logarithmic = true, .title = y->title
        };
}

static void append_number(struct weir_buffer *out, double value)
{
    weir_buffer_format(out, "%.6g", value);
}

static void draw_bars(const struct weir_bars *bars, struct weir_chart *chart, bool logarithms)
{
    struct weir_buffer text = { 0 };
    for (int i = 0; i < bars->bins; i++) {
        double low = edge(bars, i, logarithms), high = edge(bars, i + 1, logarithms);
        if (bars->counts[i] == 0)
            continue;
        struct weir_drawing_shape *bar =
            weir_chart_bar(chart, weir_ink_of_series(0), low, high, (double)bars->counts[i]);
        if (!chart->drawing->cells && bar->width > 4)
            bar->width -= 1;
        weir_buffer_clear(&text);
        weir_html_counted(&text, bars->counts[i], "row");
        weir_buffer_string(&text, " from ");
        append_number(&text, low);
        weir_buffer_string(&text, " to below ");
        append_number(&text, high);
        if (!text.failed)
            weir_drawing_note(chart->drawing, text.bytes, text.size);
    }
    chart->drawing->failed |= text.failed;
    weir_buffer_release(&text);
}

/* The outline of a group: from the axis up, along the bars' tops, and down again. */
static void draw_outline(const struct weir_bars *bars, struct weir_chart *chart, int group, bool logarithms)
{
    struct weir_point points[2 * WEIR_HISTOGRAM_BINS + 2];
    size_t count = 0;
    enum weir_ink ink = weir_ink_of_series(group);
    points[count++] = (struct weir_point){ weir_chart_x(chart, edge(bars, 0, logarithms)), chart->y1 };
    for (int i = 0; i < bars->bins; i++) {
        double y = weir_chart_y(chart, (double)bars->counts[group * bars->bins + i]);
        points[count++] = (struct weir_point){ weir_chart_x(chart, edge(bars, i, logarithms)), y };
        points[count++] = (struct weir_point){ weir_chart_x(chart, edge(bars, i + 1, logarithms)), y };
    }
    points[count] = (struct weir_point){ points[count - 1].x, chart->y1 };
    count++;
    if (!chart->drawing->cells)
        weir_drawing_area(chart->drawing, ink, points, count)->opacity = 0.15;
    weir_drawing_line(chart->drawing, ink, 1.8, points, count)->dash = group % 4;
}

int weir_bars_draw(const struct weir_bars *bars, struct weir_chart *chart, bool logarithms, struct weir_error *error)
{
    if (bars->groups == 1)
        draw_bars(bars, chart, logarithms);
    else
        for (int g = 0; g < bars->groups; g++)
            draw_outline(bars, chart, g, logarithms);
    return weir_drawing_check(chart->drawing, error);
}
