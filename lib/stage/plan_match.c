/* Where a stream stands within a model's plan. */
#include "stage/blob.h"
#include "stage/plan_json.h"

struct side {
    const json_t *json;
    const struct weir_blobs *blobs;
};

static bool same_json(struct side a, struct side b);

static bool same_blob(struct side a, struct side b)
{
    const struct weir_buffer *x = weir_blobs_find(a.blobs, a.json, NULL);
    const struct weir_buffer *y = weir_blobs_find(b.blobs, b.json, NULL);
    return x && y && x->size == y->size && (x->size == 0 || memcmp(x->bytes, y->bytes, x->size) == 0);
}

static bool same_object(struct side a, struct side b)
{
    if (json_object_size(a.json) != json_object_size(b.json))
        return false;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)a.json, key, value)
    {
        const json_t *other = json_object_get(b.json, key);
        if (!other || !same_json((struct side){ value, a.blobs }, (struct side){ other, b.blobs }))
            return false;
    }
    return true;
}

static bool same_array(struct side a, struct side b)
{
    if (json_array_size(a.json) != json_array_size(b.json))
        return false;
    for (size_t i = 0; i < json_array_size(a.json); i++)
        if (!same_json((struct side){ json_array_get(a.json, i), a.blobs },
                       (struct side){ json_array_get(b.json, i), b.blobs }))
            return false;
    return true;
}

/* Equal, blobs by their bytes: the same state may have another blob's number in another plan. */
static bool same_json(struct side a, struct side b)
{
    if (weir_is_blob_reference(a.json) && weir_is_blob_reference(b.json))
        return same_blob(a, b);
    if (json_is_object(a.json) && json_is_object(b.json))
        return same_object(a, b);
    if (json_is_array(a.json) && json_is_array(b.json))
        return same_array(a, b);
    return json_equal(a.json, b.json);
}

bool weir_plan_step_replayed(const struct weir_plan_step *step)
{
    return step->replay != WEIR_REPLAY_SKIP && strcmp(step->name, "load") != 0;
}

/* The next replayed step at or after i, or the count. */
static size_t next_replayed(const struct weir_plan *plan, size_t i)
{
    while (i < plan->count && !weir_plan_step_replayed(&plan->steps[i]))
        i++;
    return i;
}

static bool same_state(const struct weir_plan *model, const struct weir_plan_step *ours, const struct weir_plan *input,
                       const struct weir_plan_step *theirs)
{
    return same_json((struct side){ ours->state, &model->blobs }, (struct side){ theirs->state, &input->blobs });
}

/* Rows whose columns were only chosen are as raw as before, unless the model's plan chooses just so at this place. */
static bool passes_over(const struct weir_plan *model, size_t at, const struct weir_plan *input, size_t i)
{
    const struct weir_plan_step *theirs = &input->steps[i];
    const struct weir_stage_kind *kind = weir_stage_kind_find(theirs->name);
    if (!kind || !kind->chooses_columns)
        return false;
    const struct weir_plan_step *ours = at < model->count ? &model->steps[at] : NULL;
    return !ours || strcmp(ours->name, theirs->name) != 0 || !same_state(model, ours, input, theirs);
}

int weir_plan_match(const struct weir_plan *model, const struct weir_plan *input, size_t *next,
                    struct weir_error *error)
{
    size_t at = next_replayed(model, 0);
    for (size_t i = next_replayed(input, 0); i < input->count; i = next_replayed(input, i + 1)) {
        const struct weir_plan_step *theirs = &input->steps[i];
        if (passes_over(model, at, input, i))
            continue;
        if (at == model->count)
            return weir_fail(error, WEIR_BAD_DATA,
                             "the input has been through '%s' (step %zu of its plan), which the model's plan does not "
                             "have; give the rows as they were before it",
                             theirs->name, i);
        const struct weir_plan_step *ours = &model->steps[at];
        if (strcmp(ours->name, theirs->name) != 0)
            return weir_fail(error, WEIR_BAD_DATA,
                             "the input has been through '%s' (step %zu of its plan) where the model's plan has '%s' "
                             "(step %zu); give the raw rows",
                             theirs->name, i, ours->name, at);
        if (ours->version != theirs->version || !json_equal(ours->options, theirs->options))
            return weir_fail(error, WEIR_BAD_DATA,
                             "the input has been through '%s' (step %zu of its plan) with other options than the "
                             "model's; give the raw rows, or use %s --state",
                             theirs->name, i, theirs->name);
        if (!same_state(model, ours, input, theirs))
            return weir_fail(error, WEIR_BAD_DATA,
                             "the input has been through '%s' (step %zu of its plan) fitted on other data than the "
                             "model; give the raw rows, or use %s --state",
                             theirs->name, i, theirs->name);
        at = next_replayed(model, at + 1);
    }
    *next = at;
    return 0;
}
