/* The plan's JSON: what is hostile about it is checked here, once. */
#ifndef WEIR_STAGE_PLAN_JSON_H
#define WEIR_STAGE_PLAN_JSON_H

#include "stage/plan.h"

enum {
    WEIR_MAX_PLAN_STEPS = 1000,
    WEIR_MAX_PLAN_DEPTH = 32,
    WEIR_MAX_STEP_NAME = 64,
    WEIR_MAX_INLINE_STATE = 4096, /* bytes of a step's state as JSON; a longer one becomes a blob */
    WEIR_MAX_PLAN_TEXT = 1 << 28,
};

/* Parses text that another may have written: at most WEIR_MAX_PLAN_TEXT bytes, WEIR_MAX_PLAN_DEPTH deep, no key twice,
 * no NUL in a key. `what` names it in the message ("the plan"). A new reference, or NULL. */
json_t *weir_plan_parse_json(const char *text, size_t length, const char *what, struct weir_error *error);

/* What a step's state says, wherever it is kept: the JSON itself or the JSON in its blob. A new reference, or NULL. */
json_t *weir_plan_resolve(const json_t *state, const struct weir_blobs *blobs, struct weir_error *error);

/* {"stage", "version", "options", "state", "replay"} of a stage. whole: with what the stage keeps only for --merge,
 * under the state's key "merge". */
json_t *weir_plan_step_json(const struct weir_stage *stage, bool whole, struct weir_blobs *blobs,
                            struct weir_error *error);

/* Reads and checks the same; `step` is { 0 }. */
int weir_plan_step_read(struct weir_plan_step *step, const json_t *json, struct weir_error *error);
void weir_plan_step_release(struct weir_plan_step *step);

/* The fitted stage of a step. */
int weir_plan_step_stage(const struct weir_plan_step *step, const struct weir_blobs *blobs, struct weir_stage **stage,
                         struct weir_error *error);

#endif
