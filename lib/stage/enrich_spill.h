/* `enrich` with a table that does not fit into memory.
 *
 * Table and stream are dealt by the hash of their keys to temporary files, so that rows of one key meet in one part;
 * each part of the table is then joined in memory with its part of the stream (the hybrid of Kitsuregawa, Tanaka and
 * Moto-oka's GRACE, "Application of hash to data base machine and its architecture", New Generation Computing 1, 1983).
 * The rows of the stream carry their numbers: what the parts give is in their order, and merged by it.
 * What comes out is, byte by byte, what the stage makes of the same batches with the table in memory. */
#ifndef WEIR_STAGE_ENRICH_SPILL_H
#define WEIR_STAGE_ENRICH_SPILL_H

#include "stage/enrich.h"

struct weir_enrich_spill;

/* table_bytes: about how large the table is in memory. The stage knows the table's columns (weir_enrich_give_columns)
 * and outlives this; the schemas are copied. */
int weir_enrich_spill_new(struct weir_enrich_spill **spill, const struct weir_stage *stage,
                          const struct weir_schema *stream, int64_t table_bytes, int64_t memory, bool no_values,
                          struct weir_error *error);
/* The rows of the table, then those of the stream, each in order. */
int weir_enrich_spill_table(struct weir_enrich_spill *spill, const struct weir_batch *batch, struct weir_error *error);
int weir_enrich_spill_stream(struct weir_enrich_spill *spill, const struct weir_batch *batch, struct weir_error *error);
/* Hands out what the stage would have made of the stream, in its order. */
int weir_enrich_spill_finish(struct weir_enrich_spill *spill,
                             int (*emit)(void *context, const struct weir_batch *batch, struct weir_error *error),
                             void *context, struct weir_error *error);
/* For the closing line, as the stage itself says it. */
void weir_enrich_spill_summary(const struct weir_enrich_spill *spill, struct weir_buffer *out);
void weir_enrich_spill_free(struct weir_enrich_spill *spill); /* NULL is accepted */

#endif
