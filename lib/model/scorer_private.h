/* Within lib/model: the scorer itself, for scorer.c and scorer_columns.c. */
#ifndef WEIR_MODEL_SCORER_PRIVATE_H
#define WEIR_MODEL_SCORER_PRIVATE_H

#include "model/align.h"
#include "model/scorer.h"

/* A tile is the rows that one task gathers and predicts: a multiple of MIN_TILE_ROWS, enough for the kernels; of wide
 * rows no more than stay in the cache and let the threads end together. */
enum { MIN_TILE_ROWS = 16, MAX_TILE_ROWS = 128, TILE_FLOATS = 1 << 15 };

struct weir_scorer {
    const struct weir_model *model;
    struct weir_pool *pool;
    struct weir_schema out;
    struct weir_alignment *alignment;
    bool converts; /* the alignment changes something */
    struct weir_replayer *replayer;
    size_t replayed;
    int *index;              /* of the features in the replayed schema */
    int *names;              /* row_id: the input's columns in the order of their names; NULL when not wanted */
    struct weir_schema in;   /* the input's columns, without load_reason */
    int load_reason;         /* the input's column of that name, or -1 */
    struct weir_buffer told; /* its texts for the batch at hand, each with a NUL */
    int threads;
    void **scratches;                   /* [threads] */
    struct weir_feature_rows *features; /* [threads], of a tile */
    struct weir_tile_failure {
        struct weir_error error;
        int tile;
    } * failures; /* [threads], the first that each met in the batch at hand */
    int64_t tile_rows;
    const char **reasons;
    double *values;
    int64_t capacity; /* rows that reasons and values have room for */
    int64_t width;    /* values a row */
    int64_t unscored;
    struct weir_builder prediction, probability, texts; /* of the columns that are added */
    struct weir_column digests, no_reasons;             /* for as many rows as a batch has had */
};

/* scorer_columns.c: the output's schema with the columns that are added, and their values for one batch. */
int weir_scorer_make_schema(struct weir_scorer *s, struct weir_plan *plan, struct weir_error *error);
int weir_scorer_make_builders(struct weir_scorer *s, struct weir_error *error);
void weir_scorer_release_builders(struct weir_scorer *s);
int weir_scorer_build_columns(struct weir_scorer *s, const struct weir_batch *in, struct weir_batch *out,
                              struct weir_error *error);

#endif
