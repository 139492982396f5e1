/* Which columns a stage works on. */
#ifndef WEIR_STAGE_CHOOSE_H
#define WEIR_STAGE_CHOOSE_H

#include "stage/stage.h"

/* chosen[schema->count] tells which columns: those that the option `columns` lists (NULL: all), as far as their role is
 * feature and `fits` says yes to their field. One that is listed and does not fit is a WEIR_USAGE error: "column 'id'
 * is an id, which 'normalize' never changes", "column 'name' is utf8, which 'normalize' cannot take". */
int weir_choose_columns(const struct weir_schema *schema, const json_t *columns, const char *stage,
                        bool (*fits)(const struct weir_field *field, void *context), void *context, bool *chosen,
                        struct weir_error *error);

/* The same for one column, chosen by name: its index, or -1. */
int weir_choose_column(const struct weir_schema *schema, const char *name, const char *stage, struct weir_error *error);

/* The columns of a schema by name, for stages that look up many. Borrows the schema. Starts as { 0 }. */
struct weir_names {
    const struct weir_schema *schema;
    int *order; /* indices, sorted by name */
};
int weir_names_index(struct weir_names *names, const struct weir_schema *schema, struct weir_error *error);
int weir_names_find(const struct weir_names *names, const char *name); /* the index, or -1 */
void weir_names_release(struct weir_names *names);

#endif
