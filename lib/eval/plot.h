/* Plots of predictions: what `plot` draws and what stands in the page of `metrics --report`.
 *
 * Each draws into a drawing that weir_drawing_init has given its size, and all of it. A plot that the data does not
 * allow (a ROC curve of one class) says so in words where it would stand. */
#ifndef WEIR_EVAL_PLOT_H
#define WEIR_EVAL_PLOT_H

#include "eval/chart.h"
#include "eval/curve.h"

/* What applies to every kind; starts as { 0 }. */
struct weir_plot_style {
    const char *title; /* in place of the plot's own; "": none */
    bool log_x, log_y; /* where the kind has numbers that allow it */
};

/* A square for each label and prediction, its shade the share of the label's rows; of more than WEIR_CONFUSION_SQUARES
 * classes, or where the squares have no room, the pairs that are confused most often, as bars. */
enum { WEIR_CONFUSION_SQUARES = 20, WEIR_CONFUSION_PAIRS = 20 };
int weir_plot_confusion(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                        const struct weir_plot_style *style, struct weir_error *error);
/* How high a drawing with letters of the size needs to be for the squares of so many classes; 0: it has none. */
double weir_confusion_height(int classes, double size);
int weir_plot_roc(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                  const struct weir_curves *curves, const struct weir_plot_style *style, struct weir_error *error);
int weir_plot_precision_recall(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                               const struct weir_curves *curves, const struct weir_plot_style *style,
                               struct weir_error *error);
/* The reliability diagram, and below it how many rows each bin has. */
int weir_plot_calibration(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                          const struct weir_plot_style *style, struct weir_error *error);
/* Numbers: predicted over true, and a histogram of predicted - true. */
enum { WEIR_PLOT_POINTS = 5000 }; /* that a plot of points has at most, a sample by the seed */
int weir_plot_predicted(struct weir_drawing *drawing, const struct weir_predictions *predictions, uint64_t seed,
                        const struct weir_plot_style *style, struct weir_error *error);
int weir_plot_residuals(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                        const struct weir_plot_style *style, struct weir_error *error);

/* ---- For the plots themselves ---- */

/* The chart that fills the drawing, titled by `title` unless the style has another; the drawing is called so too. */
struct weir_chart weir_plot_chart(struct weir_drawing *drawing, const struct weir_plot_style *style, const char *title);
/* A label or another value as a name to be shown: nothing at all is seen. */
const char *weir_plot_name(const struct weir_classes *classes, int32_t class, size_t *length);

#endif
