/* One number over another. */
#include "base/html.h"
#include "eval/drawn.h"
#include "eval/frequent.h"
#include "eval/plot_columns.h"
#include "math/ticks.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VALUE = 256 }; /* bytes of a value by which points are told apart */

/* Where the numbers of one axis come from. */
struct place {
    int column, element; /* element -1: the column's own value */
};

struct weir_scatter {
    const struct weir_schema *schema;
    struct place x, y;
    int by; /* column, -1: none */
    struct weir_drawn drawn;
    double *xs, *ys; /* [points] */
    int32_t *codes;  /* [points]: of the value, -1: missing */
    int64_t points, rows, placeless;
    struct weir_classes values;
    int64_t *eligible; /* rows of a batch that have a place */
    int64_t room;
};

void weir_scatter_free(struct weir_scatter *scatter)
{
    if (!scatter)
        return;
    weir_drawn_release(&scatter->drawn);
    weir_classes_release(&scatter->values);
    free(scatter->xs);
    free(scatter->ys);
    free(scatter->codes);
    free(scatter->eligible);
    free(scatter);
}

/* ---- Which columns -------------------------------------------------------------------------------------------- */

static bool is_list(const struct weir_field *field)
{
    return field->type.kind == WEIR_FIXED_LIST && field->type.list_size >= 2 &&
           weir_kind_is_number(field->type.children[0].type.kind);
}

static int choose_named(struct weir_scatter *scatter, const struct weir_columns_options *options,
                        struct weir_error *error)
{
    const struct weir_schema *schema = scatter->schema;
    int columns[2] = { -1, -1 };
    for (size_t i = 0; i < options->column_count && i < 2; i++)
        if ((columns[i] = weir_schema_require(schema, options->columns[i], error)) < 0)
            return -1;
    if (options->column_count == 1 && is_list(&schema->fields[columns[0]])) {
        scatter->x = (struct place){ columns[0], 0 };
        scatter->y = (struct place){ columns[0], 1 };
        return 0;
    }
    if (options->column_count != 2)
        return weir_fail(error, WEIR_USAGE,
                         "a scatter takes two columns of numbers, or one of lists of one length, not %zu",
                         options->column_count);
    for (int i = 0; i < 2; i++)
        if (!weir_kind_is_number(schema->fields[columns[i]].type.kind))
            return weir_fail(error, WEIR_BAD_DATA, "column '%s' has no numbers", schema->fields[columns[i]].name);
    scatter->x = (struct place){ columns[0], -1 };
    scatter->y = (struct place){ columns[1], -1 };
    return 0;
}

/* The first features: a column of lists (the components of features --method pca), or two of numbers. */
static int choose_by_type(struct weir_scatter *scatter, struct weir_error *error)
{
    const struct weir_schema *schema = scatter->schema;
    int found[2], count = 0;
    for (int column = 0; column < schema->count; column++)
        if (schema->fields[column].role == WEIR_FEATURE && is_list(&schema->fields[column]) &&
            schema->fields[column].type.rank == 0) {
            scatter->x = (struct place){ column, 0 };
            scatter->y = (struct place){ column, 1 };
            return 0;
        }
    for (int column = 0; column < schema->count && count < 2; column++)
        if (schema->fields[column].role == WEIR_FEATURE && weir_kind_is_number(schema->fields[column].type.kind))
            found[count++] = column;
    if (count < 2)
        return weir_fail(error, WEIR_BAD_DATA,
                         "no two columns of numbers here, and none of lists of one length (--columns names them)");
    scatter->x = (struct place){ found[0], -1 };
    scatter->y = (struct place){ found[1], -1 };
    return 0;
}

/* The label tells points apart when nothing else does, unless its values are a continuum. */
static int choose_by(struct weir_scatter *scatter, const char *by, struct weir_error *error)
{
    const struct weir_schema *schema = scatter->schema;
    int label = weir_schema_role(schema, WEIR_LABEL, 0);
    scatter->by = -1;
    if (by)
        return (scatter->by = weir_schema_require(schema, by, error)) < 0 ? -1 : 0;
    if (label >= 0 && !weir_kind_is_float(schema->fields[label].type.kind) && label != scatter->x.column &&
        label != scatter->y.column)
        scatter->by = label;
    return 0;
}

int weir_scatter_begin(struct weir_scatter **scatter, const struct weir_schema *schema,
                       const struct weir_columns_options *options, struct weir_error *error)
{
    struct weir_scatter *made = *scatter = weir_allocate_zero(1, sizeof *made);
    if (!made)
        return weir_fail_memory(error);
    size_t points = (size_t)options->points;
    made->schema = schema;
    made->points = options->points;
    weir_drawn_init(&made->drawn, options->points, options->seed);
    made->xs = weir_allocate(points, sizeof *made->xs);
    made->ys = weir_allocate(points, sizeof *made->ys);
    made->codes = weir_allocate(points, sizeof *made->codes);
    if (!made->xs || !made->ys || !made->codes)
        return weir_fail_memory(error);
    if (options->column_count ? choose_named(made, options, error) : choose_by_type(made, error))
        return -1;
    return choose_by(made, options->by, error);
}

/* ---- The rows ------------------------------------------------------------------------------------------------- */

/* NaN: missing. */
static double number_at(const struct weir_scatter *scatter, const struct place *place, const struct weir_batch *batch,
                        int64_t row)
{
    const struct weir_column *column = &batch->columns[place->column];
    const struct weir_type *type = &scatter->schema->fields[place->column].type;
    if (!weir_valid(column, row))
        return NAN;
    if (place->element < 0)
        return weir_number(column, type->kind, row);
    int64_t item = row * type->list_size + place->element;
    return weir_valid(&column->children[0], item) ? weir_number(&column->children[0], type->children[0].type.kind, item)
                                                  : NAN;
}

/* The number of a row's value; -1: missing, -2: out of memory. */
static int32_t code_at(struct weir_scatter *scatter, const struct weir_batch *batch, int64_t row)
{
    const struct weir_column *column = &batch->columns[scatter->by];
    struct weir_buffer text = { 0 };
    int32_t code = -2;
    if (!weir_valid(column, row))
        return -1;
    weir_value_text(column, &scatter->schema->fields[scatter->by].type, row, &text);
    if (!text.failed)
        code = weir_classes_add(&scatter->values, text.bytes ? text.bytes : "",
                                text.size ? weir_html_fit(text.bytes, text.size, MOST_VALUE) : 0);
    weir_buffer_release(&text);
    return code < 0 ? -2 : code;
}

static int take_point(struct weir_scatter *scatter, const struct weir_batch *batch, int64_t row, int64_t place)
{
    scatter->xs[place] = number_at(scatter, &scatter->x, batch, row);
    scatter->ys[place] = number_at(scatter, &scatter->y, batch, row);
    scatter->codes[place] = scatter->by < 0 ? -1 : code_at(scatter, batch, row);
    return scatter->codes[place] == -2 ? -1 : 0;
}

int weir_scatter_add(struct weir_scatter *scatter, const struct weir_batch *batch, struct weir_error *error)
{
    if (batch->rows > scatter->room) {
        void *eligible = weir_reallocate(scatter->eligible, (size_t)batch->rows, sizeof *scatter->eligible);
        if (!eligible)
            return weir_fail_memory(error);
        scatter->eligible = eligible;
        scatter->room = batch->rows;
    }
    int64_t count = 0;
    for (int64_t row = 0; row < batch->rows; row++)
        if (isfinite(number_at(scatter, &scatter->x, batch, row)) &&
            isfinite(number_at(scatter, &scatter->y, batch, row)))
            scatter->eligible[count++] = row;
    scatter->rows += batch->rows;
    scatter->placeless += batch->rows - count;
    int64_t entered = weir_drawn_offer(&scatter->drawn, count, error);
    for (int64_t i = 0; i < entered; i++)
        if (take_point(scatter, batch, scatter->eligible[scatter->drawn.changes[i].row], scatter->drawn.places[i]))
            return weir_fail_memory(error);
    return entered < 0 ? -1 : 0;
}

/* ---- Drawing -------------------------------------------------------------------------------------------------- */

struct groups {
    int32_t chosen[WEIR_COLUMNS_GROUPS];
    struct weir_legend legends[WEIR_COLUMNS_GROUPS + 1];
    int count, legend_count;
};

static int choose_groups(struct weir_scatter *scatter, struct groups *groups, struct weir_error *error)
{
    int32_t count = scatter->values.count;
    *groups = (struct groups){ 0 };
    if (scatter->by < 0)
        return 0;
    enum weir_kind kind = scatter->schema->fields[scatter->by].type.kind;
    int64_t *rows = weir_allocate_zero((size_t)count, sizeof *rows), others = 0;
    int32_t *order = weir_allocate((size_t)count, sizeof *order);
    int failed =
        !rows || !order ||
        (count && weir_classes_sort(&scatter->values, 0, weir_kind_is_number(kind) && kind != WEIR_BOOL, order));
    for (int64_t i = 0; i < scatter->drawn.count && !failed; i++)
        if (scatter->codes[i] >= 0)
            rows[scatter->codes[i] = order[scatter->codes[i]]]++;
    if (!failed)
        groups->count = weir_choose_frequent(rows, count, WEIR_COLUMNS_GROUPS, groups->chosen);
    for (int i = 0; i < groups->count; i++) {
        struct weir_legend *legend = &groups->legends[groups->legend_count++];
        *legend = (struct weir_legend){ .kind = WEIR_LEGEND_MARK,
                                        .ink = weir_ink_of_series(i),
                                        .mark = (enum weir_mark)(i % WEIR_MARK_COUNT) };
        legend->name = weir_plot_name(&scatter->values, groups->chosen[i], &legend->length);
        others -= rows[groups->chosen[i]];
    }
    others += scatter->drawn.count;
    if (others > 0 && !failed)
        groups->legends[groups->legend_count++] = (struct weir_legend){
            .kind = WEIR_LEGEND_MARK, .ink = WEIR_INK_QUIET, .name = "other or none", .length = 13
        };
    free(rows);
    free(order);
    return failed ? weir_fail_memory(error) : 0;
}

/* The points of one group (-1: of none that was chosen), moved together at the front of xs and ys. */
static size_t gather(const struct weir_scatter *scatter, const struct groups *groups, int group, double *xs, double *ys)
{
    size_t count = 0;
    for (int64_t i = 0; i < scatter->drawn.count; i++) {
        int of = -1;
        for (int g = 0; g < groups->count; g++)
            if (scatter->codes[i] == groups->chosen[g])
                of = g;
        if (of != group)
            continue;
        xs[count] = scatter->xs[i];
        ys[count++] = scatter->ys[i];
    }
    return count;
}

static int draw_groups(struct weir_scatter *scatter, const struct groups *groups, struct weir_chart *chart,
                       struct weir_error *error)
{
    size_t points = (size_t)scatter->drawn.count;
    double *xs = weir_allocate(points, sizeof *xs), *ys = weir_allocate(points, sizeof *ys);
    double width = points > 2000 ? 3.5 : points > 300 ? 5 : 6.5;
    for (int group = -1; xs && ys && group < groups->count; group++) {
        size_t count = gather(scatter, groups, group, xs, ys);
        enum weir_ink ink = group >= 0        ? weir_ink_of_series(group)
                            : scatter->by < 0 ? weir_ink_of_series(0)
                                              : WEIR_INK_QUIET;
        if (count)
            weir_chart_marks(chart, ink, group < 0 ? WEIR_MARK_DISC : (enum weir_mark)(group % WEIR_MARK_COUNT), width,
                             0.65, xs, ys, count);
    }
    bool failed = !xs || !ys;
    free(xs);
    free(ys);
    return failed ? weir_fail_memory(error) : weir_drawing_check(chart->drawing, error);
}

static void find_axis(const double *values, int64_t count, bool logarithmic, struct weir_axis *axis)
{
    axis->low = INFINITY;
    axis->high = -INFINITY;
    for (int64_t i = 0; i < count; i++) {
        axis->low = fmin(axis->low, values[i]);
        axis->high = fmax(axis->high, values[i]);
    }
    axis->logarithmic = logarithmic && axis->low > 0;
    if (axis->logarithmic)
        weir_axis_widen_logarithmic(&axis->low, &axis->high, 0.03);
    else
        weir_axis_widen(&axis->low, &axis->high, 0.03);
}

static void append_place(struct weir_buffer *out, const struct weir_scatter *scatter, const struct place *place)
{
    weir_buffer_string(out, scatter->schema->fields[place->column].name);
    if (place->element >= 0)
        weir_buffer_format(out, " %d", place->element + 1);
}

static void append_note(struct weir_buffer *note, const struct weir_scatter *scatter, bool beyond)
{
    weir_html_counted(note, scatter->rows, "row");
    if (scatter->drawn.count < scatter->rows - scatter->placeless) {
        weir_buffer_string(note, ", ");
        weir_html_count(note, scatter->drawn.count);
        weir_buffer_string(note, " of them drawn, by chance");
    }
    if (scatter->placeless) {
        weir_buffer_string(note, ", ");
        weir_html_count(note, scatter->placeless);
        weir_buffer_string(note, " without both numbers");
    }
    if (beyond)
        weir_buffer_string(note, "; no logarithms: not all are above 0");
}

int weir_scatter_draw(struct weir_scatter *scatter, struct weir_drawing *drawing, const struct weir_plot_style *style,
                      struct weir_error *error)
{
    struct weir_chart chart;
    struct groups groups;
    struct weir_buffer x = { 0 }, y = { 0 }, note = { 0 }, title = { 0 };
    int result = -1;
    if (choose_groups(scatter, &groups, error))
        return -1;
    append_place(&x, scatter, &scatter->x);
    append_place(&y, scatter, &scatter->y);
    if (weir_buffer_check(&x, error) || weir_buffer_check(&y, error))
        goto cleanup;
    weir_buffer_format(&title, "%s over %s", y.bytes, x.bytes);
    if (weir_buffer_check(&title, error))
        goto cleanup;
    chart = weir_plot_chart(drawing, style, title.bytes);
    if (scatter->drawn.count == 0) {
        weir_chart_instead(&chart, "No row has both numbers.");
        result = weir_drawing_check(drawing, error);
        goto cleanup;
    }
    find_axis(scatter->xs, scatter->drawn.count, style->log_x, &chart.x);
    find_axis(scatter->ys, scatter->drawn.count, style->log_y, &chart.y);
    append_note(&note, scatter, (style->log_x && !chart.x.logarithmic) || (style->log_y && !chart.y.logarithmic));
    if (weir_buffer_check(&note, error))
        goto cleanup;
    chart.x.title = x.bytes;
    chart.y.title = y.bytes;
    chart.note = note.bytes;
    chart.legends = groups.legends;
    chart.legend_count = groups.legend_count;
    weir_chart_begin(&chart);
    result = draw_groups(scatter, &groups, &chart, error);
cleanup:
    weir_buffer_release(&x);
    weir_buffer_release(&y);
    weir_buffer_release(&note);
    weir_buffer_release(&title);
    return result;
}
