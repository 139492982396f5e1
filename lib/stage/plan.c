#include "stage/plan.h"
#include "base/number.h"
#include "stage/blob.h"
#include "stage/plan_json.h"

static const char plan_key[] = "weir:plan";
static const char blob_prefix[] = "weir:blob:";

void weir_plan_release(struct weir_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        weir_plan_step_release(&plan->steps[i]);
    free(plan->steps);
    weir_blobs_release(&plan->blobs);
    *plan = (struct weir_plan){ 0 };
}

static struct weir_plan_step *add_step(struct weir_plan *plan, struct weir_error *error)
{
    if (plan->count >= WEIR_MAX_PLAN_STEPS) {
        weir_fail(error, WEIR_BAD_DATA, "a plan of more than %d steps", WEIR_MAX_PLAN_STEPS);
        return NULL;
    }
    if (weir_grow((void **)&plan->steps, &plan->capacity, plan->count + 1, sizeof *plan->steps) < 0) {
        weir_fail_memory(error);
        return NULL;
    }
    plan->steps[plan->count] = (struct weir_plan_step){ 0 };
    return &plan->steps[plan->count];
}

int weir_plan_from_text(struct weir_plan *plan, const char *json, size_t length, struct weir_error *error)
{
    json_t *steps = weir_plan_parse_json(json, length, "the plan", error);
    if (!steps)
        return -1;
    int result = json_is_array(steps) ? 0 : weir_fail(error, WEIR_BAD_DATA, "the plan is no JSON array");
    for (size_t i = 0; result == 0 && i < json_array_size(steps); i++) {
        struct weir_plan_step *step = add_step(plan, error);
        if (!step) {
            result = -1;
        } else if (weir_plan_step_read(step, json_array_get(steps, i), error) < 0) {
            weir_plan_step_release(step);
            result = weir_fail_in(error, "step %zu of the plan", i);
        } else {
            plan->count++;
        }
    }
    json_decref(steps);
    if (result < 0)
        weir_plan_release(plan);
    return result;
}

json_t *weir_plan_json(const struct weir_plan *plan, struct weir_error *error)
{
    json_t *steps = json_array();
    for (size_t i = 0; steps && i < plan->count; i++) {
        const struct weir_plan_step *step = &plan->steps[i];
        json_t *json = json_pack("{s:s, s:i, s:O, s:O, s:s}", "stage", step->name, "version", step->version, "options",
                                 step->options, "state", step->state, "replay", weir_replay_name(step->replay));
        if (!json || json_array_append_new(steps, json) < 0) {
            json_decref(steps);
            steps = NULL;
        }
    }
    if (!steps)
        weir_fail_memory(error);
    return steps;
}

int weir_plan_to_text(const struct weir_plan *plan, struct weir_buffer *out, struct weir_error *error)
{
    json_t *steps = weir_plan_json(plan, error);
    return steps ? weir_json_dump_new(steps, WEIR_JSON_KEPT, out, error) : -1;
}

/* "weir:blob:17" -> 17; -1 when the key is no such thing, -2 when its number is none. */
static int64_t blob_index(const char *key)
{
    if (strncmp(key, blob_prefix, sizeof blob_prefix - 1) != 0)
        return -1;
    uint64_t index;
    const char *digits = key + sizeof blob_prefix - 1;
    if (digits[0] == '+' || !weir_parse_uint64(digits, strlen(digits), &index) || index >= WEIR_MAX_BLOBS)
        return -2;
    return (int64_t)index;
}

int weir_plan_from_schema(struct weir_plan *plan, const struct weir_schema *schema, struct weir_error *error)
{
    const char *text = weir_metadata_get(&schema->metadata, plan_key);
    if (!text)
        return 0;
    if (weir_plan_from_text(plan, text, strlen(text), error) < 0)
        return -1;
    struct weir_buffer bytes = { 0 };
    int result = 0;
    for (size_t i = 0; result == 0 && i < schema->metadata.count; i++) {
        const struct weir_pair *pair = &schema->metadata.pairs[i];
        int64_t index = blob_index(pair->key);
        if (index == -1)
            continue;
        weir_buffer_clear(&bytes);
        if (index < 0)
            result = weir_fail(error, WEIR_BAD_DATA, "the plan has a blob whose number is none from 0 to %d",
                               WEIR_MAX_BLOBS - 1);
        else if (weir_base64_decode(pair->value, strlen(pair->value), &bytes, error) < 0)
            result = weir_fail_in(error, "weir:blob:%lld", (long long)index);
        else
            result = weir_blobs_put(&plan->blobs, (size_t)index, bytes.bytes, bytes.size, error);
    }
    weir_buffer_release(&bytes);
    if (result < 0)
        weir_plan_release(plan);
    return result;
}

static void remove_plan(struct weir_metadata *metadata)
{
    size_t kept = 0;
    for (size_t i = 0; i < metadata->count; i++) {
        struct weir_pair pair = metadata->pairs[i];
        if (strcmp(pair.key, plan_key) == 0 || strncmp(pair.key, blob_prefix, sizeof blob_prefix - 1) == 0) {
            free(pair.key);
            free(pair.value);
        } else {
            metadata->pairs[kept++] = pair;
        }
    }
    metadata->count = kept;
}

int weir_plan_to_schema(const struct weir_plan *plan, struct weir_schema *schema, struct weir_error *error)
{
    remove_plan(&schema->metadata);
    if (plan->count == 0)
        return 0;
    struct weir_buffer text = { 0 };
    int result = weir_plan_to_text(plan, &text, error);
    if (result == 0 && weir_metadata_set(&schema->metadata, plan_key, text.bytes) < 0)
        result = weir_fail_memory(error);
    for (size_t i = 0; result == 0 && i < plan->blobs.count; i++) {
        char key[sizeof blob_prefix + 24];
        snprintf(key, sizeof key, "%s%zu", blob_prefix, i);
        weir_buffer_clear(&text);
        weir_base64_encode(plan->blobs.items[i].bytes, plan->blobs.items[i].size, &text);
        weir_buffer_append(&text, "", 0);
        if (text.failed || weir_metadata_set(&schema->metadata, key, text.bytes ? text.bytes : "") < 0)
            result = weir_fail_memory(error);
    }
    weir_buffer_release(&text);
    return result;
}

/* A state that is long as JSON moves into a blob, so that the plan stays readable. */
static int move_long_state(struct weir_plan *plan, struct weir_plan_step *step, struct weir_error *error)
{
    if (weir_is_blob_reference(step->state))
        return 0;
    struct weir_buffer text = { 0 };
    int result = weir_json_dump(step->state, WEIR_JSON_KEPT, &text, error);
    if (result == 0 && text.size > WEIR_MAX_INLINE_STATE) {
        json_t *reference = weir_blobs_add(&plan->blobs, text.bytes, text.size);
        if (reference) {
            json_decref(step->state);
            step->state = reference;
        } else {
            result = weir_fail_memory(error);
        }
    }
    weir_buffer_release(&text);
    return result;
}

static int append_json(struct weir_plan *plan, const json_t *json, struct weir_error *error)
{
    struct weir_plan_step *step = add_step(plan, error);
    if (!step)
        return -1;
    if (weir_plan_step_read(step, json, error) < 0 || move_long_state(plan, step, error) < 0) {
        weir_plan_step_release(step);
        return -1;
    }
    plan->count++;
    return 0;
}

int weir_plan_append(struct weir_plan *plan, const struct weir_stage *stage, struct weir_error *error)
{
    json_t *json = weir_plan_step_json(stage, false, &plan->blobs, error);
    if (!json)
        return -1;
    int result = append_json(plan, json, error);
    json_decref(json);
    return result;
}

int weir_plan_append_step(struct weir_plan *plan, const char *name, int version, enum weir_replay replay,
                          json_t *options, json_t *state, struct weir_error *error)
{
    json_t *json = json_pack("{s:s, s:i, s:o, s:o, s:s}", "stage", name, "version", version, "options", options,
                             "state", state, "replay", weir_replay_name(replay));
    if (!json)
        return weir_fail_memory(error);
    int result = append_json(plan, json, error);
    json_decref(json);
    return result;
}

json_t *weir_plan_step_state(const struct weir_plan *plan, size_t i, struct weir_error *error)
{
    json_t *state = weir_plan_resolve(plan->steps[i].state, &plan->blobs, error);
    if (!state)
        weir_fail_in(error, "step %zu of the plan", i);
    return state;
}

int weir_plan_stage(const struct weir_plan *plan, size_t i, struct weir_stage **stage, struct weir_error *error)
{
    if (weir_plan_step_stage(&plan->steps[i], &plan->blobs, stage, error) < 0)
        return weir_fail_in(error, "step %zu of the plan", i);
    if (!plan->tables || !(*stage)->kind->supply || (*stage)->kind->supply(*stage, plan->tables, error) == 0)
        return 0;
    weir_stage_free(*stage);
    *stage = NULL;
    return -1;
}
