/* What dedup asks of the search for near-duplicates. */
#include "stage/dedup_private.h"
#include <stdlib.h>

int weir_dedup_near(struct weir_near **near, const struct weir_dedup_options *options, const struct weir_schema *schema,
                    struct weir_pool *pool, int *columns, int *column_count, struct weir_error *error)
{
    struct weir_near_options how = {
        .unit = options->unit, .size = options->size, .memory = options->memory, .seed = options->seed, .pool = pool
    };
    double *thresholds = weir_allocate(options->near_count, sizeof *thresholds);
    int result = thresholds ? 0 : weir_fail_memory(error);
    if (result == 0)
        result = weir_near_columns(schema, options->near, options->near_count, options->threshold, columns, thresholds,
                                   error);
    *column_count = result == 0 ? (int)options->near_count : 0;
    how.thresholds = thresholds;
    if (result == 0)
        result = weir_near_kind_of(schema, columns, *column_count, &how.kind, error);
    if (result == 0 && options->shingled && how.kind != WEIR_NEAR_TEXT)
        result =
            weir_fail(error, WEIR_USAGE, "--shingle and --words go with --near of one column of text, and these are %s",
                      how.kind == WEIR_NEAR_IMAGE ? "images" : "records");
    if (result == 0)
        result = weir_near_new(near, schema, columns, *column_count, &how, error);
    free(thresholds);
    return result;
}
