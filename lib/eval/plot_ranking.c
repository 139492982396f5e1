/* ROC and precision-recall curves. */
#include "base/html.h"
#include "eval/plot.h"
#include <stdio.h>

static void begin_note(struct weir_buffer *note, const struct weir_predictions *predictions,
                       const struct weir_curves *curves)
{
    weir_html_counted(note, predictions->rows, "row");
    if (predictions->width == 2) {
        size_t length;
        const char *name = weir_plot_name(&predictions->classes, 1, &length);
        weir_buffer_string(note, ", ");
        weir_html_count(note, curves->items[0].positive);
        weir_buffer_string(note, " of them ");
        weir_buffer_append(note, name, weir_html_fit(name, length, 60));
    } else if (curves->left_out)
        weir_buffer_format(note, "; the %d largest classes of %d, each against the rest", curves->count,
                           curves->count + curves->left_out);
    else
        weir_buffer_string(note, "; each class against the rest");
}

/* Legends of the curves that there are; how many. */
static int fill_legends(struct weir_legend *legends, const struct weir_predictions *predictions,
                        const struct weir_curves *curves, bool roc)
{
    int count = 0;
    for (int i = 0; i < curves->count; i++) {
        const struct weir_class_curves *item = &curves->items[i];
        if ((roc ? item->roc : item->precision).count == 0)
            continue;
        struct weir_legend *legend = &legends[count++];
        *legend = (struct weir_legend){ .ink = weir_ink_of_series(i), .dash = i % 4 };
        legend->name = weir_plot_name(&predictions->classes, item->class, &legend->length);
        snprintf(legend->value, sizeof legend->value, roc ? "AUC %.4f" : "AP %.4f",
                 roc ? item->auc : item->average_precision);
    }
    return count;
}

static int plot_curves(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                       const struct weir_curves *curves, const struct weir_plot_style *style, bool roc,
                       struct weir_error *error)
{
    struct weir_chart chart = weir_plot_chart(drawing, style, roc ? "ROC curve" : "Precision and recall");
    struct weir_legend legends[WEIR_CURVE_CLASSES];
    struct weir_buffer note = { 0 };
    chart.legends = legends;
    chart.legend_count = fill_legends(legends, predictions, curves, roc);
    chart.x = (struct weir_axis){ .low = 0, .high = 1, .title = roc ? "false positive rate" : "recall" };
    chart.y = (struct weir_axis){ .low = 0, .high = 1, .title = roc ? "true positive rate" : "precision" };
    if (chart.legend_count == 0) {
        weir_chart_instead(&chart, roc ? "Not defined: all labels are of one class."
                                       : "Not defined: no row has the class as its label.");
        return weir_drawing_check(drawing, error);
    }
    begin_note(&note, predictions, curves);
    chart.note = note.bytes;
    weir_chart_begin(&chart);
    if (roc)
        weir_chart_guide(&chart, 0, 0, 1, 1);
    else if (curves->count == 1) {
        double share = (double)curves->items[0].positive / (double)predictions->rows;
        weir_chart_guide(&chart, 0, share, 1, share);
    }
    for (int i = 0; i < curves->count; i++) {
        const struct weir_curve *curve = roc ? &curves->items[i].roc : &curves->items[i].precision;
        weir_chart_line(&chart, weir_ink_of_series(i), i % 4, curve->xs, curve->ys, curve->count);
    }
    int result = weir_buffer_check(&note, error);
    weir_buffer_release(&note);
    return result ? result : weir_drawing_check(drawing, error);
}

int weir_plot_roc(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                  const struct weir_curves *curves, const struct weir_plot_style *style, struct weir_error *error)
{
    return plot_curves(drawing, predictions, curves, style, true, error);
}

int weir_plot_precision_recall(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                               const struct weir_curves *curves, const struct weir_plot_style *style,
                               struct weir_error *error)
{
    return plot_curves(drawing, predictions, curves, style, false, error);
}
