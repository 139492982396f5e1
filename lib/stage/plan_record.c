#include "stage/plan.h"

int weir_plan_record(struct weir_schema *schema, const char *name, json_t *options, struct weir_error *error)
{
    struct weir_plan plan = { 0 };
    int result = options ? weir_plan_continue(&plan, schema, error) : weir_fail_memory(error);
    if (result < 0) {
        json_decref(options);
        return -1;
    }
    result = weir_plan_append_step(&plan, name, 1, WEIR_REPLAY_SKIP, options, json_null(), error);
    if (result == 0)
        result = weir_plan_to_schema(&plan, schema, error);
    weir_plan_release(&plan);
    return result;
}
