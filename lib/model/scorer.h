/* Scoring: a model put in front of a stream. Raw rows go through the plan as training's did, prepared ones go on from
 * where they are; the input's columns are kept as they came, one row out for each row in, in order, and these are
 * added:
 *
 *   - prediction: the label's type (regression: float32 for a float32 label, else float64); null when there is none
 *   - probability: for classes, a fixed list of float64, one for each in the order that the field's key weir:classes
 *     lists; null when there is no prediction
 *   - reason: utf8, why there is no prediction; null when there is one
 *   - model: utf8, the model's digest
 *   - row_id: on demand, utf8, 16 hexadecimal digits made from the row's content (the input's columns in the order of
 *     their names)
 *
 * A column load_reason, as `load --bad flag` adds it, is taken for the reason and not kept. */
#ifndef WEIR_MODEL_SCORER_H
#define WEIR_MODEL_SCORER_H

#include "base/thread.h"
#include "model/model.h"

struct weir_scorer;

struct weir_scorer_options {
    bool row_id; /* add row_id, when the input has no column with the role id */
};

/* The model must outlive the scorer. pool may be NULL: everything runs on the caller's thread; results are the same. A
 * scorer serves one thread. */
int weir_scorer_new(struct weir_scorer **scorer, const struct weir_model *model, const struct weir_schema *in,
                    const struct weir_scorer_options *options, struct weir_pool *pool, struct weir_error *error);
/* The output's schema with the input's plan and a step `score`; owned by the scorer. */
const struct weir_schema *weir_scorer_schema(const struct weir_scorer *scorer);
/* One batch to another ({ 0 } at first). After an error the scorer can only be freed. */
int weir_scorer_apply(struct weir_scorer *scorer, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_error *error);
/* For the closing line: "plan: 2 steps replayed, 3 without a prediction: see the column 'reason'; clean: ...". */
void weir_scorer_summary(const struct weir_scorer *scorer, struct weir_buffer *out);
void weir_scorer_free(struct weir_scorer *scorer); /* NULL is accepted */

/* The scorer as a filter for a pipe; the filter makes its own scorer when the schema is known. */
struct weir_scorer_filter {
    const struct weir_model *model;
    struct weir_scorer_options options;
    struct weir_pool *pool;
    struct weir_scorer *scorer;
};
void weir_scorer_filter(struct weir_filter *filter, struct weir_scorer_filter *context);
void weir_scorer_filter_release(struct weir_scorer_filter *context);

#endif
