#include "cli/options.h"
#include "base/number.h"
#include "base/utf8.h"
#include "cli/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct parse {
    const struct weir_option *const *tables;
    void *const *values;
    int table_count;
    struct weir_strings *given;
    struct weir_error *error;
};

/* An option of one of the tables and the place of its value. */
struct found {
    const struct weir_option *option;
    void *value;
};

static bool find_name(const struct parse *parse, const char *name, size_t length, struct found *found)
{
    for (int t = 0; t < parse->table_count; t++) {
        for (const struct weir_option *option = parse->tables[t]; option && option->name; option++) {
            if (strlen(option->name) == length && memcmp(option->name, name, length) == 0) {
                *found = (struct found){ option, (char *)parse->values[t] + option->offset };
                return true;
            }
        }
    }
    return false;
}

static bool find_letter(const struct parse *parse, char letter, struct found *found)
{
    for (int t = 0; t < parse->table_count; t++) {
        for (const struct weir_option *option = parse->tables[t]; option && option->name; option++) {
            if (option->letter == letter) {
                *found = (struct found){ option, (char *)parse->values[t] + option->offset };
                return true;
            }
        }
    }
    return false;
}

static int fail_unknown(const struct parse *parse, const char *name, size_t length)
{
    char *wanted = weir_duplicate_bytes(name, length);
    if (!wanted)
        return weir_fail_memory(parse->error);
    struct weir_nearest nearest = { .wanted = wanted };
    for (int t = 0; t < parse->table_count; t++)
        for (const struct weir_option *option = parse->tables[t]; option && option->name; option++)
            weir_nearest_offer(&nearest, option->name);
    struct weir_buffer advice = { 0 };
    weir_nearest_advice(&nearest, "--", &advice);
    weir_fail(parse->error, WEIR_USAGE, "unknown option '--%s'%s", wanted, advice.bytes ? advice.bytes : "");
    weir_buffer_release(&advice);
    free(wanted);
    return -1;
}

/* No bounds are set when both are 0. */
static bool bounded(const struct weir_option *option)
{
    return option->minimum != 0 || option->maximum != 0;
}

static bool out_of_bounds(const struct weir_option *option, double value)
{
    return bounded(option) && !(value >= option->minimum && value <= option->maximum);
}

/* " from 0 to 10", " of 1 or more", " of at most 5" or nothing: bounds beyond 1e15 are as good as none. */
static void append_bounds(const struct weir_option *option, struct weir_buffer *out)
{
    const double most = 1e15;
    if (!bounded(option))
        return;
    if (option->minimum > -most && option->maximum < most)
        weir_buffer_format(out, " from %.15g to %.15g", option->minimum, option->maximum);
    else if (option->minimum > -most)
        weir_buffer_format(out, " of %.15g or more", option->minimum);
    else if (option->maximum < most)
        weir_buffer_format(out, " of at most %.15g", option->maximum);
}

static int fail_value(const struct parse *parse, const struct weir_option *option, const char *what, const char *text)
{
    struct weir_buffer takes = { 0 };
    weir_buffer_string(&takes, what);
    if (option->kind == WEIR_OPTION_INTEGER || option->kind == WEIR_OPTION_NUMBER)
        append_bounds(option, &takes);
    weir_fail(parse->error, WEIR_USAGE, "option '--%s' takes %s, not '%s'", option->name,
              takes.bytes ? takes.bytes : what, text);
    weir_buffer_release(&takes);
    return -1;
}

/* Powers of 1,024. */
static const char size_letters[] = "KMGT";

static void append_size(double bytes, struct weir_buffer *out)
{
    int unit = 0;
    for (; unit < 4 && bytes >= 1024 && fmod(bytes, 1024) == 0; unit++)
        bytes /= 1024;
    weir_buffer_format(out, "%.15g", bytes);
    if (unit > 0)
        weir_buffer_byte(out, (uint8_t)size_letters[unit - 1]);
}

static int fail_size(const struct parse *parse, const struct weir_option *option, const char *text)
{
    struct weir_buffer takes = { 0 };
    weir_buffer_string(&takes, "a size");
    if (bounded(option)) {
        weir_buffer_string(&takes, " from ");
        append_size(option->minimum, &takes);
        weir_buffer_string(&takes, " to ");
        append_size(option->maximum, &takes);
    }
    weir_buffer_format(&takes, " such as %s64M or 1.5G", bounded(option) ? "" : "4096, ");
    fail_value(parse, option, takes.bytes ? takes.bytes : "a size", text);
    weir_buffer_release(&takes);
    return -1;
}

static bool parse_size(const char *text, int64_t *out)
{
    size_t length = strlen(text);
    double scale = 1, number;
    if (length > 0 && text[length - 1] > '9') {
        char last = text[--length];
        const char *letter = strchr(size_letters, last >= 'a' ? last - 'a' + 'A' : last);
        if (!letter || !*letter)
            return false;
        scale = ldexp(1, 10 * (int)(letter - size_letters + 1));
    }
    if (!weir_parse_double(text, length, &number) || !(number >= 0 && number * scale < 9e18))
        return false;
    *out = (int64_t)(number * scale);
    return true;
}

static int parse_choice(const struct parse *parse, const struct found *found, const char *text)
{
    for (const char *const *choice = found->option->choices; choice && *choice; choice++) {
        if (strcmp(*choice, text) == 0) {
            *(const char **)found->value = *choice;
            return 0;
        }
    }
    struct weir_buffer names = { 0 };
    struct weir_nearest nearest = { .wanted = text };
    weir_buffer_string(&names, "one of ");
    for (const char *const *choice = found->option->choices; choice && *choice; choice++) {
        weir_buffer_format(&names, "%s%s", choice == found->option->choices ? "" : ", ", *choice);
        weir_nearest_offer(&nearest, *choice);
    }
    fail_value(parse, found->option, names.bytes ? names.bytes : "one of its values", text);
    weir_buffer_release(&names);
    return -1;
}

/* Splits at commas; '\,' is a comma and '\\' a backslash within a name, any other backslash stands for itself. */
static int parse_list(const struct parse *parse, const struct found *found, const char *text)
{
    struct weir_strings *list = found->value;
    struct weir_buffer item = { 0 };
    int result = 0;
    for (const char *p = text; result == 0; p++) {
        if (*p == ',' || *p == 0) {
            if (item.size == 0)
                result = weir_fail(parse->error, WEIR_USAGE, "option '--%s': a name is empty in '%s'",
                                   found->option->name, text);
            else if (item.failed || weir_strings_add(list, item.bytes, item.size) < 0)
                result = weir_fail_memory(parse->error);
            weir_buffer_clear(&item);
            if (*p == 0)
                break;
        } else {
            if (*p == '\\' && (p[1] == ',' || p[1] == '\\'))
                p++;
            weir_buffer_byte(&item, (uint8_t)*p);
        }
    }
    weir_buffer_release(&item);
    return result;
}

static bool valid_utf8(const char *text)
{
    uint32_t code;
    for (size_t left = strlen(text); left > 0;) {
        size_t width = weir_utf8_decode(text, left, &code);
        if (width == 0)
            return false;
        text += width;
        left -= width;
    }
    return true;
}

static int parse_value(const struct parse *parse, const struct found *found, const char *text)
{
    const struct weir_option *option = found->option;
    if (option->plan && !valid_utf8(text))
        return weir_fail(parse->error, WEIR_USAGE, "option '--%s': '%s' is not valid UTF-8", option->name, text);
    switch (option->kind) {
    case WEIR_OPTION_FLAG:
        return weir_fail(parse->error, WEIR_USAGE, "option '--%s' takes no value", option->name);
    case WEIR_OPTION_TEXT:
        *(const char **)found->value = text;
        return 0;
    case WEIR_OPTION_CHOICE:
        return parse_choice(parse, found, text);
    case WEIR_OPTION_INTEGER: {
        int64_t number;
        if (!weir_parse_int64(text, strlen(text), &number) || out_of_bounds(option, (double)number))
            return fail_value(parse, option, "a whole number", text);
        *(int64_t *)found->value = number;
        return 0;
    }
    case WEIR_OPTION_NUMBER: {
        double number;
        if (!weir_parse_double(text, strlen(text), &number) || isnan(number) || out_of_bounds(option, number) ||
            (isinf(number) && !bounded(option)))
            return fail_value(parse, option, "a number", text);
        *(double *)found->value = number;
        return 0;
    }
    case WEIR_OPTION_SIZE: {
        int64_t size;
        if (!parse_size(text, &size) || out_of_bounds(option, (double)size))
            return fail_size(parse, option, text);
        *(int64_t *)found->value = size;
        return 0;
    }
    case WEIR_OPTION_LIST:
        return parse_list(parse, found, text);
    case WEIR_OPTION_REPEAT:
        return weir_strings_add(found->value, text, strlen(text)) < 0 ? weir_fail_memory(parse->error) : 0;
    }
    return weir_fail(parse->error, WEIR_BUG, "option '--%s' is of no kind", option->name);
}

/* Sets the option: text is its value, or NULL for a flag that stands alone. */
static int set(const struct parse *parse, const struct found *found, const char *text)
{
    const struct weir_option *option = found->option;
    if (!text)
        *(bool *)found->value = true;
    else if (parse_value(parse, found, text) < 0)
        return -1;
    if (parse->given && !weir_strings_contain(parse->given, option->name) &&
        weir_strings_add(parse->given, option->name, strlen(option->name)) < 0)
        return weir_fail_memory(parse->error);
    return 0;
}

static int fail_no_value(const struct parse *parse, const struct weir_option *option)
{
    return weir_fail(parse->error, WEIR_USAGE, "option '--%s' needs a value: --%s %s", option->name, option->name,
                     option->argument ? option->argument : "VALUE");
}

/* --name, --name=VALUE or --name VALUE; next is the argument after it (NULL: none), *used says whether it was taken. */
static int parse_long(const struct parse *parse, const char *argument, const char *next, bool *used)
{
    const char *name = argument + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    struct found found;
    if (!find_name(parse, name, length, &found))
        return fail_unknown(parse, name, length);
    if (equals)
        return set(parse, &found, equals + 1);
    if (found.option->kind == WEIR_OPTION_FLAG)
        return set(parse, &found, NULL);
    if (!next)
        return fail_no_value(parse, found.option);
    *used = true;
    return set(parse, &found, next);
}

/* -q, -qv, -n VALUE, -nVALUE. */
static int parse_letters(const struct parse *parse, const char *argument, const char *next, bool *used)
{
    for (const char *letter = argument + 1; *letter; letter++) {
        struct found found;
        if (!find_letter(parse, *letter, &found))
            return weir_fail(parse->error, WEIR_USAGE, "unknown option '-%.*s'",
                             (unsigned char)*letter < 0x80 ? 1 : (int)strlen(letter), letter);
        if (found.option->kind != WEIR_OPTION_FLAG) {
            if (letter[1])
                return set(parse, &found, letter + 1);
            if (!next)
                return fail_no_value(parse, found.option);
            *used = true;
            return set(parse, &found, next);
        }
        if (set(parse, &found, NULL) < 0)
            return -1;
    }
    return 0;
}

int weir_options_parse(int argc, char **argv, const struct weir_option *const *tables, void *const *values,
                       int table_count, struct weir_strings *operands, struct weir_strings *given,
                       struct weir_error *error)
{
    struct parse parse = { tables, values, table_count, given, error };
    bool options = true;
    for (int i = 1; i < argc; i++) {
        const char *argument = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
        bool used = false;
        int result = 0;
        if (!options || argument[0] != '-' || argument[1] == 0 || argument[1] == '=') {
            if (weir_strings_add(operands, argument, strlen(argument)) < 0)
                result = weir_fail_memory(error);
        } else if (argument[1] == '-' && argument[2] == 0) {
            options = false;
        } else if (argument[1] == '-') {
            result = parse_long(&parse, argument, next, &used);
        } else {
            result = parse_letters(&parse, argument, next, &used);
        }
        if (result < 0)
            return -1;
        i += used;
    }
    return 0;
}

static void append_json_text(struct weir_buffer *out, const char *text)
{
    weir_buffer_json_string(out, text, strlen(text));
}

static void append_json_list(struct weir_buffer *out, const struct weir_strings *list)
{
    weir_buffer_byte(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        weir_buffer_string(out, i ? ", " : "");
        append_json_text(out, list->items[i]);
    }
    weir_buffer_byte(out, ']');
}

static void append_json_value(struct weir_buffer *out, const struct weir_option *option, const void *value)
{
    char number[WEIR_NUMBER_SIZE];
    switch (option->kind) {
    case WEIR_OPTION_FLAG:
        weir_buffer_string(out, *(const bool *)value ? "true" : "false");
        return;
    case WEIR_OPTION_TEXT:
    case WEIR_OPTION_CHOICE:
        append_json_text(out, *(const char *const *)value ? *(const char *const *)value : "");
        return;
    case WEIR_OPTION_INTEGER:
    case WEIR_OPTION_SIZE:
        weir_buffer_format(out, "\"%.*s\"", (int)weir_format_int64(*(const int64_t *)value, number), number);
        return;
    case WEIR_OPTION_NUMBER:
        weir_buffer_format(out, "\"%.*s\"", (int)weir_format_double(*(const double *)value, number), number);
        return;
    case WEIR_OPTION_LIST:
    case WEIR_OPTION_REPEAT:
        append_json_list(out, value);
        return;
    }
}

int weir_options_json(const struct weir_option *table, const void *values, const struct weir_strings *given,
                      struct weir_buffer *out)
{
    static const struct weir_strings none;
    return weir_options_json_operands(table, values, given, &none, out);
}

int weir_options_json_operands(const struct weir_option *table, const void *values, const struct weir_strings *given,
                               const struct weir_strings *operands, struct weir_buffer *out)
{
    bool first = operands->count == 0;
    weir_buffer_byte(out, '{');
    if (!first) {
        weir_buffer_string(out, "\"operands\": ");
        append_json_list(out, operands);
    }
    for (const struct weir_option *option = table; option && option->name; option++) {
        if (!option->plan || (given && !weir_strings_contain(given, option->name)))
            continue;
        weir_buffer_string(out, first ? "" : ", ");
        append_json_text(out, option->name);
        weir_buffer_string(out, ": ");
        append_json_value(out, option, (const char *)values + option->offset);
        first = false;
    }
    weir_buffer_byte(out, '}');
    return out->failed ? -1 : 0;
}

json_t *weir_options_value(const struct weir_option *table, const void *values, const struct weir_strings *given)
{
    struct weir_buffer text = { 0 };
    json_t *value = NULL;
    if (weir_options_json(table, values, given, &text) == 0)
        value = weir_json_parse(text.bytes, text.size, 0, NULL);
    weir_buffer_release(&text);
    return value;
}

void weir_options_release(const struct weir_option *table, void *values)
{
    for (const struct weir_option *option = table; option && option->name; option++)
        if (option->kind == WEIR_OPTION_LIST || option->kind == WEIR_OPTION_REPEAT)
            weir_strings_release((struct weir_strings *)(void *)((char *)values + option->offset));
}
