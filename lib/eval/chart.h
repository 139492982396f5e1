/* Within a drawing: a frame with two axes, a title above and a legend, and data drawn into it. */
#ifndef WEIR_EVAL_CHART_H
#define WEIR_EVAL_CHART_H

#include "base/drawing.h"

struct weir_axis {
    double low, high; /* low < high; above 0 when logarithmic */
    bool logarithmic;
    bool whole;        /* no ticks between whole numbers */
    const char *title; /* NULL: none */
};

enum weir_legend_kind { WEIR_LEGEND_LINE, WEIR_LEGEND_MARK, WEIR_LEGEND_BAR };
struct weir_legend {
    enum weir_legend_kind kind;
    enum weir_ink ink;
    int dash;
    enum weir_mark mark;
    char value[32]; /* stands before the name ("0.912"); may be empty */
    const char *name;
    size_t length;
};

/* The caller fills in the first part, weir_chart_begin the second. */
struct weir_chart {
    struct weir_drawing *drawing;
    double left, top, width, height; /* all that the chart may take of the drawing */
    const char *title, *note;        /* NULL: none; the note is a quiet line below the title */
    struct weir_axis x, y;
    const struct weir_legend *legends;
    int legend_count;
    bool square;           /* both axes equally long */
    double side;           /* left of the frame at least, so that frames stand below each other */
    double x0, y0, x1, y1; /* the frame: y0 above */
};

/* Draws the frame, ticks, titles and legend. */
void weir_chart_begin(struct weir_chart *chart);
/* The place of a number; one beyond the axis is at its end. */
double weir_chart_x(const struct weir_chart *chart, double value);
double weir_chart_y(const struct weir_chart *chart, double value);
/* Data: xs[count], ys[count]. Points that are NaN are left out, and cut a line. -1: out of memory, also told by the
 * drawing. */
int weir_chart_line(struct weir_chart *chart, enum weir_ink ink, int dash, const double *xs, const double *ys,
                    size_t count);
int weir_chart_marks(struct weir_chart *chart, enum weir_ink ink, enum weir_mark mark, double width, double opacity,
                     const double *xs, const double *ys, size_t count);
/* From x = low to high, no narrower than can be seen, and from the axis' low end up to y. */
struct weir_drawing_shape *weir_chart_bar(struct weir_chart *chart, enum weir_ink ink, double low, double high,
                                          double y);
/* A quiet line from one point to another, as the diagonal of chance. */
void weir_chart_guide(struct weir_chart *chart, double x0, double y0, double x1, double y1);

/* What a low chart of the y axis will leave to the left of its frame, for the `side` of one above it. */
double weir_chart_side(const struct weir_chart *chart);

/* The title, note and legend alone, for what has no axes: where what follows may begin. */
double weir_chart_head(struct weir_chart *chart);

/* How high one line of text is. */
double weir_chart_line_height(const struct weir_drawing *drawing);

/* A line of text alone, where a chart would be: why there is none. */
void weir_chart_instead(struct weir_chart *chart, const char *text);

#endif
