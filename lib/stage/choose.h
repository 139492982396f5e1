/* Which columns a stage works on. */
#ifndef WEIR_STAGE_CHOOSE_H
#define WEIR_STAGE_CHOOSE_H

#include "stage/stage.h"

/* *chosen[*count]: the indices in the schema, ascending, of the columns that the option `columns` lists (NULL: all), as
 * far as their role is feature and `fits` says yes to their field; the caller frees it. One that is listed and does not
 * fit is a WEIR_USAGE error: "column 'id' has the role 'id', which 'normalize' never changes", "column 'name' is utf8,
 * which 'normalize' cannot take". On an error *chosen is NULL. */
int weir_choose_columns(const struct weir_schema *schema, const json_t *columns, const char *stage,
                        bool (*fits)(const struct weir_field *field, void *context), void *context, int **chosen,
                        size_t *count, struct weir_error *error);

#endif
