/* The inside of the stage `encode`, shared by its files. */
#ifndef WEIR_STAGE_ENCODE_PRIVATE_H
#define WEIR_STAGE_ENCODE_PRIVATE_H

#include "stage/counts.h"
#include "stage/encode.h"
#include "stage/learn.h"

struct weir_encode_column {
    char *name;
    struct weir_type type; /* as learned */
    enum weir_encode_form form;
    /* category: the values kept, in order; their index is their slot */
    struct weir_counts categories;
    int other, missing, width; /* slots; missing is -1 when learning saw none */
    /* number: (days - center) / deviation; bool: 0 and 1 */
    double center, deviation;
    /* while learning, and in states that merge */
    bool learned;
    struct weir_counts counts;
    int64_t rows, nulls;
    struct weir_statistics statistics;
};

struct weir_encode {
    const json_t *columns_option; /* borrowed from the stage's options */
    int64_t min_count, max_categories;
    struct weir_encode_column *columns;
    size_t count;
    int *source; /* while learning: index in the schema of columns[i] */
    struct weir_scratch scratch;
};

bool weir_encode_is_text(const struct weir_type *type);
bool weir_encode_is_time(const struct weir_type *type);
/* The values of a date or time column as days, missing ones as NaN. */
int weir_encode_days(struct weir_scratch *scratch, const struct weir_column *column, const struct weir_type *type,
                     struct weir_error *error);
/* Categories and slots, or center and deviation, from what was learned. */
int weir_encode_settle(const struct weir_encode *self, struct weir_encode_column *column, struct weir_error *error);
/* Slots from the categories that are there. */
void weir_encode_lay_out(struct weir_encode_column *column, bool missing);
int weir_encode_column_codes(const struct weir_encode_column *encoding, const struct weir_column *column,
                             const struct weir_type *type, int32_t *codes, int64_t *unknown, struct weir_error *error);

/* encode_state.c */
void weir_encode_release_columns(struct weir_encode *self);
int weir_encode_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                     struct weir_error *error);
int weir_encode_save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                           struct weir_error *error);
int weir_encode_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                        struct weir_error *error);
int weir_encode_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error);
json_t *weir_encode_categories_json(const struct weir_encode_column *column); /* {"values", "other", "missing"} */

/* encode_apply.c */
int weir_encode_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error);
int weir_encode_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_reasons *reasons, struct weir_error *error);
void weir_encode_unbind(struct weir_binding *binding);
void weir_encode_summary(const struct weir_binding *binding, struct weir_buffer *out);

#endif
