#include "cli/text.h"
#include <string.h>

void weir_nearest_advice(const struct weir_nearest *nearest, const char *prefix, struct weir_buffer *out)
{
    if (nearest->name)
        weir_buffer_format(out, "; did you mean '%s%s'?", prefix, nearest->name);
}

struct range {
    uint32_t first, last;
};

static bool within(const struct range *ranges, size_t count, uint32_t code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && code >= ranges[low].first;
}

/* The larger blocks of combining and of wide characters (Unicode 15, general category Mn and Me; East Asian Width W and
 * F). A character that is not listed counts as one column: the table is then a column off, nothing else. */
static const struct range combining[] = {
    { 0x0300, 0x036F },   { 0x0483, 0x0489 }, { 0x0591, 0x05BD }, { 0x0610, 0x061A }, { 0x064B, 0x065F },
    { 0x06D6, 0x06DC },   { 0x06DF, 0x06E4 }, { 0x0730, 0x074A }, { 0x0900, 0x0902 }, { 0x093C, 0x093C },
    { 0x0941, 0x0948 },   { 0x094D, 0x094D }, { 0x0E31, 0x0E31 }, { 0x0E34, 0x0E3A }, { 0x0E47, 0x0E4E },
    { 0x1AB0, 0x1ACE },   { 0x1DC0, 0x1DFF }, { 0x200B, 0x200D }, { 0x20D0, 0x20F0 }, { 0x302A, 0x302D },
    { 0x3099, 0x309A },   { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F }, { 0xFEFF, 0xFEFF }, { 0x1F3FB, 0x1F3FF },
    { 0xE0100, 0xE01EF },
};
static const struct range wide[] = {
    { 0x1100, 0x115F },   { 0x231A, 0x231B },   { 0x23E9, 0x23EC },   { 0x25FD, 0x25FE },   { 0x2614, 0x2615 },
    { 0x2648, 0x2653 },   { 0x26AA, 0x26AB },   { 0x26BD, 0x26BE },   { 0x26C4, 0x26C5 },   { 0x2705, 0x2705 },
    { 0x270A, 0x270B },   { 0x2728, 0x2728 },   { 0x274C, 0x274C },   { 0x2753, 0x2755 },   { 0x2795, 0x2797 },
    { 0x2B1B, 0x2B1C },   { 0x2E80, 0x303E },   { 0x3041, 0x33FF },   { 0x3400, 0x4DBF },   { 0x4E00, 0xA4CF },
    { 0xA960, 0xA97F },   { 0xAC00, 0xD7A3 },   { 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },   { 0xFF00, 0xFF60 },
    { 0xFFE0, 0xFFE6 },   { 0x17000, 0x18CFF }, { 0x1B000, 0x1B2FF }, { 0x1F004, 0x1F004 }, { 0x1F0CF, 0x1F0CF },
    { 0x1F18E, 0x1F18E }, { 0x1F191, 0x1F19A }, { 0x1F200, 0x1F320 }, { 0x1F32D, 0x1F335 }, { 0x1F337, 0x1F37C },
    { 0x1F37E, 0x1F393 }, { 0x1F3A0, 0x1F3CA }, { 0x1F3CF, 0x1F3D3 }, { 0x1F3E0, 0x1F3F0 }, { 0x1F3F8, 0x1F43E },
    { 0x1F440, 0x1F4FC }, { 0x1F4FF, 0x1F53D }, { 0x1F550, 0x1F567 }, { 0x1F5FB, 0x1F64F }, { 0x1F680, 0x1F6C5 },
    { 0x1F6D0, 0x1F6DF }, { 0x1F6EB, 0x1F6FC }, { 0x1F7E0, 0x1F7EB }, { 0x1F90C, 0x1F9FF }, { 0x1FA70, 0x1FAFF },
    { 0x20000, 0x2FFFD }, { 0x30000, 0x3FFFD },
};

int weir_utf8_columns(uint32_t code)
{
    if (code < 0x300)
        return 1;
    if (within(combining, sizeof combining / sizeof *combining, code))
        return 0;
    return within(wide, sizeof wide / sizeof *wide, code) ? 2 : 1;
}

/* What must not reach a terminal as it is: control characters, line and paragraph separators, marks that turn the
 * direction of the text. Joiners, which the scripts of Persia and India are written with, may. */
static bool is_unsafe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200E && code <= 0x200F) ||
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
