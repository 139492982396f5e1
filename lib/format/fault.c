#include "format/fault.h"
#include "base/number.h"
#include "format/text.h"
#include <string.h>

enum { SHOWN = 60 /* bytes of a value in a message */ };

static const char *what_is_wrong(const struct weir_type *type, const char *text, size_t length, const char **better)
{
    double number;
    *better = "utf8";
    switch (type->kind) {
    case WEIR_BOOL:
        return "is neither true nor false";
    case WEIR_FLOAT32:
    case WEIR_FLOAT64:
        return "is not a number";
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
    const char *better, *what = what_is_wrong(fault->type, fault->text, fault->length, &better);
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
