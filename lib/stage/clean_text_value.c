#include "stage/clean_text_private.h"
#include <wctype.h>

int weir_clean_text_read(struct clean_text_steps *steps, const json_t *options, struct weir_error *error)
{
    static const char *const cases[] = { "keep", "lower", "upper", NULL };
    int letters;
    if (weir_option_flag(options, "trim", &steps->trim, error) < 0 ||
        weir_option_choice(options, "case", cases, CLEAN_AS_IT_IS, &letters, error) < 0)
        return -1;
    steps->letters = (enum clean_case)letters;
    if (steps->letters == CLEAN_AS_IT_IS)
        return 0;
    steps->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return steps->locale ? 0 : weir_fail(error, WEIR_BUG, "the C library has no locale C.UTF-8, which --case needs");
}

void weir_clean_text_release(struct clean_text_steps *steps)
{
    if (steps->locale)
        freelocale(steps->locale);
    *steps = (struct clean_text_steps){ 0 };
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

static void change_case(const struct clean_text_steps *steps, struct weir_buffer *scratch, const char **bytes,
                        size_t *length)
{
    weir_buffer_clear(scratch);
    weir_buffer_reserve(scratch, *length);
    for (size_t i = 0, size; i < *length; i += size) {
        wint_t c = decode(*bytes + i, *length - i, &size);
        encode(scratch, steps->letters == CLEAN_LOWER ? towlower_l(c, steps->locale) : towupper_l(c, steps->locale));
    }
    *bytes = scratch->bytes ? scratch->bytes : "";
    *length = scratch->size;
}

bool weir_clean_text_value(const struct clean_text_steps *steps, struct weir_buffer *scratch, const char **bytes,
                           size_t *length)
{
    if (steps->trim) {
        trim(bytes, length);
        if (*length == 0)
            return false;
    }
    if (steps->letters != CLEAN_AS_IT_IS)
        change_case(steps, scratch, bytes, length);
    return true;
}
