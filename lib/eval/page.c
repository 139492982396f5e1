#include "base/html.h"
#include "base/svg.h"
#include "eval/page_private.h"
#include "eval/plot.h"
#include <math.h>

/* Half the page, or the whole width of a telephone, so that letters stay large enough there. */
enum { FIGURE_WIDTH = 500, FIGURE_HEIGHT = 430, FIGURE_LETTERS = 14 };

/* ---- The head ------------------------------------------------------------------------------------------------- */

static void append_tile(struct weir_buffer *out, const char *name, double value, bool numbers)
{
    weir_buffer_format(out, "<div><dt>%s</dt><dd>", name);
    if (isnan(value))
        weir_buffer_string(out, "\xE2\x80\x93");
    else
        weir_buffer_format(out, numbers ? "%.5g" : "%.4f", value);
    weir_buffer_string(out, "</dd></div>\n");
}

static void append_tiles(struct weir_buffer *out, const struct weir_metrics *metrics)
{
    static const struct {
        const char *name;
        enum weir_metric metric;
    } of_classes[] = { { "Accuracy", WEIR_METRIC_ACCURACY },
                       { "F1", WEIR_METRIC_F1 },
                       { "ROC AUC", WEIR_METRIC_AUC },
                       { "Log loss", WEIR_METRIC_LOG_LOSS } },
      of_numbers[] = { { "RMSE", WEIR_METRIC_RMSE }, { "MAE", WEIR_METRIC_MAE }, { "R\xC2\xB2", WEIR_METRIC_R2 } };
    size_t count = metrics->numbers ? sizeof of_numbers / sizeof *of_numbers : sizeof of_classes / sizeof *of_classes;
    weir_buffer_string(out, "<dl class=\"tiles\">\n<div><dt>Rows measured</dt><dd>");
    weir_html_count(out, metrics->rows);
    weir_buffer_string(out, "</dd></div>\n");
    for (size_t i = 0; i < count; i++) {
        enum weir_metric metric = metrics->numbers ? of_numbers[i].metric : of_classes[i].metric;
        if (isnan(metrics->value[metric]) && isnan(metrics->baseline[metric]))
            continue; /* there are no probabilities */
        append_tile(out, metrics->numbers ? of_numbers[i].name : of_classes[i].name, metrics->value[metric],
                    metrics->numbers);
    }
    weir_buffer_string(out, "</dl>\n");
}

static void append_count(struct weir_buffer *out, int64_t rows, const char *what)
{
    if (rows == 0)
        return;
    weir_buffer_string(out, "<li>");
    weir_html_counted(out, rows, "row");
    weir_buffer_format(out, " %s</li>\n", what);
}

static void append_rows(struct weir_buffer *out, const struct weir_metrics *metrics,
                        const struct weir_predictions *predictions)
{
    weir_buffer_string(out, "<ul>\n");
    append_count(out, metrics->read, "read");
    append_count(out, metrics->unlabelled, "without a label, left out");
    append_count(out, metrics->unpredicted, "without a prediction, left out");
    append_count(out, predictions->strange, "with a label that the model does not know, counted as its errors");
    weir_buffer_string(out, "</ul>\n");
}

/* ---- Figures -------------------------------------------------------------------------------------------------- */

typedef int draw_figure(struct weir_drawing *drawing, const struct weir_predictions *predictions, const void *more,
                        const struct weir_plot_style *style, struct weir_error *error);

static int draw_confusion(struct weir_drawing *drawing, const struct weir_predictions *predictions, const void *more,
                          const struct weir_plot_style *style, struct weir_error *error)
{
    (void)more;
    return weir_plot_confusion(drawing, predictions, style, error);
}

static int draw_roc(struct weir_drawing *drawing, const struct weir_predictions *predictions, const void *more,
                    const struct weir_plot_style *style, struct weir_error *error)
{
    return weir_plot_roc(drawing, predictions, more, style, error);
}

static int draw_precision_recall(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                                 const void *more, const struct weir_plot_style *style, struct weir_error *error)
{
    return weir_plot_precision_recall(drawing, predictions, more, style, error);
}

static int draw_calibration(struct weir_drawing *drawing, const struct weir_predictions *predictions, const void *more,
                            const struct weir_plot_style *style, struct weir_error *error)
{
    (void)more;
    return weir_plot_calibration(drawing, predictions, style, error);
}

static int draw_predicted(struct weir_drawing *drawing, const struct weir_predictions *predictions, const void *more,
                          const struct weir_plot_style *style, struct weir_error *error)
{
    return weir_plot_predicted(drawing, predictions, *(const uint64_t *)more, style, error);
}

static int draw_residuals(struct weir_drawing *drawing, const struct weir_predictions *predictions, const void *more,
                          const struct weir_plot_style *style, struct weir_error *error)
{
    (void)more;
    return weir_plot_residuals(drawing, predictions, style, error);
}

static int append_figure(struct weir_buffer *out, draw_figure *draw, double height,
                         const struct weir_predictions *predictions, const void *more, const char *caption,
                         struct weir_error *error)
{
    const struct weir_plot_style style = { 0 };
    struct weir_drawing drawing;
    weir_drawing_init(&drawing, FIGURE_WIDTH, height, false);
    drawing.size = FIGURE_LETTERS;
    weir_buffer_string(out, "<figure>");
    int result = draw(&drawing, predictions, more, &style, error);
    if (result == 0)
        result = weir_svg_inline(&drawing, out, error);
    weir_buffer_format(out, "<figcaption>%s</figcaption></figure>\n", caption);
    weir_drawing_release(&drawing);
    return result;
}

static int append_curves(struct weir_buffer *out, const struct weir_predictions *predictions,
                         const struct weir_curves *curves, struct weir_error *error)
{
    return append_figure(
               out, draw_roc, FIGURE_HEIGHT, predictions, curves,
               "Rows of the class found, against rows of the others taken for it, as the threshold falls. The "
               "dashed line is chance.",
               error) ||
                   append_figure(out, draw_precision_recall, FIGURE_HEIGHT, predictions, curves,
                                 "How many of the rows that are taken are right, against how many of the class are "
                                 "found. AP is the area below the steps.",
                                 error) ||
                   append_figure(out, draw_calibration, FIGURE_HEIGHT, predictions, NULL,
                                 predictions->width == 2
                                     ? "Below the dashed line the probability says too much, above it too little."
                                     : "Below the dashed line the model is surer than it is right.",
                                 error)
               ? -1
               : 0;
}

static int append_class_figures(struct weir_buffer *out, const struct weir_predictions *predictions,
                                const struct weir_curves *curves, struct weir_error *error)
{
    weir_buffer_string(out, "<h2>Plots</h2>\n<div class=\"pair\">\n");
    double height = fmax(FIGURE_HEIGHT, weir_confusion_height(predictions->classes.count, FIGURE_LETTERS));
    if (append_figure(out, draw_confusion, height, predictions, NULL,
                      "How often each label is taken for each class. Right ones are blue, wrong ones orange.", error) ||
        (predictions->width && append_curves(out, predictions, curves, error)))
        return -1;
    weir_buffer_string(out, "</div>\n");
    if (predictions->width)
        weir_buffer_format(out,
                           "<p class=\"quiet\">Curves are drawn from all rows, thinned to what can be seen of %d parts "
                           "of the axis; their areas are those of all rows.</p>\n",
                           WEIR_CURVE_COLUMNS);
    return 0;
}

static int append_classification(struct weir_buffer *out, const struct weir_metrics *metrics,
                                 const struct weir_predictions *predictions, struct weir_error *error)
{
    struct weir_curves curves = { 0 };
    int result = predictions->width ? weir_curves_make(&curves, predictions, WEIR_CURVE_COLUMNS, error) : 0;
    if (result == 0)
        result = append_class_figures(out, predictions, &curves, error);
    if (result == 0) {
        weir_page_classes(out, metrics);
        if (curves.order)
            weir_page_thresholds(out, predictions, curves.order);
    }
    weir_curves_release(&curves);
    return result;
}

static int append_number_figures(struct weir_buffer *out, const struct weir_predictions *predictions, uint64_t seed,
                                 struct weir_error *error)
{
    weir_buffer_string(out, "<h2>Plots</h2>\n<div class=\"pair\">\n");
    if (append_figure(out, draw_predicted, FIGURE_HEIGHT, predictions, &seed,
                      "On the dashed line the prediction is right. Of many rows a sample is drawn.", error) ||
        append_figure(out, draw_residuals, FIGURE_HEIGHT, predictions, NULL,
                      "How far predictions are from the labels, of all rows.", error))
        return -1;
    weir_buffer_string(out, "</div>\n");
    return 0;
}

int weir_page_write(const struct weir_report *report, const struct weir_predictions *predictions, uint64_t seed,
                    struct weir_buffer *out, struct weir_error *error)
{
    const struct weir_metrics *metrics = &report->whole;
    struct weir_buffer rules = { 0 };
    weir_svg_rules(&rules);
    if (weir_buffer_check(&rules, error))
        return -1;
    weir_html_begin_styled(out, "How good the predictions are", rules.bytes);
    weir_buffer_release(&rules);
    append_tiles(out, metrics);
    append_rows(out, metrics, predictions);
    weir_page_metrics(out, metrics);
    if (metrics->numbers ? append_number_figures(out, predictions, seed, error)
                         : append_classification(out, metrics, predictions, error))
        return -1;
    weir_page_slices(out, report);
    weir_html_end(out);
    return weir_buffer_check(out, error);
}
