/* What there is to say about a model file, as JSON, from the file alone (no network code is linked):
 *
 *   {"kind": "model", "model": "network", "form": "logistic", "task": "classify", "label": {"name", "type"},
 *    "classes": [...], "features": [{"name", "type", "width"}...], "network": "dense 2",
 *    "layers": [{"layer", "output", "parameters"}...], "parameters": 34, "bytes": 4321, "digest": "...",
 *    "weights": {"outputs", "width", "nonzero", "largest": [{"class", "column", "place", "weight", "term"}...]},
 *    "training": {...}, "pipeline": "load | clean", "plan": [...], "tensors": [{"name", "type", "shape"}...]}
 *
 * network and layers are those of a network, weights of a regression (one that is not finite is null); a term has what
 * stands for a word of a text.
 */
#ifndef WEIR_MODEL_DESCRIBE_H
#define WEIR_MODEL_DESCRIBE_H

#include "model/model_file.h"

/* A new reference; NULL with the message. */
json_t *weir_model_file_describe(const struct weir_model_file *file, struct weir_error *error);
/* Appends the same for a person: facts, layers or weights, features, the training record. Takes nothing of `json`. */
void weir_model_file_text(json_t *json, struct weir_buffer *out);

#endif
