/* What describing a model file is made of, for the files describe*.c. */
#ifndef WEIR_MODEL_DESCRIBE_PRIVATE_H
#define WEIR_MODEL_DESCRIBE_PRIVATE_H

#include "model/describe.h"
#include "stage/plan.h"

/* describe_weights.c: of a tensor [outputs][width] of F32; `json` has the features and classes, when there are any. A
 * new reference; NULL: out of memory. */
json_t *weir_describe_weights(const struct weir_tensor *tensor, const json_t *json);
/* describe_terms.c: adds to the entries of `largest` the terms that their places stand for, where the plan has them.
 * -1: out of memory. */
int weir_describe_terms(json_t *largest, const json_t *features, const struct weir_plan *plan);

#endif
