#include "eval/chart.h"
#include "math/ticks.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LABEL = 230 }; /* width of a legend's name, in pixels */

double weir_chart_line_height(const struct weir_drawing *drawing)
{
    return drawing->cells ? WEIR_CELL_HEIGHT : drawing->size * 1.45;
}

/* In cells whole ones: what is laid out falls on characters. */
static double round_up(const struct weir_chart *chart, double value, double cell)
{
    return chart->drawing->cells ? ceil(value / cell) * cell : value;
}

static double em(const struct weir_chart *chart)
{
    return chart->drawing->cells ? WEIR_CELL_WIDTH : chart->drawing->size * 0.6;
}

/* ---- Above the frame ------------------------------------------------------------------------------------------ */

/* The base line of a line of text whose upper end is at y. */
static double base_line(const struct weir_chart *chart, double y)
{
    double line = weir_chart_line_height(chart->drawing);
    return chart->drawing->cells ? y + line * 0.75 : y + line * 0.72;
}

static void draw_legend(struct weir_chart *chart, const struct weir_legend *legend, double x, double y)
{
    struct weir_drawing *drawing = chart->drawing;
    double swatch = em(chart) * 2, middle = y + weir_chart_line_height(drawing) / 2;
    struct weir_point centre = { x + swatch / 2, middle };
    if (legend->kind == WEIR_LEGEND_LINE)
        weir_drawing_segment(drawing, legend->ink, 2.4, x, middle, x + swatch - 1, middle)->dash = legend->dash;
    else if (legend->kind == WEIR_LEGEND_MARK)
        weir_drawing_marks(drawing, legend->ink, legend->mark, drawing->size * 0.65, &centre, 1);
    else
        weir_drawing_rect(drawing, legend->ink, x + swatch * 0.2, middle - drawing->size * 0.35, swatch * 0.6,
                          drawing->size * 0.7);
    x += swatch + em(chart);
    double base = base_line(chart, y);
    size_t value_length = strlen(legend->value);
    if (value_length) {
        weir_drawing_text(drawing, WEIR_INK_TEXT, x, base, WEIR_ANCHOR_START, INFINITY, legend->value, value_length);
        x += weir_drawing_text_width(drawing, legend->value, value_length) + em(chart);
    }
    weir_drawing_text(drawing, WEIR_INK_TEXT, x, base, WEIR_ANCHOR_START, MOST_LABEL, legend->name, legend->length);
    weir_drawing_note(drawing, legend->name, legend->length);
}

static double legend_width(const struct weir_chart *chart, const struct weir_legend *legend)
{
    size_t value_length = strlen(legend->value);
    double name = weir_drawing_text_width(chart->drawing, legend->name, legend->length);
    double value = value_length ? weir_drawing_text_width(chart->drawing, legend->value, value_length) + em(chart) : 0;
    return em(chart) * 5 + value + fmin(name, MOST_LABEL);
}

/* Line by line; the upper end of what follows. */
static double draw_legends(struct weir_chart *chart, double y)
{
    double x = chart->left, line = weir_chart_line_height(chart->drawing);
    for (int i = 0; i < chart->legend_count; i++) {
        double width = legend_width(chart, &chart->legends[i]);
        if (x > chart->left && x + width > chart->left + chart->width) {
            x = chart->left;
            y += line;
        }
        draw_legend(chart, &chart->legends[i], x, y);
        x += width;
    }
    return chart->legend_count ? y + line : y;
}

double weir_chart_head(struct weir_chart *chart)
{
    double y = chart->top, line = weir_chart_line_height(chart->drawing);
    if (chart->title) {
        weir_drawing_text(chart->drawing, WEIR_INK_TEXT, chart->left, base_line(chart, y), WEIR_ANCHOR_START,
                          chart->width, chart->title, strlen(chart->title))
            ->strong = true;
        y += line;
    }
    if (chart->note) {
        weir_drawing_text(chart->drawing, WEIR_INK_QUIET, chart->left, base_line(chart, y), WEIR_ANCHOR_START,
                          chart->width, chart->note, strlen(chart->note));
        y += line;
    }
    y = draw_legends(chart, y);
    return y + (chart->drawing->cells ? 0 : line * 0.4);
}

/* ---- The frame ------------------------------------------------------------------------------------------------ */

static void find_ticks(const struct weir_axis *axis, int most, struct weir_ticks *ticks)
{
    most = most < 2 ? 2 : most > 12 ? 12 : most;
    if (axis->logarithmic)
        weir_ticks_logarithmic(axis->low, axis->high, most, ticks);
    else
        weir_ticks_linear(axis->low, axis->high, most, axis->whole, ticks);
}

static double widest_tick(const struct weir_chart *chart, const struct weir_ticks *ticks)
{
    double widest = 0;
    char text[WEIR_TICK_TEXT];
    for (int i = 0; i < ticks->count; i++)
        widest = fmax(widest, weir_drawing_text_width(chart->drawing, text, weir_ticks_text(ticks, i, text)));
    return widest;
}

static void draw_x_ticks(struct weir_chart *chart, const struct weir_ticks *ticks)
{
    char text[WEIR_TICK_TEXT];
    for (int i = 0; i < ticks->count; i++) {
        double x = weir_chart_x(chart, ticks->values[i]);
        size_t length = weir_ticks_text(ticks, i, text);
        double half = weir_drawing_text_width(chart->drawing, text, length) / 2;
        if (!chart->drawing->cells)
            weir_drawing_segment(chart->drawing, WEIR_INK_GRID, 1, x, chart->y0, x, chart->y1);
        /* The last one stays within the drawing. */
        double middle = fmin(x, chart->left + chart->width - half);
        weir_drawing_text(chart->drawing, WEIR_INK_QUIET, middle,
                          base_line(chart, chart->y1 + (chart->drawing->cells ? 0.5 : 3)), WEIR_ANCHOR_MIDDLE, INFINITY,
                          text, length);
    }
}

static void draw_y_ticks(struct weir_chart *chart, const struct weir_ticks *ticks)
{
    char text[WEIR_TICK_TEXT];
    for (int i = 0; i < ticks->count; i++) {
        double y = weir_chart_y(chart, ticks->values[i]);
        size_t length = weir_ticks_text(ticks, i, text);
        if (!chart->drawing->cells)
            weir_drawing_segment(chart->drawing, WEIR_INK_GRID, 1, chart->x0, y, chart->x1, y);
        weir_drawing_text(chart->drawing, WEIR_INK_QUIET, chart->x0 - em(chart) * (chart->drawing->cells ? 1 : 0.7),
                          chart->drawing->cells ? y + 1 : y + chart->drawing->size * 0.35, WEIR_ANCHOR_END, INFINITY,
                          text, length);
    }
}

static void draw_titles(struct weir_chart *chart, double line)
{
    const struct weir_axis *x = &chart->x, *y = &chart->y;
    struct weir_drawing *drawing = chart->drawing;
    if (x->title)
        weir_drawing_text(drawing, WEIR_INK_TEXT, (chart->x0 + chart->x1) / 2,
                          base_line(chart, chart->y1 + (drawing->cells ? line + 0.5 : line * 1.25)), WEIR_ANCHOR_MIDDLE,
                          chart->x1 - chart->x0, x->title, strlen(x->title));
    if (!y->title)
        return;
    if (drawing->cells) /* characters cannot be turned: it stands above the axis */
        weir_drawing_text(drawing, WEIR_INK_TEXT, chart->left, base_line(chart, chart->y0 - line), WEIR_ANCHOR_START,
                          chart->width, y->title, strlen(y->title));
    else
        weir_drawing_text(drawing, WEIR_INK_TEXT, chart->left + drawing->size, (chart->y0 + chart->y1) / 2,
                          WEIR_ANCHOR_MIDDLE, chart->y1 - chart->y0, y->title, strlen(y->title))
            ->turned = true;
}

static double side_of(const struct weir_chart *chart, const struct weir_ticks *ticks)
{
    bool cells = chart->drawing->cells;
    double title = chart->y.title && !cells ? weir_chart_line_height(chart->drawing) : 0;
    return widest_tick(chart, ticks) + em(chart) * (cells ? 1 : 1.2) + title;
}

double weir_chart_side(const struct weir_chart *chart)
{
    struct weir_ticks few;
    find_ticks(&chart->y, 3, &few);
    return side_of(chart, &few);
}

void weir_chart_begin(struct weir_chart *chart)
{
    struct weir_drawing *drawing = chart->drawing;
    double line = weir_chart_line_height(drawing), right = chart->left + chart->width;
    struct weir_ticks x_ticks, y_ticks;
    chart->y0 = weir_chart_head(chart);
    if (drawing->cells)
        chart->y0 += chart->y.title ? line : 0;
    else
        chart->y0 += line * 0.4; /* half of the uppermost tick's text */
    chart->y1 = chart->top + chart->height - line * (drawing->cells ? 1 : 1.3) - (chart->x.title ? line : 0);
    if (!(chart->y1 > chart->y0 + line))
        chart->y1 = chart->y0 + line;
    find_ticks(&chart->y, (int)((chart->y1 - chart->y0) / (line * (drawing->cells ? 3 : 1.8))), &y_ticks);
    chart->x0 = chart->left + round_up(chart, fmax(side_of(chart, &y_ticks), chart->side), WEIR_CELL_WIDTH);
    chart->x1 = right - em(chart);
    if (!(chart->x1 > chart->x0 + em(chart)))
        chart->x1 = chart->x0 + em(chart);
    if (chart->square && !drawing->cells) {
        double extent = fmin(chart->x1 - chart->x0, chart->y1 - chart->y0);
        chart->x1 = chart->x0 + extent;
        chart->y1 = chart->y0 + extent;
    }
    struct weir_ticks few;
    find_ticks(&chart->x, 4, &few);
    double room = fmax(widest_tick(chart, &few), em(chart) * 3) + em(chart) * 3;
    find_ticks(&chart->x, (int)((chart->x1 - chart->x0) / room), &x_ticks);
    if (drawing->cells) /* the axis is the last row of dots in the frame, not the first below it */
        chart->y1 -= 0.5;
    draw_x_ticks(chart, &x_ticks);
    draw_y_ticks(chart, &y_ticks);
    draw_titles(chart, line);
    weir_drawing_segment(drawing, WEIR_INK_QUIET, 1, chart->x0, chart->y0, chart->x0, chart->y1);
    weir_drawing_segment(drawing, WEIR_INK_QUIET, 1, chart->x0, chart->y1, chart->x1, chart->y1);
}

/* ---- Data ----------------------------------------------------------------------------------------------------- */

static double share_of(const struct weir_axis *axis, double value)
{
    double share = axis->logarithmic ? (log(value) - log(axis->low)) / (log(axis->high) - log(axis->low))
                                     : (value - axis->low) / (axis->high - axis->low);
    return share > 1 ? 1 : share >= 0 ? share : 0; /* NaN: of a number below 0 on a logarithmic axis */
}

double weir_chart_x(const struct weir_chart *chart, double value)
{
    return chart->x0 + share_of(&chart->x, value) * (chart->x1 - chart->x0);
}

double weir_chart_y(const struct weir_chart *chart, double value)
{
    return chart->y1 - share_of(&chart->y, value) * (chart->y1 - chart->y0);
}

/* The place of each, x NaN where there is none: to be freed; NULL: out of memory. */
static struct weir_point *find_places(struct weir_chart *chart, const double *xs, const double *ys, size_t count)
{
    struct weir_point *points = weir_allocate(count, sizeof *points);
    if (!points) {
        chart->drawing->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        bool none = isnan(xs[i]) || isnan(ys[i]);
        points[i] = (struct weir_point){ none ? NAN : weir_chart_x(chart, xs[i]), weir_chart_y(chart, ys[i]) };
    }
    return points;
}

int weir_chart_line(struct weir_chart *chart, enum weir_ink ink, int dash, const double *xs, const double *ys,
                    size_t count)
{
    struct weir_point *points = find_places(chart, xs, ys, count);
    if (!points)
        return -1;
    for (size_t first = 0, end; first < count; first = end + 1) {
        for (end = first; end < count && !isnan(points[end].x); end++)
            ;
        if (end - first == 1)
            weir_drawing_marks(chart->drawing, ink, WEIR_MARK_DISC, 5, points + first, 1);
        else if (end > first)
            weir_drawing_line(chart->drawing, ink, 2, points + first, end - first)->dash = dash;
    }
    free(points);
    return 0;
}

int weir_chart_marks(struct weir_chart *chart, enum weir_ink ink, enum weir_mark mark, double width, double opacity,
                     const double *xs, const double *ys, size_t count)
{
    struct weir_point *points = find_places(chart, xs, ys, count);
    if (!points)
        return -1;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(points[i].x))
            points[kept++] = points[i];
    weir_drawing_marks(chart->drawing, ink, mark, width, points, kept)->opacity = opacity;
    free(points);
    return 0;
}

struct weir_drawing_shape *weir_chart_bar(struct weir_chart *chart, enum weir_ink ink, double low, double high,
                                          double y)
{
    double left = weir_chart_x(chart, low), right = weir_chart_x(chart, high), top = weir_chart_y(chart, y);
    double missing = (chart->drawing->cells ? WEIR_CELL_WIDTH / 2 : 3) - (right - left);
    if (missing > 0) { /* numbers that are all but the same are seen on an axis that is not */
        left -= missing / 2;
        right += missing / 2;
    }
    return weir_drawing_rect(chart->drawing, ink, left, top, right - left, chart->y1 - top);
}

void weir_chart_guide(struct weir_chart *chart, double x0, double y0, double x1, double y1)
{
    weir_drawing_segment(chart->drawing, WEIR_INK_QUIET, 1.2, weir_chart_x(chart, x0), weir_chart_y(chart, y0),
                         weir_chart_x(chart, x1), weir_chart_y(chart, y1))
        ->dash = 1;
}

void weir_chart_instead(struct weir_chart *chart, const char *text)
{
    double y = weir_chart_head(chart);
    weir_drawing_text(chart->drawing, WEIR_INK_TEXT, chart->left,
                      base_line(chart, y + weir_chart_line_height(chart->drawing)), WEIR_ANCHOR_START, chart->width,
                      text, strlen(text));
}
