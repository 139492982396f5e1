#include "eval/plot_stream.h"
#include "base/nearest.h"
#include "eval/plot_images.h"
#include "eval/rendering.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[WEIR_PLOT_KINDS] = { "learning",    "confusion", "roc",       "precision-recall",
                                                    "calibration", "predicted", "residuals", "histogram",
                                                    "scatter",     "images" };

const char *weir_plot_kind_name(enum weir_plot_kind kind)
{
    return names[kind];
}

enum { MOST_FLOAT_CLASSES = 100 };

struct weir_plot {
    const struct weir_plot_options *options;
    bool floats; /* predictions are of a float type, and without probabilities */
    struct weir_predictions predictions;
    struct weir_histograms *histograms;
    struct weir_scatter *scatter;
    struct weir_images *images;
};

static bool needs_probability(enum weir_plot_kind kind)
{
    return kind == WEIR_PLOT_ROC || kind == WEIR_PLOT_PRECISION_RECALL || kind == WEIR_PLOT_CALIBRATION;
}

static int begin_predictions(struct weir_plot *plot, const struct weir_schema *schema, struct weir_error *error)
{
    enum weir_plot_kind kind = plot->options->kind;
    bool numbers = kind == WEIR_PLOT_PREDICTED || kind == WEIR_PLOT_RESIDUALS;
    if (needs_probability(kind) && weir_schema_find(schema, "prediction") >= 0 &&
        weir_schema_find(schema, "probability") < 0)
        return weir_fail(error, WEIR_BAD_DATA, "no column 'probability' here, of which a plot of the kind '%s' is made",
                         names[kind]);
    int prediction = weir_schema_find(schema, "prediction");
    plot->floats = prediction >= 0 && weir_kind_is_float(schema->fields[prediction].type.kind) &&
                   weir_schema_find(schema, "probability") < 0;
    return weir_predictions_begin(&plot->predictions, schema, numbers ? WEIR_EVALUATE_NUMBERS : WEIR_EVALUATE_CLASSES,
                                  NULL, 0, error);
}

int weir_plot_begin(struct weir_plot **plot, const struct weir_schema *schema, const struct weir_plot_options *options,
                    struct weir_error *error)
{
    struct weir_plot *made = *plot = weir_allocate_zero(1, sizeof *made);
    if (!made)
        return weir_fail_memory(error);
    made->options = options;
    switch (options->kind) {
    case WEIR_PLOT_HISTOGRAM:
        return weir_histograms_begin(&made->histograms, schema, &options->columns, error);
    case WEIR_PLOT_SCATTER:
        return weir_scatter_begin(&made->scatter, schema, &options->columns, error);
    case WEIR_PLOT_IMAGES:
        if (options->columns.column_count > 1)
            return weir_fail(error, WEIR_USAGE, "a grid of pictures takes one column, not %zu",
                             options->columns.column_count);
        return weir_images_begin(&made->images, schema,
                                 options->columns.column_count ? options->columns.columns[0] : NULL, options->rows,
                                 error);
    default:
        return begin_predictions(made, schema, error);
    }
}

int weir_plot_add(struct weir_plot *plot, const struct weir_batch *batch, struct weir_error *error)
{
    return plot->histograms ? weir_histograms_add(plot->histograms, batch, error)
           : plot->scatter  ? weir_scatter_add(plot->scatter, batch, error)
           : plot->images   ? weir_images_add(plot->images, batch, error)
                            : weir_predictions_add(&plot->predictions, batch, error);
}

bool weir_plot_full(const struct weir_plot *plot)
{
    return plot->images && weir_images_full(plot->images);
}

double weir_plot_shape(const struct weir_plot *plot)
{
    int down = plot->histograms ? weir_histograms_down(plot->histograms) : 1;
    if (plot->options->kind == WEIR_PLOT_CONFUSION)
        return fmax(2.0 / 3,
                    weir_confusion_height(plot->predictions.classes.count, WEIR_DRAWING_LETTERS) / WEIR_RENDER_WIDTH);
    return down > 2 ? 0.1 + 0.28 * down : 2.0 / 3;
}

static int draw_curves(struct weir_plot *plot, struct weir_drawing *drawing, struct weir_error *error)
{
    struct weir_curves curves;
    int result = weir_curves_make(&curves, &plot->predictions, WEIR_CURVE_COLUMNS, error);
    if (result == 0)
        result = plot->options->kind == WEIR_PLOT_ROC
                     ? weir_plot_roc(drawing, &plot->predictions, &curves, &plot->options->style, error)
                     : weir_plot_precision_recall(drawing, &plot->predictions, &curves, &plot->options->style, error);
    weir_curves_release(&curves);
    return result;
}

static int draw_predictions(struct weir_plot *plot, struct weir_drawing *drawing, struct weir_error *error)
{
    const struct weir_plot_style *style = &plot->options->style;
    if (weir_predictions_end(&plot->predictions, error))
        return -1;
    switch (plot->options->kind) {
    case WEIR_PLOT_ROC:
    case WEIR_PLOT_PRECISION_RECALL:
        return draw_curves(plot, drawing, error);
    case WEIR_PLOT_CALIBRATION:
        return weir_plot_calibration(drawing, &plot->predictions, style, error);
    case WEIR_PLOT_PREDICTED:
        return weir_plot_predicted(drawing, &plot->predictions, plot->options->columns.seed, style, error);
    case WEIR_PLOT_RESIDUALS:
        return weir_plot_residuals(drawing, &plot->predictions, style, error);
    default:
        if (plot->floats && plot->predictions.classes.count > MOST_FLOAT_CLASSES)
            return weir_fail(error, WEIR_BAD_DATA,
                             "column 'prediction' has numbers, of which a plot of the kind 'predicted' is made");
        return weir_plot_confusion(drawing, &plot->predictions, style, error);
    }
}

int weir_plot_draw(struct weir_plot *plot, struct weir_drawing *drawing, struct weir_error *error)
{
    const struct weir_plot_style *style = &plot->options->style;
    return plot->histograms ? weir_histograms_draw(plot->histograms, drawing, style, error)
           : plot->scatter  ? weir_scatter_draw(plot->scatter, drawing, style, error)
           : plot->images   ? weir_images_draw(plot->images, drawing, style, error)
                            : draw_predictions(plot, drawing, error);
}

void weir_plot_free(struct weir_plot *plot)
{
    if (!plot)
        return;
    weir_predictions_release(&plot->predictions, false);
    weir_histograms_free(plot->histograms);
    weir_scatter_free(plot->scatter);
    weir_images_free(plot->images);
    free(plot);
}

int weir_plot_kind_parse(const char *name, enum weir_plot_kind *kind, struct weir_error *error)
{
    struct weir_nearest nearest = { .wanted = name };
    struct weir_buffer all = { 0 }, shown = { 0 };
    for (int i = 0; i < WEIR_PLOT_KINDS; i++) {
        if (strcmp(names[i], name) == 0) {
            *kind = (enum weir_plot_kind)i;
            weir_buffer_release(&all);
            return 0;
        }
        weir_nearest_offer(&nearest, names[i]);
        weir_buffer_format(&all, "%s%s", i ? ", " : "", names[i]);
    }
    weir_buffer_escaped(&shown, name, strlen(name));
    if (weir_buffer_check(&all, error) == 0 && weir_buffer_check(&shown, error) == 0) {
        if (nearest.name)
            weir_fail(error, WEIR_USAGE, "'%s' is no kind of plot; did you mean '%s'?", shown.bytes, nearest.name);
        else
            weir_fail(error, WEIR_USAGE, "'%s' is no kind of plot: %s", shown.bytes ? shown.bytes : "", all.bytes);
    }
    weir_buffer_release(&all);
    weir_buffer_release(&shown);
    return -1;
}
