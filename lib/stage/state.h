/* A stage's state as JSON: {"columns": [{"name": ..., "type": ..., ...}, ...]}, in files of --save-state with "merge",
 * an array as long, of what merging needs beyond that. Reading takes it as hostile: errors are WEIR_BAD_DATA. */
#ifndef WEIR_STAGE_STATE_H
#define WEIR_STAGE_STATE_H

#include "stage/stage.h"

/* A finite number, an integer within bounds, a text of an object (borrowed). */
int weir_state_number(const json_t *object, const char *key, double *out, struct weir_error *error);
int weir_state_integer(const json_t *object, const char *key, int64_t minimum, int64_t maximum, int64_t *out,
                       struct weir_error *error);
int weir_state_text(const json_t *object, const char *key, const char **out, struct weir_error *error);
/* The array of columns: each an object with a name, no name twice. Borrowed, or NULL with the message. */
const json_t *weir_state_columns(const json_t *state, struct weir_error *error);
/* The same, and in *merge the array beside it; NULL when there is none. Both are borrowed. */
int weir_state_columns_and_merge(const json_t *state, const json_t **columns, const json_t **merge,
                                 struct weir_error *error);
/* What each column begins with; the caller owns both, also when it failed in between. */
int weir_state_name_and_type(const json_t *column, char **name, struct weir_type *type, struct weir_error *error);

/* The way out: {"name": ..., "type": ...}, a new reference for the stage to add to. NULL: out of memory. */
json_t *weir_state_new_column(const char *name, const struct weir_type *type);
/* Appends `item`, whose reference it takes. What fails on the way leaves NULL in *list, and so do a list or an item
 * that is NULL: one look at the end is enough. */
void weir_state_append(json_t **list, json_t *item);
/* {"columns": columns}, whose reference it takes, as *state. NULL: out of memory. */
int weir_state_of_columns(json_t *columns, json_t **state, struct weir_error *error);

/* States merge when they were learned with the same options from as many columns. */
int weir_state_check_merge(const struct weir_stage *into, size_t into_columns, const struct weir_stage *from,
                           size_t from_columns, struct weir_error *error);

#endif
