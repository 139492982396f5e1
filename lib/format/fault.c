#include "format/fault.h"
#include "base/number.h"
#include "format/text.h"
#include <string.h>

enum { SHOWN = 60 /* bytes of a value in a message */ };

static bool is_digits(const char *text, size_t length)
{
    return length && weir_text_is_whole(text, length) && *text != '-' && *text != '+';
}

/* Why the text is no decimal number, as far as that can be told. */
static const char *why_no_number(const char *text, size_t length)
{
    size_t sign = length && (*text == '-' || *text == '+');
    const char *digits = text + sign, *comma = memchr(text, ',', length), *exponent = memchr(text, 'e', length);
    length -= sign;
    double number;
    if (weir_parse_double(text, length + sign, &number)) /* as a double, then */
        return "is out of the type's range";
    if (length > 2 && digits[0] == '0' && (digits[1] | 0x20) == 'x')
        return "is not a decimal number";
    if (comma && is_digits(digits, (size_t)(comma - digits)) &&
        is_digits(comma + 1, length - (size_t)(comma + 1 - digits)))
        return "is not a number: a decimal point is written '.'";
    if (!exponent)
        exponent = memchr(text, 'E', length + sign);
    size_t mantissa = exponent ? (size_t)(exponent - digits) : length, rest = length - mantissa;
    if (is_digits(digits, length) ||
        (rest > 1 && weir_parse_double(digits, mantissa, &number) && weir_text_is_whole(exponent + 1, rest - 1)))
        return "is out of the type's range";
    return "is not a number";
}

static const char *what_is_wrong(const struct weir_fault *fault, const char **better)
{
    const struct weir_type *type = fault->type;
    const char *text = fault->text;
    size_t length = fault->length;
    double number;
    int64_t integer;
    *better = "utf8";
    if (fault->string && type->kind != WEIR_BOOL && weir_kind_is_number(type->kind) &&
        (weir_parse_int64(text, length, &integer) || !weir_text_is_whole(text, length)))
        return "is a string, not a number";
    switch (type->kind) {
    case WEIR_BOOL:
        return "is neither true nor false";
    case WEIR_FLOAT32:
    case WEIR_FLOAT64:
        return why_no_number(text, length);
    case WEIR_DATE32:
    case WEIR_DATE64:
        return "is not a date (YYYY-MM-DD)";
    case WEIR_TIMESTAMP:
        return type->zone ? "is not a time with a zone (YYYY-MM-DDTHH:MM:SSZ)"
                          : "is not a time without a zone (YYYY-MM-DDTHH:MM:SS)";
    case WEIR_BINARY:
        return "is not an even number of hexadecimal digits";
    case WEIR_LIST:
    case WEIR_FIXED_LIST:
    case WEIR_STRUCT:
        return "is not JSON of that type";
    default:
        if (weir_text_is_code(text, length))
            return "is written as a code, not as a whole number";
        if (weir_text_is_whole(text, length))
            return "is out of the type's range";
        if (weir_parse_double(text, length, &number))
            *better = "float64";
        return "is not a whole number";
    }
}

/* The value in quotes, its end left out when it is long. */
static void append_value(struct weir_buffer *out, const struct weir_fault *fault)
{
    if (fault->no_value) {
        weir_buffer_string(out, "a value");
        return;
    }
    size_t shown = fault->length;
    if (shown > SHOWN) {
        shown = SHOWN;
        while (shown > SHOWN - 4 && ((unsigned char)fault->text[shown] & 0xc0) == 0x80)
            shown--;
    }
    weir_buffer_byte(out, '\'');
    weir_buffer_escaped(out, fault->text, shown);
    weir_buffer_string(out, shown < fault->length ? "...'" : "'");
}

int weir_fault_tell(const struct weir_fault *fault, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    const char *better, *what = what_is_wrong(fault, &better);
    weir_buffer_format(&text, "%s:%lld: column '", fault->file, fault->line);
    weir_buffer_escaped(&text, fault->column, strlen(fault->column));
    weir_buffer_string(&text, "' (");
    weir_type_describe(fault->type, &text);
    weir_buffer_string(&text, "): ");
    append_value(&text, fault);
    weir_buffer_format(&text, " %s; ", fault->what ? fault->what : what);
    if (!fault->what && !fault->fixed) {
        weir_buffer_string(&text, "--types ");
        weir_buffer_escaped(&text, fault->column, strlen(fault->column));
        weir_buffer_format(&text, "=%s or ", better);
    }
    if (fault->option)
        weir_buffer_format(&text, "%s or ", fault->option);
    weir_buffer_string(&text, "--bad null would let it through");
    if (text.failed)
        weir_fail_memory(error);
    else
        weir_fail(error, WEIR_BAD_DATA, "%s", text.bytes);
    weir_buffer_release(&text);
    return -1;
}

int64_t weir_count_lines(const char *begin, const char *end)
{
    int64_t lines = 0;
    for (const char *p = begin; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        lines++;
    return lines;
}
