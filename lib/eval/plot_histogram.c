/* Histograms of columns. */
#include "base/html.h"
#include "eval/frequent.h"
#include "eval/histogram_bars.h"
#include "eval/plot_columns.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct drawn_column {
    int column;
    struct weir_histogram *groups; /* [capacity] */
    size_t capacity;
    int64_t missing, left_out; /* null; not finite, or not above 0 where logarithms are wanted */
};

struct weir_histograms {
    const struct weir_schema *schema;
    struct drawn_column columns[WEIR_COLUMNS_DRAWN];
    int count, passed_over; /* columns */
    bool log_x;
    int by; /* column, -1: none */
    struct weir_classes values;
    int64_t *rows;   /* [values] */
    int64_t without; /* rows that have none */
    size_t rows_capacity;
    int32_t *codes; /* of a batch */
    double *numbers, *group;
    int64_t room;
};

void weir_histograms_free(struct weir_histograms *histograms)
{
    if (!histograms)
        return;
    for (int i = 0; i < histograms->count; i++)
        free(histograms->columns[i].groups);
    weir_classes_release(&histograms->values);
    free(histograms->rows);
    free(histograms->codes);
    free(histograms->numbers);
    free(histograms->group);
    free(histograms);
}

static int fail_kind(const struct weir_field *field, struct weir_error *error)
{
    struct weir_buffer type = { 0 };
    weir_type_describe(&field->type, &type);
    weir_fail(error, WEIR_BAD_DATA, "column '%s' (%s) has no numbers", field->name, type.bytes ? type.bytes : "");
    weir_buffer_release(&type);
    return -1;
}

static int choose_columns(struct weir_histograms *histograms, const struct weir_columns_options *options,
                          struct weir_error *error)
{
    const struct weir_schema *schema = histograms->schema;
    if (options->column_count > WEIR_COLUMNS_DRAWN)
        return weir_fail(error, WEIR_USAGE, "%zu columns: at most %d fit into a plot", options->column_count,
                         WEIR_COLUMNS_DRAWN);
    for (size_t i = 0; i < options->column_count; i++) {
        int column = weir_schema_require(schema, options->columns[i], error);
        if (column < 0)
            return -1;
        if (!weir_kind_is_number(schema->fields[column].type.kind))
            return fail_kind(&schema->fields[column], error);
        histograms->columns[histograms->count++].column = column;
    }
    for (int column = 0; options->column_count == 0 && column < schema->count; column++) {
        if (!weir_kind_is_number(schema->fields[column].type.kind) || column == histograms->by ||
            schema->fields[column].role == WEIR_ID)
            continue;
        if (histograms->count < WEIR_COLUMNS_DRAWN)
            histograms->columns[histograms->count++].column = column;
        else
            histograms->passed_over++;
    }
    return histograms->count ? 0 : weir_fail(error, WEIR_BAD_DATA, "no column of numbers here");
}

int weir_histograms_begin(struct weir_histograms **histograms, const struct weir_schema *schema,
                          const struct weir_columns_options *options, struct weir_error *error)
{
    struct weir_histograms *made = *histograms = weir_allocate_zero(1, sizeof *made);
    if (!made)
        return weir_fail_memory(error);
    made->schema = schema;
    made->log_x = options->log_x;
    made->by = -1;
    if (options->by && (made->by = weir_schema_require(schema, options->by, error)) < 0)
        return -1;
    return choose_columns(made, options, error);
}

static int make_room(struct weir_histograms *histograms, int64_t rows)
{
    if (rows <= histograms->room)
        return 0;
    void *codes = weir_reallocate(histograms->codes, (size_t)rows, sizeof *histograms->codes);
    histograms->codes = codes ? codes : histograms->codes;
    void *numbers = weir_reallocate(histograms->numbers, (size_t)rows, sizeof(double));
    histograms->numbers = numbers ? numbers : histograms->numbers;
    void *group = weir_reallocate(histograms->group, (size_t)rows, sizeof(double));
    histograms->group = group ? group : histograms->group;
    if (!codes || !numbers || !group)
        return -1;
    histograms->room = rows;
    return 0;
}

static int add_groups(struct weir_histograms *histograms, struct drawn_column *drawn, int groups)
{
    size_t before = drawn->capacity;
    void *grown = drawn->groups;
    if (weir_grow(&grown, &drawn->capacity, (size_t)groups, sizeof *drawn->groups))
        return -1;
    drawn->groups = grown;
    /* Whole numbers get no bins between them. */
    enum weir_kind kind = histograms->schema->fields[drawn->column].type.kind;
    bool whole = !weir_kind_is_float(kind) && !histograms->log_x;
    for (size_t i = before; i < drawn->capacity; i++)
        weir_histogram_init(&drawn->groups[i], whole ? 0 : WEIR_HISTOGRAM_FINEST);
    return 0;
}

/* The numbers of a column of the batch; what has no place on the axis becomes NaN and is counted. */
static int read_numbers(struct weir_histograms *histograms, struct drawn_column *drawn, const struct weir_batch *batch,
                        struct weir_error *error)
{
    const struct weir_column *column = &batch->columns[drawn->column];
    double *numbers = histograms->numbers;
    if (weir_numbers(column, histograms->schema->fields[drawn->column].type.kind, numbers, error))
        return -1;
    int64_t placed = 0;
    for (int64_t row = 0; row < batch->rows; row++) {
        if (histograms->log_x)
            numbers[row] = numbers[row] > 0 ? log10(numbers[row]) : NAN;
        placed += isfinite(numbers[row]);
    }
    drawn->missing += column->null_count;
    drawn->left_out += batch->rows - column->null_count - placed;
    return 0;
}

/* The groups of the rows of a batch, and how many have come. */
static int read_groups(struct weir_histograms *histograms, const struct weir_batch *batch, struct weir_error *error)
{
    const struct weir_field *field = &histograms->schema->fields[histograms->by];
    if (weir_classes_of(&histograms->values, &batch->columns[histograms->by], &field->type, NULL, field->name,
                        WEIR_COLUMNS_VALUES, histograms->codes, error))
        return -1;
    size_t before = histograms->rows_capacity;
    void *rows = histograms->rows;
    if (weir_grow(&rows, &histograms->rows_capacity, (size_t)histograms->values.count, sizeof *histograms->rows))
        return weir_fail_memory(error);
    histograms->rows = rows;
    for (size_t i = before; i < histograms->rows_capacity; i++)
        histograms->rows[i] = 0;
    for (int64_t row = 0; row < batch->rows; row++)
        ++*(histograms->codes[row] < 0 ? &histograms->without : &histograms->rows[histograms->codes[row]]);
    return 0;
}

int weir_histograms_add(struct weir_histograms *histograms, const struct weir_batch *batch, struct weir_error *error)
{
    if (make_room(histograms, batch->rows))
        return weir_fail_memory(error);
    if (histograms->by >= 0 && read_groups(histograms, batch, error))
        return -1;
    for (int i = 0; i < histograms->count; i++) {
        struct drawn_column *drawn = &histograms->columns[i];
        if (add_groups(histograms, drawn, histograms->by < 0 ? 1 : histograms->values.count))
            return weir_fail_memory(error);
        if (read_numbers(histograms, drawn, batch, error))
            return -1;
        if (histograms->by < 0)
            weir_histogram_add(&drawn->groups[0], histograms->numbers, (size_t)batch->rows);
        for (int64_t row = 0; row < batch->rows && histograms->by >= 0; row++)
            if (histograms->codes[row] >= 0)
                weir_histogram_add(&drawn->groups[histograms->codes[row]], &histograms->numbers[row], 1);
    }
    return 0;
}

/* ---- Drawing -------------------------------------------------------------------------------------------------- */

/* The groups that are drawn, as in the legend. */
struct chosen {
    int32_t groups[WEIR_COLUMNS_GROUPS];
    struct weir_legend legends[WEIR_COLUMNS_GROUPS];
    int count;
};

/* Numbers the values in their own order, so that a shuffled stream gives the same plot. */
static int order_values(struct weir_histograms *histograms, struct weir_error *error)
{
    size_t count = (size_t)histograms->values.count;
    enum weir_kind kind = histograms->schema->fields[histograms->by].type.kind;
    int32_t *order = weir_allocate(count, sizeof *order);
    int64_t *rows = weir_allocate(count, sizeof *rows);
    struct weir_histogram *groups = weir_allocate(count, sizeof *groups);
    int result = -1;
    if (!order || !rows || !groups ||
        weir_classes_sort(&histograms->values, 0, weir_kind_is_number(kind) && kind != WEIR_BOOL, order)) {
        weir_fail_memory(error);
        goto cleanup;
    }
    memcpy(rows, histograms->rows, count * sizeof *rows);
    for (size_t i = 0; i < count; i++)
        histograms->rows[order[i]] = rows[i];
    for (int c = 0; c < histograms->count; c++) {
        memcpy(groups, histograms->columns[c].groups, count * sizeof *groups);
        for (size_t i = 0; i < count; i++)
            histograms->columns[c].groups[order[i]] = groups[i];
    }
    result = 0;
cleanup:
    free(order);
    free(rows);
    free(groups);
    return result;
}

static int choose_groups(struct weir_histograms *histograms, struct chosen *chosen, struct weir_error *error)
{
    *chosen = (struct chosen){ .count = 1 };
    for (int i = 0; i < histograms->count; i++) /* no batch may have come */
        if (add_groups(histograms, &histograms->columns[i], 1))
            return weir_fail_memory(error);
    if (histograms->by < 0)
        return 0;
    chosen->count = 0;
    if (histograms->values.count == 0)
        return 0;
    if (order_values(histograms, error))
        return -1;
    chosen->count =
        weir_choose_frequent(histograms->rows, histograms->values.count, WEIR_COLUMNS_GROUPS, chosen->groups);
    for (int i = 0; i < chosen->count; i++) {
        struct weir_legend *legend = &chosen->legends[i];
        *legend = (struct weir_legend){ .ink = weir_ink_of_series(i), .dash = i % 4 };
        legend->name = weir_plot_name(&histograms->values, chosen->groups[i], &legend->length);
    }
    return 0;
}

static int draw_column(struct weir_histograms *histograms, const struct chosen *chosen, struct drawn_column *drawn,
                       struct weir_chart *chart, const struct weir_plot_style *style, struct weir_error *error)
{
    struct weir_histogram groups[WEIR_COLUMNS_GROUPS];
    struct weir_bars bars;
    struct weir_buffer note = { 0 };
    for (int i = 0; i < chosen->count; i++)
        groups[i] = drawn->groups[chosen->groups[i]];
    if (weir_bars_make(&bars, groups, chosen->count, error))
        return -1;
    if (drawn->missing) {
        weir_html_count(&note, drawn->missing);
        weir_buffer_string(&note, " missing");
    }
    if (drawn->left_out) {
        weir_buffer_string(&note, note.size ? ", " : "");
        weir_html_count(&note, drawn->left_out);
        weir_buffer_string(&note, histograms->log_x ? " not above 0 and left out" : " not finite and left out");
    }
    int result = weir_buffer_check(&note, error);
    if (result == 0) {
        chart->note = note.size ? note.bytes : NULL;
        chart->y.title = "rows";
        if (bars.bins == 0)
            weir_chart_instead(chart, "No number has a place here.");
        else {
            weir_bars_axes(&bars, histograms->log_x, style->log_y, &chart->x, &chart->y);
            weir_chart_begin(chart);
            result = weir_bars_draw(&bars, chart, histograms->log_x, error);
        }
    }
    weir_bars_release(&bars);
    weir_buffer_release(&note);
    return result ? result : weir_drawing_check(chart->drawing, error);
}

/* The head above all charts: title, what is left out, legend. Where the charts begin. */
static double draw_head(struct weir_histograms *histograms, const struct chosen *chosen, struct weir_chart *chart,
                        struct weir_buffer *note)
{
    if (histograms->passed_over)
        weir_buffer_format(note, "the first %d columns of numbers of %d", histograms->count,
                           histograms->count + histograms->passed_over);
    if (histograms->values.count > chosen->count)
        weir_buffer_format(note, "%sthe %d values with the most rows of %d", note->size ? "; " : "", chosen->count,
                           histograms->values.count);
    if (histograms->without) {
        weir_buffer_string(note, note->size ? "; " : "");
        weir_html_counted(note, histograms->without, "row");
        weir_buffer_string(note, " without a value left out");
    }
    chart->note = note->size ? note->bytes : NULL;
    chart->legends = chosen->legends;
    chart->legend_count = histograms->by < 0 ? 0 : chosen->count;
    return weir_chart_head(chart);
}

int weir_histograms_down(const struct weir_histograms *histograms)
{
    return (histograms->count + 1) / 2;
}

int weir_histograms_draw(struct weir_histograms *histograms, struct weir_drawing *drawing,
                         const struct weir_plot_style *style, struct weir_error *error)
{
    struct chosen chosen;
    struct weir_buffer note = { 0 }, title = { 0 };
    if (choose_groups(histograms, &chosen, error))
        return -1;
    const struct weir_field *by = histograms->by < 0 ? NULL : &histograms->schema->fields[histograms->by];
    weir_buffer_string(&title, histograms->count > 1 ? "Histograms" : "Histogram");
    weir_buffer_string(&title, by ? " by " : "");
    weir_buffer_string(&title, by ? by->name : "");
    int result = weir_buffer_check(&title, error);
    struct weir_chart whole = weir_plot_chart(drawing, style, result ? "" : title.bytes);
    double top = draw_head(histograms, &chosen, &whole, &note), height = whole.top + whole.height - top;
    int across = histograms->count > 1 && whole.width >= 480 ? 2 : 1, down = (histograms->count + across - 1) / across;
    double gap = drawing->cells ? 2 * WEIR_CELL_WIDTH : drawing->size;
    for (int i = 0; i < histograms->count && result == 0; i++) {
        struct weir_chart chart = { .drawing = drawing, .width = (whole.width - gap * (across - 1)) / across };
        double first = i / across * height / down, end = (i / across + 1) * height / down;
        if (drawing->cells) {
            first = floor(first / WEIR_CELL_HEIGHT) * WEIR_CELL_HEIGHT;
            end = floor(end / WEIR_CELL_HEIGHT) * WEIR_CELL_HEIGHT;
            chart.width = floor(chart.width / WEIR_CELL_WIDTH) * WEIR_CELL_WIDTH;
        }
        chart.top = top + first;
        chart.height = end - first;
        chart.left = whole.left + (chart.width + gap) * (i % across);
        chart.x.title = histograms->schema->fields[histograms->columns[i].column].name;
        if (chosen.count == 0)
            weir_chart_instead(&chart, "No row has a value to tell it by.");
        else
            result = draw_column(histograms, &chosen, &histograms->columns[i], &chart, style, error);
    }
    if (result == 0)
        result = weir_buffer_check(&note, error);
    weir_buffer_release(&note);
    weir_buffer_release(&title);
    return result;
}
