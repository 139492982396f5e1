/* clean, its text: the case of letters. */
#include "base/utf8.h"
#include "stage/clean_text_private.h"
#include <utf8proc.h>
#include <wctype.h>

enum { MOST_FOLDED = 4 };

/* What stands for one character: codes[count]. */
static size_t change(enum clean_case letters, locale_t locale, uint32_t code, int32_t codes[MOST_FOLDED])
{
    if (letters != CLEAN_FOLD) {
        codes[0] = (int32_t)(letters == CLEAN_LOWER ? towlower_l(code, locale) : towupper_l(code, locale));
        return 1;
    }
    utf8proc_ssize_t count =
        utf8proc_decompose_char((utf8proc_int32_t)code, codes, MOST_FOLDED, UTF8PROC_CASEFOLD, NULL);
    return (size_t)count;
}

/* bytes[i] of out[i], all of ASCII; whether any is another one. */
static bool change_ascii(enum clean_case letters, const char *bytes, size_t length, char *out)
{
    char first = letters == CLEAN_UPPER ? 'a' : 'A', any = 0;
    for (size_t i = 0; i < length; i++) {
        char flip = (uint8_t)(bytes[i] - first) < 26 ? 0x20 : 0;
        any |= flip;
        out[i] = bytes[i] ^ flip;
    }
    return any;
}

bool weir_clean_case(enum clean_case letters, locale_t locale, const char *bytes, size_t length,
                     struct weir_buffer *out)
{
    bool changed = false;
    if (weir_buffer_reserve(out, length) < 0)
        return false;
    for (size_t at = 0, size; at < length;) {
        size_t ascii = at;
        while (ascii < length && (uint8_t)bytes[ascii] < 0x80)
            ascii++;
        if (ascii > at) {
            if (weir_buffer_reserve(out, ascii - at) < 0)
                return false;
            changed |= change_ascii(letters, bytes + at, ascii - at, out->bytes + out->size);
            out->size += ascii - at;
            at = ascii;
            continue;
        }
        int32_t codes[MOST_FOLDED];
        uint32_t code = weir_utf8_next(bytes + at, &size);
        size_t count = change(letters, locale, code, codes);
        changed |= count != 1 || (uint32_t)codes[0] != code;
        for (size_t i = 0; i < count; i++) {
            char text[4];
            weir_buffer_append(out, text, weir_utf8_encode((uint32_t)codes[i], text));
        }
        at += size;
    }
    return changed;
}
