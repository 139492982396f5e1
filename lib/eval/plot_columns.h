/* Plots of the columns of a stream, in one pass and bounded memory. */
#ifndef WEIR_EVAL_PLOT_COLUMNS_H
#define WEIR_EVAL_PLOT_COLUMNS_H

#include "eval/plot.h"

struct weir_columns_options {
    char *const *columns; /* names; none: chosen by type */
    size_t column_count;
    const char *by; /* the column whose values are told apart by colour; NULL: none, of points the label */
    int64_t points; /* of a scatter, at most */
    uint64_t seed;
    bool log_x; /* of a histogram: bins of one width on a logarithmic axis */
};
enum { WEIR_COLUMNS_DRAWN = 16, WEIR_COLUMNS_GROUPS = WEIR_SERIES_INKS, WEIR_COLUMNS_VALUES = 1000 };

/* Histograms: a chart for each column, of WEIR_COLUMNS_DRAWN columns at most. Memory: 544 bytes for each column and
 * value of `by`, which may have WEIR_COLUMNS_VALUES. */
struct weir_histograms;
int weir_histograms_begin(struct weir_histograms **histograms, const struct weir_schema *schema,
                          const struct weir_columns_options *options, struct weir_error *error);
int weir_histograms_add(struct weir_histograms *histograms, const struct weir_batch *batch, struct weir_error *error);
int weir_histograms_down(const struct weir_histograms *histograms); /* charts below each other, two side by side */
int weir_histograms_draw(struct weir_histograms *histograms, struct weir_drawing *drawing,
                         const struct weir_plot_style *style, struct weir_error *error);
void weir_histograms_free(struct weir_histograms *histograms); /* NULL is accepted */

/* One number over another: two columns, or the first two elements of a column of lists of one length. Memory: that of
 * the points. */
struct weir_scatter;
int weir_scatter_begin(struct weir_scatter **scatter, const struct weir_schema *schema,
                       const struct weir_columns_options *options, struct weir_error *error);
int weir_scatter_add(struct weir_scatter *scatter, const struct weir_batch *batch, struct weir_error *error);
int weir_scatter_draw(struct weir_scatter *scatter, struct weir_drawing *drawing, const struct weir_plot_style *style,
                      struct weir_error *error);
void weir_scatter_free(struct weir_scatter *scatter); /* NULL is accepted */

#endif
