/* Columns that give the label away: how much of the label's uncertainty a rule of one column takes away from rows that
 * it was not learned from.
 *
 * The rule: a column's values fall into bins (a text each; numbers one for each value when there are up to 63, else up
 * to 63 of equal numbers of rows, 20 at least; missing is a bin of its own), and a bin says what the labels of the
 * other folds are there, with the whole's as one row more. For classes the uncertainty is the cross-entropy, so that
 * what a rule explains is 1 - (its loss / the loss of the shares), McFadden's R2 (D. McFadden, "Conditional logit
 * analysis of qualitative choice behavior", 1974); for numbers the squared error, R2, of bins or of a line, whichever
 * is more. */
#include "base/memory.h"
#include "math/sort.h"
#include "model/audit_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EDGES = 63, LEAST_ROWS = 20, MOST_CELLS = 1 << 22 };

/* One column while its labels are counted. */
struct table {
    const struct weir_audit *audit;
    const struct weir_audit_source *source;
    int folds;
    int64_t bins, classes; /* the last bin is that of missing values */
    float edges[EDGES + 1];
    int edge_count;
    float low[EDGES + 1], high[EDGES + 1]; /* of the numbers in each bin */
    int32_t *bin_of;                       /* [texts] */
    /* [folds][bins][classes] rows, or [folds][bins][3]: rows, sum and squares of the targets less their mean */
    double *cells;
    double *line; /* [folds][6]: rows, x, y, xx, xy, yy */
};

/* ---- Bins --------------------------------------------------------------------------------------------------- */

static void choose_edges(struct table *table)
{
    const struct weir_audit_source *source = table->source;
    int count = 0;
    for (int64_t i = 0; i < source->sampled && count <= EDGES; i++)
        if (count == 0 || source->sample[i] != table->edges[count - 1])
            table->edges[count++] = source->sample[i];
    if (count > EDGES) {
        int64_t runs = source->sampled / LEAST_ROWS < EDGES ? source->sampled / LEAST_ROWS : EDGES;
        count = 0;
        for (int64_t i = 1; i <= runs; i++) {
            float edge = source->sample[source->sampled * i / runs - 1];
            if (count == 0 || edge != table->edges[count - 1])
                table->edges[count++] = edge;
        }
    }
    table->edge_count = count;
    for (int i = 0; i <= EDGES; i++) {
        table->low[i] = INFINITY;
        table->high[i] = -INFINITY;
    }
    table->bins = count + 2; /* what lies above the last edge, and missing */
}

static int choose_text_bins(struct table *table)
{
    const struct weir_audit_source *source = table->source;
    size_t count = source->texts.count;
    int64_t most = MOST_CELLS / (table->classes * table->folds) + 16;
    struct weir_keyed *items = weir_allocate(count, 2 * sizeof *items);
    table->bin_of = weir_allocate(count, sizeof *table->bin_of);
    if (!items || !table->bin_of) {
        free(items);
        return -1;
    }
    for (size_t i = 0; i < count; i++)
        items[i] = (struct weir_keyed){ ~(uint64_t)source->counts[i], i };
    weir_sort_keyed(items, items + count, count);
    int64_t own = (int64_t)count < most ? (int64_t)count : most;
    for (size_t i = 0; i < count; i++)
        table->bin_of[items[i].item] = (int32_t)((int64_t)i < own ? (int64_t)i : own);
    free(items);
    table->bins = own + 2; /* all others, and missing */
    return 0;
}

static int64_t bin_of_number(struct table *table, float value)
{
    if (isnan(value))
        return table->bins - 1;
    int first = 0, count = table->edge_count; /* the first edge that is not below the value */
    while (count > 0) {
        int half = count / 2;
        bool below = table->edges[first + half] < value;
        first = below ? first + half + 1 : first;
        count = below ? count - half - 1 : half;
    }
    table->low[first] = value < table->low[first] ? value : table->low[first];
    table->high[first] = value > table->high[first] ? value : table->high[first];
    return first;
}

static int64_t bin_of_text(const struct table *table, int32_t code)
{
    return code >= 0 ? table->bin_of[code] : table->bins - (code == WEIR_AUDIT_MISSING ? 1 : 2);
}

/* ---- Counting ----------------------------------------------------------------------------------------------- */

static void add_target(double *cell, double target)
{
    cell[0] += 1;
    cell[1] += target;
    cell[2] += target * target;
}

static void add_to_line(double *line, double x, double y)
{
    line[0] += 1;
    line[1] += x;
    line[2] += y;
    line[3] += x * x;
    line[4] += x * y;
    line[5] += y * y;
}

static void count_rows(struct table *table, double mean)
{
    const struct weir_audit *audit = table->audit;
    const struct weir_audit_source *source = table->source;
    bool text = source->form == WEIR_AUDIT_TEXT;
    int64_t width = audit->class_of ? table->classes : 3;
    double middle = !text && source->sampled ? (double)weir_audit_quantile(source, 0.5) : 0;
    for (int64_t row = 0; row < audit->rows.count; row++) {
        if (audit->fold[row] == WEIR_AUDIT_NO_FOLD)
            continue;
        float value = text ? 0 : weir_audit_float(&audit->rows, source, row);
        int64_t bin =
            text ? bin_of_text(table, weir_audit_code(&audit->rows, source, row)) : bin_of_number(table, value);
        double *cell = table->cells + (audit->fold[row] * table->bins + bin) * width;
        if (audit->class_of) {
            cell[audit->class_of[row]] += 1;
            continue;
        }
        double target = audit->target_of[row] - mean;
        add_target(cell, target);
        if (!text && !isnan(value))
            add_to_line(table->line + audit->fold[row] * 6, (double)value - middle, target);
    }
}

/* ---- What classes a rule explains --------------------------------------------------------------------------- */

struct rate {
    double positives, negatives;
};

/* Area under the ROC curve of rates, each with its rows: those of a higher rate are to be positive. */
static double area(struct weir_keyed *items, const struct rate *rates, size_t count)
{
    weir_sort_keyed(items, items + count, count);
    double below = 0, sum = 0, positives = 0;
    for (size_t i = 0; i < count;) {
        double ties_positive = 0, ties_negative = 0;
        size_t j = i;
        for (; j < count && items[j].key == items[i].key; j++) {
            ties_positive += rates[items[j].item].positives;
            ties_negative += rates[items[j].item].negatives;
        }
        sum += ties_positive * (below + ties_negative / 2);
        below += ties_negative;
        positives += ties_positive;
        i = j;
    }
    return positives > 0 && below > 0 ? sum / (positives * below) : NAN;
}

/* Sums over the folds of cells[folds][bins][width] into whole[bins][width]. */
static void add_folds(const double *cells, int folds, int64_t size, double *whole)
{
    memset(whole, 0, (size_t)size * sizeof *whole);
    for (int f = 0; f < folds; f++)
        for (int64_t i = 0; i < size; i++)
            whole[i] += cells[f * size + i];
}

struct rule {
    double loss, base_loss, correct, base_correct, rows;
};

/* One bin of one fold: what the other folds say of it, and what its own rows are. */
static void try_bin(const double *own, const double *whole, const double *prior, int64_t classes, struct rule *rule,
                    double *second)
{
    double others = 0;
    int64_t best = 0, most = 0;
    for (int64_t c = 0; c < classes; c++)
        others += whole[c] - own[c];
    for (int64_t c = 0; c < classes; c++) {
        double share = (whole[c] - own[c] + prior[c]) / (others + 1);
        if (own[c] > 0) {
            rule->loss -= own[c] * log(share);
            rule->base_loss -= own[c] * log(prior[c]);
            rule->rows += own[c];
        }
        if (whole[c] - own[c] + prior[c] > whole[best] - own[best] + prior[best])
            best = c;
        if (prior[c] > prior[most])
            most = c;
        if (c == 1)
            *second = share;
    }
    rule->correct += own[best];
    rule->base_correct += own[most];
}

/* The classes' shares without a fold, with one row more for each: none is 0. */
static void find_prior(const double *own, const double *whole, int64_t bins, int64_t classes, double *prior)
{
    double sum = (double)classes;
    for (int64_t c = 0; c < classes; c++)
        prior[c] = 1;
    for (int64_t i = 0; i < bins * classes; i++) {
        prior[i % classes] += whole[i] - own[i];
        sum += whole[i] - own[i];
    }
    for (int64_t c = 0; c < classes; c++)
        prior[c] /= sum;
}

static int explain_classes(const double *cells, int folds, int64_t bins, int64_t classes, struct rule *rule,
                           double *auc)
{
    int64_t size = bins * classes;
    size_t count = 0, most = (size_t)bins * (size_t)folds;
    double *whole = weir_allocate((size_t)size, sizeof *whole), *prior = weir_allocate((size_t)classes, sizeof *prior);
    struct weir_keyed *items = weir_allocate(most, 2 * sizeof *items);
    struct rate *rates = weir_allocate(most, sizeof *rates);
    int result = whole && prior && items && rates ? 0 : -1;
    if (result == 0)
        add_folds(cells, folds, size, whole);
    *rule = (struct rule){ 0 };
    for (int f = 0; result == 0 && f < folds; f++) {
        const double *own = cells + f * size;
        find_prior(own, whole, bins, classes, prior);
        for (int64_t b = 0; b < bins; b++, own += classes) {
            double second = 0, before = rule->rows;
            try_bin(own, whole + b * classes, prior, classes, rule, &second);
            if (classes != 2 || rule->rows == before)
                continue;
            rates[count] = (struct rate){ own[1], own[0] };
            items[count] = (struct weir_keyed){ weir_key(second), count };
            count++;
        }
    }
    *auc = result == 0 && classes == 2 ? area(items, rates, count) : NAN;
    free(whole);
    free(prior);
    free(items);
    free(rates);
    return result;
}

static bool one_value(const struct table *table, int64_t bin)
{
    if (table->source->form == WEIR_AUDIT_TEXT)
        return bin != table->bins - 2 || (table->source->others == 0 && (int64_t)table->source->texts.count <= bin);
    return bin >= table->bins - 1 || !(table->low[bin] < table->high[bin]);
}

/* Each value has one class, and each class one value. */
static bool is_renamed(const struct table *table)
{
    int64_t size = table->bins * table->classes, used = 0;
    for (int64_t b = 0; b < table->bins; b++) {
        int64_t found = 0;
        for (int64_t c = 0; c < table->classes; c++) {
            double rows = 0;
            for (int f = 0; f < table->folds; f++)
                rows += table->cells[f * size + b * table->classes + c];
            found += rows > 0;
        }
        if (found > 1 || (found == 1 && !one_value(table, b)))
            return false;
        used += found;
    }
    return used == table->classes;
}

/* ---- What a rule explains of numbers ------------------------------------------------------------------------ */

/* Squared errors of the means of the bins that the other folds have; of the mean of the whole in *base. */
static double bin_errors(const double *cells, int folds, int64_t bins, const double *whole, double *base)
{
    double errors = 0;
    *base = 0;
    for (int f = 0; f < folds; f++) {
        const double *own = cells + f * bins * 3;
        double rows = 0, sum = 0;
        for (int64_t b = 0; b < bins; b++) {
            rows += whole[b * 3] - own[b * 3];
            sum += whole[b * 3 + 1] - own[b * 3 + 1];
        }
        double mean = rows > 0 ? sum / rows : 0;
        for (int64_t b = 0; b < bins; b++) {
            const double *cell = own + b * 3, *all = whole + b * 3;
            double here = (all[1] - cell[1] + mean) / (all[0] - cell[0] + 1);
            errors += cell[2] - 2 * here * cell[1] + here * here * cell[0];
            *base += cell[2] - 2 * mean * cell[1] + mean * mean * cell[0];
        }
    }
    return errors;
}

/* Squared errors of the least-squares line of the other folds, over the rows that have a number. */
static double line_errors(const double *line, int folds, double *base)
{
    double all[6] = { 0 }, errors = 0;
    *base = 0;
    for (int i = 0; i < folds * 6; i++)
        all[i % 6] += line[i];
    for (int f = 0; f < folds; f++) {
        const double *own = line + f * 6;
        double n = all[0] - own[0], x = all[1] - own[1], y = all[2] - own[2];
        double square = all[3] - own[3] - x * x / n, product = all[4] - own[4] - x * y / n;
        if (!(n > 1))
            return NAN;
        double slope = square > 0 ? product / square : 0, mean = y / n, offset = mean - slope * x / n;
        errors += own[5] - 2 * slope * own[4] - 2 * offset * own[2] + slope * slope * own[3] +
                  2 * slope * offset * own[1] + offset * offset * own[0];
        *base += own[5] - 2 * mean * own[2] + mean * mean * own[0];
    }
    return errors;
}

static double share_explained(double loss, double base)
{
    return base > 0 ? 1 - loss / base : 0;
}

/* ---- One column --------------------------------------------------------------------------------------------- */

/* Missing values against all others, as bins of their own. */
static int explain_missing(const struct table *table, int64_t width, struct weir_audit_column *column)
{
    double *two = weir_allocate_zero((size_t)table->folds * 2 * (size_t)width, sizeof *two);
    if (!two)
        return -1;
    for (int f = 0; f < table->folds; f++)
        for (int64_t b = 0; b < table->bins; b++)
            for (int64_t i = 0; i < width; i++)
                two[(f * 2 + (b == table->bins - 1)) * width + i] += table->cells[(f * table->bins + b) * width + i];
    int result = 0;
    if (table->audit->class_of) {
        struct rule rule;
        double auc;
        result = explain_classes(two, table->folds, 2, width, &rule, &auc);
        column->missing_explains = share_explained(rule.loss, rule.base_loss);
    } else {
        double whole[6], base;
        add_folds(two, table->folds, 6, whole);
        double errors = bin_errors(two, table->folds, 2, whole, &base);
        column->missing_explains = share_explained(errors, base);
    }
    free(two);
    return result;
}

static int explain(struct table *table, struct weir_audit_column *column)
{
    int64_t width = table->audit->class_of ? table->classes : 3;
    column->accuracy = column->auc = column->missing_explains = NAN;
    if (table->audit->class_of) {
        struct rule rule;
        if (explain_classes(table->cells, table->folds, table->bins, table->classes, &rule, &column->auc))
            return -1;
        column->explains = share_explained(rule.loss, rule.base_loss);
        column->accuracy = rule.correct / rule.rows;
        column->renamed = is_renamed(table);
    } else {
        double base, *whole = weir_allocate((size_t)table->bins * 3, sizeof *whole);
        if (!whole)
            return -1;
        add_folds(table->cells, table->folds, table->bins * 3, whole);
        double errors = bin_errors(table->cells, table->folds, table->bins, whole, &base);
        column->explains = share_explained(errors, base);
        free(whole);
        errors = line_errors(table->line, table->folds, &base);
        if (column->source->form != WEIR_AUDIT_TEXT && share_explained(errors, base) > column->explains)
            column->explains = share_explained(errors, base);
    }
    if (column->source->missing && column->source->missing < table->audit->rows.count)
        return explain_missing(table, width, column);
    return 0;
}

struct search {
    struct weir_audit *audit;
    int *failed;
    double mean;
};

static void search_column(void *context, int index, int thread)
{
    (void)thread;
    const struct search *search = context;
    struct weir_audit *audit = search->audit;
    struct weir_audit_column *column = &audit->columns.items[index];
    struct table table = { .audit = audit, .source = column->source, .folds = audit->options.folds };
    table.classes = audit->class_of ? audit->classes.class_count : 1;
    search->failed[index] = 1;
    int failed = 0;
    if (column->source->form == WEIR_AUDIT_TEXT)
        failed = choose_text_bins(&table);
    else
        choose_edges(&table);
    size_t width = audit->class_of ? (size_t)table.classes : 3;
    table.cells = weir_allocate_zero((size_t)table.folds * (size_t)table.bins, width * sizeof *table.cells);
    table.line = weir_allocate_zero((size_t)table.folds, 6 * sizeof *table.line);
    if (!failed && table.cells && table.line) {
        count_rows(&table, search->mean);
        search->failed[index] = explain(&table, column);
    }
    free(table.bin_of);
    free(table.cells);
    free(table.line);
}

/* ---- All of them -------------------------------------------------------------------------------------------- */

/* The largest class's share, and the mean of numbers. */
static double find_base(const struct weir_audit *audit, double *mean)
{
    *mean = 0;
    if (!audit->class_of) {
        for (int64_t row = 0; row < audit->rows.count; row++)
            if (audit->present[row])
                *mean += audit->target_of[row];
        *mean /= (double)audit->labelled;
        return NAN;
    }
    int64_t most = 0, *counts = weir_allocate_zero((size_t)audit->classes.class_count, sizeof *counts);
    if (!counts)
        return -1;
    for (int64_t row = 0; row < audit->rows.count; row++)
        if (audit->present[row] && ++counts[audit->class_of[row]] > most)
            most = counts[audit->class_of[row]];
    free(counts);
    return (double)most / (double)audit->labelled;
}

static int more_telling(const void *a, const void *b)
{
    const struct weir_audit_column *x = a, *y = b;
    double of_x = fmax(x->explains, x->missing_explains), of_y = fmax(y->explains, y->missing_explains);
    if (of_x != of_y)
        return of_x > of_y ? -1 : 1;
    return x->source->column - y->source->column;
}

int weir_audit_columns_find(struct weir_audit *audit, struct weir_error *error)
{
    struct weir_audit_columns *columns = &audit->columns;
    struct search search = { .audit = audit };
    columns->items = weir_allocate_zero(audit->rows.source_count, sizeof *columns->items);
    search.failed = weir_allocate_zero(audit->rows.source_count, sizeof *search.failed);
    columns->base_accuracy = find_base(audit, &search.mean);
    int result = columns->items && search.failed && !(columns->base_accuracy < 0) ? 0 : weir_fail_memory(error);
    for (size_t i = 0; result == 0 && i < audit->rows.source_count; i++)
        if (audit->rows.sources[i].form != WEIR_AUDIT_TENSOR)
            columns->items[columns->count++].source = &audit->rows.sources[i];
    if (result == 0 && columns->count == 0)
        result = weir_fail(error, WEIR_BAD_DATA, "no column has one value a row, to be tried alone");
    if (result == 0)
        weir_pool_run(audit->pool, (int)columns->count, search_column, &search);
    for (int64_t i = 0; result == 0 && i < columns->count; i++) {
        struct weir_audit_column *column = &columns->items[i];
        double least = audit->options.gives_away;
        if (search.failed[i])
            result = weir_fail_memory(error);
        column->by_missing = column->missing_explains >= least;
        column->gives_away = column->renamed || column->explains >= least || column->by_missing;
        columns->found += column->gives_away;
    }
    if (result == 0)
        qsort(columns->items, (size_t)columns->count, sizeof *columns->items, more_telling);
    free(search.failed);
    return result;
}
