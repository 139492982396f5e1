/* The option parser: every kind of option, every form of giving it, every error's text. */
#include "check.h"
#include "cli/options.h"
#include <stddef.h>

struct options {
    bool verbose, dry;
    const char *text, *method;
    int64_t rows, size;
    double rate;
    struct weir_strings columns, rules;
};
static const char *const methods[] = { "zscore", "minmax", NULL };
static const struct weir_option table[] = {
    { "verbose", 'v', WEIR_OPTION_FLAG, offsetof(struct options, verbose), NULL, "say more", 0, 0, NULL, true },
    { "dry", 'd', WEIR_OPTION_FLAG, offsetof(struct options, dry), NULL, "do nothing", 0, 0, NULL, false },
    { "text", 't', WEIR_OPTION_TEXT, offsetof(struct options, text), "TEXT", "a text", 0, 0, NULL, true },
    { "method", 'm', WEIR_OPTION_CHOICE, offsetof(struct options, method), "NAME", "how", 0, 0, methods, true },
    { "rows", 'n', WEIR_OPTION_INTEGER, offsetof(struct options, rows), "N", "how many", 1, 100, NULL, true },
    { "size", 's', WEIR_OPTION_SIZE, offsetof(struct options, size), "SIZE", "how much", 0, 0, NULL, true },
    { "rate", 'r', WEIR_OPTION_NUMBER, offsetof(struct options, rate), "X", "how fast", 0, 1, NULL, true },
    { "columns", 'c', WEIR_OPTION_LIST, offsetof(struct options, columns), "A,...", "which", 0, 0, NULL, true },
    { "rule", 0, WEIR_OPTION_REPEAT, offsetof(struct options, rules), "RULE", "what", 0, 0, NULL, true },
    WEIR_OPTIONS_END
};

struct parsed {
    struct options options;
    struct weir_strings operands, given;
    struct weir_error error;
    int result;
};

/* Arguments separated by '|'. */
static struct parsed parse(const char *line)
{
    static char room[4096];
    char *arguments[64] = { "program" };
    int count = 1;
    struct parsed parsed = { .options = { .method = "zscore", .rows = 10 } };
    snprintf(room, sizeof room, "%s", line);
    for (char *p = *line ? room : NULL; p; count++) {
        arguments[count] = p;
        p = strchr(p, '|');
        if (p)
            *p++ = 0;
    }
    const struct weir_option *tables[] = { table };
    void *values[] = { &parsed.options };
    parsed.result =
        weir_options_parse(count, arguments, tables, values, 1, &parsed.operands, &parsed.given, &parsed.error);
    return parsed;
}

static void parsed_release(struct parsed *parsed)
{
    weir_options_release(table, &parsed->options);
    weir_strings_release(&parsed->operands);
    weir_strings_release(&parsed->given);
}

static void refused(const char *line, const char *message)
{
    struct parsed parsed = parse(line);
    CHECK_INT(parsed.result, -1);
    CHECK_INT(parsed.error.status, WEIR_USAGE);
    CHECK_TEXT(parsed.error.text, message);
    parsed_release(&parsed);
}

static void test_forms(void)
{
    struct parsed p = parse("--text|one|--rows=7|file|-vd|-mminmax|-r|0.5|--|--text|-|-x");
    CHECK_INT(p.result, 0);
    CHECK_TEXT(p.options.text, "one");
    CHECK_TEXT(p.options.method, "minmax");
    CHECK_INT(p.options.rows, 7);
    CHECK(p.options.verbose && p.options.dry);
    CHECK_NEAR(p.options.rate, 0.5, 0);
    CHECK_INT((long long)p.operands.count, 4);
    CHECK_TEXT(p.operands.items[0], "file");
    CHECK_TEXT(p.operands.items[1], "--text");
    CHECK_TEXT(p.operands.items[3], "-x");
    CHECK(weir_strings_contain(&p.given, "dry") && !weir_strings_contain(&p.given, "size"));
    parsed_release(&p);

    p = parse("-|-=1|-vt|--rows|--rows|9|--rows|10");
    CHECK_INT(p.result, 0);
    CHECK_TEXT(p.options.text, "--rows"); /* the next argument is the value, whatever it looks like */
    CHECK_INT(p.options.rows, 10);
    CHECK_INT((long long)p.operands.count, 2);
    parsed_release(&p);

    p = parse("");
    CHECK(p.result == 0 && p.options.rows == 10 && p.operands.count == 0);
    parsed_release(&p);
}

static void test_lists(void)
{
    struct parsed p = parse("--columns|a,b\\,c|-c|d\\\\,e\\x|--rule|a,b|--rule=c");
    CHECK_INT(p.result, 0);
    CHECK_INT((long long)p.options.columns.count, 4);
    CHECK_TEXT(p.options.columns.items[1], "b,c");
    CHECK_TEXT(p.options.columns.items[2], "d\\");
    CHECK_TEXT(p.options.columns.items[3], "e\\x");
    CHECK_INT((long long)p.options.rules.count, 2);
    CHECK_TEXT(p.options.rules.items[0], "a,b");
    parsed_release(&p);
}

static void test_sizes(void)
{
    static const struct {
        const char *line;
        int64_t size;
    } cases[] = { { "-s|4096", 4096 },   { "-s64M", 64 << 20 },          { "--size|1.5G", 3LL << 29 },
                  { "--size=2k", 2048 }, { "--size|1T", 1099511627776 }, { "-s0", 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parsed p = parse(cases[i].line);
        CHECK_INT(p.result, 0);
        CHECK_INT(p.options.size, cases[i].size);
        parsed_release(&p);
    }
}

static void test_errors(void)
{
    refused("--txet|x", "unknown option '--txet'; did you mean '--text'?");
    refused("--zzzzzzzzz", "unknown option '--zzzzzzzzz'");
    refused("-x", "unknown option '-x'");
    refused("-vx", "unknown option '-x'");
    refused("--verbose=1", "option '--verbose' takes no value");
    refused("--text", "option '--text' needs a value: --text TEXT");
    refused("-vt", "option '--text' needs a value: --text TEXT");
    refused("--rows|0", "option '--rows' takes a whole number from 1 to 100, not '0'");
    refused("--rows|1.5", "option '--rows' takes a whole number from 1 to 100, not '1.5'");
    refused("--rows=", "option '--rows' takes a whole number from 1 to 100, not ''");
    refused("--rows|99999999999999999999", "option '--rows' takes a whole number from 1 to 100, not "
                                           "'99999999999999999999'");
    refused("--rate|nan", "option '--rate' takes a number from 0 to 1, not 'nan'");
    refused("--rate|0x1", "option '--rate' takes a number from 0 to 1, not '0x1'");
    refused("--size|-1", "option '--size' takes a size such as 4096, 64M or 1.5G, not '-1'");
    refused("--size|M", "option '--size' takes a size such as 4096, 64M or 1.5G, not 'M'");
    refused("--size|9999999T", "option '--size' takes a size such as 4096, 64M or 1.5G, not '9999999T'");
    refused("--method|minmix", "option '--method' takes one of zscore, minmax, not 'minmix'");
    refused("--columns|a,,b", "option '--columns': a name is empty in 'a,,b'");
    refused("--columns=", "option '--columns': a name is empty in ''");
    refused("--text|\xff", "option '--text': '\xff' is not valid UTF-8");
}

static void test_json(void)
{
    struct parsed p = parse("-c|a,\"b\\x|--rows|3|--rate=0.1|-v|--dry|--text|tab\there|file");
    struct weir_buffer out = { 0 };
    CHECK_INT(weir_options_json(table, &p.options, &p.given, &out), 0);
    CHECK_TEXT(out.bytes, "{\"verbose\": true, \"text\": \"tab\\there\", \"rows\": \"3\", \"rate\": \"0.1\", "
                          "\"columns\": [\"a\", \"\\\"b\\\\x\"]}");
    weir_buffer_clear(&out);
    struct weir_strings none = { 0 };
    CHECK_INT(weir_options_json_operands(table, &p.options, &none, &p.operands, &out), 0);
    CHECK_TEXT(out.bytes, "{\"operands\": [\"file\"]}");
    weir_buffer_release(&out);
    parsed_release(&p);
}

int main(void)
{
    test_forms();
    test_lists();
    test_sizes();
    test_errors();
    test_json();
    return check_result();
}
