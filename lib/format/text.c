#include "format/text.h"
#include "base/number.h"
#include "stream/utf8.h"
#include <string.h>

bool weir_text_bool(const char *text, size_t length, bool *out)
{
    static const char *const words[] = { "true", "True", "TRUE", "false", "False", "FALSE" };
    for (int i = 0; i < 6; i++)
        if (strlen(words[i]) == length && memcmp(text, words[i], length) == 0) {
            *out = i < 3;
            return true;
        }
    return false;
}

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

bool weir_text_is_code(const char *text, size_t length)
{
    if (length < 2)
        return false;
    if (*text == '+')
        return true;
    const char *p = text + (*text == '-'), *end = text + length;
    return end - p > 1 && p[0] == '0' && is_digit(p[1]);
}

bool weir_text_is_whole(const char *text, size_t length)
{
    size_t i = length && (*text == '-' || *text == '+');
    if (i == length)
        return false;
    for (; i < length; i++)
        if (!is_digit(text[i]))
            return false;
    return true;
}

/* The range of a kind that is stored as a signed whole number. */
static bool in_range(enum weir_kind kind, int64_t value)
{
    switch (kind) {
    case WEIR_INT8:
        return value >= INT8_MIN && value <= INT8_MAX;
    case WEIR_INT16:
        return value >= INT16_MIN && value <= INT16_MAX;
    case WEIR_INT32:
    case WEIR_TIME32:
        return value >= INT32_MIN && value <= INT32_MAX;
    case WEIR_UINT8:
        return value >= 0 && value <= UINT8_MAX;
    case WEIR_UINT16:
        return value >= 0 && value <= UINT16_MAX;
    case WEIR_UINT32:
        return value >= 0 && value <= UINT32_MAX;
    case WEIR_UINT64:
        return value >= 0;
    default:
        return true;
    }
}

/* Microseconds in the unit of a time column; false when a finer part would be lost or the range is left. */
static bool in_unit(enum weir_unit unit, int64_t microseconds, int64_t *out)
{
    int64_t per = unit == WEIR_SECOND ? 1000000 : unit == WEIR_MILLI ? 1000 : 1;
    if (microseconds % per)
        return false;
    *out = microseconds / per;
    return unit != WEIR_NANO || !__builtin_mul_overflow(*out, 1000, out);
}

static bool append_binary(struct weir_builder *builder, const char *text, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    if (length % 2)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!text[i] || !strchr(digits, text[i] | 0x20))
            return false;
    struct weir_buffer bytes = { 0 };
    for (size_t i = 0; i < length; i += 2)
        weir_buffer_byte(&bytes, (uint8_t)((strchr(digits, text[i] | 0x20) - digits) << 4 |
                                           (strchr(digits, text[i + 1] | 0x20) - digits)));
    builder->values.failed |= bytes.failed;
    weir_builder_text(builder, bytes.bytes ? bytes.bytes : "", bytes.size);
    weir_buffer_release(&bytes);
    return true;
}

bool weir_text_can_read(const struct weir_type *type)
{
    switch (type->kind) {
    case WEIR_FLOAT16:
    case WEIR_TIME32:
    case WEIR_TIME64:
    case WEIR_DICTIONARY:
    case WEIR_NULL:
        return false;
    case WEIR_LIST:
    case WEIR_FIXED_LIST:
    case WEIR_STRUCT:
        for (int i = 0; i < type->child_count; i++)
            if (!weir_text_can_read(&type->children[i].type))
                return false;
        return true;
    default:
        return true;
    }
}

static bool append_json_text(struct weir_builder *builder, const char *text, size_t length)
{
    if (memchr(text, 0, length)) /* the parser passes over it behind a number */
        return false;
    struct weir_error why = { 0 };
    json_t *value = weir_json_parse(text, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    builder->values.failed |= why.status == WEIR_NO_MEMORY;
    bool right = value && !json_is_null(value) && weir_json_append(builder, value);
    json_decref(value);
    return right;
}

bool weir_text_append(struct weir_builder *builder, const char *text, size_t length, bool lenient)
{
    enum weir_kind kind = builder->type.kind;
    int64_t integer;
    uint64_t natural;
    int32_t days;
    double number;
    bool flag;
    switch (kind) {
    case WEIR_BOOL:
        if (!weir_text_bool(text, length, &flag))
            return false;
        weir_builder_int64(builder, flag);
        return true;
    case WEIR_FLOAT32:
    case WEIR_FLOAT64:
        if (!weir_parse_double(text, length, &number))
            return false;
        if (kind == WEIR_FLOAT32 && __builtin_isinf((float)number) && !__builtin_isinf(number))
            return false;
        weir_builder_double(builder, number);
        return true;
    case WEIR_DATE32:
        if (!weir_parse_date(text, length, &days))
            return false;
        weir_builder_int64(builder, days);
        return true;
    case WEIR_DATE64:
        if (!weir_parse_date(text, length, &days))
            return false;
        weir_builder_int64(builder, (int64_t)days * 86400000);
        return true;
    case WEIR_TIMESTAMP:
        if (!weir_parse_timestamp(text, length, &integer, &flag) || flag != (builder->type.zone != NULL) ||
            !in_unit(builder->type.unit, integer, &integer))
            return false;
        weir_builder_int64(builder, integer);
        return true;
    case WEIR_UTF8:
        if (!weir_is_utf8(text, length))
            return false;
        weir_builder_text(builder, text, length);
        return true;
    case WEIR_BINARY:
        return append_binary(builder, text, length);
    case WEIR_LIST:
    case WEIR_FIXED_LIST:
    case WEIR_STRUCT:
        return append_json_text(builder, text, length);
    case WEIR_UINT64:
        if ((!lenient && weir_text_is_code(text, length)) || !weir_parse_uint64(text, length, &natural))
            return false;
        weir_builder_int64(builder, (int64_t)natural);
        return true;
    default:
        if ((!lenient && weir_text_is_code(text, length)) || !weir_parse_int64(text, length, &integer) ||
            !in_range(kind, integer))
            return false;
        weir_builder_int64(builder, integer);
        return true;
    }
}
