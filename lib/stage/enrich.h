/* The stage `enrich`: columns of a table join the rows of a stream, by key, or by key as of a time.
 *
 * Options: "on" (list: a name on both sides, or STREAM=TABLE), "how" (left, inner, anti), "as-of" (a time, likewise),
 * "within" (how old the table's row may be), "keep" (first, last), "prefix" (of the columns that come from the table),
 * "name" (of the table, for a plan that has it not within itself).
 *
 * The table goes into the plan when it is small; otherwise its columns do, and whoever replays the plan gives the rows
 * (struct weir_plan.tables). */
#ifndef WEIR_STAGE_ENRICH_H
#define WEIR_STAGE_ENRICH_H

#include "stage/plan.h"

enum { WEIR_ENRICH_EMBEDDED = 16 << 20 }; /* bytes of a table that goes into the plan */

/* Gives the stage its table before it is bound; the batches are joined to one and let go of (what `parts` holds is
 * released). no_values: keys stay out of messages. */
int weir_enrich_give(struct weir_stage *stage, const struct weir_schema *schema, struct weir_batch *parts, size_t count,
                     bool no_values, struct weir_error *error);
/* Only its columns: the rows are elsewhere, and the stage can be bound but not applied. */
int weir_enrich_give_columns(struct weir_stage *stage, const struct weir_schema *schema, struct weir_error *error);

/* The columns of the table `name` that a step of the plan wants to be given, or could be given anew; copied to
 * *columns. 1 found, 0 there is no such step (names: those that there are, for a message), -1 an error. */
int weir_enrich_wanted(const struct weir_plan *plan, const char *name, struct weir_schema *columns,
                       struct weir_buffer *names, struct weir_error *error);

#endif
