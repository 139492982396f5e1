/* What the plan's step `load` says of how text is read: anyone may have written it. */
#include "check.h"
#include "format/load.h"
#include <stdio.h>
#include <string.h>

static int like(const char *state, struct weir_format_options *options, struct weir_error *error)
{
    struct weir_load_reference reference = { 0 };
    json_t *json = json_loads(state, 0, NULL);
    CHECK(json);
    *options = (struct weir_format_options){ 0 };
    *error = (struct weir_error){ 0 };
    int code = weir_load_like(&reference, json, options, error);
    weir_load_reference_release(&reference);
    json_decref(json);
    return code;
}

static void test_marks(void)
{
    static const char *const delimiters[] = { "\" \"",       "\"\\\"\"", "\"\\n\"", "\"\\r\"",
                                              "\"\\u00e9\"", "\"\"",     "\";;\"",  "5" };
    static const char *const quotes[] = { "\" \"", "\"\\t\"", "\"\\n\"", "\"\\u00e9\"", "\"\"", "\"''\"", "\"None\"" };
    struct weir_format_options options;
    struct weir_error error;
    char state[128];
    for (size_t i = 0; i < sizeof delimiters / sizeof *delimiters; i++) {
        snprintf(state, sizeof state, "{\"columns\": [], \"delimiter\": %s}", delimiters[i]);
        CHECK_INT(like(state, &options, &error), -1);
        CHECK_TEXT(error.text, "the plan's step 'load' knows a delimiter that is none");
        CHECK_INT(error.status, WEIR_BAD_DATA);
    }
    for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
        snprintf(state, sizeof state, "{\"columns\": [], \"quote\": %s}", quotes[i]);
        CHECK_INT(like(state, &options, &error), -1);
        CHECK_TEXT(error.text, "the plan's step 'load' knows a quote that is none");
    }
    CHECK_INT(like("{\"columns\": [], \"delimiter\": \"\\t\", \"quote\": \"none\"}", &options, &error), 0);
    CHECK_INT(options.delimiter, '\t');
    CHECK(options.unquoted);
    CHECK_INT(like("{\"columns\": [], \"delimiter\": \"|\", \"quote\": \"'\"}", &options, &error), 0);
    CHECK_INT(options.delimiter, '|');
    CHECK_INT(options.quote, '\'');
    CHECK_INT(like("{\"columns\": []}", &options, &error), 0);
    CHECK_INT(options.delimiter, 0);
}

int main(void)
{
    test_marks();
    return check_result();
}
