#include "base/number.h"
#include "nn/optimizer.h"
#include <math.h>
#include <string.h>

/* The next word of the notation: blanks and commas divide; a comma is a word. */
static bool next_word(const char **text, const char **word, size_t *length)
{
    while (**text == ' ' || **text == '\t')
        ++*text;
    *word = *text;
    if (**text == ',')
        ++*text;
    else
        while (**text && **text != ' ' && **text != '\t' && **text != ',')
            ++*text;
    *length = (size_t)(*text - *word);
    return *length > 0;
}

static bool is(const char *word, size_t length, const char *text)
{
    return length == strlen(text) && memcmp(word, text, length) == 0;
}

int weir_schedule_parse(struct weir_schedule *schedule, const char *notation, struct weir_error *error)
{
    static const char forms[] = "'constant', 'step EPOCHS FACTOR' or 'cosine', each with ', warmup STEPS' behind it";
    const char *text = notation, *word;
    size_t length;
    *schedule = (struct weir_schedule){ .kind = WEIR_SCHEDULE_CONSTANT };
    next_word(&text, &word, &length);
    if (is(word, length, "cosine")) {
        schedule->kind = WEIR_SCHEDULE_COSINE;
    } else if (is(word, length, "step")) {
        schedule->kind = WEIR_SCHEDULE_STEP;
        next_word(&text, &word, &length);
        if (!weir_parse_int64(word, length, &schedule->step_epochs) || schedule->step_epochs < 1)
            return weir_fail(error, WEIR_USAGE, "schedule '%s': after 'step', a number of epochs from 1 on", notation);
        next_word(&text, &word, &length);
        if (!weir_parse_double(word, length, &schedule->step_factor) ||
            !(schedule->step_factor > 0 && schedule->step_factor < INFINITY))
            return weir_fail(error, WEIR_USAGE, "schedule '%s': after the epochs, a factor above 0", notation);
    } else if (!is(word, length, "constant")) {
        return weir_fail(error, WEIR_USAGE, "schedule '%s': it is %s", notation, forms);
    }
    if (!next_word(&text, &word, &length))
        return 0;
    if (is(word, length, ","))
        next_word(&text, &word, &length);
    if (!is(word, length, "warmup"))
        return weir_fail(error, WEIR_USAGE, "schedule '%s': it is %s", notation, forms);
    next_word(&text, &word, &length);
    if (!weir_parse_int64(word, length, &schedule->warmup_steps) || schedule->warmup_steps < 0)
        return weir_fail(error, WEIR_USAGE, "schedule '%s': after 'warmup', a number of steps", notation);
    if (next_word(&text, &word, &length))
        return weir_fail(error, WEIR_USAGE, "schedule '%s': it is %s", notation, forms);
    return 0;
}

double weir_schedule_factor(const struct weir_schedule *schedule, int64_t step, int64_t total_steps,
                            int64_t steps_per_epoch)
{
    double factor = 1;
    if (schedule->kind == WEIR_SCHEDULE_STEP) {
        factor = pow(schedule->step_factor, (double)(step / steps_per_epoch / schedule->step_epochs));
    } else if (schedule->kind == WEIR_SCHEDULE_COSINE) {
        /* The warm-up's steps do not count: the cosine begins behind it at 1. */
        double done = (double)(step - schedule->warmup_steps), all = (double)(total_steps - schedule->warmup_steps);
        double share = done <= 0 || all <= 0 ? 0 : done >= all ? 1 : done / all;
        factor = 0.5 * (1 + cos(3.14159265358979323846 * share));
    }
    if (step < schedule->warmup_steps)
        factor *= (double)(step + 1) / (double)schedule->warmup_steps;
    return factor;
}
