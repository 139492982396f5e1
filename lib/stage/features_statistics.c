#include "stage/features_statistics.h"
#include "base/number.h"
#include "math/clones.h"
#include "math/window.h"
#include "stage/options.h"
#include <float.h>
#include <math.h>

static const struct {
    const char *name;
    enum weir_statistic kind;
} table[] = {
    { "count", WEIR_COUNT },       { "missing", WEIR_MISSING },     { "sum", WEIR_SUM },
    { "mean", WEIR_MEAN },         { "deviation", WEIR_DEVIATION }, { "skewness", WEIR_SKEWNESS },
    { "kurtosis", WEIR_KURTOSIS }, { "minimum", WEIR_MINIMUM },     { "maximum", WEIR_MAXIMUM },
    { "range", WEIR_RANGE },       { "median", WEIR_MEDIAN },       { "slope", WEIR_SLOPE },
};

/* lag1, diff7 */
static bool read_steps(const char *text, const char *word, int64_t *steps)
{
    size_t length = strlen(word);
    return strncmp(text, word, length) == 0 && text[length] >= '0' && text[length] <= '9' &&
           weir_parse_int64(text + length, strlen(text + length), steps) && *steps >= 1 && *steps <= WEIR_LONGEST_LAG;
}

static bool read_item(struct weir_statistic_item *item, const char *text)
{
    *item = (struct weir_statistic_item){ .name = text, .quantile = 0.5 };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(text, table[i].name) == 0) {
            item->kind = table[i].kind;
            return true;
        }
    item->kind = WEIR_QUANTILE;
    if (text[0] == 'q' && weir_parse_double(text + 1, strlen(text + 1), &item->quantile))
        return item->quantile >= 0 && item->quantile <= 1;
    item->kind = WEIR_LAG;
    if (read_steps(text, "lag", &item->steps))
        return true;
    item->kind = WEIR_DIFFERENCE;
    return read_steps(text, "diff", &item->steps);
}

static int fail_item(const char *text, bool series, struct weir_error *error)
{
    return weir_fail(error, WEIR_USAGE,
                     "option '--statistics' takes count, missing, sum, mean, median, deviation, skewness, kurtosis, "
                     "minimum, maximum, range and q0 to q1%s, not %s",
                     series ? ", and slope, lag1 and diff1 (or another number of rows)" : "", WEIR_SHOW(text));
}

int weir_statistic_list_read(struct weir_statistic_list *list, const struct weir_stage *stage, bool series,
                             struct weir_error *error)
{
    static const char *const otherwise[] = { "mean", "deviation", "minimum", "maximum" };
    enum { OTHERWISE = sizeof otherwise / sizeof *otherwise };
    const json_t *option;
    if (weir_option_list(stage->options, "statistics", &option, error) < 0)
        return -1;
    size_t count = option ? weir_option_items(option) : OTHERWISE;
    if (count == 0)
        return weir_fail(error, WEIR_USAGE, "option '--statistics' names none");
    list->items = weir_allocate_zero(count, sizeof *list->items);
    if (!list->items)
        return weir_fail_memory(error);
    while (list->count < count) {
        const char *text = option ? weir_option_item(option, list->count) : otherwise[list->count];
        struct weir_statistic_item *item = &list->items[list->count];
        if (!read_item(item, text) || (!series && item->kind >= WEIR_SLOPE))
            return fail_item(text, series, error);
        for (size_t i = 0; i < list->count; i++)
            if (strcmp(list->items[i].name, text) == 0)
                return weir_fail(error, WEIR_USAGE, "option '--statistics' names %s twice", WEIR_SHOW(text));
        list->quantiles += item->kind == WEIR_MEDIAN || item->kind == WEIR_QUANTILE;
        list->count++;
    }
    if (list->quantiles > WEIR_WINDOW_QUANTILES)
        return weir_fail(error, WEIR_USAGE, "option '--statistics' takes up to %d quantiles", WEIR_WINDOW_QUANTILES);
    return 0;
}

enum weir_kind weir_statistic_kind(const struct weir_statistic_item *item)
{
    return item->kind == WEIR_COUNT || item->kind == WEIR_MISSING ? WEIR_INT64 : WEIR_FLOAT64;
}

bool weir_statistic_list_has(const struct weir_statistic_list *list, enum weir_statistic kind)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == kind)
            return true;
    return false;
}

void weir_statistic_list_release(struct weir_statistic_list *list)
{
    free(list->items);
    *list = (struct weir_statistic_list){ 0 };
}

/* ---- Columns ------------------------------------------------------------------------------------------------- */

int weir_statistic_begin(struct weir_column *column, int64_t rows, double **values, struct weir_error *error)
{
    *column = (struct weir_column){ .rows = rows };
    *values = weir_slice_new(&column->values, (size_t)rows, sizeof **values);
    return *values ? 0 : weir_fail_memory(error);
}

WEIR_CLONES static int64_t count_undefined(const double *values, int64_t rows)
{
    int64_t undefined = 0;
    for (int64_t i = 0; i < rows; i++)
        undefined += !(fabs(values[i]) <= DBL_MAX);
    return undefined;
}

int weir_statistic_seal(struct weir_column *column, double *values, const struct weir_statistic_item *item,
                        struct weir_error *error)
{
    int64_t rows = column->rows;
    column->null_count = count_undefined(values, rows);
    if (column->null_count > 0) {
        uint8_t *bits = weir_slice_new(&column->validity, (size_t)((rows + 7) / 8), 1);
        if (!bits)
            return weir_fail_memory(error);
        memset(bits, 0, column->validity.size);
        for (int64_t i = 0; i < rows; i++) {
            if (fabs(values[i]) <= DBL_MAX)
                weir_bit_set(bits, i);
            else
                values[i] = 0;
        }
    }
    for (int64_t i = 0; weir_statistic_kind(item) == WEIR_INT64 && i < rows; i++) {
        int64_t whole = (int64_t)values[i];
        memcpy(&values[i], &whole, sizeof whole);
    }
    return 0;
}
