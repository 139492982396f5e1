#include "cli/text.h"
#include <string.h>

void weir_nearest_advice(const struct weir_nearest *nearest, const char *prefix, struct weir_buffer *out)
{
    if (nearest->name)
        weir_buffer_format(out, "; did you mean '%s%s'?", prefix, nearest->name);
}

/* What must not reach a terminal as it is: control characters, line and paragraph separators, marks that turn the
 * direction of the text. Joiners, which the scripts of Persia and India are written with, may. */
static bool is_unsafe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || (code >= 0x200E && code <= 0x200F) ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

void weir_append_safe(struct weir_buffer *out, const char *text, size_t length)
{
    size_t plain = 0; /* where the run of harmless characters began */
    for (size_t i = 0; i < length;) {
        uint32_t code = (unsigned char)text[i];
        size_t width = weir_utf8_decode(text + i, length - i, &code);
        if (width && !is_unsafe(code)) {
            i += width;
            continue;
        }
        weir_buffer_append(out, text + plain, i - plain);
        if (width && code == '\n')
            weir_buffer_string(out, "\\n");
        else if (width && code == '\t')
            weir_buffer_string(out, "\\t");
        else if (width > 1)
            weir_buffer_format(out, "\\u%04x", (unsigned)code);
        else
            weir_buffer_format(out, "\\x%02x", (unsigned)code);
        i += width ? width : 1;
        plain = i;
    }
    weir_buffer_append(out, text + plain, length - plain);
}

int weir_text_columns(const char *text, size_t length, int most, size_t *fits)
{
    int columns = 0;
    *fits = length;
    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        size_t width = weir_utf8_decode(text + i, length - i, &code);
        int more = width ? weir_utf8_columns(code) : 1;
        if (more > most - columns) {
            *fits = i;
            break;
        }
        columns += more;
        i += width ? width : 1;
    }
    return columns;
}
