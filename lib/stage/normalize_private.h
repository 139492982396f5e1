/* The inside of the stage `normalize`, shared by its files. */
#ifndef WEIR_STAGE_NORMALIZE_PRIVATE_H
#define WEIR_STAGE_NORMALIZE_PRIVATE_H

#include "stage/learn.h"

/* out = (x - center) / deviation in all methods but unit, where a row's vector is divided by its length. */
enum weir_normalize_method {
    WEIR_NORMALIZE_DEFAULT, /* scalars: zscore; uint8 tensors: scale=255; others stay as they are */
    WEIR_NORMALIZE_ZSCORE,  /* mean and population deviation */
    WEIR_NORMALIZE_MINMAX,  /* minimum and maximum - minimum */
    WEIR_NORMALIZE_ROBUST,  /* median and the range between the quartiles */
    WEIR_NORMALIZE_MAXABS,  /* 0 and the greatest magnitude */
    WEIR_NORMALIZE_UNIT,
    WEIR_NORMALIZE_SCALE /* 0 and a fixed number */
};

struct weir_normalize_column {
    char *name;
    struct weir_type type; /* as learned */
    enum weir_normalize_method method;
    double center, deviation; /* deviation 0: a constant, which becomes 0 everywhere */
    bool empty;               /* learned from no number at all: the column stays missing */
    /* while learning, and in states that merge */
    struct weir_statistics statistics;
    struct weir_quantile_learner quantiles;
    bool learned; /* statistics (and the sketch, for robust) are there */
};

struct weir_normalize {
    enum weir_normalize_method method;
    double scale;
    const json_t *columns_option; /* borrowed from the stage's options */
    struct weir_normalize_column *columns;
    size_t count;
    int *source; /* while learning: index in the schema of columns[i] */
    struct weir_scratch scratch;
    bool second_pass; /* learning: quantiles only */
    int64_t rows;     /* learned from so far, for messages */
};

const char *weir_normalize_method_name(enum weir_normalize_method method);
bool weir_normalize_method_learns(enum weir_normalize_method method);
/* Center and deviation from what was learned; -1 with the message when they are no numbers. */
int weir_normalize_settle(struct weir_normalize_column *column, struct weir_error *error);

/* normalize_state.c */
int weir_normalize_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                        struct weir_error *error);
int weir_normalize_save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                              struct weir_error *error);
int weir_normalize_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                           struct weir_error *error);
int weir_normalize_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error);
void weir_normalize_release_columns(struct weir_normalize *self);

/* normalize_apply.c */
int weir_normalize_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error);
int weir_normalize_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                         struct weir_reasons *reasons, struct weir_error *error);
void weir_normalize_unbind(struct weir_binding *binding);
void weir_normalize_summary(const struct weir_binding *binding, struct weir_buffer *out);

#endif
