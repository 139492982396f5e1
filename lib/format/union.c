/* --union: operands whose columns differ. A column that an operand has not is null in its rows. */
#include "base/json.h"
#include "format/load_private.h"
#include <stdlib.h>
#include <string.h>

int weir_load_begin_anew(struct weir_schema *schema, struct weir_error *error)
{
    static const char blob[] = "weir:blob:";
    const char *text = weir_metadata_get(&schema->metadata, "weir:plan");
    if (!text)
        return 0;
    json_t *plan = weir_json_parse(text, strlen(text), 0, error);
    if (!plan)
        return weir_fail_in(error, "the plan");
    const char *stage = json_string_value(json_object_get(json_array_get(plan, 0), "stage"));
    bool raw = json_array_size(plan) == 1 && stage && strcmp(stage, "load") == 0;
    json_decref(plan);
    if (!raw)
        return 0;
    weir_metadata_set(&schema->metadata, "weir:plan", NULL); /* taking away needs no memory */
    for (size_t i = 0; i < schema->metadata.count;)
        if (strncmp(schema->metadata.pairs[i].key, blob, sizeof blob - 1) == 0)
            weir_metadata_set(&schema->metadata, schema->metadata.pairs[i].key, NULL);
        else
            i++;
    return 0;
}

int weir_load_add_column(struct weir_load *load, const struct weir_field *field, struct weir_error *error)
{
    struct weir_field *added = weir_schema_add_copy(&load->schema, field);
    if (!added)
        return weir_fail_memory(error);
    added->nullable = true; /* the operands before have none */
    if (load->names && json_array_append_new(load->names, json_string(field->name)) < 0)
        return weir_fail_memory(error);
    return 0;
}

int weir_load_union_start(struct weir_load *load, struct weir_table *table, struct weir_error *error)
{
    struct weir_schema wanted = { 0 };
    struct weir_schema_index index;
    int count = load->schema.count - (load->format.bad == WEIR_BAD_FLAG), result = 0;
    free(load->places);
    load->places = weir_allocate((size_t)count, sizeof *load->places);
    if (!load->places || weir_schema_index_init(&index, &table->schema) < 0)
        return weir_fail_memory(error);
    for (int i = 0; i < count && result == 0; i++) {
        if (weir_schema_index_find(&index, load->schema.fields[i].name) < 0)
            continue;
        load->places[wanted.count] = i;
        if (!weir_schema_add_copy(&wanted, &load->schema.fields[i]))
            result = weir_fail_memory(error);
    }
    weir_schema_index_release(&index);
    if (result == 0)
        result = weir_table_start(table, &wanted, error);
    weir_schema_release(&wanted);
    return result;
}

static int make_nulls(struct weir_column *column, const struct weir_type *type, int64_t rows, struct weir_error *error)
{
    struct weir_builder builder;
    if (weir_builder_init(&builder, type) < 0)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < rows; row++)
        weir_builder_null(&builder);
    int result = weir_builder_finish(&builder, column, error);
    weir_builder_release(&builder);
    return result;
}

int weir_load_spread(const struct weir_load *load, struct weir_batch *batch, struct weir_error *error)
{
    int count = load->schema.count - (load->format.bad == WEIR_BAD_FLAG), next = 0, result = 0;
    if (batch->count == count)
        return 0;
    struct weir_batch whole = { 0 };
    if (weir_batch_init(&whole, count, batch->rows) < 0)
        return weir_fail_memory(error);
    for (int i = 0; i < count && result == 0; i++) {
        if (next < batch->count && load->places[next] == i) {
            whole.columns[i] = batch->columns[next];
            batch->columns[next++] = (struct weir_column){ 0 };
        } else {
            result = make_nulls(&whole.columns[i], &load->schema.fields[i].type, batch->rows, error);
        }
    }
    weir_batch_release(batch);
    *batch = whole;
    return result;
}
