#include "stage/options.h"
#include "base/number.h"
#include <math.h>

struct weir_shown weir_show_text(const char *text, size_t length)
{
    struct weir_shown shown;
    struct weir_buffer out = { 0 };
    weir_buffer_escaped(&out, text, length < 120 ? length : 120);
    size_t room = sizeof shown.text - 6;
    bool cut = length > 120 || out.size > room;
    size_t size = out.size < room ? out.size : room;
    while (cut && size > 0 && ((unsigned char)out.bytes[size < out.size ? size : size - 1] & 0xC0) == 0x80)
        size--;
    shown.text[0] = '\'';
    if (size > 0)
        memcpy(shown.text + 1, out.bytes, size);
    memcpy(shown.text + 1 + size, cut ? "...'" : "'", cut ? 5 : 2);
    weir_buffer_release(&out);
    return shown;
}

/* Of a family the member is named too. */
static int fail_unknown(const struct weir_stage *stage, const char *key, struct weir_error *error)
{
    const char *name = stage->kind->name, *method = json_string_value(json_object_get(stage->options, "method"));
    if (method && weir_stage_kind_find(name) != stage->kind)
        return weir_fail(error, WEIR_USAGE, "'%s --method %s' has no option %s", name, method, WEIR_SHOW(key));
    return weir_fail(error, WEIR_USAGE, "'%s' has no option %s", name, WEIR_SHOW(key));
}

int weir_option_known(const struct weir_stage *stage, const char *const *names, struct weir_error *error)
{
    const char *key;
    json_t *value;
    json_object_foreach(stage->options, key, value)
    {
        size_t i = 0;
        while (names[i] && strcmp(names[i], key) != 0)
            i++;
        if (!names[i])
            return fail_unknown(stage, key, error);
    }
    return 0;
}

int weir_option_text(const json_t *options, const char *name, const char *otherwise, const char **out,
                     struct weir_error *error)
{
    const json_t *value = json_object_get(options, name);
    if (value && !json_is_string(value))
        return weir_fail(error, WEIR_USAGE, "option '--%s' takes a text", name);
    *out = value ? json_string_value(value) : otherwise;
    return 0;
}

int weir_option_choice(const json_t *options, const char *name, const char *const *choices, int otherwise, int *out,
                       struct weir_error *error)
{
    const char *text = NULL;
    if (weir_option_text(options, name, NULL, &text, error) < 0)
        return -1;
    *out = otherwise;
    if (!text)
        return 0;
    for (int i = 0; choices[i]; i++)
        if (strcmp(choices[i], text) == 0) {
            *out = i;
            return 0;
        }
    struct weir_buffer list = { 0 };
    for (int i = 0; choices[i]; i++)
        weir_buffer_format(&list, "%s%s", i > 0 ? ", " : "", choices[i]);
    weir_fail(error, WEIR_USAGE, "option '--%s' takes one of %s, not %s", name, list.bytes ? list.bytes : "",
              WEIR_SHOW(text));
    weir_buffer_release(&list);
    return -1;
}

int weir_option_flag(const json_t *options, const char *name, bool *out, struct weir_error *error)
{
    const json_t *value = json_object_get(options, name);
    if (value && !json_is_boolean(value))
        return weir_fail(error, WEIR_USAGE, "option '--%s' takes no value", name);
    *out = json_is_true(value);
    return 0;
}

int weir_option_number(const json_t *options, const char *name, double minimum, double maximum, double *out,
                       struct weir_error *error)
{
    const json_t *value = json_object_get(options, name);
    if (!value)
        return 0;
    double number = NAN;
    if (json_is_number(value))
        number = json_number_value(value);
    else if (json_is_string(value) && !weir_parse_double(json_string_value(value), json_string_length(value), &number))
        number = NAN;
    if (!(number >= minimum && number <= maximum))
        return weir_fail(error, WEIR_USAGE, "option '--%s' takes a number from %g to %g", name, minimum, maximum);
    *out = number;
    return 0;
}

int weir_option_integer(const json_t *options, const char *name, int64_t minimum, int64_t maximum, int64_t *out,
                        struct weir_error *error)
{
    double number = (double)*out;
    if (weir_option_number(options, name, (double)minimum, (double)maximum, &number, error) < 0)
        return -1;
    if (number != floor(number))
        return weir_fail(error, WEIR_USAGE, "option '--%s' takes a whole number from %lld to %lld", name,
                         (long long)minimum, (long long)maximum);
    *out = (int64_t)number;
    return 0;
}

int weir_option_size(const json_t *options, const char *name, int64_t *width, int64_t *height, struct weir_error *error)
{
    enum { MOST = 65535 };
    const char *text = NULL, *sign;
    if (weir_option_text(options, name, NULL, &text, error) < 0)
        return -1;
    if (!text)
        return 0;
    sign = strchr(text, 'x');
    if (!sign || !weir_parse_int64(text, (size_t)(sign - text), width) ||
        !weir_parse_int64(sign + 1, strlen(sign + 1), height) || *width < 1 || *height < 1 || *width > MOST ||
        *height > MOST)
        return weir_fail(error, WEIR_USAGE, "option '--%s' takes WIDTHxHEIGHT, each from 1 to %d, not %s", name, MOST,
                         WEIR_SHOW(text));
    return 0;
}

int weir_option_list(const json_t *options, const char *name, const json_t **out, struct weir_error *error)
{
    const json_t *value = json_object_get(options, name);
    *out = value;
    if (!value || json_is_string(value))
        return 0;
    bool good = json_is_array(value);
    for (size_t i = 0; good && i < json_array_size(value); i++)
        good = json_is_string(json_array_get(value, i));
    return good ? 0 : weir_fail(error, WEIR_USAGE, "option '--%s' takes a list of texts", name);
}

size_t weir_option_items(const json_t *list)
{
    return !list ? 0 : json_is_array(list) ? json_array_size(list) : 1;
}

const char *weir_option_item(const json_t *list, size_t i)
{
    return json_string_value(json_is_array(list) ? json_array_get(list, i) : list);
}
