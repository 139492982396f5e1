/* What clean does to text: each step against python (tests/golden/clean_text.tsv), utf8proc's whole-text functions and
 * cases by hand; every cut of a text, long hostile ones, and columns that are shared when nothing changes. */
#include "base/utf8.h"
#include "stage/clean_private.h"
#include "stage/clean_text_private.h"
#include "stage_sample.h"
#include "stream/utf8.h"
#include <stdlib.h>
#include <time.h>
#include <utf8proc.h>

static struct clean_text_scratch scratch;

/* What it knows of characters is true of one form. */
static void forget_form(void)
{
    free(scratch.classes);
    scratch.classes = NULL;
}

/* text[length] through the steps of the options; "(missing)" when nothing is left. */
static void run(const char *options, const char *text, size_t length, struct weir_buffer *out)
{
    struct clean_text_steps steps = { 0 };
    struct weir_error error = { 0 };
    unsigned changes = 0;
    json_t *json = json_loads(options, 0, NULL);
    const char *bytes = text;
    if (!CHECK(weir_clean_text_read(&steps, json, &error) == 0))
        fprintf(stderr, "    %s: %s\n", options, error.text);
    bool left = weir_clean_text_value(&steps, &scratch, &bytes, &length, &changes);
    weir_buffer_clear(out);
    weir_buffer_append(out, left ? bytes : "(missing)", left ? length : 9);
    CHECK(weir_clean_text_check(&scratch, &error) == 0);
    CHECK(weir_is_utf8(out->bytes, out->size));
    weir_clean_text_release(&steps);
    json_decref(json);
    forget_form();
}

static void is(const char *options, const char *text, const char *wanted)
{
    struct weir_buffer out = { 0 };
    run(options, text, strlen(text), &out);
    if (!CHECK_TEXT(out.bytes ? out.bytes : "", wanted))
        fprintf(stderr, "    of '%s' by %s\n", text, options);
    weir_buffer_release(&out);
}

/* ---- python ------------------------------------------------------------------------------------------------- */

static size_t unescape(char *text)
{
    size_t size = 0;
    for (const char *from = text; *from; from++) {
        if (from[0] == '\\' && from[1] == 'x') {
            char digits[3] = { from[2], from[3], 0 };
            text[size++] = (char)strtol(digits, NULL, 16);
            from += 3;
        } else {
            text[size++] = *from;
        }
    }
    text[size] = 0;
    return size;
}

static void test_golden(void)
{
    static const struct {
        const char *step, *options;
    } steps[] = {
        { "nfc", "{\"unicode\": \"nfc\"}" },
        { "nfkc", "{\"unicode\": \"nfkc\"}" },
        { "fold", "{\"case\": \"fold\"}" },
        { "entity", "{\"html\": \"entities\"}" },
    };
    enum { STEPS = sizeof steps / sizeof *steps, ENOUGH = 500 };
    int seen[STEPS] = { 0 };
    char *line = NULL;
    size_t room = 0;
    struct weir_buffer out = { 0 };
    FILE *file = fopen("tests/golden/clean_text.tsv", "r");
    if (!CHECK(file != NULL))
        return;
    for (ssize_t length; (length = getline(&line, &room, file)) > 0;) {
        line[length - 1] = 0;
        char *text = strchr(line, '\t'), *wanted = text ? strchr(text + 1, '\t') : NULL;
        if (!CHECK(wanted != NULL))
            break;
        *text++ = 0;
        *wanted++ = 0;
        size_t size = unescape(text), wanted_size = unescape(wanted);
        for (int i = 0; i < STEPS; i++) {
            if (strcmp(line, steps[i].step) != 0)
                continue;
            seen[i]++;
            run(steps[i].options, text, size, &out);
            if (!CHECK(out.size == wanted_size && memcmp(out.bytes, wanted, wanted_size) == 0))
                fprintf(stderr, "    %s of '%s': is '%s', python has '%s'\n", line, text, out.bytes, wanted);
        }
    }
    for (int i = 0; i < STEPS; i++)
        CHECK(seen[i] > ENOUGH);
    fclose(file);
    free(line);
    weir_buffer_release(&out);
}

/* ---- Unicode: against utf8proc's functions for whole texts ---------------------------------------------------- */

static void same_form(const char *text, size_t length)
{
    static const struct {
        enum clean_form form;
        unsigned options;
    } forms[] = { { CLEAN_NFC, 0 }, { CLEAN_NFKC, UTF8PROC_COMPAT } };
    struct weir_buffer out = { 0 };
    for (size_t i = 0; i < 2; i++) {
        utf8proc_uint8_t *wanted = NULL;
        unsigned options = (unsigned)UTF8PROC_STABLE | (unsigned)UTF8PROC_COMPOSE | forms[i].options;
        utf8proc_ssize_t size =
            utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &wanted, (utf8proc_option_t)options);
        weir_buffer_clear(&out);
        bool changed = weir_clean_unicode(forms[i].form, &scratch, text, length, &out);
        const char *is = changed ? out.bytes : text;
        size_t is_size = changed ? out.size : length;
        if (!CHECK(size == (utf8proc_ssize_t)is_size && memcmp(is, wanted, is_size) == 0)) {
            fprintf(stderr, "    form %zu of", i);
            for (size_t j = 0; j < length; j++)
                fprintf(stderr, " %02x", (uint8_t)text[j]);
            fprintf(stderr, "\n");
        }
        free(wanted);
        forget_form();
    }
    weir_buffer_release(&out);
}

static bool is_character(uint32_t code)
{
    return code < 0xD800 || (code > 0xDFFF && code <= 0x10FFFF);
}

/* Every character between letters, by hundreds; then sequences drawn from those that move, join and decompose. */
static void test_forms(void)
{
    enum { MOST = 40000, DRAWN = 20000 };
    static uint32_t lively[MOST];
    size_t count = 0;
    struct weir_buffer text = { 0 };
    struct weir_random random;
    char bytes[4];
    for (uint32_t code = 1; code < 0x110000; code++) {
        if (!is_character(code))
            continue;
        weir_buffer_append(&text, bytes, weir_utf8_encode(code, bytes));
        if (code % 3 == 0)
            weir_buffer_byte(&text, 'a');
        const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)code);
        bool hangul = (code >= 0x1100 && code < 0x1200) || (code >= 0xAC00 && code < 0xAC40);
        if ((property->combining_class || property->decomp_seqindex != UINT16_MAX ||
             property->comb_index != UINT16_MAX || hangul) &&
            count < MOST)
            lively[count++] = code;
        if (code % 300 == 0) {
            same_form(text.bytes, text.size);
            weir_buffer_clear(&text);
        }
    }
    CHECK(count > 3000 && count < MOST);
    weir_random_init(&random, 3, 1);
    for (int i = 0; i < DRAWN; i++) {
        weir_buffer_clear(&text);
        for (uint64_t left = 1 + weir_random_below(&random, 40); left > 0; left--) {
            uint64_t kind = weir_random_below(&random, 8);
            uint32_t code = kind == 0   ? 'a' + weir_random_u32(&random) % 26
                            : kind == 1 ? 0x1100 + weir_random_u32(&random) % 0x100
                            : kind <= 4 ? 0x300 + weir_random_u32(&random) % 0x46
                                        : lively[weir_random_below(&random, count)];
            weir_buffer_append(&text, bytes, weir_utf8_encode(code, bytes));
        }
        same_form(text.bytes, text.size);
    }
    weir_buffer_release(&text);
}

/* Each pair that composes, apart: the second must be known to join. */
static void test_pairs(void)
{
    for (uint32_t code = 0x80; code < 0x110000; code++) {
        int32_t parts[32];
        char text[64], bytes[4];
        size_t size = 0;
        if (!is_character(code) || (code >= 0xAC00 && code <= 0xD7A3 && code % 7))
            continue;
        utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)code, parts, 32, UTF8PROC_DECOMPOSE, NULL);
        for (utf8proc_ssize_t i = 0; i < count; i++) {
            size_t length = weir_utf8_encode((uint32_t)parts[i], bytes);
            memcpy(text + size, bytes, length);
            size += length;
        }
        if (count > 1)
            same_form(text, size);
    }
}

/* ---- Cases by hand -------------------------------------------------------------------------------------------- */

static void test_html(void)
{
    static const char *const cases[][2] = {
        { "plain", "plain" },
        { "<p>One</p><p>two</p>", "One two" },
        { "a<br>b<br/>c", "a b c" },
        { "a <br> b", "a  b" },
        { "in<b>line</b> <a href='x>y' title=\"a>b\">link</a>", "inline link" },
        { "<td>1</td><td>2</td>", "1 2" },
        { "a<script>if (a < b && \"</b>\") x('<p>')</script>b", "ab" },
        { "a<STYLE type=x>p > a { }</Style >b<script>never closed", "ab" },
        { "a<script></scripty></script>b", "ab" },
        { "a<!-- <b> -- > > -->b<!-->c<!--->d<!-- x --!>e<!---->f<!-- open", "abcdef" },
        { "<!DOCTYPE html><?xml x?>a</>b</3>c<![CDATA[d]]>", "abc" },
        { "1 < 2 > 0, <3, a<1, <, <>, x <", "1 < 2 > 0, <3, a<1, <, <>, x <" },
        { "if x <y then", "if x <y then" },
        { "<ann@example.com> <https://example.com/a> <b>x</b>", "<ann@example.com> <https://example.com/a> x" },
        { "<a <b>x</b> <a<b>x</b>", "x <ax" },
        { "<a title=\"open>x <b>y</b>", "x y" },
        { "<a b=c\"d>x<i/>y< i>z", "xy< i>z" },
        { "<a =\">\">x", "\">x" },
        { "<a b = '>' c>x<a b=>y", "xy" },
        { "&lt;b&gt;x&lt;/b&gt; &amp;lt;", "<b>x</b> &lt;" },
        { "<p>&nbsp;</p>&shy;", "\xC2\xA0 \xC2\xAD" },
        { "<P>a</P >b</p c='>'>d", "a b d" },
        { "<p></p>", "(missing)" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        is("{\"html\": \"text\"}", cases[i][0], cases[i][1]);
    is("{\"html\": \"entities\"}", "<b>R&amp;D</b>", "<b>R&D</b>");
}

static void test_controls(void)
{
    static const char *const cases[][2] = {
        { "a\tb\r\nc", "a\tb\r\nc" },
        { "a\x01"
          "b\x7f"
          "c\xC2\x9B"
          "d\x1B[0m",
          "abcd[0m" },
        { "a\x0B"
          "b\x1F"
          "c\xC2\x85"
          "d",
          "a b c d" },
        { "\xEF\xBB\xBF"
          "a\xE2\x80\x8B"
          "b\xC2\xAD"
          "c\xE2\x81\xA0",
          "abc" },
        { "\xE2\x80\xAE"
          "abc\xE2\x80\xAC \xE2\x81\xA6"
          "d\xE2\x81\xA9\xE2\x80\x8E",
          "abc d" },
        { "a\xE2\x80\x8D"
          "b\xE2\x80\x8C",
          "ab" },
        { "e\xCC\x81\xE2\x80\x8D"
          "a",
          "e\xCC\x81"
          "a" },
        /* ka, virama, joiner, ssa; the Persian for "I want"; heh and a joiner that shows its form */
        { "\u0915\u094D\u200D\u0937", "\u0915\u094D\u200D\u0937" },
        { "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645", "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645" },
        { "\u0647\u200D 5", "\u0647\u200D 5" },
        { "\u0645\u200C\u200C\u200C\u0646", "\u0645\u200C\u0646" },
        { "\u4E2D\u200D\u6587\u200B\u4E2D", "\u4E2D\u6587\u4E2D" },
        { "\U0001F469\u200D\U0001F4BB \u2764\uFE0F\u200D\U0001F525",
          "\U0001F469\u200D\U0001F4BB \u2764\uFE0F\u200D\U0001F525" },
        { "\U0001F44B\U0001F3FD\u200Dx", "\U0001F44B\U0001F3FD\u200Dx" },
        { "\U0001F3F4\U000E0067\U000E0062\U000E007F", "\U0001F3F4\U000E0067\U000E0062\U000E007F" },
        { "a\U000E0067\U000E0062 \U000E0001", "a " },
        { "\U000E0067\U000E0062", "(missing)" },
        /* Khmer and Thai, whose words a zero width space divides */
        { "\u1780\u200B\u1781 \u0E01\u200B\u0E02\u200B", "\u1780\u200B\u1781 \u0E01\u200B\u0E02" },
        { "\u1820\u180E\u1821", "\u1820\u180E\u1821" },
        { "\u0600\u0661\u06DD", "\u0600\u0661\u06DD" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        is("{\"drop-controls\": true}", cases[i][0], cases[i][1]);
    /* what comes together once a character is gone is normalized again */
    is("{\"drop-controls\": true, \"unicode\": \"nfc\"}", "e\u200B\u0301", "\u00E9");
}

static void test_addresses(void)
{
    static const char *const cases[][2] = {
        { "see http://example.com.", "see U." },
        { "(https://en.example.org/wiki/A_(b)) and FTP://x.y/z?a=b&c=d#e!", "(U) and U!" },
        { "www.example.com/a, WWW.x.y; awww.cute _www.x", "U, U; awww.cute _www.x" },
        { "\u8BBF\u95EEhttp://example.com\u83B7\u53D6\u3002", "\u8BBF\u95EEU\u83B7\u53D6\u3002" },
        { "http://\u043F\u0440\u0438\u043C\u0435\u0440.\u0440\u0444/\u043F\u0443\u0442\u044C\u2026", "U\u2026" },
        { "\"http://a.b\" <http://c.d> [x](http://e.f) `http://g.h`", "\"U\" <U> [x](U) `U`" },
        { "http:// :// a:// http://... x://, www. www.. ://x", "http:// :// a:// http://... x://, www. www.. ://x" },
        { "url=https://a.b,git+ssh://git@c.d:22/e", "url=U" },
        { "http://user:p@h.com/x?m=a@b.cd", "U" },
        { "ann@example.com, mailto:Bob.B+c@sub.example.co.uk.", "E, E." },
        { "'a@b.de' a@b a@b.c @b.de a@@b.de a.@b.de a@b..de a@b.1 a@b.d-",
          "'E' a@b a@b.c @b.de a@@b.de a.@b.de a@b..de a@b.1 a@b.d-" },
        { "\u90AE\u7BB1ann@x.com\u3002 j\u00F6rg@m\u00FCller.de x@y.xn--p1ai", "\u90AE\u7BB1"
                                                                               "E\u3002 E E" },
        { "--a@b.cd ..a@b.cd _a@b.cd", "--E ..E E" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        is("{\"urls\": \"constant=U\", \"emails\": \"constant=E\"}", cases[i][0], cases[i][1]);
    is("{\"urls\": \"remove\"}", "a http://b.c d e@f.gh", "a  d e@f.gh");
    is("{\"emails\": \"token\"}", "http://x.y/?a@b.cd e@f.gh", "http://x.y/?a@b.cd <email>");
    is("{\"urls\": \"token\", \"squeeze\": true, \"trim\": true}", " \n x\thttp://b.c \u3000", "x <url>");
    is("{\"urls\": \"remove\"}", "http://b.c", "(missing)");
}

static void test_repeats(void)
{
    is("{\"repeats\": \"2\"}", "sooo gooood!!! 1000000 ...  \n\n\n", "soo good!! 1000000 ..  \n\n\n");
    is("{\"repeats\": \"1\"}", "aab\u54C8\u54C8\u54C8\u0661\u0661", "ab\u54C8\u0661\u0661");
    is("{\"repeats\": \"3\"}", "aaabbbb", "aaabbb");
    is("{\"repeats\": \"1\"}", "e\u0301e\u0301e \U0001F44D\U0001F3FD\U0001F44D\U0001F3FD\U0001F44D",
       "e\u0301e \U0001F44D\U0001F3FD\U0001F44D");
    is("{\"repeats\": \"2\"}", "\U0001F1EB\U0001F1F7\U0001F1EB\U0001F1F7\U0001F1EB\U0001F1F7",
       "\U0001F1EB\U0001F1F7\U0001F1EB\U0001F1F7");
    is("{\"repeats\": \"1\"}", "aa\u0301a", "aa\u0301a");
    is("{\"repeats\": \"1\"}", "\u0436\u0436\u0436\u0301\u3042\u3042\u3099\u00E9\u00E9",
       "\u0436\u0436\u0301\u3042\u3042\u3099\u00E9");
    struct weir_buffer text = { 0 };
    for (size_t at = 0; at < 200; at++) { /* wherever the run stands */
        char wanted[200];
        weir_buffer_clear(&text);
        for (size_t i = 0; i < 200; i++)
            weir_buffer_byte(&text, (uint8_t)(i >= at && i < at + 3 ? '!' : 'a' + i % 2));
        snprintf(wanted, sizeof wanted, "%.*s!!%s", (int)at, text.bytes, at + 3 < 200 ? text.bytes + at + 3 : "");
        if (at < 198)
            is("{\"repeats\": \"2\"}", text.bytes, wanted);
    }
    weir_buffer_release(&text);
}

static void test_case_and_space(void)
{
    is("{\"case\": \"lower\"}", "\u00C4RGER \u03A3 \u0130", "\u00E4rger \u03C3 i");
    is("{\"case\": \"upper\"}", "stra\u00DFe \u01C6", "STRA\u00DFE \u01C4");
    is("{\"case\": \"fold\"}", "Stra\u00DFe \u03A3\u03C2 \uFB01 @[`{", "strasse \u03C3\u03C3 fi @[`{");
    is("{\"case\": \"fold\", \"unicode\": \"nfc\"}", "\u0390", "\u0390");
    is("{\"squeeze\": true}", "a\u00A0\u2003 b\n\nc d", "a b c d");
    is("{\"trim\": true}", "\u3000 a b\u2029\t", "a b");
    is("{\"trim\": true}", " \n", "(missing)");
    is("{\"trim\": true}", "", "(missing)");
    is("{\"squeeze\": true}", "", "");
}

/* ---- Any text ------------------------------------------------------------------------------------------------- */

static const char all_steps[] =
    "{\"html\": \"text\", \"unicode\": \"nfkc\", \"drop-controls\": true, \"urls\": \"token\","
    " \"emails\": \"token\", \"repeats\": 2, \"squeeze\": true, \"case\": \"fold\","
    " \"trim\": true}";

static void test_cuts(void)
{
    static const char text[] =
        "<p class='a>b'>Cafe\u0301 &amp; &notin; &#x1F469;\u200D\U0001F4BB</p><!-- c --><script>1<2</script>"
        " http://x.y/(z). a.b@c.de sooooo \u0915\u094D\u200D\u0937 \uFB01\uAC00\u11A8 \u1E9E\u0390";
    struct weir_buffer out = { 0 }, again = { 0 };
    for (size_t from = 0; from < sizeof text; from++)
        for (size_t to = from; to < sizeof text; to++) {
            if (!weir_is_utf8(text + from, to - from))
                continue;
            char *copy = malloc(to - from + 1); /* as long as the cut: a byte read behind it is noticed */
            memcpy(copy, text + from, to - from);
            run(all_steps, copy, to - from, &out);
            free(copy);
        }
    run(all_steps, text, sizeof text - 1, &out);
    CHECK_TEXT(
        out.bytes,
        "caf\u00E9 & \u2209 \U0001F469\u200D\U0001F4BB <url>. <email> soo \u0915\u094D\u200D\u0937 fi\uAC01 ss\u0390");
    run("{\"unicode\": \"nfkc\", \"drop-controls\": true, \"repeats\": 2, \"squeeze\": true, \"case\": \"fold\", "
        "\"trim\": true}",
        out.bytes, out.size, &again);
    CHECK_TEXT(again.bytes, out.bytes);
    weir_buffer_release(&out);
    weir_buffer_release(&again);
}

/* A megabyte of each takes hundreds of times as long as plain letters at most; were the time quadratic, a million. */
static void test_hostile(void)
{
    static const char *const pieces[] = {
        "x",
        "<",
        "&",
        "<a",
        "<a@",
        "<a b=\"><a c\"",
        "<!--",
        "<!-",
        "<script",
        "<script>",
        "</script",
        "<a b='",
        "<a b=\"",
        "&#",
        "&#9",
        "&CounterClockwiseContourIntegra",
        "://",
        "a://",
        "-://x",
        "http://",
        "http://.",
        "http://(",
        "www.",
        "_www.a",
        "@",
        "a@",
        "a@b.",
        "a@b-",
        ".",
        ")",
        " ",
        "\u0301",
        "\u0301\u0316",
        "a\u0300\u0315\u0316\u05B0",
        "\u0F71\u0F72",
        "\uFDFA",
        "\u1100",
        "\u1100\u1161",
        "\uAC00\u11A8",
        "\u200D",
        "\u0915\u200D",
        "\U0001F1EB",
        "\U0001F469\u200D",
        "\U000E0067",
        "\U0001F3F4\U000E0067",
        "\u0344",
        "\u0958",
        "<p>",
        "<p>a",
        "\xC2\x85",
    };
    enum { SIZE = 1 << 20, TIMES = 400 }; /* as long as plain letters take */
    double plain = 0;
    struct weir_buffer text = { 0 }, out = { 0 };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        weir_buffer_clear(&text);
        while (text.size < SIZE)
            weir_buffer_string(&text, pieces[i]);
        clock_t begin = clock();
        run(all_steps, text.bytes, text.size, &out);
        double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
        if (i == 0)
            plain = seconds;
        if (!CHECK(seconds <= TIMES * plain) || getenv("SHOW_TIMES"))
            fprintf(stderr, "    '%s' again and again: %.3f s\n", pieces[i], seconds);
    }
    weir_buffer_release(&text);
    weir_buffer_release(&out);
}

/* ---- Columns -------------------------------------------------------------------------------------------------- */

enum { CITY = 5, ROWS = 100 };

/* The part alone, bound to a table's schema. */
static struct weir_stage *bind_part(const char *options, const struct weir_schema *schema, struct weir_binding *binding)
{
    struct weir_error error = { 0 };
    struct weir_stage *stage = weir_allocate_zero(1, sizeof *stage);
    stage->kind = &weir_clean_text_kind;
    stage->options = json_loads(options, 0, NULL);
    CHECK(stage->kind->create(stage, &error) == 0 && stage->kind->learn_begin(stage, schema, &error) == 0);
    CHECK(weir_stage_bind(binding, stage, schema, WEIR_AS_FILTER, &error) == 0);
    return stage;
}

static void check_sharing(bool coded, const char *options, bool shares)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 }, out = { 0 };
    struct weir_binding binding = { 0 };
    sample_table(&schema, &table, ROWS, 8, coded);
    struct weir_stage *stage = bind_part(options, &schema, &binding);
    for (int time = 0; time < 2; time++) {
        CHECK(stage->kind->apply(&binding, &table, &out, NULL, NULL) == 0);
        const struct weir_column *in = &table.columns[CITY], *city = &out.columns[CITY];
        CHECK((in->values.bytes == city->values.bytes) == shares);
        CHECK(!coded || (in->children[0].values.bytes == city->children[0].values.bytes) == shares);
        weir_batch_release(&out);
    }
    weir_binding_release(&binding);
    weir_stage_free(stage);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* Rows, and what the closing line says of them, are the same from a dictionary. */
static void test_dictionary(const char *options)
{
    struct weir_buffer rows[2] = { { 0 } }, said[2] = { { 0 } };
    for (int coded = 0; coded < 2; coded++) {
        struct weir_schema schema = { 0 };
        struct weir_batch table = { 0 };
        struct weir_binding binding = { 0 };
        sample_table(&schema, &table, ROWS, 9, coded);
        struct weir_stage *stage = bind_part(options, &schema, &binding);
        CHECK(sample_apply(&binding, &schema, &table, coded ? 7 : ROWS, &rows[coded], NULL) == 0);
        stage->kind->summary(&binding, &said[coded]);
        weir_binding_release(&binding);
        weir_stage_free(stage);
        weir_batch_release(&table);
        weir_schema_release(&schema);
    }
    CHECK_TEXT(rows[0].bytes, rows[1].bytes);
    CHECK_TEXT(said[0].bytes, said[1].bytes);
    CHECK(strstr(said[0].bytes, "in 'city'"));
    for (int coded = 0; coded < 2; coded++) {
        weir_buffer_release(&rows[coded]);
        weir_buffer_release(&said[coded]);
    }
}

int main(void)
{
    test_golden();
    test_forms();
    test_pairs();
    test_html();
    test_controls();
    test_addresses();
    test_repeats();
    test_case_and_space();
    test_cuts();
    test_hostile();
    for (int coded = 0; coded < 2; coded++) {
        check_sharing(coded, "{\"html\": \"text\"}", true);
        check_sharing(coded, "{\"squeeze\": true}", true);
        check_sharing(coded, "{\"trim\": true}", false);
    }
    test_dictionary("{\"case\": \"upper\", \"trim\": true, \"repeats\": 1}");
    test_dictionary("{\"squeeze\": true, \"case\": \"fold\"}");
    weir_clean_text_scratch_release(&scratch);
    return check_result();
}
