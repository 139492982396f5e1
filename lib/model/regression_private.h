/* A regression while it is fitted, for the files regression*.c. */
#ifndef WEIR_MODEL_REGRESSION_PRIVATE_H
#define WEIR_MODEL_REGRESSION_PRIVATE_H

#include "model/regression.h"
#include <string.h>

/* Rows that are taken together: their records stay in the nearest caches from the first use to the last. */
enum { WEIR_SHARDS = 16, WEIR_BLOCK_ROWS = 256 };

/* What one shard sums up. */
struct weir_shard {
    double *sums; /* [width * outputs + outputs], or the Gram matrix */
    double *z;    /* [rows of a block][outputs] scores of the rows, then their residuals */
    double loss, weight;
    int64_t correct;
    float *x;    /* [width] one row's numbers */
    double *row; /* [width + 1] the same standardized, and the target */
};

/* Some rows of a shard. */
struct weir_row_block {
    int64_t rows;
    const int64_t *index; /* [rows] in the dataset */
    const uint8_t *records[WEIR_BLOCK_ROWS];
};

struct weir_fit {
    const struct weir_regression *regression;
    struct weir_pool *pool;
    int64_t width, outputs;
    int64_t block_rows;
    double *mean, *scale;  /* [width]: x' = (x - mean) * scale */
    double *weight, *bias; /* [width][outputs], [outputs]: in the units of x */
    double target_mean, target_scale;
    double total_weight;
    struct weir_shard shards[WEIR_SHARDS];
};

static inline double weir_row_weight(const struct weir_regression *regression, int64_t row)
{
    return regression->weights ? regression->weights[row] : 1;
}

/* The numbers of a run as floats: in the record itself, or in `room`. NULL for slots. */
static inline const float *weir_run_floats(const struct weir_segment *segment, const uint8_t *record, float *room)
{
    const uint8_t *from = record + segment->offset;
    if (segment->storage == WEIR_STORE_FLOAT)
        return (const float *)(const void *)from;
    if (segment->storage == WEIR_STORE_SLOT)
        return NULL;
    for (int64_t i = 0; i < segment->width; i++)
        room[i] = segment->storage == WEIR_STORE_INT8 ? (float)(int8_t)from[i] : (float)from[i];
    return room;
}

static inline int32_t weir_run_slot(const struct weir_segment *segment, const uint8_t *record)
{
    int32_t slot;
    memcpy(&slot, record + segment->offset, sizeof slot);
    return slot;
}

/* Clears what the shards sum, runs the task on each, and adds the shards' sums[count] into out. */
void weir_fit_run(struct weir_fit *fit, void (*task)(void *, int, int), int64_t count, double *out);
/* The rows of a shard: from *first to before *end, in regression->rows. */
void weir_shard_rows(const struct weir_fit *fit, int index, int64_t *first, int64_t *end);

/* regression_rows.c: a block's scores, z[r] = bias + weight x[r], into shard->z. */
void weir_fit_score(const struct weir_fit *fit, const struct weir_row_block *block, struct weir_shard *shard);
/* sums[i][k] += x[r][i] a[r][k], row after row; a [rows][outputs] stands in shard->z. */
void weir_fit_add(const struct weir_fit *fit, const struct weir_row_block *block, int64_t outputs,
                  struct weir_shard *shard);

/* regression_direct.c: least squares by the normal equations; v: [width] weights of the standardized features, then
 * their bias. 0 or -1. */
int weir_fit_directly(struct weir_fit *fit, double *v, struct weir_error *error);

#endif
