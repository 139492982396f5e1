/* Step 0 of the plan of a stream that no `load` has written. */
#include "stage/plan.h"

static json_t *column_json(const struct weir_field *field)
{
    struct weir_buffer type = { 0 };
    weir_type_describe(&field->type, &type);
    json_t *column =
        type.failed || !type.bytes ? NULL : json_pack("{s:s, s:s}", "name", field->name, "type", type.bytes);
    weir_buffer_release(&type);
    if (column && field->role != WEIR_FEATURE &&
        json_object_set_new(column, "role", json_string(weir_role_name(field->role))) < 0) {
        json_decref(column);
        return NULL;
    }
    return column;
}

int weir_plan_continue(struct weir_plan *plan, const struct weir_schema *schema, struct weir_error *error)
{
    if (weir_plan_from_schema(plan, schema, error) < 0)
        return -1;
    if (plan->count > 0)
        return 0;
    json_t *columns = json_array();
    for (int i = 0; columns && i < schema->count; i++) {
        if (schema->fields[i].type.kind == WEIR_NULL) /* no value ever: nothing to be read again */
            continue;
        if (json_array_append_new(columns, column_json(&schema->fields[i])) < 0) {
            json_decref(columns);
            columns = NULL;
        }
    }
    json_t *state = columns ? json_pack("{s:s, s:o}", "format", "arrow", "columns", columns) : NULL;
    return weir_plan_append_step(plan, "load", 1, WEIR_REPLAY_APPLY, json_object(), state, error);
}
