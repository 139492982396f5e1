/* Replaying a plan: each step's output is the next one's input, every row kept. */
#include "stage/plan.h"
#include "stage/plan_json.h"

struct step {
    struct weir_stage *stage;
    struct weir_binding binding;
};

struct weir_replayer {
    struct weir_schema in;
    struct step *steps;
    size_t count;
};

static int add_step(struct weir_replayer *replayer, const struct weir_plan *model, size_t i, struct weir_error *error)
{
    struct step *step = &replayer->steps[replayer->count];
    if (weir_plan_stage(model, i, &step->stage, error) < 0)
        return -1;
    if (weir_stage_bind(&step->binding, step->stage, weir_replayer_schema(replayer), WEIR_AS_REPLAY, error) < 0) {
        weir_stage_free(step->stage);
        return weir_fail_in(error, "replaying '%s'", model->steps[i].name);
    }
    replayer->count++;
    return 0;
}

int weir_replayer_new(struct weir_replayer **replayer, const struct weir_plan *model, size_t next,
                      const struct weir_schema *in, struct weir_error *error)
{
    *replayer = NULL;
    struct weir_replayer *made = weir_allocate_zero(1, sizeof *made);
    if (!made)
        return weir_fail_memory(error);
    made->steps = weir_allocate_zero(model->count, sizeof *made->steps);
    int result = made->steps && weir_schema_copy(&made->in, in) == 0 ? 0 : weir_fail_memory(error);
    for (size_t i = next; result == 0 && i < model->count; i++)
        if (weir_plan_step_replayed(&model->steps[i]))
            result = add_step(made, model, i, error);
    if (result < 0) {
        weir_replayer_free(made);
        return -1;
    }
    *replayer = made;
    return 0;
}

const struct weir_schema *weir_replayer_schema(const struct weir_replayer *replayer)
{
    return replayer->count > 0 ? &replayer->steps[replayer->count - 1].binding.out : &replayer->in;
}

int weir_replayer_apply(struct weir_replayer *replayer, const struct weir_batch *in, struct weir_batch *out,
                        struct weir_reasons *reasons, struct weir_error *error)
{
    struct weir_batch now = { 0 };
    int result = 0;
    if (replayer->count == 0 && weir_batch_share(&now, in) < 0)
        return weir_fail_memory(error);
    for (size_t i = 0; result == 0 && i < replayer->count; i++) {
        struct step *step = &replayer->steps[i];
        struct weir_batch then = { 0 };
        result = step->stage->kind->apply(&step->binding, i == 0 ? in : &now, &then, reasons, error);
        weir_batch_release(&now);
        now = then;
        if (result < 0)
            weir_fail_in(error, "replaying '%s'", step->stage->kind->name);
        else if (now.rows != in->rows)
            result = weir_fail(error, WEIR_BUG, "replaying '%s' changed the number of rows", step->stage->kind->name);
    }
    if (result < 0) {
        weir_batch_release(&now);
        return -1;
    }
    *out = now;
    return 0;
}

void weir_replayer_summary(const struct weir_replayer *replayer, struct weir_buffer *out)
{
    for (size_t i = 0; i < replayer->count; i++) {
        const struct step *step = &replayer->steps[i];
        struct weir_buffer said = { 0 };
        if (step->stage->kind->summary)
            step->stage->kind->summary(&step->binding, &said);
        if (said.size > 0) {
            weir_buffer_string(out, out->size > 0 ? "; " : "");
            weir_buffer_string(out, step->stage->kind->name);
            weir_buffer_string(out, ": ");
            weir_buffer_append(out, said.bytes, said.size);
        }
        weir_buffer_release(&said);
    }
}

void weir_replayer_free(struct weir_replayer *replayer)
{
    if (!replayer)
        return;
    for (size_t i = 0; i < replayer->count; i++) {
        weir_binding_release(&replayer->steps[i].binding);
        weir_stage_free(replayer->steps[i].stage);
    }
    free(replayer->steps);
    weir_schema_release(&replayer->in);
    free(replayer);
}
