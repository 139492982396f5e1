/* What there is to say about a stream: its columns, its plan, its size and its first rows, as JSON for a person's or a
 * machine's eyes.
 *
 *   {"kind": "stream", "rows": 800, "batches": 1, "bytes": 61234, "complete": true,
 *    "columns": [{"name": "age", "type": "int64", "role": "feature", "missing": 12}, ...],
 *    "pipeline": "load --label churned | clean", "plan": [...], "head": [{"age": 40, ...}, ...]}
 */
#ifndef WEIR_STAGE_SURVEY_H
#define WEIR_STAGE_SURVEY_H

#include "stage/stage.h"

struct weir_survey {
    const struct weir_schema *schema; /* the caller's */
    int64_t rows, batches, bytes;
    int64_t *missing;        /* [schema->count] */
    struct weir_batch first; /* the first rows */
    int64_t wanted;          /* how many those are to be */
};

int weir_survey_begin(struct weir_survey *survey, const struct weir_schema *schema, int64_t wanted,
                      struct weir_error *error);
int weir_survey_add(struct weir_survey *survey, const struct weir_batch *batch, struct weir_error *error);
/* complete: the stream came to its clean end. A new reference; NULL with the message. */
json_t *weir_survey_json(const struct weir_survey *survey, bool complete, struct weir_error *error);
/* Appends the same for a person, without the first rows; json: as weir_survey_json gave it. */
void weir_survey_text(const struct weir_survey *survey, const json_t *json, struct weir_buffer *out);
void weir_survey_release(struct weir_survey *survey);

#endif
