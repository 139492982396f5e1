/* A stage: something that is done to a stream, can be recorded in the plan, and replayed on other rows.
 *
 * One file a stage (clean.c, normalize.c, encode.c, pick.c ...) and one row in weir_stage_kinds. A stage is made from
 * its options (the JSON object that the plan stores), learns its state from a stream if it learns at all, or is given a
 * state; then it is fixed, may be shared by threads, and each thread that applies it makes a binding of its own for the
 * schema at hand. */
#ifndef WEIR_STAGE_STAGE_H
#define WEIR_STAGE_STAGE_H

#include "base/json.h"
#include "stream/filter.h"

enum weir_replay {
    WEIR_REPLAY_APPLY, /* done again on every row (normalize) */
    WEIR_REPLAY_SKIP,  /* left out (shuffle, partition, the first N rows) */
    WEIR_REPLAY_FLAG,  /* done again; a row that it would drop gets a reason instead (clean) */
};
const char *weir_replay_name(enum weir_replay replay);

/* How a stage is applied: as a filter in a pipe, where it may drop rows; likewise, and over the very rows that it has
 * just learned from, in their order (a mean of labels must leave a row's own label out); or within `score`, where every
 * row stays. */
enum weir_mode { WEIR_AS_FILTER, WEIR_AS_LEARNED, WEIR_AS_REPLAY };

/* For WEIR_AS_REPLAY: why a row gets no prediction. reasons[row] is NULL or a text that lives as long as the binding;
 * the first reason stays. */
struct weir_reasons {
    const char **reasons;
    int64_t rows;
    const int64_t *numbers; /* of the rows in the input, from 1, for messages; NULL: they are counted, none is gone */
};
/* True when the row had no reason before. */
static inline bool weir_give_reason(struct weir_reasons *reasons, int64_t row, const char *reason)
{
    if (reasons->reasons[row])
        return false;
    reasons->reasons[row] = reason;
    return true;
}

struct weir_stage_kind;
struct weir_stage {
    const struct weir_stage_kind *kind;
    json_t *options; /* owned; what the plan shows */
    void *state;     /* of the kind */
    bool keep_merge; /* set before learning: the state will be saved to a file and may be merged with others */
};
struct weir_binding {
    const struct weir_stage *stage;
    enum weir_mode mode;
    struct weir_schema out; /* the schema after the stage, without its plan entry; owned */
    void *state;            /* of the kind: column indices, counts */
};

/* A large piece of state, kept out of the JSON: the JSON holds {"blob": N}. */
struct weir_blobs {
    struct weir_buffer *items;
    size_t count, capacity;
};
void weir_blobs_release(struct weir_blobs *blobs);
/* Puts `bytes` into a new blob, returns {"blob": N} (a new reference; NULL: out of memory). */
json_t *weir_blobs_add(struct weir_blobs *blobs, const void *bytes, size_t size);
/* The blob that `reference` ({"blob": N}) names, or NULL with the message. */
const struct weir_buffer *weir_blobs_find(const struct weir_blobs *blobs, const json_t *reference,
                                          struct weir_error *error);

/* Tables that are given to who replays a plan, because they are not within it. */
struct weir_named_table {
    const char *name;
    struct weir_schema schema;
    struct weir_batch rows;
};
struct weir_named_tables {
    struct weir_named_table *items;
    size_t count;
    bool no_values; /* cell values stay out of messages about them */
};

struct weir_stage_kind {
    const char *name;
    /* A family of stages under one name (features): the member that the options ask for, or NULL with the message. A
     * family has its name and this, and nothing else; a member bears the family's name. NULL: no family. */
    const struct weir_stage_kind *(*choose)(const json_t *options, struct weir_error *error);
    int version; /* of the state's form; an unknown higher one is refused */
    enum weir_replay replay;
    /* True when it changes no value, only which columns there are, their order, names and roles: rows that have been
     * through it are still raw to a model that finds its columns by name. */
    bool chooses_columns;
    /* Reads stage->options into stage->state. Unknown options and bad values are WEIR_USAGE errors. */
    int (*create)(struct weir_stage *stage, struct weir_error *error);
    void (*destroy)(struct weir_stage *stage);
    /* Learning; NULL when there is nothing to learn. Return values as in struct weir_filter. */
    int (*learn_begin)(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error);
    int (*learn)(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error);
    int (*learn_end)(struct weir_stage *stage, struct weir_error *error);
    /* Folds a state learned from other rows with the same options into this one. NULL: states do not merge. */
    int (*merge)(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error);
    /* The state as JSON, for plans and files. One that is long is made a blob by the plan. */
    int (*save)(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error);
    int (*restore)(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error);
    /* Takes what it wants of the tables that are given beside a plan, after `restore`; NULL: nothing. */
    int (*supply)(struct weir_stage *stage, const struct weir_named_tables *tables, struct weir_error *error);
    /* Finds its columns (by name) in the schema, checks their types, fills binding->out and binding->state. In
     * WEIR_AS_REPLAY columns with the role label may be absent, and those with the roles weight, group and split, at
     * which only training looks. */
    int (*bind)(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error);
    /* One batch to another ({ 0 } at first). reasons is NULL in WEIR_AS_FILTER. */
    int (*apply)(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error);
    void (*unbind)(struct weir_binding *binding);
    /* What was done so far through this binding, for the closing line; NULL: nothing to say. */
    void (*summary)(const struct weir_binding *binding, struct weir_buffer *out);
    /* What merging needs beyond the state, such as sketches: a file of --save-state holds it as the state's key
     * "merge", so that `restore` gets it back; a plan never does. NULL: nothing. */
    int (*save_merge)(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                      struct weir_error *error);
};

/* NULL-ended: adding a stage is one file and one row here. */
extern const struct weir_stage_kind *const weir_stage_kinds[];
const struct weir_stage_kind *weir_stage_kind_find(const char *name); /* NULL: unknown */
/* The kind itself, or of a family the member that the options ask for. NULL: the message. */
const struct weir_stage_kind *weir_stage_kind_choose(const struct weir_stage_kind *kind, const json_t *options,
                                                     struct weir_error *error);

/* options: JSON text as weir_options_json makes it ("{}" when none). */
int weir_stage_new(struct weir_stage **stage, const char *name, const char *options, struct weir_error *error);
int weir_stage_new_json(struct weir_stage **stage, const char *name, const json_t *options, struct weir_error *error);
void weir_stage_free(struct weir_stage *stage); /* NULL is accepted */

int weir_stage_bind(struct weir_binding *binding, const struct weir_stage *stage, const struct weir_schema *in,
                    enum weir_mode mode, struct weir_error *error);
void weir_binding_release(struct weir_binding *binding);

/* The stage as a filter for a pipe: learns (unless `fitted`), appends its step to the plan in the output's schema,
 * applies. `filter` must not outlive `stage`. The caller releases with weir_stage_filter_release. */
int weir_stage_filter(struct weir_filter *filter, struct weir_stage *stage, bool fitted, struct weir_error *error);
void weir_stage_filter_release(struct weir_filter *filter);
/* The binding that such a filter applies, for what it has counted; once the filter has begun. */
const struct weir_binding *weir_stage_filter_binding(const struct weir_filter *filter);

/* A fitted stage to and from a file of its own (--save-state, --state): JSON, blobs in base64. `expected` is the
 * stage's name. --merge reads several and folds them. */
int weir_stage_save_text(const struct weir_stage *stage, struct weir_buffer *out, struct weir_error *error);
int weir_stage_restore_text(struct weir_stage **stage, const char *expected, const char *text, size_t length,
                            struct weir_error *error);

#endif
