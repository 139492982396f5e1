#include "base/json.h"
#include <string.h>

static json_t *parse(const char *text, size_t length, size_t flags, bool lines, struct weir_error *error)
{
    json_error_t where = { 0 };
    json_t *json = json_loadb(text, length, flags, &where);
    if (json)
        return json;
    if (!where.text[0]) { /* jansson has words for every fault of the text, and none for this */
        weir_fail_memory(error);
        return NULL;
    }
    struct weir_buffer shown = { 0 };
    weir_buffer_escaped(&shown, where.text, strnlen(where.text, sizeof where.text));
    if (weir_buffer_check(&shown, error) == 0 && lines)
        weir_fail(error, WEIR_BAD_DATA, "no JSON at line %d, column %d: %s", where.line, where.column, shown.bytes);
    else if (shown.bytes)
        weir_fail(error, WEIR_BAD_DATA, "no JSON at byte %d: %s", where.position, shown.bytes);
    weir_buffer_release(&shown);
    return NULL;
}

json_t *weir_json_parse(const char *text, size_t length, size_t flags, struct weir_error *error)
{
    return parse(text, length, flags, false, error);
}

json_t *weir_json_parse_lines(const char *text, size_t length, size_t flags, struct weir_error *error)
{
    return parse(text, length, flags, true, error);
}

/* jansson does not look whether an object's key went out; the buffer remembers. */
static int append(const char *bytes, size_t size, void *out)
{
    struct weir_buffer *buffer = out;
    weir_buffer_append(buffer, bytes, size);
    return buffer->failed ? -1 : 0;
}

int weir_json_dump(const json_t *json, size_t flags, struct weir_buffer *out, struct weir_error *error)
{
    if (!json || json_dump_callback(json, append, out, flags) < 0)
        return weir_fail_memory(error);
    return weir_buffer_check(out, error);
}

int weir_json_dump_new(json_t *json, size_t flags, struct weir_buffer *out, struct weir_error *error)
{
    int result = weir_json_dump(json, flags, out, error);
    json_decref(json);
    return result;
}

static json_t *whole(json_t *copy, const json_t *json)
{
    if (copy && json_equal(copy, json))
        return copy;
    json_decref(copy);
    return NULL;
}

json_t *weir_json_copy(const json_t *json)
{
    return whole(json_copy((json_t *)(uintptr_t)json), json);
}

json_t *weir_json_deep_copy(const json_t *json)
{
    return whole(json_deep_copy(json), json);
}
