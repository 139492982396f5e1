/* Histograms of several groups of the same numbers, brought to bins of one width, as bars in a chart. */
#ifndef WEIR_EVAL_HISTOGRAM_BARS_H
#define WEIR_EVAL_HISTOGRAM_BARS_H

#include "eval/chart.h"
#include "math/histogram.h"

struct weir_bars {
    int64_t *counts; /* [groups][bins] */
    int groups, bins;
    double low, width; /* where the first bin begins, and how wide each is */
    bool whole;        /* a bin is one whole number */
    int64_t most;      /* in one bin of one group */
};
/* Groups without a number have empty bins; bins is 0 when all have none. -1: out of memory. */
int weir_bars_make(struct weir_bars *bars, const struct weir_histogram *histograms, int groups,
                   struct weir_error *error);
void weir_bars_release(struct weir_bars *bars);
/* The axes that they need; `logarithms`: as below. */
void weir_bars_axes(const struct weir_bars *bars, bool logarithms, bool log_y, struct weir_axis *x,
                    struct weir_axis *y);
/* Draws them into a chart that has begun: one group as bars, several as outlines with a light filling. `logarithms`:
 * the numbers are logarithms to base 10 of those of the axis. */
int weir_bars_draw(const struct weir_bars *bars, struct weir_chart *chart, bool logarithms, struct weir_error *error);

#endif
