#include "stage/blob.h"
#include "stage/plan.h"
#include "stage/plan_json.h"

const char *weir_replay_name(enum weir_replay replay)
{
    static const char *const names[] = { "apply", "skip", "flag" };
    return names[replay];
}

const struct weir_stage_kind *weir_stage_kind_find(const char *name)
{
    for (size_t i = 0; weir_stage_kinds[i]; i++)
        if (strcmp(weir_stage_kinds[i]->name, name) == 0)
            return weir_stage_kinds[i];
    return NULL;
}

const struct weir_stage_kind *weir_stage_kind_choose(const struct weir_stage_kind *kind, const json_t *options,
                                                     struct weir_error *error)
{
    return kind->choose ? kind->choose(options, error) : kind;
}

int weir_stage_new_json(struct weir_stage **stage, const char *name, const json_t *options, struct weir_error *error)
{
    *stage = NULL;
    const struct weir_stage_kind *kind = weir_stage_kind_find(name);
    if (!kind) {
        struct weir_buffer shown = { 0 };
        weir_buffer_escaped(&shown, name, strlen(name));
        weir_fail(error, WEIR_BAD_DATA, "no stage '%s' is known to this version of Weir",
                  shown.bytes ? shown.bytes : "");
        weir_buffer_release(&shown);
        return -1;
    }
    kind = weir_stage_kind_choose(kind, options, error);
    if (!kind)
        return -1;
    struct weir_stage *made = weir_allocate_zero(1, sizeof *made);
    if (!made)
        return weir_fail_memory(error);
    made->kind = kind;
    made->options = options && json_is_object(options) ? weir_json_deep_copy(options) : json_object();
    if (!made->options) {
        free(made);
        return weir_fail_memory(error);
    }
    if (kind->create(made, error) < 0) {
        weir_stage_free(made);
        return -1;
    }
    *stage = made;
    return 0;
}

int weir_stage_new(struct weir_stage **stage, const char *name, const char *options, struct weir_error *error)
{
    *stage = NULL;
    json_t *json = weir_plan_parse_json(options, strlen(options), "the options", error);
    if (!json)
        return -1;
    int result = json_is_object(json) ? weir_stage_new_json(stage, name, json, error)
                                      : weir_fail(error, WEIR_BUG, "the options of '%s' are no JSON object", name);
    json_decref(json);
    return result;
}

void weir_stage_free(struct weir_stage *stage)
{
    if (!stage)
        return;
    stage->kind->destroy(stage);
    json_decref(stage->options);
    free(stage);
}

int weir_stage_bind(struct weir_binding *binding, const struct weir_stage *stage, const struct weir_schema *in,
                    enum weir_mode mode, struct weir_error *error)
{
    *binding = (struct weir_binding){ .stage = stage, .mode = mode };
    if (stage->kind->bind(binding, in, error) == 0)
        return 0;
    weir_binding_release(binding);
    return -1;
}

void weir_binding_release(struct weir_binding *binding)
{
    if (binding->stage && binding->stage->kind->unbind)
        binding->stage->kind->unbind(binding);
    weir_schema_release(&binding->out);
    *binding = (struct weir_binding){ 0 };
}

/* The filter: a stage and its binding, made when learning is over. */
struct stage_filter {
    struct weir_stage *stage;
    struct weir_binding binding;
    enum weir_mode mode;
};

static int filter_learn_begin(void *context, const struct weir_schema *in, struct weir_error *error)
{
    struct stage_filter *self = context;
    return self->stage->kind->learn_begin(self->stage, in, error);
}

static int filter_learn(void *context, const struct weir_batch *batch, struct weir_error *error)
{
    struct stage_filter *self = context;
    return self->stage->kind->learn(self->stage, batch, error);
}

static int filter_learn_end(void *context, struct weir_error *error)
{
    struct stage_filter *self = context;
    return self->stage->kind->learn_end(self->stage, error);
}

static int filter_begin(void *context, const struct weir_schema *in, struct weir_schema *out, struct weir_error *error)
{
    struct stage_filter *self = context;
    if (weir_stage_bind(&self->binding, self->stage, in, self->mode, error) < 0)
        return -1;
    if (weir_schema_copy(out, &self->binding.out) < 0)
        return weir_fail_memory(error);
    struct weir_plan plan = { 0 };
    int result = weir_plan_continue(&plan, in, error);
    if (result == 0)
        result = weir_plan_append(&plan, self->stage, error);
    if (result == 0)
        result = weir_plan_to_schema(&plan, out, error);
    weir_plan_release(&plan);
    return result;
}

static int filter_apply(void *context, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error)
{
    struct stage_filter *self = context;
    return self->stage->kind->apply(&self->binding, in, out, NULL, error);
}

static void filter_summary(void *context, struct weir_buffer *out)
{
    struct stage_filter *self = context;
    if (self->binding.stage)
        self->stage->kind->summary(&self->binding, out);
}

int weir_stage_filter(struct weir_filter *filter, struct weir_stage *stage, bool fitted, struct weir_error *error)
{
    *filter = (struct weir_filter){ 0 };
    struct stage_filter *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    self->stage = stage;
    filter->context = self;
    if (stage->kind->learn && !fitted) {
        self->mode = WEIR_AS_LEARNED;
        filter->learn_begin = filter_learn_begin;
        filter->learn = filter_learn;
        filter->learn_end = filter_learn_end;
    }
    filter->begin = filter_begin;
    filter->apply = filter_apply;
    filter->summary = stage->kind->summary ? filter_summary : NULL;
    return 0;
}

const struct weir_binding *weir_stage_filter_binding(const struct weir_filter *filter)
{
    const struct stage_filter *self = filter->context;
    return &self->binding;
}

void weir_stage_filter_release(struct weir_filter *filter)
{
    struct stage_filter *self = filter->context;
    if (self)
        weir_binding_release(&self->binding);
    free(self);
    *filter = (struct weir_filter){ 0 };
}
