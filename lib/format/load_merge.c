/* How the columns of an operand go together with those of the operands before: by name. */
#include "format/load_private.h"
#include <string.h>

/* A column of the next operand and the one settled so far: null goes with anything, and where types are inferred from
 * text, int64 with float64. */
static int merge_types(struct weir_load *load, const struct weir_table *table, const struct weir_field *field,
                       struct weir_field *settled, struct weir_error *error)
{
    enum weir_kind had = settled->type.kind, has = field->type.kind;
    bool text = table->format->text;
    if (weir_type_equal(&settled->type, &field->type) ||
        (text && (has == WEIR_NULL || (had == WEIR_FLOAT64 && has == WEIR_INT64))))
        return 0;
    if (text && (had == WEIR_NULL || (had == WEIR_INT64 && has == WEIR_FLOAT64))) {
        weir_type_release(&settled->type);
        return weir_type_copy(&settled->type, &field->type) ? weir_fail_memory(error) : 0;
    }
    struct weir_buffer types = { 0 };
    weir_buffer_escaped(&types, field->name, strlen(field->name));
    weir_buffer_string(&types, "' is ");
    weir_type_describe(&field->type, &types);
    weir_buffer_string(&types, " here and ");
    weir_type_describe(&settled->type, &types);
    if (types.failed)
        weir_fail_memory(error);
    else
        weir_fail(error, WEIR_BAD_DATA, "%s: column '%s in %s%s", weir_feed_name(table->feed), types.bytes,
                  load->operands[0].name,
                  strcmp(table->format->name, "files") == 0 ? "; --size would settle it"
                  : text || load->first_format->text        ? "; --types would settle it"
                                                            : "");
    weir_buffer_release(&types);
    return -1;
}

static int fail_new_column(const struct weir_load *load, const struct weir_table *table, const char *name,
                           struct weir_error *error)
{
    struct weir_buffer shown = { 0 };
    weir_buffer_escaped(&shown, name, strlen(name));
    if (shown.failed)
        weir_fail_memory(error);
    else
        weir_fail(error, WEIR_BAD_DATA, "%s: its column '%s' is not in %s; --union would fill it with nulls there",
                  weir_feed_name(table->feed), shown.bytes ? shown.bytes : "", load->operands[0].name);
    weir_buffer_release(&shown);
    return -1;
}

/* Every column of the next operand, by name. */
static int merge_columns(struct weir_load *load, const struct weir_table *table, struct weir_error *error)
{
    struct weir_schema_index index;
    if (weir_schema_index_init(&index, &load->schema))
        return weir_fail_memory(error);
    int code = 0;
    for (int i = 0; i < table->schema.count && code == 0; i++) {
        const struct weir_field *field = &table->schema.fields[i];
        int at = weir_schema_index_find(&index, field->name);
        if (at >= 0)
            code = merge_types(load, table, field, &load->schema.fields[at], error);
        else
            code = load->options->unite ? weir_load_add_column(load, field, error)
                                        : fail_new_column(load, table, field->name, error);
    }
    weir_schema_index_release(&index);
    return code;
}

/* What the operands before have, and this one lacks. */
static int merge_absent(struct weir_load *load, const struct weir_table *table, struct weir_error *error)
{
    struct weir_schema_index index;
    int code = 0;
    if (weir_schema_index_init(&index, &table->schema))
        return weir_fail_memory(error);
    for (int i = 0; i < load->schema.count && code == 0; i++) {
        if (weir_schema_index_find(&index, load->schema.fields[i].name) >= 0)
            continue;
        if (load->options->unite)
            load->schema.fields[i].nullable = true;
        else
            code = weir_fail(error, WEIR_BAD_DATA,
                             "%s: it has no column '%s', which is in %s; --union would fill it with nulls",
                             weir_feed_name(table->feed), load->schema.fields[i].name, load->operands[0].name);
    }
    weir_schema_index_release(&index);
    return code;
}

/* Streams have been through the same stages, or none. */
static int check_plan(const struct weir_load *load, const struct weir_table *table, struct weir_error *error)
{
    struct weir_error differs = { 0 };
    const struct weir_schema here = { .metadata = load->schema.metadata },
                             there = { .metadata = table->schema.metadata };
    if (!table->own_roles || weir_schema_agree(&here, &there, &differs))
        return 0;
    return weir_fail(error, WEIR_BAD_DATA, "%s: it has been through other stages than %s: %s",
                     weir_feed_name(table->feed), load->operands[0].name, differs.text);
}

int weir_load_merge(struct weir_load *load, const struct weir_table *table, struct weir_error *error)
{
    if (merge_columns(load, table, error))
        return -1;
    if (table->schema.count != load->schema.count && merge_absent(load, table, error)) /* all that it has is there */
        return -1;
    return check_plan(load, table, error);
}
