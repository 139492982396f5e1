/* A fitted stage in a file of its own: {"weir:state": 1, "step": {...}, "blobs": ["base64", ...]}. */
#include "stage/blob.h"
#include "stage/plan_json.h"

enum { STATE_FORMAT = 1 };

static json_t *blobs_to_json(const struct weir_blobs *blobs)
{
    json_t *array = json_array();
    struct weir_buffer text = { 0 };
    for (size_t i = 0; array && i < blobs->count; i++) {
        weir_buffer_clear(&text);
        weir_base64_encode(blobs->items[i].bytes, blobs->items[i].size, &text);
        if (text.failed || json_array_append_new(array, json_stringn(text.bytes ? text.bytes : "", text.size)) < 0) {
            json_decref(array);
            array = NULL;
        }
    }
    weir_buffer_release(&text);
    return array;
}

static int blobs_from_json(struct weir_blobs *blobs, const json_t *array, struct weir_error *error)
{
    struct weir_buffer bytes = { 0 };
    int result = 0;
    for (size_t i = 0; result == 0 && i < json_array_size(array); i++) {
        const json_t *text = json_array_get(array, i);
        weir_buffer_clear(&bytes);
        if (!json_is_string(text))
            result = weir_fail(error, WEIR_BAD_DATA, "blob %zu is no text", i);
        else if (weir_base64_decode(json_string_value(text), json_string_length(text), &bytes, error) < 0)
            result = weir_fail_in(error, "blob %zu", i);
        else
            result = weir_blobs_put(blobs, i, bytes.bytes, bytes.size, error);
    }
    weir_buffer_release(&bytes);
    return result;
}

int weir_stage_save_text(const struct weir_stage *stage, struct weir_buffer *out, struct weir_error *error)
{
    struct weir_blobs blobs = { 0 };
    json_t *step = weir_plan_step_json(stage, true, &blobs, error);
    json_t *items = step ? blobs_to_json(&blobs) : NULL;
    json_t *file =
        items ? json_pack("{s:i, s:O, s:O}", "weir:state", STATE_FORMAT, "step", step, "blobs", items) : NULL;
    int result = -1;
    if (file)
        result = weir_json_dump(file, WEIR_JSON_KEPT, out, error);
    else if (step)
        weir_fail_memory(error);
    if (result == 0) {
        weir_buffer_byte(out, '\n');
        result = weir_buffer_check(out, error);
    }
    json_decref(file);
    json_decref(items);
    json_decref(step);
    weir_blobs_release(&blobs);
    return result;
}

static int read_file(struct weir_plan_step *step, struct weir_blobs *blobs, const char *expected, const json_t *file,
                     struct weir_error *error)
{
    const json_t *format = json_object_get(file, "weir:state");
    if (!json_is_integer(format))
        return weir_fail(error, WEIR_BAD_DATA, "it is no saved state of a stage");
    if (json_integer_value(format) != STATE_FORMAT)
        return weir_fail(error, WEIR_BAD_DATA, "its form has version %lld, and this Weir knows %d",
                         (long long)json_integer_value(format), STATE_FORMAT);
    if (weir_plan_step_read(step, json_object_get(file, "step"), error) < 0)
        return -1;
    if (strcmp(step->name, expected) != 0)
        return weir_fail(error, WEIR_BAD_DATA, "it is a state of '%s', not of '%s'", step->name, expected);
    return blobs_from_json(blobs, json_object_get(file, "blobs"), error);
}

int weir_stage_restore_text(struct weir_stage **stage, const char *expected, const char *text, size_t length,
                            struct weir_error *error)
{
    *stage = NULL;
    json_t *file = weir_plan_parse_json(text, length, "the state", error);
    if (!file)
        return -1;
    struct weir_plan_step step = { 0 };
    struct weir_blobs blobs = { 0 };
    int result = read_file(&step, &blobs, expected, file, error);
    if (result == 0)
        result = weir_plan_step_stage(&step, &blobs, stage, error);
    weir_plan_step_release(&step);
    weir_blobs_release(&blobs);
    json_decref(file);
    return result;
}
