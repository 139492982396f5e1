/* clean, its text: the same character again and again. */
#include "base/utf8.h"
#include "stage/clean_text_private.h"
#include "stream/utf8.h"
#include <utf8proc.h>

/* Whether more than `most` of the same byte stand side by side. */
static bool has_run(const char *bytes, size_t length, size_t most)
{
    enum { STRIDE = 64 };
    size_t i = 0, run = 1;
    for (; i + STRIDE + 1 < length; i += STRIDE) {
        uint8_t same = 0; /* a pair; with most > 1 a third as well */
        for (size_t j = i; j < i + STRIDE; j++)
            same |= (uint8_t)((bytes[j] == bytes[j + 1]) & ((most == 1) | (bytes[j + 1] == bytes[j + 2])));
        if (same)
            break;
    }
    for (i++; i < length; i++) {
        run = bytes[i] == bytes[i - 1] ? run + 1 : 1;
        if (run > most)
            return true;
    }
    return false;
}

/* Letters that are a cluster each, whatever of them stands beside: those of Latin, Greek, Cyrillic, Armenian and kana
 * that have no class of their own in annex #29, ideographs, and ASCII. */
static bool is_alone(uint32_t code)
{
    return code < 0x80 || (code >= 0xC0 && code < 0x300) || (code >= 0x370 && code <= 0x482) ||
           (code >= 0x48A && code <= 0x58F) || (code >= 0x3041 && code <= 0x3096) ||
           (code >= 0x30A1 && code <= 0x30FA) || (code >= 0x4E00 && code <= 0x9FFF);
}

/* Behind the extended grapheme cluster (Unicode standard annex #29) at `at`. */
static size_t cluster_end(const char *bytes, size_t length, size_t at)
{
    size_t size;
    utf8proc_int32_t state = 0, code = (utf8proc_int32_t)weir_utf8_next(bytes + at, &size);
    for (at += size; at < length; at += size) {
        utf8proc_int32_t next = (utf8proc_int32_t)weir_utf8_next(bytes + at, &size);
        if ((is_alone((uint32_t)code) && is_alone((uint32_t)next)) ||
            utf8proc_grapheme_break_stateful(code, next, &state))
            break;
        code = next;
    }
    return at;
}

/* Digits, which are worth something each, and white space, which is --squeeze's. */
static bool may_repeat(const char *cluster)
{
    size_t size;
    uint32_t code = weir_utf8_next(cluster, &size);
    if (code < 0x80)
        return (code >= '0' && code <= '9') || weir_is_white_space(code);
    return weir_is_white_space(code) || utf8proc_get_property((utf8proc_int32_t)code)->category == UTF8PROC_CATEGORY_ND;
}

bool weir_clean_repeats(int64_t most, const char *bytes, size_t length, struct weir_buffer *out)
{
    struct clean_edit edit = { .bytes = bytes, .out = out };
    if (weir_is_ascii(bytes, length) && !has_run(bytes, length, (size_t)most))
        return false;
    int64_t run = 0;
    for (size_t at = 0, end, before = 0; at < length; before = at, at = end) {
        end = cluster_end(bytes, length, at);
        bool same = run > 0 && end - at == at - before && memcmp(bytes + before, bytes + at, end - at) == 0;
        run = same ? run + 1 : 1;
        if (run > most && !may_repeat(bytes + at))
            weir_clean_edit(&edit, at, end, NULL, 0);
    }
    return weir_clean_edit_end(&edit, length);
}
