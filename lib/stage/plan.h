/* The plan: the stages that a stream has been through, as JSON in its schema (weir:plan, weir:blob:N) and in the model.
 *
 *   [{"stage": "load", "version": 1, "options": {...}, "state": {...}, "replay": "apply"}, ...]
 *
 * Step 0 is `load`: its state holds the columns {"columns": [{"name", "type", "role"}...]} and what is needed to parse
 * text the same way again ({"delimiter", "header", "missing": [...], ...}). A plan is data, never power: nothing in it
 * names a path, an URL or a process. */
#ifndef WEIR_STAGE_PLAN_H
#define WEIR_STAGE_PLAN_H

#include "stage/stage.h"

struct weir_plan_step {
    char *name;
    int version;
    enum weir_replay replay;
    json_t *options, *state; /* owned */
};
struct weir_plan {
    struct weir_plan_step *steps;
    size_t count, capacity;
    struct weir_blobs blobs;
    const struct weir_named_tables *tables; /* given beside the plan, for its stages; borrowed. NULL: none */
};

void weir_plan_release(struct weir_plan *plan);
/* No plan in the schema: an empty one. Everything in it is hostile until checked (depth, sizes, names, versions). */
int weir_plan_from_schema(struct weir_plan *plan, const struct weir_schema *schema, struct weir_error *error);
/* The same for a stage that is about to append: a stream that no `load` has written (pandas, Polars ...) gets a step 0
 * that says what `load` would have: its columns' names, types and roles, so that a model made from it reads text as
 * well. */
int weir_plan_continue(struct weir_plan *plan, const struct weir_schema *schema, struct weir_error *error);
int weir_plan_to_schema(const struct weir_plan *plan, struct weir_schema *schema,
                        struct weir_error *error); /* replaces what is there */
int weir_plan_from_text(struct weir_plan *plan, const char *json, size_t length,
                        struct weir_error *error); /* blobs must be added by the caller */
int weir_plan_to_text(const struct weir_plan *plan, struct weir_buffer *out,
                      struct weir_error *error); /* compact, floats at 17 digits, keys in a fixed order */

/* The plan as a JSON array: a new reference, or NULL with the message. */
json_t *weir_plan_json(const struct weir_plan *plan, struct weir_error *error);

/* Appends a fitted stage, or what is none: `load`, and programs that only select rows (state json_null(), replay skip).
 * Steals options and state; NULL for one of them is an error (out of memory). */
int weir_plan_append(struct weir_plan *plan, const struct weir_stage *stage, struct weir_error *error);
int weir_plan_append_step(struct weir_plan *plan, const char *name, int version, enum weir_replay replay,
                          json_t *options, json_t *state, struct weir_error *error);
/* Appends to the plan in the schema a step, in version 1, that only selects or orders rows (and is not replayed).
 * Steals options; NULL is an error (out of memory). */
int weir_plan_record(struct weir_schema *schema, const char *name, json_t *options, struct weir_error *error);
/* The state of step i as JSON, also when it is long and kept in a blob (then steps[i].state is {"blob": N}): a new
 * reference, or NULL with the message. */
json_t *weir_plan_step_state(const struct weir_plan *plan, size_t i, struct weir_error *error);
/* False for `load` and for steps that only select rows. */
bool weir_plan_step_replayed(const struct weir_plan_step *step);
/* The fitted stage of step i. */
int weir_plan_stage(const struct weir_plan *plan, size_t i, struct weir_stage **stage, struct weir_error *error);

/* Where `input` (the plan of a stream) stands within `model`: the steps that are replayed (not skip, not load) of
 * `input` must be the first ones of the model's, equal in name, options and state; a step that only chooses columns may
 * stand in `input` alone. *next is the index of the model's
 * first step still to be replayed. Otherwise an error that says at which step they part and what to do. */
int weir_plan_match(const struct weir_plan *model, const struct weir_plan *input, size_t *next,
                    struct weir_error *error);

/* The plan as a shell pipeline for a person: "load --label churned | clean --missing median | normalize". */
void weir_plan_describe(const struct weir_plan *plan, struct weir_buffer *out);
/* Options alone, a blank before each: " --missing median --trim". */
void weir_plan_describe_options(const json_t *options, struct weir_buffer *out);

/* Replays steps next .. end on batches, every row kept. */
struct weir_replayer;
int weir_replayer_new(struct weir_replayer **replayer, const struct weir_plan *model, size_t next,
                      const struct weir_schema *in, struct weir_error *error);
const struct weir_schema *weir_replayer_schema(const struct weir_replayer *replayer); /* after the last step */
int weir_replayer_apply(struct weir_replayer *replayer, const struct weir_batch *in, struct weir_batch *out,
                        struct weir_reasons *reasons, struct weir_error *error);
/* What the steps did so far: "clean: filled 3 (3 in 'age'); encode: 2 unknown values". */
void weir_replayer_summary(const struct weir_replayer *replayer, struct weir_buffer *out);
void weir_replayer_free(struct weir_replayer *replayer);

#endif
