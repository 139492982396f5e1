/* What clean does to text: the first four bytes choose the steps, the rest is the text, without what is no UTF-8. What
 * comes out is valid UTF-8 and no longer than it may be; a text that the steps are said to leave alone is the same
 * text; and steps that make a text what they want it to be find nothing to do in it again. */
#include "stage/clean_text_private.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHOICES = 4, LONGEST = 16 }; /* bytes that one may become: U+FDFA in NFKC has 33 for 3 */

/* The options, which the steps need as long as they are used. */
static json_t *choose(struct clean_text_steps *steps, const uint8_t choices[CHOICES])
{
    static const char *const html[] = { NULL, "text", "entities" };
    static const char *const forms[] = { NULL, "nfc", "nfkc" };
    static const char *const letters[] = { NULL, "lower", "upper", "fold" };
    static const char *const rules[] = { NULL, "remove", "token", "constant=x://y" };
    struct weir_error error = { 0 };
    json_t *options = json_object();
    if (html[choices[0] % 3])
        json_object_set_new(options, "html", json_string(html[choices[0] % 3]));
    if (forms[choices[0] / 3 % 3])
        json_object_set_new(options, "unicode", json_string(forms[choices[0] / 3 % 3]));
    if (letters[choices[1] % 4])
        json_object_set_new(options, "case", json_string(letters[choices[1] % 4]));
    if (choices[1] / 4 % 4)
        json_object_set_new(options, "repeats", json_integer(choices[1] / 4 % 4));
    json_object_set_new(options, "drop-controls", json_boolean(choices[1] & 16));
    json_object_set_new(options, "squeeze", json_boolean(choices[1] & 32));
    json_object_set_new(options, "trim", json_boolean(choices[1] & 64));
    if (rules[choices[2] % 4])
        json_object_set_new(options, "urls", json_string(rules[choices[2] % 4]));
    if (rules[choices[3] % 4])
        json_object_set_new(options, "emails", json_string(rules[choices[3] % 4]));
    if (weir_clean_text_read(steps, options, &error) < 0)
        abort();
    return options;
}

static void apply(const struct clean_text_steps *steps, const char *text, size_t length, struct weir_buffer *out)
{
    struct clean_text_scratch scratch = { 0 };
    struct weir_error error = { 0 };
    const char *bytes = text;
    size_t size = length;
    unsigned changes;
    bool left = weir_clean_text_value(steps, &scratch, &bytes, &size, &changes);
    if (weir_clean_text_check(&scratch, &error) < 0 || !weir_is_utf8(bytes, size) || size > LONGEST * length ||
        (left && size == 0 && length > 0))
        abort();
    if (!changes && (size != length || memcmp(bytes, text, size) != 0))
        abort();
    weir_buffer_append(out, bytes, size);
    weir_clean_text_scratch_release(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct clean_text_steps steps = { 0 };
    struct weir_buffer out = { 0 }, again = { 0 };
    size_t length;
    if (size < CHOICES)
        return 0;
    char *text = make_text(data + CHOICES, size - CHOICES, &length);
    json_t *options = choose(&steps, data);
    apply(&steps, text, length, &out);
    /* the other steps may find more in what they left */
    struct clean_text_steps settled = { .form = steps.form, .squeeze = steps.squeeze, .trim = steps.trim };
    apply(&settled, out.bytes ? out.bytes : "", out.size, &again);
    if (again.size != out.size || (out.size > 0 && memcmp(again.bytes, out.bytes, out.size) != 0))
        abort();
    weir_clean_text_release(&steps);
    json_decref(options);
    weir_buffer_release(&out);
    weir_buffer_release(&again);
    free(text);
    return 0;
}
