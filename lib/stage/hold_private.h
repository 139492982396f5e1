/* Within lib/stage: rows that may yet be chosen, while it is not known which: some come, some are dropped, and what is
 * left comes out in the order in which it came. Beyond `memory` they go to a temporary file. */
#ifndef WEIR_STAGE_HOLD_PRIVATE_H
#define WEIR_STAGE_HOLD_PRIVATE_H

#include "math/reservoir.h"
#include "stream/batch.h"

struct weir_hold;
/* memory: about how many bytes the rows may take. The schema must outlive it. */
int weir_hold_new(struct weir_hold **hold, const struct weir_schema *schema, int64_t memory, struct weir_error *error);
/* Takes rows index[count] of the batch (ascending) in, as the next numbers, from 0 on. */
int weir_hold_add(struct weir_hold *hold, const struct weir_batch *batch, const int64_t *index, int64_t count,
                  struct weir_error *error);
/* The row of the number will not be wanted. */
void weir_hold_drop(struct weir_hold *hold, int64_t number);
/* When it is worthwhile gets rid of dropped rows, or of memory. The rows that are left may get other numbers: those in
 * the reservoir become the new ones. To be called when all rows in the reservoir have been added. */
int weir_hold_tidy(struct weir_hold *hold, struct weir_reservoir *reservoir, struct weir_error *error);
/* Nothing more comes or goes; then the rows that are left, batch by batch: 1, 0 at the end, -1. */
int weir_hold_finish(struct weir_hold *hold, struct weir_error *error);
int weir_hold_next(struct weir_hold *hold, struct weir_batch *batch, struct weir_error *error);
void weir_hold_free(struct weir_hold *hold); /* NULL is accepted */

#endif
