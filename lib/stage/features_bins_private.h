/* The inside of features --method bins: what its files share. */
#ifndef WEIR_STAGE_FEATURES_BINS_PRIVATE_H
#define WEIR_STAGE_FEATURES_BINS_PRIVATE_H

#include "stage/learn.h"

enum { BINS_MOST = 1000 };

struct bins_column {
    char *name;
    struct weir_type type;
    double *edges; /* [count], ascending */
    size_t count;
    /* while learning, and in states that merge: */
    struct weir_quantiles *sketch;        /* NULL: equal width */
    struct weir_refinement **refinements; /* [bins - 1] of the second pass; NULL: not yet */
    bool *exact;                          /* [bins - 1] which of them need no further pass */
    double minimum, maximum;              /* of finite numbers; minimum > maximum: there is none */
};

struct bins {
    const json_t *chosen;
    const char *into;
    int64_t bins;
    bool equal_width, one_hot;
    double *given; /* [given_count] edges of all columns; NULL: they are learned */
    size_t given_count;
    struct bins_column *columns;
    size_t count;
    int *source; /* while learning */
    struct weir_scratch scratch;
};

void weir_bins_release(struct bins *self);                          /* the columns */
bool weir_bins_take(const struct weir_field *field, void *context); /* whether the column can be put into bins */
/* Edges from what was found so far: of a column without a number there is none. */
int weir_bins_settle(const struct bins *self, struct bins_column *column, struct weir_error *error);

/* features_bins_state.c */
json_t *weir_bins_edges(const struct bins_column *column); /* NULL: out of memory */
int weir_bins_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error);
int weir_bins_save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                         struct weir_error *error);
int weir_bins_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                      struct weir_error *error);
int weir_bins_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error);

/* features_bins_apply.c */
int weir_bins_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error);
int weir_bins_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                    struct weir_reasons *reasons, struct weir_error *error);
void weir_bins_unbind(struct weir_binding *binding);
void weir_bins_summary(const struct weir_binding *binding, struct weir_buffer *out);

#endif
