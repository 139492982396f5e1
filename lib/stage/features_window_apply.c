#include "math/window.h"
#include "stage/features_window_private.h"
#include <float.h>
#include <math.h>

/* Rows of a batch from which on threads are worth while. */
enum { MANY = 4096 };

/* ---- One column of one segment ------------------------------------------------------------------------------- */

/* The series as far as it is kept, and the segment behind it. */
struct part {
    const struct window_binding *bound;
    const struct window_segment *segment;
    struct window_past *past;
    size_t column;
    size_t total, count;         /* rows of both, rows of the segment */
    const size_t *first, *end;   /* [count] windows in rows */
    double *raw;                 /* [total] */
    double *x;                   /* [there] the values that are there */
    int64_t *t;                  /* [there] their times, or their rows' numbers */
    size_t *places;              /* [total + 1] how many values are there before each row */
    struct weir_windows windows; /* in values that are there */
    double *rest;                /* scratch: 4 total or what quantiles need, and (6 + statistics) count */
};

static double *scratch_for(struct window_scratch *scratch, size_t doubles)
{
    if (doubles > scratch->capacity) {
        double *memory = weir_allocate_aligned(doubles + doubles / 2, sizeof *memory);
        if (!memory)
            return NULL;
        free(scratch->memory);
        scratch->memory = memory;
        scratch->capacity = doubles + doubles / 2;
    }
    return scratch->memory;
}

/* What is there of the rows, without gaps. */
static void compress(struct part *part, bool timed)
{
    const struct window_binding *bound = part->bound;
    const struct window_past *past = part->past;
    const int64_t *order = bound->order + part->segment->start;
    const double *numbers = bound->numbers[part->column];
    size_t kept = (size_t)past->count, there = 0;
    if (kept > 0)
        memcpy(part->raw, past->values + part->column * (size_t)past->room, kept * sizeof *part->raw);
    for (size_t i = 0; i < part->count; i++)
        part->raw[kept + i] = numbers[order[i]];
    for (size_t i = 0; i < part->total; i++) {
        part->places[i] = there;
        part->x[there] = part->raw[i];
        there += fabs(part->raw[i]) <= DBL_MAX;
    }
    part->places[part->total] = there;
    for (size_t i = 0; timed && i < part->total; i++) {
        int64_t time = past->first + (int64_t)i;
        if (bound->span > 0)
            time = i < kept ? past->times[i] : bound->series.times[order[i - kept]];
        if (part->places[i] < there)
            part->t[part->places[i]] = time;
    }
}

static int open_part(struct part *part, const struct window_binding *bound, const struct window_segment *segment,
                     size_t column, struct window_scratch *scratch)
{
    *part = (struct part){ .bound = bound, .segment = segment, .column = column, .count = (size_t)segment->count };
    part->past = bound->pasts[segment->series];
    part->total = (size_t)part->past->count + part->count;
    part->first = bound->first + segment->start;
    part->end = bound->end + segment->start;
    size_t statistics = bound->self->statistics.count, total = part->total;
    double *at =
        scratch_for(scratch, 4 * total + 2 + weir_window_quantiles_scratch(total) + (8 + statistics) * part->count);
    if (!at)
        return -1;
    part->raw = at;
    part->x = at + total;
    part->t = (int64_t *)(void *)(at + 2 * total);
    part->places = (size_t *)(void *)(at + 3 * total);
    size_t *first = (size_t *)(void *)(at + 4 * total + 1), *end = first + part->count;
    part->rest = at + 4 * total + 1 + 2 * part->count;
    compress(part, weir_statistic_list_has(&bound->self->statistics, WEIR_SLOPE));
    for (size_t i = 0; i < part->count; i++) {
        first[i] = part->places[part->first[i]];
        end[i] = part->places[part->end[i]];
    }
    part->windows = (struct weir_windows){ first, end, part->count };
    return 0;
}

/* The values that have been made, to the rows that they belong to. */
static void scatter(const struct part *part, size_t statistic, const double *made)
{
    const struct window_binding *bound = part->bound;
    const int64_t *order = bound->order + part->segment->start;
    double *out = bound->values[part->column * bound->self->statistics.count + statistic];
    for (size_t i = 0; i < part->count; i++)
        out[order[i]] = made[i];
}

static void make_quantiles(const struct part *part)
{
    const struct weir_statistic_list *list = &part->bound->self->statistics;
    double q[WEIR_WINDOW_QUANTILES], *out[WEIR_WINDOW_QUANTILES];
    double *made = part->rest + weir_window_quantiles_scratch(part->total);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == WEIR_MEDIAN || list->items[i].kind == WEIR_QUANTILE) {
            out[count] = made + count * part->count;
            q[count++] = list->items[i].quantile;
        }
    weir_window_quantiles(part->x, &part->windows, part->bound->self->least, q, count, out, part->rest);
    count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == WEIR_MEDIAN || list->items[i].kind == WEIR_QUANTILE)
            scatter(part, i, out[count++]);
}

static double value_at(const struct part *part, int64_t at)
{
    return at >= 0 ? part->raw[at] : (double)NAN;
}

static void make_simple(const struct part *part, const struct weir_statistic_item *item, double *made)
{
    bool before = part->bound->self->before;
    for (size_t i = 0; i < part->count; i++) {
        int64_t at = part->past->count + (int64_t)i;
        size_t there = part->windows.end[i] - part->windows.first[i];
        switch (item->kind) {
        case WEIR_COUNT:
            made[i] = (double)there;
            break;
        case WEIR_MISSING:
            made[i] = (double)(part->end[i] - part->first[i] - there);
            break;
        case WEIR_LAG:
            made[i] = value_at(part, at - item->steps);
            break;
        default:
            made[i] = value_at(part, at - before) - value_at(part, at - before - item->steps);
            break;
        }
    }
}

/* One place for each statistic that comes of the sums; NULL: not wanted. */
static struct weir_window_moments places_for(const struct part *part, double *made)
{
    const struct weir_statistic_list *list = &part->bound->self->statistics;
    struct weir_window_moments places = { 0 };
    for (size_t i = 0; i < list->count; i++) {
        double *place = made + i * part->count;
        switch (list->items[i].kind) {
        case WEIR_MEAN:
            places.mean = place;
            break;
        case WEIR_SUM:
            places.sum = place;
            break;
        case WEIR_DEVIATION:
            places.deviation = place;
            break;
        case WEIR_SKEWNESS:
            places.skewness = place;
            break;
        case WEIR_KURTOSIS:
            places.kurtosis = place;
            break;
        default:
            break;
        }
    }
    return places;
}

static void make_moments(const struct part *part, weir_pivot pivot, double *made)
{
    const struct window_features *self = part->bound->self;
    const struct weir_window_moments places = places_for(part, made);
    if (!places.mean && !places.sum && !places.deviation && !places.skewness && !places.kurtosis)
        return;
    size_t n = part->count;
    double *counts = made + self->statistics.count * n, *pivots = counts + n, *scratch = part->rest;
    double *sums[] = { pivots + n, pivots + 2 * n, pivots + 3 * n, pivots + 4 * n };
    weir_window_sums(part->x, &part->windows, pivot, places.skewness || places.kurtosis ? 4 : 2, counts, pivots, sums,
                     scratch);
    weir_window_finish(counts, pivots, sums, n, self->ddof, self->least, &places);
}

static void make_extremes(const struct part *part, weir_pivot pivot, double *made)
{
    const struct window_features *self = part->bound->self;
    size_t n = part->count;
    double *minimum = NULL, *maximum = NULL, *range = NULL, *spare = made + self->statistics.count * n;
    for (size_t i = 0; i < self->statistics.count; i++) {
        enum weir_statistic kind = self->statistics.items[i].kind;
        double **place = kind == WEIR_MINIMUM ? &minimum : kind == WEIR_MAXIMUM ? &maximum : &range;
        if (kind == WEIR_MINIMUM || kind == WEIR_MAXIMUM || kind == WEIR_RANGE)
            *place = made + i * n;
    }
    if (range) {
        minimum = minimum ? minimum : spare;
        maximum = maximum ? maximum : spare + n;
    }
    if (minimum || maximum)
        weir_window_extremes(part->x, &part->windows, pivot, self->least, minimum, maximum, part->rest);
    for (size_t i = 0; range && i < n; i++)
        range[i] = maximum[i] - minimum[i];
}

/* All but quantiles, and where the sums stand when the series goes on. */
static void make_others(const struct part *part)
{
    const struct window_features *self = part->bound->self;
    struct window_mark *mark = &part->past->marks[part->column];
    weir_pivot pivot = mark->pivot >= mark->before ? mark->pivot - mark->before : -1;
    double *made = part->rest + 4 * part->total;
    make_moments(part, pivot, made);
    make_extremes(part, pivot, made);
    for (size_t i = 0; i < self->statistics.count; i++) {
        const struct weir_statistic_item *item = &self->statistics.items[i];
        double *place = made + i * part->count;
        if (item->kind == WEIR_MEDIAN || item->kind == WEIR_QUANTILE)
            continue;
        if (item->kind == WEIR_SLOPE)
            weir_window_slopes(part->x, part->t, part->bound->unit, &part->windows, pivot, self->least, place,
                               part->rest);
        else if (item->kind == WEIR_COUNT || item->kind == WEIR_MISSING || item->steps > 0)
            make_simple(part, item, place);
        scatter(part, i, place);
    }
    pivot = weir_window_pivot(&part->windows, pivot);
    mark->pivot = pivot < 0 ? mark->pivot : pivot + mark->before;
    mark->before += (int64_t)part->places[part->segment->drop];
}

/* The statistics of one column in the segments of one shard. */
static void measure_task(void *context, int index, int thread)
{
    struct window_binding *bound = context;
    size_t columns = bound->self->columns.count, parts = (size_t)bound->parts;
    size_t shard = (size_t)index / parts / columns, column = (size_t)index / parts % columns;
    for (size_t i = bound->shards[shard]; i < bound->shards[shard + 1]; i++) {
        struct part part;
        if (open_part(&part, bound, &bound->segments[i], column, &bound->scratches[thread]) < 0) {
            weir_fail_memory(&bound->errors[thread]);
            return;
        }
        if ((size_t)index % parts == 0)
            make_others(&part);
        else
            make_quantiles(&part);
    }
}

/* ---- What is kept -------------------------------------------------------------------------------------------- */

/* Room for `keep` rows; the kept ones move along. */
static int make_room(const struct window_binding *bound, struct window_past *past, int64_t keep)
{
    size_t columns = bound->self->columns.count, old = (size_t)past->room;
    if (keep <= past->room)
        return 0;
    size_t room = (size_t)keep > old + old / 2 ? (size_t)keep : old + old / 2, cells;
    if (!weir_multiply(room, columns + (bound->span > 0), &cells))
        return -1;
    double *values = weir_allocate(cells, sizeof *values);
    if (!values)
        return -1;
    for (size_t c = 0; past->count > 0 && c < columns + (bound->span > 0); c++)
        memcpy(values + c * room, past->values + c * old, (size_t)past->count * sizeof *values);
    free(past->values);
    past->values = values;
    past->times = bound->span > 0 ? (int64_t *)(void *)(values + columns * room) : NULL;
    past->room = (int64_t)room;
    return 0;
}

static int keep_segment(const struct window_binding *bound, const struct window_segment *segment)
{
    struct window_past *past = bound->pasts[segment->series];
    const int64_t *order = bound->order + segment->start;
    int64_t keep = past->count + segment->count - segment->drop;
    int64_t gone = segment->drop < past->count ? segment->drop : past->count, stay = past->count - gone;
    int64_t from = segment->count - (keep - stay); /* of the segment's rows */
    if (make_room(bound, past, keep) < 0)
        return -1;
    for (size_t c = 0; c < bound->self->columns.count; c++) {
        double *values = past->values + c * (size_t)past->room;
        if (stay > 0 && gone > 0)
            memmove(values, values + gone, (size_t)stay * sizeof *values);
        for (int64_t i = from; i < segment->count; i++)
            values[stay + i - from] = bound->numbers[c][order[i]];
    }
    if (bound->span > 0 && stay > 0 && gone > 0)
        memmove(past->times, past->times + gone, (size_t)stay * sizeof *past->times);
    for (int64_t i = from; bound->span > 0 && i < segment->count; i++)
        past->times[stay + i - from] = bound->series.times[order[i]];
    past->first += segment->drop;
    past->count = keep;
    return 0;
}

/* What is kept of the series in the segments of one shard. */
static void keep_task(void *context, int index, int thread)
{
    struct window_binding *bound = context;
    for (size_t i = bound->shards[index]; i < bound->shards[index + 1]; i++)
        if (keep_segment(bound, &bound->segments[i]) < 0) {
            weir_fail_memory(&bound->errors[thread]);
            return;
        }
}

/* ---- A batch ------------------------------------------------------------------------------------------------- */

static int make_threads(struct window_binding *bound, bool several, struct weir_error *error)
{
    if (bound->threads > 0 && (bound->pool || !several))
        return 0;
    if (several && !(bound->pool = weir_pool_new(0)))
        return weir_fail_memory(error);
    int threads = several ? weir_pool_threads(bound->pool) : 1;
    struct window_scratch *scratches = weir_reallocate(bound->scratches, (size_t)threads, sizeof *scratches);
    if (!scratches)
        return weir_fail_memory(error);
    bound->scratches = scratches;
    struct weir_error *errors = weir_reallocate(bound->errors, (size_t)threads, sizeof *errors);
    if (!errors)
        return weir_fail_memory(error);
    bound->errors = errors;
    for (; bound->threads < threads; bound->threads++) {
        scratches[bound->threads] = (struct window_scratch){ 0 };
        errors[bound->threads] = (struct weir_error){ 0 };
    }
    return 0;
}

/* Tasks over shards of the segments, on the pool when there is much to do. */
static int run_tasks(struct window_binding *bound, int64_t rows, int count,
                     void (*task)(void *context, int index, int thread), struct weir_error *error)
{
    bool several = rows >= MANY && count > 1;
    if (make_threads(bound, several, error) < 0)
        return -1;
    if (several)
        weir_pool_run(bound->pool, count, task, bound);
    for (int i = 0; !several && i < count; i++)
        task(bound, i, 0);
    for (int t = 0; t < bound->threads; t++)
        if (bound->errors[t].status != WEIR_OK) {
            if (error)
                *error = bound->errors[t];
            return -1;
        }
    return 0;
}

/* NaN for rows that are in no series. */
static void blank(struct window_binding *bound, int64_t rows)
{
    size_t made = bound->self->columns.count * bound->self->statistics.count;
    for (int64_t row = 0; row < rows; row++)
        for (size_t i = 0; bound->series.of[row] < 0 && i < made; i++)
            bound->values[i][row] = (double)NAN;
}

int weir_window_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_reasons *reasons, struct weir_error *error)
{
    struct window_binding *bound = binding->state;
    const struct weir_statistic_list *list = &bound->self->statistics;
    size_t columns = bound->self->columns.count, made = columns * list->count;
    if (weir_series_find(&bound->series, in, reasons, error) < 0 ||
        weir_series_check_times(&bound->series, in, reasons, "--method window", error) < 0 ||
        weir_derive_share(&bound->derived, in, out, error) < 0)
        return -1;
    struct weir_column *first = &out->columns[in->count];
    for (size_t i = 0; i < made; i++)
        if (weir_statistic_begin(&first[i], in->rows, &bound->values[i], error) < 0)
            return -1;
    for (size_t c = 0; c < columns; c++)
        if (!(bound->numbers[c] =
                  weir_scratch_view(&bound->views[c], &in->columns[bound->at[c]], bound->kinds[c], error)))
            return -1;
    int result = weir_window_lay_out(bound, in, error);
    int shards = (int)bound->shard_count, tasks = shards * (int)columns * bound->parts;
    if (result == 0)
        result = run_tasks(bound, in->rows, tasks, measure_task, error);
    if (result == 0)
        result = run_tasks(bound, in->rows, shards, keep_task, error);
    weir_window_lay_out_end(bound);
    if (result < 0)
        return -1;
    blank(bound, in->rows);
    for (size_t i = 0; i < made; i++)
        if (weir_statistic_seal(&first[i], bound->values[i], &list->items[i % list->count], error) < 0)
            return -1;
    return 0;
}
