/* The step that a program records by itself: its options and the seed. */
#ifndef WEIR_CMD_STEP_H
#define WEIR_CMD_STEP_H

#include "base/json.h"
#include "base/number.h"
#include "cli/program.h"

/* A new reference; NULL: out of memory. */
static inline json_t *step_with_seed(const struct weir_run *run)
{
    char seed[WEIR_NUMBER_SIZE];
    json_t *step = weir_options_value(run->program->options, run->options, &run->given);
    if (step && json_object_set_new(step, "seed", json_stringn(seed, weir_format_uint64(run->seed, seed))) < 0) {
        json_decref(step);
        step = NULL;
    }
    return step;
}

#endif
