#include "stage/clean_private.h"
#include <math.h>
#include <wctype.h>

/* ---- Numbers ---------------------------------------------------------------------------------------------------- */

int64_t weir_clean_nearest(double real)
{
    double whole = nearbyint(real);
    if (whole >= 9223372036854775807.0)
        return INT64_MAX;
    return whole <= -9223372036854775808.0 ? INT64_MIN : (int64_t)whole;
}

void weir_clean_integer_range(enum weir_kind kind, double *low, double *high)
{
    int bits = 8 * weir_kind_width(kind);
    bool is_unsigned = kind >= WEIR_UINT8 && kind <= WEIR_UINT64;
    *high = ldexp(1, is_unsigned ? bits : bits - 1) - (bits < 64);
    *low = is_unsigned ? 0 : -ldexp(1, bits - 1);
}

bool weir_clean_number_fine(const struct clean_column *column, enum clean_action action, double *number)
{
    bool found = column->allowed_count == 0;
    for (size_t i = 0; i < column->allowed_count && !found; i++)
        found = column->allowed_numbers[i] == *number;
    if (!found)
        return false;
    if (!column->ranged || (*number >= column->low && *number <= column->high))
        return true;
    if (action != CLEAN_TO_CLIP)
        return false;
    *number = *number < column->low ? column->low : column->high;
    return true;
}

/* ---- Text ------------------------------------------------------------------------------------------------------- */

int weir_clean_text_begin(struct clean_text *text, const struct clean_settings *settings, struct weir_error *error)
{
    text->trim = settings->trim;
    text->letters = settings->letters;
    if (text->letters == CLEAN_AS_IT_IS || text->locale)
        return 0;
    text->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return text->locale ? 0 : weir_fail(error, WEIR_BUG, "the C library has no locale C.UTF-8, which --case needs");
}

void weir_clean_text_release(struct clean_text *text)
{
    if (text->locale)
        freelocale(text->locale);
    weir_buffer_release(&text->scratch);
    *text = (struct clean_text){ 0 };
}

bool weir_clean_text_changes(const struct clean_text *text)
{
    return text->trim || text->letters != CLEAN_AS_IT_IS;
}

/* One character of valid UTF-8 from bytes[0 .. length); its size in *size. */
static wint_t decode(const char *bytes, size_t length, size_t *size)
{
    static const unsigned char marks[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    unsigned char first = (unsigned char)bytes[0];
    *size = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (*size > length)
        *size = 1;
    wint_t character = first & marks[*size];
    for (size_t i = 1; i < *size; i++)
        character = character << 6 | ((unsigned char)bytes[i] & 0x3F);
    return character;
}

static void encode(struct weir_buffer *out, wint_t c)
{
    char bytes[4];
    size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = size; i-- > 1; c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3F));
    bytes[0] = (char)(leads[size] | c);
    weir_buffer_append(out, bytes, size);
}

/* The characters that Unicode calls white space. */
static bool is_space(wint_t c)
{
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static void trim(const char **bytes, size_t *length)
{
    size_t size;
    while (*length > 0 && is_space(decode(*bytes, *length, &size))) {
        *bytes += size;
        *length -= size;
    }
    while (*length > 0) {
        size_t last = *length - 1;
        while (last > 0 && ((unsigned char)(*bytes)[last] & 0xC0) == 0x80)
            last--;
        if (!is_space(decode(*bytes + last, *length - last, &size)))
            break;
        *length = last;
    }
}

bool weir_clean_text_value(struct clean_text *text, const char **bytes, size_t *length)
{
    if (text->trim) {
        trim(bytes, length);
        if (*length == 0)
            return false;
    }
    if (text->letters == CLEAN_AS_IT_IS)
        return true;
    weir_buffer_clear(&text->scratch);
    weir_buffer_reserve(&text->scratch, *length);
    for (size_t i = 0, size; i < *length; i += size) {
        wint_t c = decode(*bytes + i, *length - i, &size);
        encode(&text->scratch,
               text->letters == CLEAN_LOWER ? towlower_l(c, text->locale) : towupper_l(c, text->locale));
    }
    *bytes = text->scratch.bytes ? text->scratch.bytes : "";
    *length = text->scratch.size;
    return true;
}

bool weir_clean_text_allowed(const struct clean_column *column, const char *bytes, size_t length)
{
    return column->allowed_count == 0 || weir_counts_find(&column->allowed_texts, bytes, length) >= 0;
}
