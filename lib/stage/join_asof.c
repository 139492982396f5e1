/* Rows as of a time: the last one of the same key that is not later. */
#include "base/number.h"
#include "math/sort.h"
#include "stage/join_private.h"
#include "stage/moment.h"
#include "stage/options.h"
#include <math.h>
#include <stdlib.h>

bool weir_join_has_time(const struct weir_join_side *side, const struct weir_batch *batch, int64_t row)
{
    return weir_has_moment(&batch->columns[side->time], side->schema->fields[side->time].type.kind, row);
}

int64_t weir_join_time(const struct weir_join_side *side, const struct weir_batch *batch, int64_t row)
{
    return weir_moment(&batch->columns[side->time], side->schema->fields[side->time].type.kind, row);
}

static int compare(const void *a, const void *b)
{
    const struct join_moment *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

int weir_join_order_moments(struct weir_join *join, const int64_t *group, const struct weir_join_options *options,
                            struct weir_error *error)
{
    int64_t rows = join->rows->rows, groups = join->groups;
    int64_t *first = join->first = weir_allocate_zero((size_t)groups + 2, sizeof *first);
    if (!first)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < rows; row++)
        if (group[row] >= 0)
            first[group[row] + 2]++;
    for (int64_t g = 2; g <= groups; g++)
        first[g] += first[g - 1];
    /* first[g + 1] is where the next row of group g goes, and in the end where group g + 1 begins. */
    join->moments = weir_allocate((size_t)(first[groups] + first[groups + 1]), sizeof *join->moments);
    if (!join->moments)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < rows; row++)
        if (group[row] >= 0)
            join->moments[first[group[row] + 1]++] =
                (struct join_moment){ weir_join_time(&join->side, join->rows, row), row };
    for (int64_t g = 0; g < groups; g++) {
        struct join_moment *moments = join->moments + first[g];
        int64_t count = first[g + 1] - first[g];
        bool sorted = true;
        for (int64_t i = 1; i < count && sorted; i++)
            sorted = moments[i - 1].time <= moments[i].time;
        if (!sorted)
            qsort(moments, (size_t)count, sizeof *moments, compare);
        for (int64_t i = 1; i < count; i++) {
            if (moments[i - 1].time != moments[i].time)
                continue;
            if (options->keep == WEIR_JOIN_UNIQUE)
                return weir_join_fail_twice(join, moments[i - 1].row, moments[i].row, options, error);
            if (options->keep == WEIR_JOIN_FIRST)
                moments[i].row = moments[i - 1].row;
        }
    }
    return 0;
}

static bool within(const struct weir_join *join, int64_t then, int64_t now, const struct weir_join_reach *reach)
{
    if (!reach || !reach->limited)
        return true;
    if (weir_kind_is_float(join->side.schema->fields[join->side.time].type.kind)) {
        uint64_t flip = (uint64_t)1 << 63;
        return weir_key_value((uint64_t)now ^ flip) - weir_key_value((uint64_t)then ^ flip) <= reach->number;
    }
    return (uint64_t)now - (uint64_t)then <= (uint64_t)reach->units; /* now >= then */
}

int64_t weir_join_at(const struct weir_join *join, int64_t group, int64_t time, const struct weir_join_reach *reach)
{
    int64_t low = join->first[group], high = join->first[group + 1];
    int64_t begin = low;
    while (low < high) { /* the first that is later */
        int64_t middle = low + (high - low) / 2;
        if (join->moments[middle].time <= time)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == begin || !within(join, join->moments[low - 1].time, time, reach))
        return WEIR_JOIN_NOTHING;
    return join->moments[low - 1].row;
}

int weir_join_reach_parse(struct weir_join_reach *reach, const char *text, const struct weir_field *time,
                          struct weir_error *error)
{
    size_t length = strlen(text);
    double number, scale = 1, letter = length > 0 ? weir_span_seconds(text[length - 1]) : 0;
    if (!weir_parse_double(text, length - (letter > 0), &number) || !(number >= 0) || isinf(number))
        return weir_fail(error, WEIR_USAGE,
                         "--within takes a duration such as 90s, 15m, 12h, 7d or 2w, or a number in the units of the "
                         "time's column, not %s",
                         WEIR_SHOW(text));
    if (letter > 0) {
        scale = weir_units_a_second(&time->type) * letter;
        if (scale == 0)
            return weir_fail(error, WEIR_USAGE,
                             "--within %s: the column %s is a plain number; give a number in its units",
                             WEIR_SHOW(text), WEIR_SHOW(time->name));
    }
    number *= scale;
    *reach = (struct weir_join_reach){ true, number >= 0x1p63 ? INT64_MAX : (int64_t)number, number };
    return 0;
}
