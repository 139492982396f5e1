#include "eval/curve.h"
#include "eval/frequent.h"
#include "eval/ranking.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Thinning ------------------------------------------------------------------------------------------------- */

enum { FIRST, LOWEST, HIGHEST, LAST };

void weir_curve_init(struct weir_curve *curve, double low, double high, int columns)
{
    *curve = (struct weir_curve){ .low = low, .high = high, .columns = columns };
}

void weir_curve_release(struct weir_curve *curve)
{
    free(curve->xs);
    free(curve->ys);
    *curve = (struct weir_curve){ 0 };
}

static void append(struct weir_curve *curve, double x, double y)
{
    void *xs = curve->xs, *ys = curve->ys;
    curve->failed |= weir_grow(&xs, &curve->xs_capacity, curve->count + 1, sizeof *curve->xs) < 0;
    curve->xs = xs;
    curve->failed |= weir_grow(&ys, &curve->ys_capacity, curve->count + 1, sizeof *curve->ys) < 0;
    curve->ys = ys;
    if (curve->failed)
        return;
    curve->xs[curve->count] = x;
    curve->ys[curve->count++] = y;
}

/* Ends the column under way: its points, each once, in the order in which they came. */
static void flush(struct weir_curve *curve)
{
    const struct weir_curve_point *p = curve->points;
    bool lowest_first = p[LOWEST].number < p[HIGHEST].number;
    const struct weir_curve_point *order[] = { &p[FIRST], &p[lowest_first ? LOWEST : HIGHEST],
                                               &p[lowest_first ? HIGHEST : LOWEST], &p[LAST] };
    int64_t before = -1;
    for (int i = 0; i < 4 && curve->held; i++) {
        if (order[i]->number == before)
            continue;
        append(curve, order[i]->x, order[i]->y);
        before = order[i]->number;
    }
    curve->held = false;
}

void weir_curve_add(struct weir_curve *curve, double x, double y)
{
    struct weir_curve_point point = { x, y, curve->added++ };
    if (curve->columns == 0) {
        append(curve, x, y);
        return;
    }
    double share = curve->logarithmic ? log(x / curve->low) / log(curve->high / curve->low)
                                      : (x - curve->low) / (curve->high - curve->low);
    double place = share * curve->columns;
    int column = place >= curve->columns ? curve->columns : place > 0 ? (int)place : 0;
    if (curve->held && column != curve->column)
        flush(curve);
    curve->column = column;
    for (int i = 0; i < 4 && !curve->held; i++)
        curve->points[i] = point;
    curve->held = true;
    if (y < curve->points[LOWEST].y)
        curve->points[LOWEST] = point;
    if (y > curve->points[HIGHEST].y)
        curve->points[HIGHEST] = point;
    curve->points[LAST] = point;
}

int weir_curve_end(struct weir_curve *curve, struct weir_error *error)
{
    flush(curve);
    return curve->failed ? weir_fail_memory(error) : 0;
}

/* ---- Of predictions -------------------------------------------------------------------------------------------- */

/* Rows with the label, class by class. */
static int64_t *count_rows(const struct weir_predictions *predictions)
{
    int64_t *rows = weir_allocate_zero((size_t)predictions->classes.count, sizeof *rows);
    for (int64_t i = 0; rows && i < predictions->rows; i++)
        rows[predictions->label[i]]++;
    return rows;
}

/* The classes that get curves, ascending, into classes[WEIR_CURVE_CLASSES]: how many. */
static int choose_classes(const struct weir_predictions *predictions, const int64_t *rows, int32_t *classes)
{
    if (predictions->width == 2) {
        classes[0] = 1;
        return 1;
    }
    return weir_choose_frequent(rows, predictions->width, WEIR_CURVE_CLASSES, classes);
}

static int follow(struct weir_class_curves *curves, const uint32_t *order, const struct weir_predictions *predictions,
                  int columns, struct weir_error *error)
{
    double seen[2] = { 0, 0 }, positive = (double)curves->positive, negative = (double)curves->negative;
    bool both = positive > 0 && negative > 0;
    weir_curve_init(&curves->roc, 0, 1, columns);
    weir_curve_init(&curves->precision, 0, 1, columns);
    if (both)
        weir_curve_add(&curves->roc, 0, 0);
    for (int64_t i = 0; i < predictions->rows; i++) {
        uint32_t row = order[i] & WEIR_RANKING_ROW;
        double recall_before = positive > 0 ? seen[1] / positive : 0;
        seen[predictions->label[row] == curves->class]++;
        while (order[i] == row) { /* equal scores are taken together */
            row = order[++i] & WEIR_RANKING_ROW;
            seen[predictions->label[row] == curves->class]++;
        }
        if (both)
            weir_curve_add(&curves->roc, seen[0] / negative, seen[1] / positive);
        if (positive == 0)
            continue;
        double precision = seen[1] / (seen[0] + seen[1]);
        weir_curve_add(&curves->precision, recall_before, precision);
        weir_curve_add(&curves->precision, seen[1] / positive, precision);
    }
    return weir_curve_end(&curves->roc, error) || weir_curve_end(&curves->precision, error) ? -1 : 0;
}

static int make_curves(struct weir_class_curves *curves, const struct weir_predictions *predictions, uint32_t *order,
                       int columns, struct weir_error *error)
{
    if (weir_ranking_order(predictions->probability + curves->class, predictions->width, predictions->rows, order))
        return weir_fail_memory(error);
    weir_ranking_measure(order, predictions->rows, predictions->label, curves->class, NULL, &curves->auc,
                         &curves->average_precision);
    return follow(curves, order, predictions, columns, error);
}

int weir_curves_make(struct weir_curves *curves, const struct weir_predictions *predictions, int columns,
                     struct weir_error *error)
{
    int32_t classes[WEIR_CURVE_CLASSES];
    int64_t *rows = count_rows(predictions);
    uint32_t *order = weir_allocate((size_t)predictions->rows, sizeof *order);
    *curves = (struct weir_curves){ .items = weir_allocate_zero(WEIR_CURVE_CLASSES, sizeof *curves->items) };
    int result = -1;
    if (!rows || !order || !curves->items) {
        weir_fail_memory(error);
        goto cleanup;
    }
    int count = choose_classes(predictions, rows, classes);
    if (predictions->width > 2)
        for (int32_t class = 0; class < predictions->width; class ++)
            curves->left_out += rows[class] > 0;
    for (; curves->count < count; curves->count++) {
        struct weir_class_curves *item = &curves->items[curves->count];
        item->class = classes[curves->count];
        item->positive = rows[item->class];
        item->negative = predictions->rows - item->positive;
        curves->left_out -= predictions->width > 2 && item->positive > 0;
        if (make_curves(item, predictions, order, columns, error)) {
            curves->count++;
            goto cleanup;
        }
    }
    result = 0;
    if (predictions->width == 2) {
        curves->order = order;
        order = NULL;
    }
cleanup:
    free(rows);
    free(order);
    return result;
}

void weir_curves_release(struct weir_curves *curves)
{
    for (int i = 0; i < curves->count; i++) {
        weir_curve_release(&curves->items[i].roc);
        weir_curve_release(&curves->items[i].precision);
    }
    free(curves->items);
    free(curves->order);
    *curves = (struct weir_curves){ 0 };
}

/* ---- Thresholds ----------------------------------------------------------------------------------------------- */

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static void fill_threshold(struct weir_threshold *threshold, const double seen[2], double positive, double rows)
{
    threshold->taken = share(seen[0] + seen[1], rows);
    threshold->precision = share(seen[1], seen[0] + seen[1]);
    threshold->recall = share(seen[1], positive);
    threshold->f1 = share(2 * seen[1], seen[0] + seen[1] + positive);
    threshold->false_positive_rate = share(seen[0], rows - positive);
}

void weir_thresholds_measure(const struct weir_predictions *predictions, const uint32_t *order,
                             struct weir_threshold *thresholds, int count, struct weir_threshold *best)
{
    const double *scores = predictions->probability + 1;
    double positive = 0, rows = (double)predictions->rows, seen[2] = { 0, 0 }, best_seen[2] = { 0, 0 }, best_f1 = -1;
    int above = count; /* thresholds that a score has reached are those from here on */
    *best = (struct weir_threshold){ .threshold = NAN };
    for (int64_t i = 0; i < predictions->rows; i++)
        positive += predictions->label[i] == 1;
    for (int64_t i = 0; i < predictions->rows; i++) {
        uint32_t row = order[i] & WEIR_RANKING_ROW;
        double score = scores[(int64_t)row * predictions->width];
        for (; above > 0 && score < thresholds[above - 1].threshold; above--)
            fill_threshold(&thresholds[above - 1], seen, positive, rows);
        seen[predictions->label[row] == 1]++;
        if (order[i] == row)
            continue;
        double f1 = 2 * seen[1] / (seen[0] + seen[1] + positive);
        if (positive > 0 && f1 > best_f1) {
            best_f1 = f1;
            best->threshold = score;
            memcpy(best_seen, seen, sizeof seen);
        }
    }
    for (; above > 0; above--)
        fill_threshold(&thresholds[above - 1], seen, positive, rows);
    fill_threshold(best, best_seen, positive, rows);
}
