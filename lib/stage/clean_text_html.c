/* clean, its text: the text of HTML, as the tokenizer of the HTML standard (section 13.2.5) finds it; where that would
 * lose what is no HTML at all, it stays (clean(1) says where). No byte is read more than a few times. */
#include "stage/clean_text_private.h"
#include "stage/html_entity.h"
#include <strings.h>

struct html {
    const char *bytes;
    size_t length;
    struct weir_buffer *out;
    size_t kept;    /* bytes before are dealt with */
    bool apart;     /* a tag that divides words stood before what comes next */
    bool no_quotes; /* a quoted value was never closed: from then on a tag ends at the first '>' */
    bool no_tags;   /* no '>' stands behind */
    bool changed;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool ends_name(char c)
{
    return is_blank(c) || c == '/' || c == '>';
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static void write_text(struct html *html, const char *text, size_t size)
{
    struct weir_buffer *out = html->out;
    if (size == 0)
        return;
    if (html->apart && out->size > 0 && !is_blank(out->bytes[out->size - 1]) && !is_blank(text[0]))
        weir_buffer_byte(out, ' ');
    html->apart = false;
    weir_buffer_append(out, text, size);
}

/* The text up to `from` is kept, and what stands from there to `to` is gone. */
static void leave_out(struct html *html, size_t from, size_t to)
{
    write_text(html, html->bytes + html->kept, from - html->kept);
    html->kept = to;
    html->changed = true;
}

/* ---- Tags --------------------------------------------------------------------------------------------------- */

/* Behind the next '>' from `at` on; 0: there is none. */
static size_t behind_bracket(struct html *html, size_t at)
{
    const char *bracket = html->no_tags || at >= html->length ? NULL : memchr(html->bytes + at, '>', html->length - at);
    if (!bracket)
        html->no_tags = true;
    return bracket ? (size_t)(bracket - html->bytes) + 1 : 0;
}

/* Behind the '>' that ends the tag whose name ends at `at`: one within a quoted value of an attribute does not. */
static size_t tag_end(struct html *html, size_t at)
{
    enum { BEFORE_NAME, NAME, BEFORE_VALUE, VALUE } state = BEFORE_NAME;
    if (html->no_tags || html->no_quotes)
        return behind_bracket(html, at);
    for (size_t i = at; i < html->length; i++) {
        char c = html->bytes[i];
        if (c == '>')
            return i + 1;
        if (state == BEFORE_VALUE && (c == '"' || c == '\'')) {
            const char *end = memchr(html->bytes + i + 1, c, html->length - i - 1);
            if (!end)
                break;
            i = (size_t)(end - html->bytes);
            state = BEFORE_NAME;
        } else if (c == '=' && state == NAME) {
            state = BEFORE_VALUE;
        } else if (is_blank(c)) { /* between a name, '=' and a value there may be blanks */
            state = state == VALUE ? BEFORE_NAME : state;
        } else if (c == '/' && state != VALUE && state != BEFORE_VALUE) {
            state = BEFORE_NAME;
        } else if (state == BEFORE_VALUE) {
            state = VALUE;
        } else if (state == BEFORE_NAME) {
            state = NAME;
        }
    }
    html->no_quotes = true;
    return behind_bracket(html, at);
}

/* The end of the tag's name that begins at `at` with a letter; 0: it is none that an element has, like the address in
 * <ann@example.com>. */
static size_t name_end(const struct html *html, size_t at)
{
    size_t end = at;
    for (; end < html->length && !ends_name(html->bytes[end]); end++)
        if (html->bytes[end] == '<' || html->bytes[end] == '@')
            return 0;
    bool scheme = end < html->length && html->bytes[end] == '/' && html->bytes[end - 1] == ':';
    return scheme ? 0 : end;
}

static bool is_named(const char *name, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncasecmp(name, wanted, length) == 0;
}

/* The elements that begin on a line of their own (section 15.3, "display: block" and its kin), and br. */
static bool divides_words(const char *name, size_t length)
{
    static const char names[][12] = {
        "address", "article", "aside",    "blockquote", "body",   "br",        "caption",  "center",     "dd",
        "details", "dialog",  "dir",      "div",        "dl",     "dt",        "fieldset", "figcaption", "figure",
        "footer",  "form",    "h1",       "h2",         "h3",     "h4",        "h5",       "h6",         "head",
        "header",  "hgroup",  "hr",       "html",       "legend", "li",        "listing",  "main",       "menu",
        "nav",     "ol",      "optgroup", "option",     "p",      "plaintext", "pre",      "search",     "section",
        "select",  "summary", "table",    "tbody",      "td",     "textarea",  "tfoot",    "th",         "thead",
        "title",   "tr",      "ul",       "xmp",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_named(name, length, names[i]))
            return true;
    return false;
}

/* Where the end tag of script or style begins; the length of the text when it is missing. */
static size_t raw_end(const struct html *html, size_t at, const char *name, size_t name_length)
{
    while (at < html->length) {
        const char *found = memchr(html->bytes + at, '<', html->length - at);
        if (!found)
            break;
        at = (size_t)(found - html->bytes);
        if (html->length - at > name_length + 2 && found[1] == '/' && strncasecmp(found + 2, name, name_length) == 0 &&
            ends_name(found[2 + name_length]))
            return at;
        at++;
    }
    return html->length;
}

/* Behind the comment whose "<!--" stands at `at`; one that is never closed goes on to the end. */
static size_t comment_end(const struct html *html, size_t at)
{
    size_t from = at + 4;
    if (from < html->length && html->bytes[from] == '>')
        return from + 1;
    if (from + 1 < html->length && html->bytes[from] == '-' && html->bytes[from + 1] == '>')
        return from + 2;
    for (size_t end = from; end < html->length; end++) {
        const char *bracket = memchr(html->bytes + end, '>', html->length - end);
        if (!bracket)
            break;
        end = (size_t)(bracket - html->bytes);
        size_t dashes = end - (html->bytes[end - 1] == '!') - 2;
        if (dashes >= from && memcmp(html->bytes + dashes, "--", 2) == 0)
            return end + 1;
    }
    return html->length;
}

/* What begins with the '<' at `at`: behind it, or 0 when it is text. */
static size_t read_tag(struct html *html, size_t at, size_t *name, size_t *name_length)
{
    const char *bytes = html->bytes + at;
    size_t left = html->length - at;
    *name_length = 0;
    if (left < 2)
        return 0;
    if (bytes[1] == '!' || bytes[1] == '?')
        return left >= 4 && memcmp(bytes, "<!--", 4) == 0 ? comment_end(html, at) : behind_bracket(html, at);
    bool closes = bytes[1] == '/';
    *name = at + 1 + closes;
    if (*name >= html->length)
        return 0;
    if (!is_letter(html->bytes[*name]))
        return closes ? behind_bracket(html, at) : 0;
    size_t end = name_end(html, *name);
    if (end == 0)
        return 0;
    *name_length = end - *name;
    return tag_end(html, end);
}

/* Behind what begins with the '<' at `at`, which is left out; at + 1 when it is text. */
static size_t leave_out_tag(struct html *html, size_t at)
{
    size_t name = 0, name_length, end = read_tag(html, at, &name, &name_length);
    if (end == 0)
        return at + 1;
    const char *word = html->bytes + name;
    bool raw = is_named(word, name_length, "script") || is_named(word, name_length, "style");
    if (raw && name == at + 1)
        end = raw_end(html, end, word, name_length);
    leave_out(html, at, end);
    html->apart |= divides_words(word, name_length);
    return end;
}

/* ---- The whole ---------------------------------------------------------------------------------------------- */

static size_t put_entity(struct html *html, size_t at)
{
    char text[WEIR_HTML_ENTITY_BYTES];
    size_t size, taken = weir_html_entity(html->bytes + at, html->length - at, text, &size);
    if (taken == 0)
        return at + 1;
    leave_out(html, at, at + taken);
    write_text(html, text, size);
    return at + taken;
}

/* The next '&' or, unless only entities count, '<'; the length when there is none. */
static size_t next_sign(const struct html *html, bool tags, size_t at)
{
    while (at < html->length && html->bytes[at] != '&' && !(tags && html->bytes[at] == '<'))
        at++;
    return at;
}

bool weir_clean_html(enum clean_html kind, const char *bytes, size_t length, struct weir_buffer *out)
{
    struct html html = { .bytes = bytes, .length = length, .out = out };
    bool tags = kind == CLEAN_HTML_TEXT;
    if (!memchr(bytes, '&', length) && !(tags && memchr(bytes, '<', length)))
        return false;
    for (size_t at = next_sign(&html, tags, 0); at < length; at = next_sign(&html, tags, at))
        at = bytes[at] == '&' ? put_entity(&html, at) : leave_out_tag(&html, at);
    write_text(&html, bytes + html.kept, length - html.kept);
    return html.changed;
}
