#include "stage/plan_json.h"
#include "stage/blob.h"

static int check_depth(const json_t *json, int depth)
{
    if (depth > WEIR_MAX_PLAN_DEPTH)
        return -1;
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_object(json)) {
        json_object_foreach((json_t *)(uintptr_t)json, key, value) if (check_depth(value, depth + 1) < 0) return -1;
    } else if (json_is_array(json)) {
        json_array_foreach(json, i, value) if (check_depth(value, depth + 1) < 0) return -1;
    }
    return 0;
}

json_t *weir_plan_parse_json(const char *text, size_t length, const char *what, struct weir_error *error)
{
    if (length > WEIR_MAX_PLAN_TEXT) {
        weir_fail(error, WEIR_BAD_DATA, "%s: %zu bytes are more than the %d that are read", what, length,
                  WEIR_MAX_PLAN_TEXT);
        return NULL;
    }
    json_t *json = weir_json_parse(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, error);
    if (!json) {
        weir_fail_in(error, "%s", what);
        return NULL;
    }
    if (check_depth(json, 0) < 0) {
        json_decref(json);
        weir_fail(error, WEIR_BAD_DATA, "%s: nested deeper than %d", what, WEIR_MAX_PLAN_DEPTH);
        return NULL;
    }
    return json;
}

json_t *weir_plan_resolve(const json_t *state, const struct weir_blobs *blobs, struct weir_error *error)
{
    if (!weir_is_blob_reference(state))
        return json_incref((json_t *)(uintptr_t)state);
    const struct weir_buffer *blob = weir_blobs_find(blobs, state, error);
    return blob ? weir_plan_parse_json(blob->bytes ? blob->bytes : "", blob->size, "a step's state", error) : NULL;
}

json_t *weir_plan_step_json(const struct weir_stage *stage, bool whole, struct weir_blobs *blobs,
                            struct weir_error *error)
{
    json_t *state = NULL, *merge = NULL;
    if (stage->kind->save && stage->kind->save(stage, &state, blobs, error) < 0)
        return NULL;
    if (whole && state && stage->keep_merge && stage->kind->save_merge) {
        int failed = stage->kind->save_merge(stage, &merge, blobs, error);
        if (!failed && json_object_set_new(state, "merge", merge) < 0)
            failed = weir_fail_memory(error);
        if (failed) {
            json_decref(state);
            return NULL;
        }
    }
    if (!state)
        state = json_null();
    json_t *step =
        json_pack("{s:s, s:i, s:O, s:o, s:s}", "stage", stage->kind->name, "version", stage->kind->version, "options",
                  stage->options, "state", state, "replay", weir_replay_name(stage->kind->replay));
    if (!step)
        weir_fail_memory(error);
    return step;
}

static bool is_step_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= WEIR_MAX_STEP_NAME && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

static bool read_replay(const char *text, enum weir_replay *replay)
{
    for (int i = WEIR_REPLAY_APPLY; i <= WEIR_REPLAY_FLAG; i++)
        if (text && strcmp(text, weir_replay_name((enum weir_replay)i)) == 0) {
            *replay = (enum weir_replay)i;
            return true;
        }
    return false;
}

int weir_plan_step_read(struct weir_plan_step *step, const json_t *json, struct weir_error *error)
{
    if (!json_is_object(json))
        return weir_fail(error, WEIR_BAD_DATA, "it is no JSON object");
    const char *name = json_string_value(json_object_get(json, "stage"));
    if (!name || !is_step_name(name))
        return weir_fail(error, WEIR_BAD_DATA, "its 'stage' is no name of a stage");
    json_t *version = json_object_get(json, "version");
    if (!json_is_integer(version) || json_integer_value(version) < 1 || json_integer_value(version) > 1000000)
        return weir_fail(error, WEIR_BAD_DATA, "'%s': its 'version' is no version", name);
    json_t *options = json_object_get(json, "options");
    if (options && !json_is_object(options))
        return weir_fail(error, WEIR_BAD_DATA, "'%s': its 'options' are no JSON object", name);
    json_t *state = json_object_get(json, "state");
    if (state && !json_is_null(state) && !json_is_object(state))
        return weir_fail(error, WEIR_BAD_DATA, "'%s': its 'state' is no JSON object", name);
    if (!read_replay(json_string_value(json_object_get(json, "replay")), &step->replay))
        return weir_fail(error, WEIR_BAD_DATA, "'%s': its 'replay' is none of apply, skip, flag", name);
    const struct weir_stage_kind *kind = weir_stage_kind_find(name);
    if (kind && !(kind = weir_stage_kind_choose(kind, options, error)))
        return -1;
    if (kind && json_integer_value(version) > kind->version)
        return weir_fail(error, WEIR_BAD_DATA, "'%s' has version %d, and this Weir knows versions up to %d", name,
                         (int)json_integer_value(version), kind->version);
    /* A kind may also have steps that only select rows, and then have no state (pick --rows). */
    bool selects = step->replay == WEIR_REPLAY_SKIP && (!state || json_is_null(state));
    if (kind && step->replay != kind->replay && !selects)
        return weir_fail(error, WEIR_BAD_DATA, "'%s' says replay '%s', and the stage is of replay '%s'", name,
                         weir_replay_name(step->replay), weir_replay_name(kind->replay));
    step->name = weir_duplicate_string(name);
    step->version = (int)json_integer_value(version);
    step->options = options ? json_incref(options) : json_object();
    step->state = state ? json_incref(state) : json_null();
    return step->name && step->options ? 0 : weir_fail_memory(error);
}

void weir_plan_step_release(struct weir_plan_step *step)
{
    free(step->name);
    json_decref(step->options);
    json_decref(step->state);
    *step = (struct weir_plan_step){ 0 };
}

int weir_plan_step_stage(const struct weir_plan_step *step, const struct weir_blobs *blobs, struct weir_stage **stage,
                         struct weir_error *error)
{
    *stage = NULL;
    struct weir_stage *made;
    if (weir_stage_new_json(&made, step->name, step->options, error) < 0) {
        if (error && error->status == WEIR_USAGE)
            error->status = WEIR_BAD_DATA;
        return -1;
    }
    json_t *state = weir_plan_resolve(step->state, blobs, error);
    int result = state ? 0 : -1;
    made->keep_merge = json_object_get(state, "merge");
    if (state && made->kind->restore)
        result = made->kind->restore(made, state, blobs, error);
    json_decref(state);
    if (result < 0) {
        weir_stage_free(made);
        return weir_fail_in(error, "the state of '%s'", step->name);
    }
    *stage = made;
    return 0;
}
