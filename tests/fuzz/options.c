/* The option parser: the input is the arguments, separated by NUL bytes. */
#include "cli/options.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct options {
    bool flag;
    const char *text, *choice;
    int64_t integer, size;
    double number;
    struct weir_strings list, repeat;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const choices[] = { "one", "two", NULL };
    static const struct weir_option table[] = {
        { "flag", 'f', WEIR_OPTION_FLAG, offsetof(struct options, flag), NULL, "", 0, 0, NULL, true },
        { "text", 't', WEIR_OPTION_TEXT, offsetof(struct options, text), "T", "", 0, 0, NULL, true },
        { "choice", 'c', WEIR_OPTION_CHOICE, offsetof(struct options, choice), "C", "", 0, 0, choices, true },
        { "integer", 'i', WEIR_OPTION_INTEGER, offsetof(struct options, integer), "I", "", -5, 1e12, NULL, true },
        { "size", 's', WEIR_OPTION_SIZE, offsetof(struct options, size), "S", "", 0, 0, NULL, true },
        { "number", 'n', WEIR_OPTION_NUMBER, offsetof(struct options, number), "N", "", 0, 0, NULL, true },
        { "list", 'l', WEIR_OPTION_LIST, offsetof(struct options, list), "L", "", 0, 0, NULL, true },
        { "repeat", 'r', WEIR_OPTION_REPEAT, offsetof(struct options, repeat), "R", "", 0, 0, NULL, true },
        WEIR_OPTIONS_END
    };
    enum { MOST = 64 };
    char *arguments[MOST + 1] = { "fuzz" };
    int count = 1;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    for (size_t at = 0; at < size && count < MOST; at += strlen(text + at) + 1)
        arguments[count++] = text + at;

    struct options options = { 0 };
    struct weir_strings operands = { 0 }, given = { 0 };
    struct weir_error error = { 0 };
    struct weir_buffer json = { 0 };
    const struct weir_option *tables[] = { table };
    void *values[] = { &options };
    if (weir_options_parse(count, arguments, tables, values, 1, &operands, &given, &error) == 0) {
        if (weir_options_json_operands(table, &options, &given, &operands, &json) != 0)
            abort();
    } else if (error.status != WEIR_USAGE || error.text[0] == 0) {
        abort();
    }
    weir_buffer_release(&json);
    weir_options_release(table, &options);
    weir_strings_release(&operands);
    weir_strings_release(&given);
    free(text);
    return 0;
}
