#include "base/utf8.h"
#include "stage/clean_text_private.h"

/* ---- The options -------------------------------------------------------------------------------------------- */

/* remove, token or constant=TEXT: what takes the place of an address. */
static int read_replacement(const json_t *options, const char *name, const char *token, const char **out,
                            struct weir_error *error)
{
    static const char prefix[] = "constant=";
    const char *text;
    if (weir_option_text(options, name, NULL, &text, error) < 0)
        return -1;
    *out = NULL;
    if (!text)
        return 0;
    if (strcmp(text, "remove") == 0)
        *out = "";
    else if (strcmp(text, "token") == 0)
        *out = token;
    else if (strncmp(text, prefix, sizeof prefix - 1) == 0)
        *out = text + sizeof prefix - 1;
    return *out ? 0
                : weir_fail(error, WEIR_USAGE, "option '--%s': %s is none of remove, token, constant=TEXT", name,
                            WEIR_SHOW(text));
}

static int read_repeats(int64_t *repeats, const json_t *options, struct weir_error *error)
{
    double most = 0;
    if (weir_option_number(options, "repeats", 1, 1000, &most, error) < 0)
        return -1;
    *repeats = (int64_t)most;
    return (double)*repeats == most ? 0 : weir_fail(error, WEIR_USAGE, "option '--repeats' takes a whole number");
}

int weir_clean_text_read(struct clean_text_steps *steps, const json_t *options, struct weir_error *error)
{
    static const char *const kinds[] = { "keep", "text", "entities", NULL };
    static const char *const forms[] = { "keep", "nfc", "nfkc", NULL };
    static const char *const cases[] = { "keep", "lower", "upper", "fold", NULL };
    int kind, form, letters;
    if (weir_option_choice(options, "html", kinds, CLEAN_HTML_AS_IT_IS, &kind, error) < 0 ||
        weir_option_choice(options, "unicode", forms, CLEAN_FORM_AS_IT_IS, &form, error) < 0 ||
        weir_option_flag(options, "drop-controls", &steps->controls, error) < 0 ||
        read_replacement(options, "urls", "<url>", &steps->url, error) < 0 ||
        read_replacement(options, "emails", "<email>", &steps->email, error) < 0 ||
        read_repeats(&steps->repeats, options, error) < 0 ||
        weir_option_flag(options, "squeeze", &steps->squeeze, error) < 0 ||
        weir_option_choice(options, "case", cases, CLEAN_AS_IT_IS, &letters, error) < 0 ||
        weir_option_flag(options, "trim", &steps->trim, error) < 0)
        return -1;
    steps->html = (enum clean_html)kind;
    steps->form = (enum clean_form)form;
    steps->letters = (enum clean_case)letters;
    if (steps->letters != CLEAN_LOWER && steps->letters != CLEAN_UPPER)
        return 0;
    steps->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return steps->locale ? 0 : weir_fail(error, WEIR_BUG, "the C library has no locale C.UTF-8, which --case needs");
}

bool weir_clean_text_works(const struct clean_text_steps *steps)
{
    return steps->html || steps->form || steps->controls || steps->url || steps->email || steps->repeats ||
           steps->squeeze || steps->letters || steps->trim;
}

void weir_clean_text_release(struct clean_text_steps *steps)
{
    if (steps->locale)
        freelocale(steps->locale);
    *steps = (struct clean_text_steps){ 0 };
}

/* ---- Edits -------------------------------------------------------------------------------------------------- */

void weir_clean_edit(struct clean_edit *edit, size_t from, size_t to, const char *text, size_t size)
{
    weir_buffer_append(edit->out, edit->bytes + edit->kept, from - edit->kept);
    weir_buffer_append(edit->out, text, size);
    edit->kept = to;
    edit->changed = true;
}

bool weir_clean_edit_end(struct clean_edit *edit, size_t length)
{
    if (edit->changed)
        weir_buffer_append(edit->out, edit->bytes + edit->kept, length - edit->kept);
    return edit->changed;
}

/* ---- The steps ---------------------------------------------------------------------------------------------- */

void weir_clean_text_scratch_release(struct clean_text_scratch *scratch)
{
    weir_buffer_release(&scratch->texts[0]);
    weir_buffer_release(&scratch->texts[1]);
    weir_buffer_release(&scratch->piece);
    weir_buffer_release(&scratch->codes);
    weir_buffer_release(&scratch->ordered);
    free(scratch->classes);
    *scratch = (struct clean_text_scratch){ 0 };
}

int weir_clean_text_check(const struct clean_text_scratch *scratch, struct weir_error *error)
{
    bool failed = scratch->texts[0].failed || scratch->texts[1].failed || scratch->piece.failed ||
                  scratch->codes.failed || scratch->ordered.failed;
    return failed ? weir_fail_memory(error) : 0;
}

/* A bit for each step that made another text of it, in *out. */
static unsigned do_step(const struct clean_text_steps *steps, enum clean_text_step step,
                        struct clean_text_scratch *scratch, const char *bytes, size_t length, struct weir_buffer *out)
{
    bool changed = false;
    if (step == CLEAN_HTML)
        changed = steps->html && weir_clean_html(steps->html, bytes, length, out);
    else if (step == CLEAN_UNICODE)
        changed = steps->form && weir_clean_unicode(steps->form, scratch, bytes, length, out);
    else if (step == CLEAN_CONTROLS)
        changed = steps->controls && weir_clean_controls(bytes, length, out);
    else if (step == CLEAN_URLS)
        return steps->url || steps->email ? weir_clean_urls(steps->url, steps->email, bytes, length, out) : 0;
    else if (step == CLEAN_REPEATS)
        changed = steps->repeats && weir_clean_repeats(steps->repeats, bytes, length, out);
    else if (step == CLEAN_SQUEEZE)
        changed = steps->squeeze && weir_clean_squeeze(bytes, length, out);
    else if (step == CLEAN_CASE)
        changed = steps->letters && weir_clean_case(steps->letters, steps->locale, bytes, length, out);
    return (unsigned)changed << step;
}

bool weir_clean_text_value(const struct clean_text_steps *steps, struct clean_text_scratch *scratch, const char **bytes,
                           size_t *length, unsigned *changes)
{
    int turn = 0;
    *changes = 0;
    for (int step = 0; step < CLEAN_TRIM; step++) {
        struct weir_buffer *out = &scratch->texts[turn];
        weir_buffer_clear(out);
        unsigned changed = do_step(steps, (enum clean_text_step)step, scratch, *bytes, *length, out);
        *changes |= changed;
        if (!changed)
            continue;
        *bytes = out->bytes ? out->bytes : "";
        *length = out->size;
        turn = !turn;
        if (step <= CLEAN_UNICODE || !steps->form) /* the others may undo the normal form */
            continue;
        out = &scratch->texts[turn];
        weir_buffer_clear(out);
        if (weir_clean_unicode(steps->form, scratch, *bytes, *length, out)) {
            *bytes = out->bytes;
            *length = out->size;
            turn = !turn;
        }
    }
    if (steps->trim && weir_clean_trim(bytes, length))
        *changes |= 1u << CLEAN_TRIM;
    return *length > 0 || !(*changes || steps->trim);
}
