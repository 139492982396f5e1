/* Within the stage `sample`: the two ways of choosing rows. */
#ifndef WEIR_STAGE_SAMPLE_PRIVATE_H
#define WEIR_STAGE_SAMPLE_PRIVATE_H

#include "stage/hold_private.h"
#include "stage/learn.h"
#include "stage/sample.h"
#include "stage/strata_private.h"

/* ---- In one pass: the rows that may yet be chosen are held ------------------------------------------------------- */

struct weir_draw {
    const struct weir_schema *schema;
    int weight;   /* the column, or -1 */
    int64_t rows; /* that were offered */
    struct weir_reservoir reservoir;
    struct weir_hold *hold;
    struct weir_scratch scratch;
    struct weir_reservoir_change *changes;
    int64_t *index;
    size_t change_capacity, index_capacity;
    bool finished;
};

/* The schema must outlive it. Also when it fails, weir_draw_release is to follow. */
int weir_draw_begin(struct weir_draw *draw, const struct weir_schema *schema, int64_t wanted,
                    const struct weir_sample_options *options, struct weir_error *error);
int weir_draw_add(struct weir_draw *draw, const struct weir_batch *batch, struct weir_error *error);
int weir_draw_next(struct weir_draw *draw, struct weir_batch *out, struct weir_error *error); /* 1, 0, -1 */
void weir_draw_release(struct weir_draw *draw);

/* ---- In two: counting, then taking --------------------------------------------------------------------------------
 */

/* What is still to come of a class, and how many of that are taken; `each` times all rows, and once more the taken. */
struct weir_quota {
    int64_t rows, take, each;
};

struct weir_quotas {
    const struct weir_schema *schema;
    const struct weir_sample_options *options;
    int *columns; /* [column_count] that make classes */
    int column_count;
    struct weir_strata strata;
    int64_t *sizes, *parts; /* [strata.count] rows in all, and how many of them come out */
    size_t size_capacity;
    struct weir_quota *quotas;      /* [strata.count] */
    int64_t rows, classless, asked; /* rows counted; without a class; wanted in all, -1: no number was named */
    int64_t taken;                  /* rows of the second pass */
    int cluster;                    /* the column that tells which row is repeated is added behind them all; 0: none */
    const struct weir_batch *batch; /* of which rows come out */
    int64_t *times;                 /* [batch->rows] */
    size_t times_capacity;
    int64_t next; /* the row of the batch that is next */
    int64_t *index;
    size_t index_capacity;
};

/* The schema and the options must outlive it. Also when it fails, weir_quotas_release is to follow. */
int weir_quotas_begin(struct weir_quotas *quotas, const struct weir_schema *schema,
                      const struct weir_sample_options *options, struct weir_error *error);
int weir_quotas_count(struct weir_quotas *quotas, const struct weir_batch *batch, struct weir_error *error);
/* All rows were counted. wanted: how many come out; -1: as many as the smallest or largest class makes. */
int weir_quotas_settle(struct weir_quotas *quotas, int64_t wanted, struct weir_error *error);
/* The column that tells of which row another is a repeat, when that is wanted and no group keeps them together. */
int weir_quotas_columns(struct weir_quotas *quotas, struct weir_schema *out, struct weir_error *error);
/* The next batch, which stays until weir_quotas_next has given all that comes out of it: 1, 0, -1. */
int weir_quotas_take(struct weir_quotas *quotas, const struct weir_batch *batch, struct weir_error *error);
int weir_quotas_next(struct weir_quotas *quotas, struct weir_batch *out, struct weir_error *error);
void weir_quotas_describe(const struct weir_quotas *quotas, struct weir_buffer *out);
void weir_quotas_release(struct weir_quotas *quotas);

#endif
