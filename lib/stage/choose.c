#include "stage/choose.h"
#include "stage/options.h"

int weir_choose_column(const struct weir_schema *schema, const char *name, const char *stage, struct weir_error *error)
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

int weir_choose_columns(const struct weir_schema *schema, const json_t *columns, const char *stage,
                        bool (*fits)(const struct weir_field *field, void *context), void *context, bool *chosen,
                        struct weir_error *error)
{
    for (int i = 0; i < schema->count; i++)
        chosen[i] = !columns && schema->fields[i].role == WEIR_FEATURE && fits(&schema->fields[i], context);
    for (size_t item = 0; item < weir_option_items(columns); item++) {
        const char *name = weir_option_item(columns, item);
        int i = weir_choose_column(schema, name, stage, error);
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
        chosen[i] = true;
    }
    return 0;
}

static int by_name(const void *a, const void *b, void *context)
{
    const struct weir_schema *schema = context;
    return strcmp(schema->fields[*(const int *)a].name, schema->fields[*(const int *)b].name);
}

int weir_names_index(struct weir_names *names, const struct weir_schema *schema, struct weir_error *error)
{
    names->schema = schema;
    names->order = weir_allocate((size_t)schema->count, sizeof *names->order);
    if (!names->order)
        return weir_fail_memory(error);
    for (int i = 0; i < schema->count; i++)
        names->order[i] = i;
    qsort_r(names->order, (size_t)schema->count, sizeof *names->order, by_name, (void *)(uintptr_t)schema);
    return 0;
}

int weir_names_find(const struct weir_names *names, const char *name)
{
    int low = 0, high = names->schema->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        int order = strcmp(names->schema->fields[names->order[middle]].name, name);
        if (order == 0)
            return names->order[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

void weir_names_release(struct weir_names *names)
{
    free(names->order);
    *names = (struct weir_names){ 0 };
}
