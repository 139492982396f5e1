/* clean, its text: the normal forms of Unicode, standard annex #15, with the tables of utf8proc.
 *
 * Most characters stay what they are and have nothing to do with the one before; only what stands between two such is
 * taken apart, put in order and together again. Marks are put in order in linear time, which utf8proc's own whole-text
 * functions are not for a long run of them. */
#include "base/utf8.h"
#include "stage/clean_text_private.h"
#include "stream/utf8.h"
#include <utf8proc.h>

/* SETTLED: stays, whatever stands before it. CHANGES: another one stands for it, whatever stands before it. JOINS: may
 * trade places or become one with what stands before it. */
enum class { UNKNOWN, SETTLED, CHANGES, JOINS };
enum { MOST_CODES = 32, FIRST_PLANE = 0x10000 };

static bool moves(int32_t code)
{
    return utf8proc_get_property(code)->combining_class != 0;
}

/* The second of a pair that composes, of those that do not move: derived property NFC_Quick_Check=Maybe with the
 * canonical combining class 0. Beyond the first plane any mark is taken for one, so that later versions of Unicode,
 * which add such marks there, are covered. */
static bool may_compose(int32_t code)
{
    static const uint16_t seconds[] = { 0x09BE, 0x09D7, 0x0B3E, 0x0B56, 0x0B57, 0x0BBE, 0x0BD7, 0x0CC2,
                                        0x0CD5, 0x0CD6, 0x0D3E, 0x0D57, 0x0DCF, 0x0DDF, 0x102E, 0x1B35 };
    if ((code >= 0x1161 && code <= 0x1175) || (code >= 0x11A8 && code <= 0x11C2))
        return true;
    if (code >= FIRST_PLANE) {
        int category = utf8proc_get_property(code)->category;
        return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC;
    }
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++)
        if (seconds[i] == code)
            return true;
    return false;
}

static utf8proc_option_t options_of(enum clean_form form)
{
    unsigned options = (unsigned)UTF8PROC_STABLE | (unsigned)UTF8PROC_DECOMPOSE;
    return (utf8proc_option_t)(form == CLEAN_NFKC ? options | (unsigned)UTF8PROC_COMPAT : options);
}

/* codes[count] put together. */
static size_t compose(int32_t *codes, size_t count)
{
    utf8proc_option_t options = (utf8proc_option_t)((unsigned)UTF8PROC_STABLE | (unsigned)UTF8PROC_COMPOSE);
    return (size_t)utf8proc_normalize_utf32(codes, (utf8proc_ssize_t)count, options);
}

static enum class find_class(enum clean_form form, int32_t code) {
    int32_t parts[MOST_CODES + 1];
    utf8proc_ssize_t count = utf8proc_decompose_char(code, parts, MOST_CODES, options_of(form), NULL);
    if (count < 1 || count > MOST_CODES) return SETTLED;
    if (moves(parts[0]) || may_compose(parts[0])) return JOINS;
    return compose(parts, (size_t)count) == 1 && parts[0] == code ? SETTLED : CHANGES;
}

static enum class class_of(enum clean_form form, struct clean_text_scratch *scratch, uint32_t code) {
    if (code >= FIRST_PLANE) return find_class(form, (int32_t)code);
    if (scratch->classes[code] == UNKNOWN) scratch->classes[code] = (uint8_t)find_class(form, (int32_t)code);
    return (enum class)scratch->classes[code];
}

/* ---- Order -------------------------------------------------------------------------------------------------- */

/* The marks codes[count], by their combining class, stable; `ordered` has room for them. */
static void order_marks(int32_t *codes, size_t count, int32_t *ordered)
{
    enum { FEW = 16, CLASSES = 256 };
    if (count <= FEW) {
        for (size_t i = 1; i < count; i++) {
            int32_t code = codes[i];
            utf8proc_propval_t class = utf8proc_get_property(code)->combining_class;
            size_t at = i;
            for (; at > 0 && utf8proc_get_property(codes[at - 1])->combining_class > class; at--)
                codes[at] = codes[at - 1];
            codes[at] = code;
        }
        return;
    }
    size_t places[CLASSES + 1] = { 0 };
    for (size_t i = 0; i < count; i++)
        places[utf8proc_get_property(codes[i])->combining_class + 1]++;
    for (size_t class = 0; class < CLASSES; class ++)
        places[class + 1] += places[class];
    for (size_t i = 0; i < count; i++)
        ordered[places[utf8proc_get_property(codes[i])->combining_class]++] = codes[i];
    memcpy(codes, ordered, count * sizeof *codes);
}

static void order(int32_t *codes, size_t count, int32_t *ordered)
{
    for (size_t i = 0; i < count;) {
        size_t first = i;
        while (i < count && moves(codes[i]))
            i++;
        if (i - first > 1)
            order_marks(codes + first, i - first, ordered);
        i += i == first;
    }
}

/* ---- The whole ---------------------------------------------------------------------------------------------- */

/* bytes[length] normalized, into scratch->piece. */
static void normalize(enum clean_form form, struct clean_text_scratch *scratch, const char *bytes, size_t length)
{
    weir_buffer_clear(&scratch->piece);
    weir_buffer_clear(&scratch->codes);
    weir_buffer_clear(&scratch->ordered);
    for (size_t at = 0, size; at < length; at += size) {
        int32_t code = (int32_t)weir_utf8_next(bytes + at, &size), parts[MOST_CODES];
        utf8proc_ssize_t count = utf8proc_decompose_char(code, parts, MOST_CODES, options_of(form), NULL);
        weir_buffer_append(&scratch->codes, parts, (size_t)count * sizeof *parts);
    }
    /* utf8proc writes a 0 behind the codes */
    if (weir_buffer_reserve(&scratch->codes, sizeof(int32_t)) < 0 ||
        weir_buffer_reserve(&scratch->ordered, scratch->codes.size) < 0)
        return;
    int32_t *codes = (int32_t *)(void *)scratch->codes.bytes;
    size_t count = scratch->codes.size / sizeof *codes;
    order(codes, count, (int32_t *)(void *)scratch->ordered.bytes);
    count = compose(codes, count);
    for (size_t i = 0; i < count; i++) {
        char text[4];
        weir_buffer_append(&scratch->piece, text, weir_utf8_encode((uint32_t)codes[i], text));
    }
}

bool weir_clean_unicode(enum clean_form form, struct clean_text_scratch *scratch, const char *bytes, size_t length,
                        struct weir_buffer *out)
{
    struct clean_edit edit = { .bytes = bytes, .out = out };
    if (weir_is_ascii(bytes, length))
        return false;
    if (!scratch->classes && !(scratch->classes = weir_allocate_zero(FIRST_PLANE, 1))) {
        scratch->piece.failed = true;
        return false;
    }
    /* start: the last character that does not join what stands before it */
    for (size_t at = 0, start = 0, size; at < length;) {
        uint32_t code = weir_utf8_next(bytes + at, &size);
        enum class class = code < 0x80 ? SETTLED : class_of(form, scratch, code);
        if (class == SETTLED) {
            start = at;
            at += size;
            continue;
        }
        size_t from = class == JOINS ? start : at;
        for (at += size; at < length; at += size) {
            code = weir_utf8_next(bytes + at, &size);
            if (code < 0x80 || class_of(form, scratch, code) != JOINS)
                break;
        }
        normalize(form, scratch, bytes + from, at - from);
        if (scratch->piece.size != at - from || memcmp(scratch->piece.bytes, bytes + from, at - from) != 0)
            weir_clean_edit(&edit, from, at, scratch->piece.bytes, scratch->piece.size);
    }
    return weir_clean_edit_end(&edit, length);
}
