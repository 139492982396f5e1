/* What dedup asks of the search for near-duplicates. */
#include "base/number.h"
#include "stage/dedup_private.h"
#include <stdlib.h>

/* "name=0.9" is the column `name` with a threshold, unless a column has the whole as its name. */
static int parse(const struct weir_schema *schema, const char *text, int *column, double *threshold,
                 struct weir_error *error)
{
    const char *sign = strrchr(text, '=');
    *column = weir_schema_find(schema, text);
    if (*column >= 0)
        return 0;
    if (!sign || sign == text) {
        weir_schema_require(schema, text, error);
        return weir_fail_in(error, "--near");
    }
    if (!weir_parse_double(sign + 1, strlen(sign + 1), threshold) || !(*threshold > 0 && *threshold <= 1))
        return weir_fail(error, WEIR_USAGE,
                         "--near: '%s' is neither a column nor COLUMN=THRESHOLD, above 0 and at most 1", text);
    char *name = weir_duplicate_bytes(text, (size_t)(sign - text));
    if (!name)
        return weir_fail_memory(error);
    *column = weir_schema_require(schema, name, error);
    free(name);
    return *column < 0 ? weir_fail_in(error, "--near") : 0;
}

int weir_dedup_near(struct weir_near **near, const struct weir_dedup_options *options, const struct weir_schema *schema,
                    struct weir_pool *pool, int *columns, int *column_count, struct weir_error *error)
{
    struct weir_near_options how = {
        .unit = options->unit, .size = options->size, .memory = options->memory, .seed = options->seed, .pool = pool
    };
    double *thresholds = weir_allocate(options->near_count, sizeof *thresholds);
    int result = thresholds ? 0 : weir_fail_memory(error), count = 0;
    for (; result == 0 && (size_t)count < options->near_count && count < schema->count; count++) {
        thresholds[count] = options->threshold;
        result = parse(schema, options->near[count], &columns[count], &thresholds[count], error);
        for (int i = 0; result == 0 && i < count; i++)
            if (columns[i] == columns[count])
                result =
                    weir_fail(error, WEIR_USAGE, "--near names the column '%s' twice", schema->fields[columns[i]].name);
    }
    if (result == 0 && (size_t)count < options->near_count)
        result = weir_fail(error, WEIR_USAGE, "--near names more columns than there are");
    *column_count = count;
    how.thresholds = thresholds;
    if (result == 0)
        result = weir_near_kind_of(schema, columns, count, &how.kind, error);
    if (result == 0)
        result = weir_near_new(near, schema, columns, count, &how, error);
    free(thresholds);
    return result;
}
