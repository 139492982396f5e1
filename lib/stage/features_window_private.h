/* Within lib/stage: features --method window. */
#ifndef WEIR_STAGE_FEATURES_WINDOW_PRIVATE_H
#define WEIR_STAGE_FEATURES_WINDOW_PRIVATE_H

#include "base/thread.h"
#include "stage/derive.h"
#include "stage/features_statistics.h"
#include "stage/learn.h"
#include "stage/learned_columns.h"
#include "stage/series.h"

struct window_features {
    /* Borrowed from the options. */
    const json_t *columns_option, *by;
    const char *time, *prefix, *window; /* prefix NULL: none; window NULL: lags and differences alone */
    bool tumbling, before;
    int ddof;
    double least;   /* values that a window must have */
    int64_t rows;   /* the window's length; 0: it is a span of time */
    double seconds; /* of the span */
    double unit;    /* seconds of the letter that it was given in */
    int64_t reach;  /* rows before the one at hand that lags and differences look at */
    struct weir_statistic_list statistics;
    struct weir_learned_columns columns;
};

/* What is kept of one series between two batches: its last rows, as far as a later one may look back. */
struct window_past {
    int64_t first;  /* the number within the series of the first row that is kept */
    int64_t count;  /* rows that are kept */
    int64_t room;   /* for so many */
    double *values; /* [columns][room]; what is not finite is missing */
    int64_t *times; /* [room], for spans */
    struct window_mark {
        int64_t before; /* values that were there, in the rows before the kept ones */
        int64_t pivot;  /* math/window.h, counted among all that were there; -1 */
    } marks[];          /* of each column */
};

/* The rows of one series in the batch at hand: order[start] .. order[start + count - 1]. */
struct window_segment {
    int64_t series, start, count;
    int64_t drop; /* rows, of those that were kept and these together, that no later row looks back at */
};

struct window_scratch {
    double *memory;
    size_t capacity;
};

struct window_binding {
    const struct window_features *self;
    struct weir_schema in;
    struct weir_derived derived;
    struct weir_series series;
    int *at; /* of the columns */
    enum weir_kind *kinds;
    int64_t span;               /* in the units of the time's column; 0: the window is one of rows */
    double unit;                /* of the slope, in the units of the time's column, or in rows */
    struct window_past **pasts; /* of each series */
    size_t pasts_count, pasts_capacity;
    int64_t timeless; /* rows without a time */

    /* Of the batch at hand. */
    struct window_segment *segments;
    int64_t *order, *segment_of; /* [rows], [series] -1 between batches */
    size_t *first, *end;         /* [rows] in the order: the windows, in rows of the past and the segment together */
    size_t segments_count, segments_capacity, order_capacity, segment_of_capacity, first_capacity, end_capacity;
    size_t *shards; /* [shard_count + 1] segments */
    size_t shard_count, shards_capacity;
    const double **numbers; /* of each column */
    double **values;        /* of each column that is made: [columns][statistics] */
    struct weir_scratch *views;
    int parts; /* 2: quantiles are a task of their own */

    struct weir_pool *pool;
    struct window_scratch *scratches; /* of each thread */
    struct weir_error *errors;
    int threads;
};

/* The batch's segments, and the windows of their rows. */
int weir_window_lay_out(struct window_binding *bound, const struct weir_batch *in, struct weir_error *error);
void weir_window_lay_out_end(struct window_binding *bound);
int weir_window_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_reasons *reasons, struct weir_error *error);

#endif
