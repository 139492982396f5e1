/* clean, its text: addresses of the web and of mail. Letters of any script count but for those as wide as Chinese ones,
 * which stand next to an address without a blank. */
#include "base/utf8.h"
#include "stage/clean_text_private.h"
#include <strings.h>
#include <utf8proc.h>

enum { MOST_SCHEME = 32, MOST_LOCAL = 64, MOST_DOMAIN = 255 };

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_ascii(char c)
{
    return (uint8_t)c < 0x80;
}

/* A letter, mark or number beyond ASCII that may stand in an address. */
static bool is_narrow_word(uint32_t code)
{
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)code);
    return property->category >= UTF8PROC_CATEGORY_LU && property->category <= UTF8PROC_CATEGORY_NO &&
           property->charwidth < 2;
}

/* The size of the character at `at` when it is a letter, mark or number, or one of `signs`; else 0. */
static size_t word_at(const char *bytes, size_t length, size_t at, const char *signs)
{
    if (at >= length)
        return 0;
    if (is_ascii(bytes[at]))
        return is_alphanumeric(bytes[at]) || (bytes[at] && strchr(signs, bytes[at]));
    size_t size;
    return is_narrow_word(weir_utf8_next(bytes + at, &size)) ? size : 0;
}

/* The same of the character before `end`. */
static size_t word_before(const char *bytes, size_t first, size_t end, const char *signs)
{
    size_t size;
    if (end <= first)
        return 0;
    weir_utf8_before(bytes, end, &size);
    return word_at(bytes, end, end - size, signs);
}

/* ---- The web ------------------------------------------------------------------------------------------------ */

/* Without what ends the sentence rather than the address: marks, and brackets that were not opened in it. */
static size_t without_marks(const char *bytes, size_t from, size_t end)
{
    int64_t round = 0, square = 0; /* opened less closed */
    for (size_t i = from; i < end; i++) {
        round += (bytes[i] == '(') - (bytes[i] == ')');
        square += (bytes[i] == '[') - (bytes[i] == ']');
    }
    for (; end > from; end--) {
        char last = bytes[end - 1];
        if (last == ')' && round < 0)
            round++;
        else if (last == ']' && square < 0)
            square++;
        else if (!strchr(".,;:!?'*([", last) || !last)
            break;
    }
    return end;
}

/* The end of the address whose scheme or "www." ends at `from`. */
static size_t url_end(const char *bytes, size_t length, size_t from)
{
    size_t end = from, size;
    for (; end < length; end += size) {
        size = 1;
        if (is_ascii(bytes[end]) ? bytes[end] <= ' ' || bytes[end] == 0x7F || strchr("\"<>\\^`{|}", bytes[end])
                                 : !(size = word_at(bytes, length, end, "")))
            break;
    }
    return without_marks(bytes, from, end);
}

/* "https" of the "://" at `at`, back to `first` at most: where it begins, `at` when there is none. */
static size_t scheme_start(const char *bytes, size_t first, size_t at)
{
    size_t start = at;
    while (start > first && at - start < MOST_SCHEME && (is_alphanumeric(bytes[start - 1]) || bytes[start - 1] == '+'))
        start--;
    while (start < at && (bytes[start] | 0x20) < 'a')
        start++;
    return at - start >= 2 ? start : at;
}

/* An address of the web about the sign at `at`: true, and its ends. What is looked through is taken, or is marks only,
 * so that the whole takes linear time. */
static bool find_url(const char *bytes, size_t length, size_t first, size_t at, size_t *from, size_t *to)
{
    if (bytes[at] == ':' && length - at > 3 && bytes[at + 1] == '/' && bytes[at + 2] == '/') {
        *from = scheme_start(bytes, first, at);
        *to = *from < at ? url_end(bytes, length, at + 3) : at;
        return *to > at + 3;
    }
    if (bytes[at] == '.' && at >= first + 3 && strncasecmp(bytes + at - 3, "www", 3) == 0) {
        *from = at - 3;
        bool begins = !word_before(bytes, first, *from, "_") && word_at(bytes, length, at + 1, "");
        *to = begins ? url_end(bytes, length, at + 1) : at;
        return begins;
    }
    return false;
}

/* ---- Mail --------------------------------------------------------------------------------------------------- */

/* Where the name before the '@' at `at` begins; `at` when there is none. */
static size_t local_start(const char *bytes, size_t first, size_t at)
{
    static const char signs[] = "._%+-", mail[] = "mailto:";
    size_t start = at, size;
    if (at == first || bytes[at - 1] == '.')
        return at;
    while (at - start <= MOST_LOCAL && (size = word_before(bytes, first, start, signs)))
        start -= size;
    if (at - start > MOST_LOCAL)
        return at;
    while (start < at && bytes[start] != '_' && strchr(signs, bytes[start]))
        start++;
    if (start < at && start - first >= sizeof mail - 1 &&
        strncasecmp(bytes + start - (sizeof mail - 1), mail, sizeof mail - 1) == 0)
        start -= sizeof mail - 1;
    return start;
}

/* Where the domain from `from` on ends: names with a point between, the last of two letters at least, or of Punycode.
 * `from` when there is none. */
static size_t domain_end(const char *bytes, size_t length, size_t from)
{
    size_t end = from, size, last = from, letters = 0;
    bool pointed = false, spelt = true;
    if (length - from > MOST_DOMAIN)
        length = from + MOST_DOMAIN;
    for (; end < length && (size = word_at(bytes, length, end, ".-")); end += size) {
        if (bytes[end] != '.')
            continue;
        if (end == last || !word_at(bytes, length, end + 1, ""))
            break;
        pointed = true;
        last = end + 1;
    }
    while (end > last && bytes[end - 1] == '-')
        end--;
    for (size_t i = last; i < end; i += size, letters++)
        spelt &= (size = word_at(bytes, end, i, "-")) > 1 || (bytes[i] | 0x20) >= 'a';
    spelt |= end - last > 4 && strncasecmp(bytes + last, "xn--", 4) == 0;
    return pointed && spelt && letters >= 2 ? end : from;
}

/* ---- The whole ---------------------------------------------------------------------------------------------- */

static bool is_sign(char c)
{
    return c == ':' || c == '.' || c == '@';
}

unsigned weir_clean_urls(const char *url, const char *email, const char *bytes, size_t length, struct weir_buffer *out)
{
    struct clean_edit edit = { .bytes = bytes, .out = out };
    unsigned changes = 0;
    /* first: behind the last address, of which the next takes nothing */
    for (size_t at = 0, first = 0, from, to; at < length; at++) {
        if (!is_sign(bytes[at]))
            continue;
        bool mail = bytes[at] == '@';
        if (mail) {
            from = local_start(bytes, first, at);
            to = from < at ? domain_end(bytes, length, at + 1) : at + 1;
        }
        if (mail ? to == at + 1 : !find_url(bytes, length, first, at, &from, &to))
            continue;
        const char *text = mail ? email : url;
        if (text) {
            weir_clean_edit(&edit, from, to, text, strlen(text));
            changes |= 1u << (mail ? CLEAN_EMAILS : CLEAN_URLS);
        }
        first = to;
        at = to - 1;
    }
    return weir_clean_edit_end(&edit, length) ? changes : 0;
}
