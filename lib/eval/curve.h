/* Curves over thresholds of a score, and lines of any length thinned to what can be seen of them. */
#ifndef WEIR_EVAL_CURVE_H
#define WEIR_EVAL_CURVE_H

#include "eval/predictions.h"

/* A line whose x does not descend, as it is to be drawn: of all points that lie within one of `columns` equal parts of
 * the range from low to high the first, the lowest, the highest and the last, in the order in which they came. Drawn on
 * so many pixels it looks the same as the whole. U. Jugel et al., "M4: a visualization-oriented time series data
 * aggregation", VLDB 2014. */
struct weir_curve {
    double *xs, *ys; /* [count] */
    size_t count, xs_capacity, ys_capacity;
    double low, high;
    int columns;      /* 0: all points are kept */
    bool logarithmic; /* the parts are equal on a logarithmic axis; low > 0. Set behind weir_curve_init */
    int64_t added;
    /* The column under way: its first, lowest, highest and last point. */
    int column;
    bool held; /* it has any */
    struct weir_curve_point {
        double x, y;
        int64_t number;
    } points[4];
    bool failed;
};
/* Nothing is allocated. */
void weir_curve_init(struct weir_curve *curve, double low, double high, int columns);
void weir_curve_add(struct weir_curve *curve, double x, double y);
/* After the last point; -1: out of memory. */
int weir_curve_end(struct weir_curve *curve, struct weir_error *error);
void weir_curve_release(struct weir_curve *curve);

/* How well one class is told from all others, at every threshold of its probability. */
struct weir_class_curves {
    int32_t class;
    int64_t positive, negative;    /* rows */
    double auc, average_precision; /* as metrics has them; NaN: not defined */
    struct weir_curve roc; /* share of the others at or above the threshold, and of the class; empty: not defined */
    struct weir_curve precision; /* recall, and the precision that holds up to it from the recall before: steps, the
                                    area under which is the average precision; empty: not defined */
};
enum { WEIR_CURVE_COLUMNS = 512, WEIR_CURVE_CLASSES = 8 };
/* The second class when there are two, else those with the most rows, WEIR_CURVE_CLASSES at most, in the order of the
 * classes: curves[count]. All points with columns 0. 36 bytes a row are used meanwhile. To be released, on failure
 * too. */
struct weir_curves {
    struct weir_class_curves *items;
    int count;
    int left_out;    /* classes with rows that are not among them */
    uint32_t *order; /* of two classes: the rows by the probability of the second (eval/ranking.h) */
};
int weir_curves_make(struct weir_curves *curves, const struct weir_predictions *predictions, int columns,
                     struct weir_error *error);
void weir_curves_release(struct weir_curves *curves);

/* What a threshold on the probability of the second of two classes would do: rows at or above it are taken. */
struct weir_threshold {
    double threshold;
    double taken;                                      /* share of the rows */
    double precision, recall, f1, false_positive_rate; /* a share of nothing is 0 */
};
/* thresholds[count].threshold is given, ascending, the rest filled in. The F1 is highest at *best, the highest of such
 * thresholds; NaN: no row of the class. order: that of weir_curves. */
void weir_thresholds_measure(const struct weir_predictions *predictions, const uint32_t *order,
                             struct weir_threshold *thresholds, int count, struct weir_threshold *best);

#endif
