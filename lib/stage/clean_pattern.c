/* The one file that knows PCRE2. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "stage/clean_pattern_private.h"
#include "stage/options.h"
#include <pcre2.h>
#include <stdlib.h>

/* What compiled code may grow to is some twenty times the pattern's own: longer ones are interpreted. */
enum {
    LARGEST_COMPILED = 4096,
    DEEPEST_PARENTHESES = 100,
    MATCH_KIBIBYTES = 4096,
    MOST_QUICK = 2000000000, /* characters that one search goes through, compiled and interpreted */
    MOST_COUNTED = 200000000,
};

struct clean_pattern {
    pcre2_code *quick, *counted;
    bool anchored; /* it is looked for from the first place alone */
};

struct clean_matcher {
    const struct clean_pattern *pattern;
    pcre2_match_data *found;
    pcre2_match_context *quick, *counted;
    int64_t steps, characters; /* left to the counted search */
    size_t at;                 /* where its last step began */
};

static void *allocate(size_t size, void *context)
{
    (void)context;
    return weir_allocate(size, 1);
}

static void release(void *memory, void *context)
{
    (void)context;
    free(memory);
}

static int fail_compile(const char *text, size_t length, int code, size_t at, struct weir_error *error)
{
    enum { ROOM = 160 };
    PCRE2_UCHAR why[ROOM];
    if (code == PCRE2_ERROR_HEAP_FAILED)
        return weir_fail_memory(error);
    if (pcre2_get_error_message(code, why, sizeof why) < 0)
        why[0] = 0;
    return weir_fail(error, WEIR_USAGE, "pattern %s: at byte %zu: %s", weir_show_text(text, length).text, at,
                     (const char *)why);
}

static int compile(struct clean_pattern *pattern, const char *text, size_t length, pcre2_compile_context *context,
                   struct weir_error *error)
{
    const uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    uint32_t found = 0;
    int code;
    size_t at, size;
    pattern->quick = pcre2_compile((PCRE2_SPTR)text, length, options, &code, &at, context);
    if (pattern->quick)
        pattern->counted = pcre2_compile((PCRE2_SPTR)text, length, options | PCRE2_AUTO_CALLOUT, &code, &at, context);
    if (!pattern->counted)
        return fail_compile(text, length, code, at, error);
    if (pcre2_pattern_info(pattern->quick, PCRE2_INFO_SIZE, &size) == 0 && size <= LARGEST_COMPILED)
        pcre2_jit_compile(pattern->quick, PCRE2_JIT_COMPLETE); /* where it cannot, the interpreter is there */
    pcre2_pattern_info(pattern->quick, PCRE2_INFO_ALLOPTIONS, &found);
    pattern->anchored = found & PCRE2_ANCHORED;
    return 0;
}

struct clean_pattern *weir_clean_pattern_new(const char *text, size_t length, struct weir_error *error)
{
    if (length > CLEAN_LONGEST_PATTERN) {
        weir_fail(error, WEIR_USAGE, "its pattern is longer than %d bytes", CLEAN_LONGEST_PATTERN);
        return NULL;
    }
    struct clean_pattern *pattern = weir_allocate_zero(1, sizeof *pattern);
    pcre2_general_context *memory = pcre2_general_context_create(allocate, release, NULL);
    pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
    int result = pattern && context ? 0 : weir_fail_memory(error);
    if (result == 0) {
        pcre2_set_parens_nest_limit(context, DEEPEST_PARENTHESES);
        result = compile(pattern, text, length, context, error);
    }
    pcre2_compile_context_free(context);
    pcre2_general_context_free(memory);
    if (result < 0) {
        weir_clean_pattern_free(pattern);
        return NULL;
    }
    return pattern;
}

void weir_clean_pattern_free(struct clean_pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_code_free(pattern->quick);
    pcre2_code_free(pattern->counted);
    free(pattern);
}

/* Called before every item of the pattern that is tried. */
static int count_step(pcre2_callout_block *block, void *context)
{
    struct clean_matcher *matcher = context;
    size_t at = block->current_position;
    matcher->characters -= (int64_t)(at > matcher->at ? at - matcher->at : matcher->at - at);
    matcher->at = at;
    return --matcher->steps < 0 || matcher->characters < 0 ? PCRE2_ERROR_CALLOUT : 0;
}

struct clean_matcher *weir_clean_matcher_new(const struct clean_pattern *pattern)
{
    struct clean_matcher *matcher = weir_allocate_zero(1, sizeof *matcher);
    pcre2_general_context *memory = pcre2_general_context_create(allocate, release, NULL);
    if (matcher && memory) {
        matcher->pattern = pattern;
        matcher->found = pcre2_match_data_create(1, memory);
        matcher->quick = pcre2_match_context_create(memory);
        matcher->counted = pcre2_match_context_create(memory);
    }
    pcre2_general_context_free(memory);
    if (!matcher || !matcher->found || !matcher->quick || !matcher->counted) {
        weir_clean_matcher_free(matcher);
        return NULL;
    }
    pcre2_set_heap_limit(matcher->quick, MATCH_KIBIBYTES);
    pcre2_set_heap_limit(matcher->counted, MATCH_KIBIBYTES);
    pcre2_set_callout(matcher->counted, count_step, matcher);
    return matcher;
}

void weir_clean_matcher_free(struct clean_matcher *matcher)
{
    if (!matcher)
        return;
    pcre2_match_data_free(matcher->found);
    pcre2_match_context_free(matcher->quick);
    pcre2_match_context_free(matcher->counted);
    free(matcher);
}

/* What compiled code may do from one place, so that all places of the text together pass MOST_QUICK characters at most,
 * though each step should pass all of them. */
static uint32_t quick_steps(const struct clean_pattern *pattern, size_t length)
{
    size_t steps = MOST_QUICK / (length + 1) / (pattern->anchored ? 1 : length + 1);
    return steps < CLEAN_QUICK_STEPS ? (uint32_t)steps + 1 : CLEAN_QUICK_STEPS;
}

enum clean_found weir_clean_matcher_search(struct clean_matcher *matcher, const char *bytes, size_t length)
{
    if (length > CLEAN_LONGEST_SEARCHED)
        return CLEAN_TOO_LONG;
    PCRE2_SPTR text = (PCRE2_SPTR)bytes;
    pcre2_set_match_limit(matcher->quick, quick_steps(matcher->pattern, length));
    int code =
        pcre2_match(matcher->pattern->quick, text, length, 0, PCRE2_NO_UTF_CHECK, matcher->found, matcher->quick);
    if (code < PCRE2_ERROR_NOMATCH) { /* it gave up: counted step by step */
        matcher->steps = (int64_t)length * CLEAN_STEPS_A_BYTE;
        if (matcher->steps < CLEAN_MOST_STEPS)
            matcher->steps = CLEAN_MOST_STEPS;
        matcher->characters = MOST_COUNTED;
        matcher->at = 0;
        code = pcre2_match(matcher->pattern->counted, text, length, 0, PCRE2_NO_UTF_CHECK, matcher->found,
                           matcher->counted);
    }
    if (code >= 0)
        return CLEAN_FOUND;
    return code == PCRE2_ERROR_NOMATCH    ? CLEAN_NOT_FOUND
           : code == PCRE2_ERROR_NOMEMORY ? CLEAN_NO_MEMORY
                                          : CLEAN_STOPPED;
}
