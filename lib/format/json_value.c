/* JSON values to columns, and to text where a column holds values of several kinds. */
#include "base/number.h"
#include "format/text.h"
#include <string.h>

/* A whole number beyond int64, which comes as the string of its digits (weir_json_record). */
static bool is_large(const json_t *value)
{
    int64_t integer;
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    return text && weir_text_is_whole(text, length) && !weir_text_is_code(text, length) &&
           !weir_parse_int64(text, length, &integer);
}

/* The number that a JSON value means for a column of numbers: nan and inf are written as texts, JSON has none. */
static bool json_double(const json_t *value, double *out)
{
    if (json_is_number(value))
        *out = json_number_value(value);
    else if (!json_is_string(value) || !weir_parse_double(json_string_value(value), json_string_length(value), out) ||
             (*out - *out == 0 && !is_large(value)))
        return false;
    return true;
}

/* As JSON text; a number with the digits that it needs. */
static void write_json(struct weir_buffer *out, const json_t *value)
{
    char number[WEIR_NUMBER_SIZE];
    const char *key;
    json_t *item;
    size_t i, length;
    bool more = false;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        weir_buffer_byte(out, '{');
        json_object_foreach((json_t *)(uintptr_t)value, key, item)
        {
            weir_buffer_string(out, more ? "," : "");
            weir_buffer_json_string(out, key, strlen(key));
            weir_buffer_byte(out, ':');
            write_json(out, item);
            more = true;
        }
        weir_buffer_byte(out, '}');
        return;
    case JSON_ARRAY:
        weir_buffer_byte(out, '[');
        json_array_foreach(value, i, item)
        {
            weir_buffer_string(out, i ? "," : "");
            write_json(out, item);
        }
        weir_buffer_byte(out, ']');
        return;
    case JSON_STRING:
        weir_buffer_json_string(out, json_string_value(value), json_string_length(value));
        return;
    case JSON_INTEGER:
        weir_buffer_append(out, number, weir_format_int64(json_integer_value(value), number));
        return;
    case JSON_REAL:
        length = weir_format_double(json_real_value(value), number);
        weir_buffer_append(out, number, length);
        if (weir_text_is_whole(number, length))
            weir_buffer_string(out, ".0");
        return;
    default:
        weir_buffer_string(out, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
}

/* The value as text that weir_text_append reads for a scalar column: false when the JSON kind is another. */
static bool scalar_text(enum weir_kind kind, const json_t *value, char number[WEIR_NUMBER_SIZE], const char **text,
                        size_t *length)
{
    if ((weir_kind_is_integer(kind) || kind == WEIR_DURATION) && !is_large(value)) {
        if (!json_is_integer(value))
            return false;
        *length = weir_format_int64(json_integer_value(value), number);
        *text = number;
        return true;
    }
    if (!json_is_string(value))
        return false;
    *text = json_string_value(value);
    *length = json_string_length(value);
    return true;
}

/* Appends (or with builder NULL only asks whether it could) a scalar. */
static bool append_scalar(struct weir_builder *builder, const struct weir_type *type, const json_t *value, bool ask)
{
    char number[WEIR_NUMBER_SIZE];
    const char *text;
    size_t length;
    double real;
    if (type->kind == WEIR_BOOL) {
        if (!json_is_boolean(value))
            return false;
        if (!ask)
            weir_builder_int64(builder, json_is_true(value));
        return true;
    }
    if (type->kind == WEIR_FLOAT32 || type->kind == WEIR_FLOAT64) {
        if (!json_double(value, &real) ||
            (type->kind == WEIR_FLOAT32 && __builtin_isinf((float)real) && !__builtin_isinf(real)))
            return false;
        if (!ask)
            weir_builder_double(builder, real);
        return true;
    }
    if (type->kind == WEIR_UTF8 && !json_is_string(value)) { /* a column of mixed values: their JSON */
        if (ask)
            return true;
        struct weir_buffer dump = { 0 };
        write_json(&dump, value);
        builder->values.failed |= dump.failed;
        weir_builder_text(builder, dump.bytes ? dump.bytes : "", dump.size);
        weir_buffer_release(&dump);
        return true;
    }
    if (!scalar_text(type->kind, value, number, &text, &length))
        return false;
    if (!ask)
        return weir_text_append(builder, text, length, false);
    struct weir_builder trial;
    if (weir_builder_init(&trial, type))
        return false;
    bool right = weir_text_append(&trial, text, length, false);
    weir_builder_release(&trial);
    return right;
}

static bool fits(const struct weir_type *type, const json_t *value)
{
    if (json_is_null(value))
        return true;
    if (type->kind == WEIR_LIST || type->kind == WEIR_FIXED_LIST) {
        if (!json_is_array(value))
            return false;
        size_t count = json_array_size(value);
        if (type->kind == WEIR_FIXED_LIST && count != (size_t)type->list_size)
            return false;
        for (size_t i = 0; i < count; i++)
            if (!fits(&type->children[0].type, json_array_get(value, i)))
                return false;
        return true;
    }
    if (type->kind == WEIR_STRUCT) {
        if (!json_is_object(value))
            return false;
        for (int i = 0; i < type->child_count; i++) {
            const json_t *child = json_object_get(value, type->children[i].name);
            if (child && !fits(&type->children[i].type, child))
                return false;
        }
        return true;
    }
    return append_scalar(NULL, type, value, true);
}

static void append(struct weir_builder *builder, const json_t *value)
{
    if (!value || json_is_null(value)) {
        weir_builder_null(builder);
    } else if (builder->type.kind == WEIR_LIST || builder->type.kind == WEIR_FIXED_LIST) {
        for (size_t i = 0; i < json_array_size(value); i++)
            append(&builder->children[0], json_array_get(value, i));
        weir_builder_close(builder);
    } else if (builder->type.kind == WEIR_STRUCT) {
        for (int i = 0; i < builder->child_count; i++)
            append(&builder->children[i], json_object_get(value, builder->type.children[i].name));
        weir_builder_close(builder);
    } else
        append_scalar(builder, &builder->type, value, false);
}

bool weir_json_append(struct weir_builder *builder, const json_t *value)
{
    if (json_is_null(value))
        return false;
    if (builder->child_count == 0)
        return append_scalar(builder, &builder->type, value, false);
    if (!fits(&builder->type, value))
        return false;
    append(builder, value);
    return true;
}
