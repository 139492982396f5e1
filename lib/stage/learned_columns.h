/* The columns that a method of features was first used on, by name: when it is replayed, or goes on from a state, it
 * takes these, whatever others there are. That is all the state that such a method has. */
#ifndef WEIR_STAGE_LEARNED_COLUMNS_H
#define WEIR_STAGE_LEARNED_COLUMNS_H

#include "stage/stage.h"

struct weir_learned_columns {
    char **names; /* owned, as the types are */
    struct weir_type *types;
    size_t count;
};

typedef bool weir_learned_columns_fit(const struct weir_field *field, void *context);

/* Those that `columns` lists (an option's list; NULL: every feature column that fits). */
int weir_learned_columns_learn(struct weir_learned_columns *self, const struct weir_schema *in, const json_t *columns,
                               weir_learned_columns_fit *fits, void *context, struct weir_error *error);
/* The two for struct weir_stage_kind, of a state that is these columns alone. */
int weir_learned_columns_save(const struct weir_learned_columns *self, json_t **state, struct weir_error *error);
int weir_learned_columns_restore(struct weir_learned_columns *self, const json_t *state, struct weir_error *error);
/* States of other rows are the same columns, or do not merge. */
int weir_learned_columns_merge(const struct weir_stage *into, const struct weir_learned_columns *self,
                               const struct weir_stage *from, const struct weir_learned_columns *other,
                               struct weir_error *error);
/* at[count]: where they stand in the schema, of types that fit. */
int weir_learned_columns_find(const struct weir_learned_columns *self, const struct weir_schema *in,
                              weir_learned_columns_fit *fits, void *context, int *at, struct weir_error *error);
void weir_learned_columns_release(struct weir_learned_columns *self);

#endif
