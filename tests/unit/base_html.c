/* Pages: hostile text cannot leave its place, and what does not show is made to. */
#include "base/html.h"
#include "check.h"

static void text_is(const char *text, size_t length, const char *wanted)
{
    struct weir_buffer out = { 0 };
    weir_html_text(&out, text, length);
    CHECK_TEXT(out.bytes, wanted);
    weir_buffer_release(&out);
}

static void value_is(const char *text, char before, char after, const char *wanted)
{
    struct weir_buffer out = { 0 };
    weir_html_value(&out, text, strlen(text), before, after);
    CHECK_TEXT(out.bytes, wanted);
    weir_buffer_release(&out);
}

#define MARK(text) "<i class=\"mark\">" text "</i>"
#define BLANK      MARK("\xE2\x90\xA3")

static void test_text(void)
{
    text_is("</title><script>'x\"&", 20, "&lt;/title&gt;&lt;script&gt;&#39;x&quot;&amp;");
    text_is("a\0b\nc\x7F", 6, "a" MARK("U+0000") "b" MARK("\\n") "c" MARK("U+007F"));
    text_is("\xE2\x80\xAE\xD7\x90", 5, MARK("U+202E") "\xD7\x90"); /* an override, and a letter of that direction */
    text_is("\xE2\x81\xA6\xEF\xBB\xBF\xC2\xAD", 8, MARK("U+2066") MARK("U+FEFF") MARK("U+00AD"));
    text_is("\xEF\xBF\xBF\xF3\xA0\x80\xA0", 7, MARK("U+FFFF") MARK("U+E0020")); /* XML has no U+FFFF */
    text_is("\xC3(\xED\xA0\x80", 5, MARK("\\xc3") "(" MARK("\\xed") MARK("\\xa0") MARK("\\x80"));
    text_is("\xF0\x9F\x98\x80 \xC3\xA4  b ", 10, "\xF0\x9F\x98\x80 \xC3\xA4  b");
}

static void test_blanks(void)
{
    value_is(" a b  c ", 0, 0, BLANK "a b" BLANK BLANK "c" BLANK);
    value_is(" ", 'x', 'y', " ");
    value_is(" ", 'x', 0, BLANK);
    value_is(" ", ' ', 'y', BLANK);
    value_is("a\xC2\xA0"
             "b\xE3\x80\x80"
             "c",
             0, 0, "a" MARK("U+00A0") "b" MARK("U+3000") "c");
    value_is("<b>", 0, 0, "&lt;b&gt;");
}

static void short_is(const char *text, size_t most, const char *wanted)
{
    struct weir_buffer out = { 0 };
    weir_html_short(&out, text, strlen(text), most);
    CHECK_TEXT(out.bytes, wanted);
    weir_buffer_release(&out);
}

static void test_short(void)
{
    short_is("abc", 3, "abc");
    short_is("abcd", 3, "abc\xE2\x80\xA6 <span class=\"quiet\">(cut: 4 bytes)</span>");
    short_is("a\xC3\xA4"
             "b",
             2, "a\xE2\x80\xA6 <span class=\"quiet\">(cut: 4 bytes)</span>");
    CHECK_INT((long long)weir_html_fit("\xF0\x9F\x98\x80", 4, 3), 0);
}

static void test_counts(void)
{
    static const struct {
        int64_t count;
        const char *text;
    } cases[] = { { 0, "0 rows" },          { 1, "1 row" },        { 999, "999 rows" },          { 1000, "1,000 rows" },
                  { -1000, "-1,000 rows" }, { -123, "-123 rows" }, { 1020000, "1,020,000 rows" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct weir_buffer out = { 0 };
        weir_html_counted(&out, cases[i].count, "row");
        CHECK_TEXT(out.bytes, cases[i].text);
        weir_buffer_release(&out);
    }
}

static int bars_drawn(const int64_t *bars, int count)
{
    struct weir_buffer out = { 0 };
    weir_html_bars(&out, &(struct weir_html_bars){ .bars = bars, .count = count, .title = "<h>" });
    int drawn = 0;
    CHECK(strstr(out.bytes, "<title>&lt;h&gt;</title>"));
    for (const char *at = out.bytes; (at = strstr(at, "<rect")); at++)
        drawn++;
    weir_buffer_release(&out);
    return drawn;
}

static void test_bars(void)
{
    const int64_t bars[] = { 0, 1, 1000000, 0 }, none[] = { 0 };
    CHECK_INT(bars_drawn(bars, 4), 2); /* the one beside a million is seen */
    CHECK_INT(bars_drawn(none, 1), 0);
}

int main(void)
{
    test_text();
    test_blanks();
    test_short();
    test_counts();
    test_bars();
    return check_result();
}
