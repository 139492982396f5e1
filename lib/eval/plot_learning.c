/* Learning curves. */
#include "base/html.h"
#include "eval/learning.h"
#include "math/ticks.h"
#include <math.h>
#include <string.h>

/* One chart: what was measured on the rows of training, and on those of validation. */
struct panel {
    enum weir_learning_figure figure, validation; /* the same: there is but one */
    const char *title;
};
static const struct panel panels[] = {
    { WEIR_LEARNING_LOSS, WEIR_LEARNING_VALIDATION_LOSS, "loss" },
    { WEIR_LEARNING_ACCURACY, WEIR_LEARNING_VALIDATION_ACCURACY, "accuracy" },
    { WEIR_LEARNING_RATE, WEIR_LEARNING_RATE, "learning rate" },
};
enum { PANELS = sizeof panels / sizeof *panels };

/* The range of the numbers that are there; false: none. */
static bool find_range(const struct weir_learning *learning, enum weir_learning_figure figure, double *low,
                       double *high)
{
    bool any = false;
    for (size_t i = 0; i < learning->count; i++) {
        double value = learning->figures[figure][i];
        if (isnan(value))
            continue;
        *low = any ? fmin(*low, value) : value;
        *high = any ? fmax(*high, value) : value;
        any = true;
    }
    return any;
}

static bool has_validation(const struct weir_learning *learning)
{
    double low, high;
    return find_range(learning, WEIR_LEARNING_VALIDATION_LOSS, &low, &high) ||
           find_range(learning, WEIR_LEARNING_VALIDATION_ACCURACY, &low, &high);
}

static bool panel_range(const struct weir_learning *learning, const struct panel *panel, double *low, double *high)
{
    double other_low = 0, other_high = 0;
    bool any = find_range(learning, panel->figure, low, high);
    bool other = find_range(learning, panel->validation, &other_low, &other_high);
    if (other) {
        *low = any ? fmin(*low, other_low) : other_low;
        *high = any ? fmax(*high, other_high) : other_high;
    }
    /* A learning rate that stays says nothing. */
    return (any || other) && !(panel->figure == WEIR_LEARNING_RATE && *low == *high);
}

static int draw_figure(struct weir_chart *chart, const struct weir_learning *learning, enum weir_learning_figure figure,
                       enum weir_ink ink, int dash, struct weir_error *error)
{
    struct weir_curve curve;
    int result;
    weir_curve_init(&curve, learning->epochs[0], learning->epochs[learning->count - 1] + 1, 2 * WEIR_CURVE_COLUMNS);
    curve.logarithmic = chart->x.logarithmic;
    for (size_t i = 0; i < learning->count; i++)
        if (!isnan(learning->figures[figure][i]) && !(chart->y.logarithmic && learning->figures[figure][i] <= 0))
            weir_curve_add(&curve, learning->epochs[i], learning->figures[figure][i]);
    result = weir_curve_end(&curve, error);
    if (result == 0 && curve.count)
        result = weir_chart_line(chart, ink, dash, curve.xs, curve.ys, curve.count) ? weir_fail_memory(error) : 0;
    weir_curve_release(&curve);
    return result;
}

/* The place of the lowest loss in validation, or SIZE_MAX. */
static size_t find_best(const struct weir_learning *learning)
{
    const double *losses = learning->figures[WEIR_LEARNING_VALIDATION_LOSS];
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < learning->count; i++)
        if (!isnan(losses[i]) && (best == SIZE_MAX || losses[i] < losses[best]))
            best = i;
    return best;
}

static int draw_panel(struct weir_chart *chart, const struct weir_learning *learning, const struct panel *panel,
                      const struct weir_plot_style *style, struct weir_error *error)
{
    double first = learning->epochs[0], last = learning->epochs[learning->count - 1], low = 0, high = 0;
    panel_range(learning, panel, &low, &high);
    chart->x = (struct weir_axis){ .low = first, .high = last, .whole = true, .title = chart->x.title };
    if (first == last)
        weir_axis_widen(&chart->x.low, &chart->x.high, 0);
    chart->x.logarithmic = style->log_x && first > 0 && first < last;
    chart->y = (struct weir_axis){ .low = low, .high = high, .title = panel->title };
    if (style->log_y && low > 0) {
        chart->y.logarithmic = true;
        weir_axis_widen_logarithmic(&chart->y.low, &chart->y.high, 0.03);
    } else {
        weir_axis_widen(&chart->y.low, &chart->y.high, 0.05);
        if (low >= 0 && chart->y.low < 0)
            chart->y.low = 0;
        if (panel->figure == WEIR_LEARNING_ACCURACY && high <= 1 && chart->y.high > 1)
            chart->y.high = 1;
    }
    weir_chart_begin(chart);
    size_t best = find_best(learning);
    if (panel->figure == WEIR_LEARNING_LOSS && best != SIZE_MAX)
        weir_chart_guide(chart, learning->epochs[best], chart->y.low, learning->epochs[best], chart->y.high);
    if (draw_figure(chart, learning, panel->figure, weir_ink_of_series(0), 0, error))
        return -1;
    return panel->validation == panel->figure
               ? 0
               : draw_figure(chart, learning, panel->validation, weir_ink_of_series(1), 1, error);
}

static void append_note(struct weir_buffer *note, const struct weir_learning *learning)
{
    size_t best = find_best(learning);
    weir_html_counted(note, (int64_t)learning->count, "epoch");
    if (best != SIZE_MAX)
        weir_buffer_format(note, "; lowest validation loss %.6g in epoch %.0f",
                           learning->figures[WEIR_LEARNING_VALIDATION_LOSS][best], learning->epochs[best]);
}

int weir_plot_learning(struct weir_drawing *drawing, const struct weir_learning *learning,
                       const struct weir_plot_style *style, struct weir_error *error)
{
    static const struct weir_legend legends[] = {
        { .kind = WEIR_LEGEND_LINE, .ink = WEIR_INK_SERIES, .name = "training", .length = 8 },
        { .kind = WEIR_LEGEND_LINE, .ink = WEIR_INK_SERIES + 1, .dash = 1, .name = "validation", .length = 10 },
    };
    struct weir_chart chart = weir_plot_chart(drawing, style, "Learning curves");
    struct weir_buffer note = { 0 };
    int used[PANELS], count = 0, result = 0;
    double low, high, whole = chart.height, top = chart.top;
    for (int i = 0; i < PANELS; i++)
        if (panel_range(learning, &panels[i], &low, &high))
            used[count++] = i;
    append_note(&note, learning);
    if (weir_buffer_check(&note, error))
        return -1;
    chart.note = note.bytes;
    if (count == 0)
        weir_chart_instead(&chart, "No loss is told in it that is a finite number.");
    else {
        chart.legends = legends;
        chart.legend_count = has_validation(learning) ? 2 : 1;
        double head = weir_chart_line_height(drawing) * 3;
        chart.side = drawing->size * 4.5; /* the same for all */
        for (int i = 0; i < count && result == 0; i++) {
            double end = top + head + (whole - head) * (i + 1) / count;
            if (drawing->cells)
                end = floor(end / WEIR_CELL_HEIGHT) * WEIR_CELL_HEIGHT;
            chart.height = end - chart.top;
            chart.x.title = i + 1 == count ? "epoch" : NULL;
            result = draw_panel(&chart, learning, &panels[used[i]], style, error);
            chart.top = end;
            chart.title = chart.note = NULL;
            chart.legend_count = 0;
        }
    }
    weir_buffer_release(&note);
    return result ? result : weir_drawing_check(drawing, error);
}
