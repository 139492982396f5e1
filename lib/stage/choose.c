#include "stage/choose.h"
#include "stage/options.h"

/* The index of the column, or -1. */
static int find_feature(const struct weir_schema *schema, const char *name, const char *stage, struct weir_error *error)
{
    int i = weir_schema_require(schema, name, error);
    if (i < 0) {
        if (error)
            error->status = WEIR_USAGE;
        return -1;
    }
    const char *role = weir_role_name(schema->fields[i].role);
    if (schema->fields[i].role != WEIR_FEATURE)
        return weir_fail(error, WEIR_USAGE, "column %s has the role '%s', which '%s' never changes", WEIR_SHOW(name),
                         role, stage);
    return i;
}

/* wanted[schema->count] */
static int mark(const struct weir_schema *schema, const json_t *columns, const char *stage,
                bool (*fits)(const struct weir_field *field, void *context), void *context, bool *wanted,
                struct weir_error *error)
{
    for (int i = 0; i < schema->count; i++)
        wanted[i] = !columns && schema->fields[i].role == WEIR_FEATURE && fits(&schema->fields[i], context);
    for (size_t item = 0; item < weir_option_items(columns); item++) {
        const char *name = weir_option_item(columns, item);
        int i = find_feature(schema, name, stage, error);
        if (i < 0)
            return -1;
        if (!fits(&schema->fields[i], context)) {
            struct weir_buffer type = { 0 };
            weir_type_describe(&schema->fields[i].type, &type);
            weir_fail(error, WEIR_USAGE, "column %s is %s, which '%s' cannot take", WEIR_SHOW(name),
                      type.bytes ? type.bytes : "", stage);
            weir_buffer_release(&type);
            return -1;
        }
        wanted[i] = true;
    }
    return 0;
}

int weir_choose_columns(const struct weir_schema *schema, const json_t *columns, const char *stage,
                        bool (*fits)(const struct weir_field *field, void *context), void *context, int **chosen,
                        size_t *count, struct weir_error *error)
{
    bool *wanted = weir_allocate_zero((size_t)schema->count, sizeof *wanted);
    *chosen = weir_allocate((size_t)schema->count, sizeof **chosen);
    *count = 0;
    int result = wanted && *chosen ? 0 : weir_fail_memory(error);
    if (result == 0)
        result = mark(schema, columns, stage, fits, context, wanted, error);
    for (int i = 0; result == 0 && i < schema->count; i++)
        if (wanted[i])
            (*chosen)[(*count)++] = i;
    free(wanted);
    if (result < 0) {
        free(*chosen);
        *chosen = NULL;
    }
    return result;
}
