/* Which labels are taken for which. */
#include "base/html.h"
#include "eval/classification.h"
#include "eval/plot.h"
#include "math/sort.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Few classes: squares --------------------------------------------------------------------------------------- */

enum { LEAST_LETTERS = 8 };

struct matrix {
    struct weir_drawing *drawing;
    const struct weir_classes *classes;
    const int64_t *counts;      /* [classes][classes] */
    double x, y, width, height; /* the corner of the first square, and the size of each */
    double side, foot;          /* left for the names of the labels, and of the predictions */
    double size;                /* of letters */
    bool shares, turned;        /* squares show shares; names of predictions stand upright */
};

static double line_height(const struct matrix *matrix)
{
    return weir_chart_line_height(matrix->drawing);
}

/* The base line of text whose middle is at y. */
static double middle_line(const struct matrix *matrix, double y)
{
    return y + matrix->drawing->size * (matrix->drawing->cells ? 0.25 : 0.35);
}

static void append_name(struct weir_buffer *out, const struct weir_classes *classes, int32_t class)
{
    size_t length;
    const char *name = weir_plot_name(classes, class, &length);
    weir_buffer_append(out, name, weir_html_fit(name, length, 200));
}

/* What stands in a square: a count, or the share of the label's rows. */
static void append_number(struct weir_buffer *out, const struct matrix *matrix, int64_t count, int64_t rows)
{
    if (!matrix->shares)
        weir_html_count(out, count);
    else if (rows)
        weir_buffer_format(out, "%.0f", 100 * (double)count / (double)rows);
}

static void draw_square(const struct matrix *matrix, int label, int predicted, int64_t rows)
{
    struct weir_drawing *drawing = matrix->drawing;
    int64_t count = matrix->counts[label * matrix->classes->count + predicted];
    double share = rows ? (double)count / (double)rows : 0;
    double x = matrix->x + predicted * matrix->width, y = matrix->y + label * matrix->height;
    double gap = drawing->cells ? 0 : 1;
    enum weir_ink ink = weir_ink_of_series(label == predicted ? 0 : 1);
    struct weir_buffer text = { 0 };
    weir_buffer_string(&text, "label ");
    append_name(&text, matrix->classes, label);
    weir_buffer_string(&text, ", predicted ");
    append_name(&text, matrix->classes, predicted);
    weir_buffer_string(&text, ": ");
    weir_html_counted(&text, count, "row");
    weir_buffer_format(&text, ", %.2f %% of the label's", share * 100);
    weir_drawing_rect(drawing, WEIR_INK_GRID, x, y, matrix->width - gap, matrix->height - gap)->opacity = 0.25;
    weir_drawing_rect(drawing, ink, x, y, matrix->width - gap, matrix->height - gap)->opacity = share;
    if (!text.failed)
        weir_drawing_note(drawing, text.bytes, text.size);
    weir_buffer_clear(&text);
    append_number(&text, matrix, count, rows);
    bool two = !matrix->shares && matrix->height > 2.6 * line_height(matrix) && matrix->width > drawing->size * 4;
    enum weir_ink written = share > 0.55 ? WEIR_INK_GROUND : WEIR_INK_TEXT;
    double middle = y + matrix->height / 2 - (two ? line_height(matrix) / 2 : 0);
    if (!text.failed && text.size)
        weir_drawing_text(drawing, written, x + matrix->width / 2, middle_line(matrix, middle), WEIR_ANCHOR_MIDDLE,
                          INFINITY, text.bytes, text.size);
    weir_buffer_clear(&text);
    weir_buffer_format(&text, "%.1f %%", share * 100);
    if (two && rows && !text.failed)
        weir_drawing_text(drawing, written, x + matrix->width / 2, middle_line(matrix, middle + line_height(matrix)),
                          WEIR_ANCHOR_MIDDLE, INFINITY, text.bytes, text.size);
    drawing->failed |= text.failed;
    weir_buffer_release(&text);
}

static int64_t rows_of(const struct matrix *matrix, int label)
{
    int64_t rows = 0;
    for (int predicted = 0; predicted < matrix->classes->count; predicted++)
        rows += matrix->counts[label * matrix->classes->count + predicted];
    return rows;
}

static double widest_number(const struct matrix *matrix)
{
    double widest = 0;
    int count = matrix->classes->count;
    struct weir_buffer text = { 0 };
    for (int label = 0; label < count; label++) {
        int64_t rows = rows_of(matrix, label);
        for (int predicted = 0; predicted < count; predicted++) {
            weir_buffer_clear(&text);
            append_number(&text, matrix, matrix->counts[label * count + predicted], rows);
            if (!text.failed)
                widest = fmax(widest, weir_drawing_text_width(matrix->drawing, text.bytes, text.size));
        }
    }
    matrix->drawing->failed |= text.failed;
    weir_buffer_release(&text);
    return widest;
}

static double widest_name(const struct matrix *matrix)
{
    double widest = 0;
    for (int c = 0; c < matrix->classes->count; c++) {
        size_t length;
        const char *name = weir_plot_name(matrix->classes, c, &length);
        widest = fmax(widest, weir_drawing_text_width(matrix->drawing, name, length));
    }
    return widest;
}

static void draw_names(const struct matrix *matrix, double bottom)
{
    struct weir_drawing *drawing = matrix->drawing;
    double gap = drawing->cells ? WEIR_CELL_WIDTH : drawing->size * 0.5;
    for (int c = 0; c < matrix->classes->count; c++) {
        size_t length;
        const char *name = weir_plot_name(matrix->classes, c, &length);
        double middle = matrix->x + (c + 0.5) * matrix->width;
        weir_drawing_text(drawing, WEIR_INK_TEXT, matrix->x - gap,
                          middle_line(matrix, matrix->y + (c + 0.5) * matrix->height), WEIR_ANCHOR_END,
                          matrix->side - gap, name, length);
        weir_drawing_note(drawing, name, length);
        if (matrix->turned)
            weir_drawing_text(drawing, WEIR_INK_TEXT, middle + drawing->size * 0.35, bottom + gap, WEIR_ANCHOR_END,
                              matrix->foot - gap, name, length)
                ->turned = true;
        else
            weir_drawing_text(drawing, WEIR_INK_TEXT, middle, middle_line(matrix, bottom + line_height(matrix) / 2),
                              WEIR_ANCHOR_MIDDLE, matrix->width - (drawing->cells ? WEIR_CELL_WIDTH : 2), name, length);
        weir_drawing_note(drawing, name, length);
    }
}

/* Places the squares for letters of the drawing's size, with `line` for each line of captions. False: what is to stand
 * in them has no room. */
static bool lay_out(struct matrix *matrix, const struct weir_chart *chart, double line)
{
    struct weir_drawing *drawing = chart->drawing;
    double widest = widest_name(matrix), number = widest_number(matrix), head = line * (chart->title ? 2 : 1);
    int count = matrix->classes->count;
    matrix->side = fmin(widest + (drawing->cells ? WEIR_CELL_WIDTH : drawing->size), chart->width * 0.3);
    double upright = drawing->cells ? 0 : line; /* "label", turned */
    matrix->x = chart->left + upright + matrix->side;
    if (drawing->cells)
        matrix->x = ceil(matrix->x / WEIR_CELL_WIDTH) * WEIR_CELL_WIDTH;
    matrix->width = (chart->left + chart->width - matrix->x) / count;
    matrix->turned = !drawing->cells && widest > matrix->width - 2;
    matrix->y = chart->top + head + line * (drawing->cells ? 1 : 0.5);
    matrix->foot = matrix->turned ? fmin(widest + drawing->size, chart->height * 0.28) : line;
    double below = drawing->cells ? line + matrix->foot : line * 1.4 + matrix->foot;
    matrix->height = (chart->top + chart->height - below - matrix->y) / count;
    if (drawing->cells) {
        matrix->width = floor(matrix->width / WEIR_CELL_WIDTH) * WEIR_CELL_WIDTH;
        matrix->height = fmin(floor(matrix->height / WEIR_CELL_HEIGHT), 3) * WEIR_CELL_HEIGHT;
        return matrix->height >= WEIR_CELL_HEIGHT && number < matrix->width;
    }
    matrix->width = fmin(matrix->width, matrix->height * 2.2);
    return matrix->height >= drawing->size * 1.15 && number < matrix->width - 2;
}

/* As large as fits, smaller letters before shares in place of counts; false: nothing does. */
static bool choose_layout(struct matrix *matrix, const struct weir_chart *chart)
{
    struct weir_drawing *drawing = matrix->drawing;
    double whole = drawing->size, least = drawing->cells ? whole : fmin(whole, LEAST_LETTERS);
    double line = weir_chart_line_height(drawing);
    bool fits = false;
    for (int shares = 0; shares < 2 && !fits; shares++)
        for (double size = whole; size >= least && !fits; size--) {
            matrix->shares = shares;
            matrix->size = drawing->size = size;
            fits = lay_out(matrix, chart, line);
        }
    drawing->size = whole;
    return fits;
}

static void draw_matrix(const struct weir_chart *chart, const struct matrix *matrix)
{
    struct weir_drawing *drawing = chart->drawing;
    double line = weir_chart_line_height(drawing), whole = drawing->size;
    int count = matrix->classes->count;
    double bottom = matrix->y + count * matrix->height;
    drawing->size = matrix->size;
    for (int label = 0; label < count; label++)
        for (int predicted = 0; predicted < count; predicted++)
            draw_square(matrix, label, predicted, rows_of(matrix, label));
    draw_names(matrix, bottom);
    drawing->size = whole;
    weir_drawing_text(drawing, WEIR_INK_QUIET, matrix->x + count * matrix->width / 2,
                      middle_line(matrix, bottom + matrix->foot + line * 0.6), WEIR_ANCHOR_MIDDLE, INFINITY,
                      "predicted", 9);
    if (drawing->cells)
        weir_drawing_text(drawing, WEIR_INK_QUIET, chart->left, matrix->y - line * 0.25, WEIR_ANCHOR_START, INFINITY,
                          "label", 5);
    else
        weir_drawing_text(drawing, WEIR_INK_QUIET, chart->left + drawing->size, matrix->y + count * matrix->height / 2,
                          WEIR_ANCHOR_MIDDLE, INFINITY, "label", 5)
            ->turned = true;
}

/* 1: drawn; 0: there is no room for the squares. */
static int plot_matrix(struct weir_chart *chart, const struct weir_predictions *predictions, struct weir_error *error)
{
    size_t count = (size_t)predictions->classes.count;
    int64_t *counts = weir_allocate(count * count, sizeof *counts);
    struct matrix matrix = { .drawing = chart->drawing, .classes = &predictions->classes, .counts = counts };
    struct weir_buffer note = { 0 };
    if (!counts)
        return weir_fail_memory(error);
    weir_class_confusion(predictions->label, predictions->predicted, predictions->rows, counts,
                         predictions->classes.count);
    int result = choose_layout(&matrix, chart);
    if (result) {
        weir_html_counted(&note, predictions->rows, "row");
        weir_buffer_string(&note, matrix.shares ? "; shares of the label's rows in %"
                                                : "; the shade is the share of the label's rows");
        chart->note = note.failed ? NULL : note.bytes;
        weir_chart_head(chart);
        draw_matrix(chart, &matrix);
    }
    if (weir_buffer_check(&note, error) || weir_drawing_check(chart->drawing, error))
        result = -1;
    chart->note = NULL;
    weir_buffer_release(&note);
    free(counts);
    return result;
}

/* ---- Many classes, or no room: the largest confusions ------------------------------------------------------------ */

struct pair {
    int64_t count;
    int32_t label, predicted;
};

/* The pairs with the most rows, falling, of equals the earlier classes: how many; -1: out of memory. */
static int find_pairs(const struct weir_predictions *predictions, struct pair *pairs, int64_t *wrong)
{
    size_t count = 0;
    for (int64_t i = 0; i < predictions->rows; i++)
        count += predictions->label[i] != predictions->predicted[i];
    uint64_t *keys = weir_allocate(count, 2 * sizeof *keys);
    if (!keys)
        return -1;
    *wrong = (int64_t)count;
    count = 0;
    for (int64_t i = 0; i < predictions->rows; i++)
        if (predictions->label[i] != predictions->predicted[i])
            keys[count++] = (uint64_t)predictions->label[i] << 32 | (uint32_t)predictions->predicted[i];
    weir_sort_keys(keys, keys + count, count);
    int found = 0;
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && keys[end] == keys[first]; end++)
            ;
        struct pair pair = { (int64_t)(end - first), (int32_t)(keys[first] >> 32), (int32_t)keys[first] };
        int place = found < WEIR_CONFUSION_PAIRS ? found++ : WEIR_CONFUSION_PAIRS;
        for (; place > 0 && pair.count > pairs[place - 1].count; place--)
            if (place < WEIR_CONFUSION_PAIRS)
                pairs[place] = pairs[place - 1];
        if (place < WEIR_CONFUSION_PAIRS)
            pairs[place] = pair;
    }
    free(keys);
    return found;
}

/* One end of a pair: its own text, so that names of either direction keep to their places. */
static void draw_end(struct weir_drawing *drawing, const struct weir_classes *classes, int32_t class, double x,
                     double base, enum weir_anchor anchor, double most)
{
    size_t length;
    const char *name = weir_plot_name(classes, class, &length);
    weir_drawing_text(drawing, WEIR_INK_TEXT, x, base, anchor, most, name, length);
    weir_drawing_note(drawing, name, length);
}

/* What the pairs have in common: from the left the label, an arrow, the predicted class, and the bar. */
struct pair_places {
    double cell, side, bars; /* a gap, what a name has with its gap, the longest bar */
    int64_t most;
};

static struct pair_places place_pairs(const struct weir_chart *chart, const struct weir_classes *classes,
                                      const struct pair *pairs, int count)
{
    struct weir_drawing *drawing = chart->drawing;
    struct pair_places places = { .most = pairs[0].count };
    double widest = 0, number = 0;
    struct weir_buffer text = { 0 };
    size_t length;
    for (int i = 0; i < 2 * count; i++) {
        const char *name = weir_plot_name(classes, i % 2 ? pairs[i / 2].predicted : pairs[i / 2].label, &length);
        widest = fmax(widest, weir_drawing_text_width(drawing, name, length));
    }
    weir_html_count(&text, places.most);
    if (!text.failed)
        number = weir_drawing_text_width(drawing, text.bytes, text.size);
    drawing->failed |= text.failed;
    weir_buffer_release(&text);
    places.cell = drawing->cells ? WEIR_CELL_WIDTH : drawing->size * 0.6;
    places.side = fmin(widest + 2 * places.cell, floor(chart->width * 0.36 / places.cell) * places.cell);
    places.bars = fmax(chart->width - 2 * places.side - 3 * places.cell - number, places.cell);
    return places;
}

static void draw_pair(struct weir_chart *chart, const struct weir_predictions *predictions, const struct pair *pair,
                      const struct pair_places *places, double y, double height)
{
    struct weir_drawing *drawing = chart->drawing;
    struct weir_buffer text = { 0 };
    double cell = places->cell, side = places->side, arrow = chart->left + side, x = chart->left + 2 * side + cell;
    double length = places->bars * (double)pair->count / (double)places->most;
    double base = y + height / 2 + drawing->size * (drawing->cells ? 0.25 : 0.35);
    draw_end(drawing, &predictions->classes, pair->label, arrow - cell, base, WEIR_ANCHOR_END, side - cell);
    weir_drawing_text(drawing, WEIR_INK_QUIET, arrow, base, WEIR_ANCHOR_START, INFINITY, "\xE2\x86\x92", 3);
    draw_end(drawing, &predictions->classes, pair->predicted, arrow + 2 * cell, base, WEIR_ANCHOR_START,
             side - 2 * cell);
    weir_drawing_rect(drawing, weir_ink_of_series(1), x, y + height * 0.12, fmax(length, 1), height * 0.76);
    weir_html_count(&text, pair->count);
    if (!text.failed)
        weir_drawing_text(drawing, WEIR_INK_TEXT, x + length + cell, base, WEIR_ANCHOR_START, INFINITY, text.bytes,
                          text.size);
    drawing->failed |= text.failed;
    weir_buffer_release(&text);
}

static int plot_pairs(struct weir_chart *chart, const struct weir_predictions *predictions, struct weir_error *error)
{
    struct pair pairs[WEIR_CONFUSION_PAIRS];
    struct weir_buffer note = { 0 };
    int64_t wrong, shown = 0;
    double line = weir_chart_line_height(chart->drawing);
    int count = find_pairs(predictions, pairs, &wrong);
    if (count < 0)
        return weir_fail_memory(error);
    if (count == 0) {
        weir_chart_instead(chart, "No row is confused: every prediction is the label.");
        return weir_drawing_check(chart->drawing, error);
    }
    int fits = (int)((chart->height - 4 * line) / line);
    count = count < fits ? count : fits > 1 ? fits : 1;
    for (int i = 0; i < count; i++)
        shown += pairs[i].count;
    weir_html_count(&note, predictions->classes.count);
    weir_buffer_string(&note, " classes; label \xE2\x86\x92 predicted, ");
    weir_html_count(&note, shown);
    weir_buffer_string(&note, " of ");
    weir_html_counted(&note, wrong, "wrong row");
    chart->note = note.bytes;
    double y = weir_chart_head(chart), height = (chart->top + chart->height - y) / count;
    height = chart->drawing->cells ? WEIR_CELL_HEIGHT : fmin(height, line * 1.6);
    const struct pair_places places = place_pairs(chart, &predictions->classes, pairs, count);
    for (int i = 0; i < count; i++)
        draw_pair(chart, predictions, &pairs[i], &places, y + i * height, height);
    int result = weir_buffer_check(&note, error);
    weir_buffer_release(&note);
    return result ? result : weir_drawing_check(chart->drawing, error);
}

double weir_confusion_height(int classes, double size)
{
    /* two letters for each square; nine for the title, the note, the names and the captions */
    return classes <= WEIR_CONFUSION_SQUARES ? size * (2 * classes + 9) : 0;
}

int weir_plot_confusion(struct weir_drawing *drawing, const struct weir_predictions *predictions,
                        const struct weir_plot_style *style, struct weir_error *error)
{
    struct weir_chart chart = weir_plot_chart(drawing, style, "Confusion matrix");
    int drawn = 0;
    if (predictions->classes.count <= WEIR_CONFUSION_SQUARES)
        drawn = plot_matrix(&chart, predictions, error);
    return drawn == 0 ? plot_pairs(&chart, predictions, error) : drawn < 0 ? -1 : 0;
}
