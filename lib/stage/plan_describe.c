/* The plan as a shell pipeline for a person. */
#include "base/number.h"
#include "stage/plan.h"

/* A word of the shell: quoted when it must be. One with characters that do not show has them escaped, and no other: it
 * is for the eye then. */
static void append_word(struct weir_buffer *out, const char *text, size_t length)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./,:=@%";
    struct weir_buffer shown = { 0 };
    size_t backslashes = 0;
    weir_buffer_escaped(&shown, text, length);
    for (size_t i = 0; i < length; i++)
        backslashes += text[i] == '\\';
    if (length > 0 && strspn(text, plain) == length) {
        weir_buffer_append(out, text, length);
    } else {
        bool all_shows = shown.size == length + backslashes;
        const char *bytes = all_shows ? text : shown.bytes;
        weir_buffer_byte(out, '\'');
        for (size_t i = 0; i < (all_shows ? length : shown.size); i++) {
            if (bytes[i] == '\'')
                weir_buffer_string(out, "'\\''");
            else
                weir_buffer_byte(out, (uint8_t)bytes[i]);
        }
        weir_buffer_byte(out, '\'');
    }
    out->failed |= shown.failed;
    weir_buffer_release(&shown);
}

/* An item of a list, as an option that takes lists reads it: a backslash stands before a comma, and before a backslash
 * that would be taken for one of these. */
static void append_item(struct weir_buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char next = i + 1 < length ? text[i + 1] : ',';
        if (text[i] == ',' || (text[i] == '\\' && (next == ',' || next == '\\')))
            weir_buffer_byte(out, '\\');
        weir_buffer_byte(out, (uint8_t)text[i]);
    }
}

/* A value as the text that the option takes. */
static void append_value(struct weir_buffer *out, const json_t *value)
{
    char number[WEIR_NUMBER_SIZE];
    if (json_is_string(value))
        weir_buffer_append(out, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value))
        weir_buffer_append(out, number, weir_format_int64(json_integer_value(value), number));
    else if (json_is_real(value))
        weir_buffer_append(out, number, weir_format_double(json_real_value(value), number));
    else if (json_is_object(value)) /* what a file held (clean --rules) */
        weir_buffer_string(out, "{...}");
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct weir_buffer item = { 0 };
        append_value(&item, json_array_get(value, i));
        weir_buffer_string(out, i > 0 ? "," : "");
        append_item(out, item.bytes ? item.bytes : "", item.size);
        out->failed |= item.failed;
        weir_buffer_release(&item);
    }
}

static void append_option(struct weir_buffer *out, const char *name, const json_t *value)
{
    if (json_is_false(value) || json_is_null(value))
        return;
    if (strcmp(name, "operands") == 0) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            const json_t *item = json_array_get(value, i);
            if (!json_is_string(item))
                continue;
            weir_buffer_byte(out, ' ');
            append_word(out, json_string_value(item), json_string_length(item));
        }
        return;
    }
    struct weir_buffer text = { 0 };
    weir_buffer_string(&text, "--");
    weir_buffer_string(&text, name);
    weir_buffer_byte(out, ' ');
    append_word(out, text.bytes ? text.bytes : "", text.size);
    if (!json_is_true(value)) {
        weir_buffer_clear(&text);
        append_value(&text, value);
        weir_buffer_byte(out, ' ');
        append_word(out, text.bytes ? text.bytes : "", text.size);
    }
    out->failed |= text.failed;
    weir_buffer_release(&text);
}

void weir_plan_describe_options(const json_t *options, struct weir_buffer *out)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)options, name, value) append_option(out, name, value);
}

void weir_plan_describe(const struct weir_plan *plan, struct weir_buffer *out)
{
    for (size_t i = 0; i < plan->count; i++) {
        weir_buffer_string(out, i > 0 ? " | " : "");
        weir_buffer_string(out, plan->steps[i].name);
        weir_plan_describe_options(plan->steps[i].options, out);
    }
}
