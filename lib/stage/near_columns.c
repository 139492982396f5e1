/* Which columns --near names, and how alike they are to be. */
#include "base/number.h"
#include "stage/near.h"
#include <stdlib.h>
#include <string.h>

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

int weir_near_columns(const struct weir_schema *schema, const char *const *texts, size_t text_count, double threshold,
                      int *columns, double *thresholds, struct weir_error *error)
{
    if (text_count > (size_t)schema->count)
        return weir_fail(error, WEIR_USAGE, "--near names more columns than there are");
    for (size_t count = 0; count < text_count; count++) {
        thresholds[count] = threshold;
        if (parse(schema, texts[count], &columns[count], &thresholds[count], error) < 0)
            return -1;
        for (size_t i = 0; i < count; i++)
            if (columns[i] == columns[count])
                return weir_fail(error, WEIR_USAGE, "--near names the column '%s' twice",
                                 schema->fields[columns[i]].name);
    }
    return 0;
}
