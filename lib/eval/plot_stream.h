/* A plot of a stream, whatever its kind: from the schema, batch by batch, into a drawing. */
#ifndef WEIR_EVAL_PLOT_STREAM_H
#define WEIR_EVAL_PLOT_STREAM_H

#include "eval/plot_columns.h"

enum weir_plot_kind {
    WEIR_PLOT_LEARNING, /* of a log, not of a stream: eval/learning.h */
    WEIR_PLOT_CONFUSION,
    WEIR_PLOT_ROC,
    WEIR_PLOT_PRECISION_RECALL,
    WEIR_PLOT_CALIBRATION,
    WEIR_PLOT_PREDICTED,
    WEIR_PLOT_RESIDUALS,
    WEIR_PLOT_HISTOGRAM,
    WEIR_PLOT_SCATTER,
    WEIR_PLOT_IMAGES,
    WEIR_PLOT_KINDS
};
const char *weir_plot_kind_name(enum weir_plot_kind kind);
/* "'rok' is no kind of plot; did you mean 'roc'?" */
int weir_plot_kind_parse(const char *name, enum weir_plot_kind *kind, struct weir_error *error);

struct weir_plot_options {
    enum weir_plot_kind kind;
    struct weir_columns_options columns;
    int64_t rows; /* of pictures */
    struct weir_plot_style style;
};

struct weir_plot;
/* *plot is to be freed, on failure too; schema and options are borrowed. */
int weir_plot_begin(struct weir_plot **plot, const struct weir_schema *schema, const struct weir_plot_options *options,
                    struct weir_error *error);
int weir_plot_add(struct weir_plot *plot, const struct weir_batch *batch, struct weir_error *error);
/* Nothing more is wanted. */
bool weir_plot_full(const struct weir_plot *plot);
/* How high the drawing had best be, as a share of its width: histograms of many columns and squares of many
 * classes need more. */
double weir_plot_shape(const struct weir_plot *plot);
/* After the last batch, once. */
int weir_plot_draw(struct weir_plot *plot, struct weir_drawing *drawing, struct weir_error *error);
void weir_plot_free(struct weir_plot *plot); /* NULL is accepted */

#endif
