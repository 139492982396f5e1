/* Text for people: near names, characters and their width, what is safe on a terminal, tables. */
#include "base/text_table.h"
#include "base/utf8.h"
#include "check.h"
#include "cli/stream_io.h"
#include "cli/text.h"

static const char *nearest(const char *wanted, const char *const *candidates)
{
    struct weir_nearest nearest = { .wanted = wanted };
    for (; *candidates; candidates++)
        weir_nearest_offer(&nearest, *candidates);
    return nearest.name ? nearest.name : "";
}

static void test_nearest(void)
{
    static const char *const names[] = { "clean", "load", "normalize", "x", NULL };
    CHECK_TEXT(nearest("claen", names), "clean");
    CHECK_TEXT(nearest("NORMALISE", names), "normalize");
    CHECK_TEXT(nearest("laod", names), "load");
    CHECK_TEXT(nearest("quicksort", names), "");
    CHECK_TEXT(nearest("", names), "");
    char lengthy[4096];
    memset(lengthy, 'a', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = 0;
    CHECK_TEXT(nearest(lengthy, names), "");
}

static void test_decoding(void)
{
    static const struct {
        const char *text;
        size_t length, width;
        uint32_t code;
    } cases[] = {
        { "a", 1, 1, 'a' },
        { "\xC3\xA9", 2, 2, 0xE9 },
        { "\xE6\x9D\x8E", 3, 3, 0x674E },
        { "\xF0\x9F\x98\x80", 4, 4, 0x1F600 },
        { "", 0, 0, 0 },
        { "\x80", 1, 0, 0 },
        { "\xC0\x80", 2, 0, 0 },         /* overlong */
        { "\xE0\x9F\xBF", 3, 0, 0 },     /* overlong */
        { "\xED\xA0\x80", 3, 0, 0 },     /* surrogate */
        { "\xF4\x90\x80\x80", 4, 0, 0 }, /* beyond U+10FFFF */
        { "\xE6\x9D", 2, 0, 0 },         /* cut */
        { "\xE6z\x8E", 3, 0, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t code = 0;
        CHECK_INT((long long)weir_utf8_decode(cases[i].text, cases[i].length, &code), (long long)cases[i].width);
        if (cases[i].width)
            CHECK_INT(code, cases[i].code);
    }
    CHECK_INT(weir_utf8_columns('a'), 1);
    CHECK_INT(weir_utf8_columns(0x674E), 2);
    CHECK_INT(weir_utf8_columns(0x0301), 0);
    CHECK_INT(weir_utf8_columns(0x1F600), 2);
    CHECK_INT(weir_utf8_columns(0xAC00), 2);
    CHECK_INT(weir_utf8_columns(0x0E35), 0); /* vowels above, of Thai and Bengali; one beside, of Devanagari */
    CHECK_INT(weir_utf8_columns(0x09C1), 0);
    CHECK_INT(weir_utf8_columns(0x093E), 1);
    CHECK_INT(weir_utf8_columns(0x200D), 0);
    CHECK_INT(weir_utf8_columns(0x2B50), 2);
}

static void test_safe(void)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        { "plain \\n stays", "plain \\n stays" },
        { "a\nb\tc\x1b[31m", "a\\nb\\tc\\x1b[31m" },
        { "\xC2\x9B"
          "31m",
          "\\u009b31m" }, /* a control character of Latin 1 */
        { "\xE2\x80\xAE!", "\\u202e!" },
        { "\xD8\x9C!", "\\u061c!" },
        { "\xFF\xC3\xA9", "\\xff\xC3\xA9" },
        { "\x7F", "\\x7f" },
        { "a\rb\\", "a\\x0db\\" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct weir_buffer out = { 0 };
        weir_append_safe(&out, cases[i].text, strlen(cases[i].text));
        CHECK_TEXT(out.bytes, cases[i].shown);
        weir_buffer_release(&out);
    }
    struct weir_buffer out = { 0 };
    weir_append_safe(&out, "a\0b", 3);
    CHECK_TEXT(out.bytes, "a\\x00b");
    weir_buffer_release(&out);
}

static void test_table(void)
{
    struct weir_text_table table;
    struct weir_buffer out = { 0 };
    weir_text_table_init(&table, 3, 1 << 1);
    weir_text_table_cell(&table, "name");
    weir_text_table_cell(&table, "count");
    weir_text_table_cell(&table, "");
    weir_text_table_cell(&table, "\xE6\x9D\x8E\n");
    weir_text_table_number(&table, -12);
    weir_text_table_cell(&table, "end");
    weir_text_table_append(&table, 1, &out);
    CHECK_TEXT(out.bytes, " name  count\n \xE6\x9D\x8E\\n    -12  end\n");
    weir_buffer_release(&out);
}

/* A wide table loses its last columns and says so; a wide cell is cut. */
static void test_preview(void)
{
    struct weir_schema schema = { 0 };
    struct weir_batch batch = { 0 };
    struct weir_error error = { 0 };
    struct weir_buffer out = { 0 };
    CHECK(weir_schema_add(&schema, "text", WEIR_UTF8) && weir_schema_add(&schema, "number", WEIR_INT64) &&
          weir_schema_add(&schema, "rest", WEIR_BOOL));
    schema.fields[1].role = WEIR_LABEL;
    CHECK_INT(weir_batch_init(&batch, 3, 2), 0);
    for (int c = 0; c < 3; c++) {
        struct weir_builder builder;
        CHECK_INT(weir_builder_init(&builder, &schema.fields[c].type), 0);
        for (int r = 0; r < 2; r++) {
            if (c == 0)
                weir_builder_text(&builder, "a long text that goes on and on and on", r ? 38 : 2);
            else if (r == 0)
                weir_builder_null(&builder);
            else
                weir_builder_int64(&builder, 1);
        }
        CHECK_INT(weir_builder_finish(&builder, &batch.columns[c], &error), 0);
        weir_builder_release(&builder);
    }
    CHECK_INT(weir_preview(&schema, &batch, 2, 45, &out), 0);
    CHECK_TEXT(out.bytes, "text                              number\n"
                          "utf8                               int64\n"
                          "                                   label\n"
                          "--------------------------------  ------\n"
                          "a                                   null\n"
                          "a long text that goes on and on\xE2\x80\xA6       1\n"
                          "and 1 more column: rest\n"
                          "2 rows, 3 columns\n");
    weir_buffer_release(&out);
    weir_batch_release(&batch);
    weir_schema_release(&schema);
}

int main(void)
{
    test_nearest();
    test_decoding();
    test_safe();
    test_table();
    test_preview();
    return check_result();
}
