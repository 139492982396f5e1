/* Alignment: the columns of a stream brought to the types that they had when the model was trained, so that a file that
 * was read on its own (where a column of whole numbers became int64, though training had met 0.5 in it) means the same
 * again.
 *
 * Converted is what keeps its meaning: whole numbers to other whole numbers or to floating point, floating point to
 * whole numbers where nothing is lost, text to numbers, dates and booleans by the strict rules of `load`, whole numbers
 * and dates to text, a column without any value to anything. A single value that cannot be converted makes its row one
 * without a prediction, with a reason; a column that cannot be converted at all is an error that names it. Columns
 * match by name; those that training did not know, and labels, pass as they are. */
#ifndef WEIR_MODEL_ALIGN_H
#define WEIR_MODEL_ALIGN_H

#include "stage/plan.h"

struct weir_alignment;

/* The model's types stand in step 0 (`load`) of its plan; without such a step nothing is changed. 0 or -1. */
int weir_alignment_new(struct weir_alignment **alignment, const struct weir_plan *model, const struct weir_schema *in,
                       struct weir_error *error);
/* The schema with the types of training; owned by the alignment. */
const struct weir_schema *weir_alignment_schema(const struct weir_alignment *alignment);
/* Whether there is anything to convert. */
bool weir_alignment_needed(const struct weir_alignment *alignment);
/* `out` ({ 0 }) shares all that is not converted. Rows whose value cannot be converted get null there and a reason that
 * lives as long as the alignment. */
int weir_alignment_apply(const struct weir_alignment *alignment, const struct weir_batch *in, struct weir_batch *out,
                         struct weir_reasons *reasons, struct weir_error *error);
void weir_alignment_free(struct weir_alignment *alignment); /* NULL is accepted */

#endif
