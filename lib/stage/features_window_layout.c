/* The rows of a batch by their series, and where the window of each begins and ends. */
#include "stage/features_window_private.h"
#include "stage/moment.h"

/* Rows of a shard, at least, unless they are the last. */
enum { SHARD = 2048 };

static int reserve(struct window_binding *bound, size_t rows, struct weir_error *error)
{
    size_t series = bound->series.count;
    if (weir_grow((void **)&bound->order, &bound->order_capacity, rows, sizeof *bound->order) < 0 ||
        weir_grow((void **)&bound->first, &bound->first_capacity, rows, sizeof *bound->first) < 0 ||
        weir_grow((void **)&bound->end, &bound->end_capacity, rows, sizeof *bound->end) < 0 ||
        weir_grow((void **)&bound->segment_of, &bound->segment_of_capacity, series, sizeof *bound->segment_of) < 0 ||
        weir_grow((void **)&bound->pasts, &bound->pasts_capacity, series, sizeof *bound->pasts) < 0)
        return weir_fail_memory(error);
    for (; bound->pasts_count < series; bound->pasts_count++) {
        size_t columns = bound->self->columns.count;
        struct window_past *past = weir_allocate_zero(1, sizeof *past + columns * sizeof *past->marks);
        if (!past)
            return weir_fail_memory(error);
        for (size_t c = 0; c < columns; c++)
            past->marks[c].pivot = -1;
        bound->pasts[bound->pasts_count] = past;
        bound->segment_of[bound->pasts_count] = -1;
    }
    return 0;
}

/* Segments in the order in which their series come in the batch; each row's place in series.of. */
static int make_segments(struct window_binding *bound, int64_t rows, struct weir_error *error)
{
    bound->segments_count = 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t series = bound->series.of[row];
        if (series < 0)
            continue;
        int64_t segment = bound->segment_of[series];
        if (segment < 0) {
            if (weir_grow((void **)&bound->segments, &bound->segments_capacity, bound->segments_count + 1,
                          sizeof *bound->segments) < 0)
                return weir_fail_memory(error);
            segment = bound->segment_of[series] = (int64_t)bound->segments_count;
            bound->segments[bound->segments_count++] = (struct window_segment){ .series = series };
        }
        bound->segments[segment].count++;
    }
    int64_t start = 0;
    for (size_t i = 0; i < bound->segments_count; i++) {
        bound->segments[i].start = start;
        start += bound->segments[i].count;
        bound->segments[i].count = 0;
    }
    for (int64_t row = 0; row < rows; row++) {
        if (bound->series.of[row] < 0)
            continue;
        struct window_segment *segment = &bound->segments[bound->segment_of[bound->series.of[row]]];
        bound->order[segment->start + segment->count++] = row;
    }
    return 0;
}

static int make_shards(struct window_binding *bound, struct weir_error *error)
{
    int64_t rows = 0;
    bound->shard_count = 0;
    if (weir_grow((void **)&bound->shards, &bound->shards_capacity, bound->segments_count + 1, sizeof *bound->shards) <
        0)
        return weir_fail_memory(error);
    bound->shards[0] = 0;
    for (size_t i = 0; i < bound->segments_count; i++) {
        rows += bound->segments[i].count;
        if (rows >= SHARD || i + 1 == bound->segments_count) {
            bound->shards[++bound->shard_count] = i + 1;
            rows = 0;
        }
    }
    return 0;
}

/* ---- Windows ------------------------------------------------------------------------------------------------- */

static void frame_rows(struct window_binding *bound, struct window_segment *segment, const struct window_past *past)
{
    const struct window_features *self = bound->self;
    int64_t length = self->rows;
    for (int64_t i = 0; i < segment->count; i++) {
        int64_t at = past->count + i, end = self->before ? at : at + 1, first = end - length;
        if (self->tumbling)
            first = (past->first + at) / length * length - past->first;
        bound->first[segment->start + i] = first > 0 ? (size_t)first : 0;
        bound->end[segment->start + i] = (size_t)end;
    }
    int64_t total = past->count + segment->count, keep = length - !self->before;
    if (self->tumbling)
        keep = (past->first + total) % length;
    segment->drop = keep < total ? total - keep : 0;
}

static int64_t time_at(const struct window_binding *bound, const struct window_segment *segment,
                       const struct window_past *past, int64_t at)
{
    return at < past->count ? past->times[at] : bound->series.times[bound->order[segment->start + at - past->count]];
}

/* The first moment of the tumbling window. */
static int64_t begin_of(int64_t time, int64_t span)
{
    int64_t rest = time % span, begin;
    rest += rest < 0 ? span : 0;
    return __builtin_sub_overflow(time, rest, &begin) ? INT64_MIN : begin;
}

static void frame_span(struct window_binding *bound, struct window_segment *segment, const struct window_past *past)
{
    const struct window_features *self = bound->self;
    int64_t first = 0, first_time = time_at(bound, segment, past, 0);
    for (int64_t i = 0; i < segment->count; i++) {
        int64_t at = past->count + i, time = time_at(bound, segment, past, at);
        int64_t begin = self->tumbling ? begin_of(time, bound->span) : 0;
        while (self->tumbling ? first_time < begin : (uint64_t)time - (uint64_t)first_time >= (uint64_t)bound->span)
            first_time = time_at(bound, segment, past, ++first);
        bound->first[segment->start + i] = (size_t)first;
        bound->end[segment->start + i] = (size_t)(self->before ? at : at + 1);
    }
    segment->drop = first;
}

int weir_window_lay_out(struct window_binding *bound, const struct weir_batch *in, struct weir_error *error)
{
    const struct window_features *self = bound->self;
    for (int64_t row = 0; bound->span > 0 && row < in->rows; row++)
        if (bound->series.of[row] >= 0 &&
            !weir_has_moment(&in->columns[bound->series.time], bound->in.fields[bound->series.time].type.kind, row)) {
            bound->series.of[row] = -1;
            bound->timeless++;
        }
    if (reserve(bound, (size_t)in->rows, error) < 0 || make_segments(bound, in->rows, error) < 0 ||
        make_shards(bound, error) < 0)
        return -1;
    for (size_t i = 0; i < bound->segments_count; i++) {
        struct window_segment *segment = &bound->segments[i];
        const struct window_past *past = bound->pasts[segment->series];
        if (bound->span > 0)
            frame_span(bound, segment, past);
        else
            frame_rows(bound, segment, past);
        int64_t spare = past->count + segment->count - self->reach;
        segment->drop = spare < segment->drop ? spare > 0 ? spare : 0 : segment->drop;
    }
    return 0;
}

void weir_window_lay_out_end(struct window_binding *bound)
{
    for (size_t i = 0; i < bound->segments_count; i++)
        bound->segment_of[bound->segments[i].series] = -1;
}
