/* Patterns: Perl's regular expressions as PCRE2 has them, searched within UTF-8, with a bound on the work.
 *
 * A pattern comes from a plan that anyone may have written, and must not be able to keep a program for ever. Most texts
 * are searched by compiled code, which may backtrack CLEAN_QUICK_STEPS times from one place, fewer in long texts; what
 * that does not settle is searched again in CLEAN_MOST_STEPS steps in all, or CLEAN_STEPS_A_BYTE for each byte when
 * those are more. Steps are counted, not timed, so that the answer is the same on a busy machine; so are the characters
 * that they pass, since a repeat of one character, or a look ahead for it, is one step of any length. */
#ifndef WEIR_STAGE_CLEAN_PATTERN_PRIVATE_H
#define WEIR_STAGE_CLEAN_PATTERN_PRIVATE_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum {
    CLEAN_LONGEST_PATTERN = 4096,     /* bytes */
    CLEAN_LONGEST_SEARCHED = 1 << 14, /* bytes of text */
    CLEAN_QUICK_STEPS = 1000,
    CLEAN_MOST_STEPS = 100000,
    CLEAN_STEPS_A_BYTE = 100,
};

enum clean_found { CLEAN_NOT_FOUND, CLEAN_FOUND, CLEAN_TOO_LONG, CLEAN_STOPPED, CLEAN_NO_MEMORY };

/* Fixed once it is made: threads may share it, each with a matcher of its own. */
struct clean_pattern;
/* NULL with the message "pattern 'x(': at byte 2: missing closing parenthesis" (WEIR_USAGE). */
struct clean_pattern *weir_clean_pattern_new(const char *text, size_t length, struct weir_error *error);
void weir_clean_pattern_free(struct clean_pattern *pattern); /* NULL is accepted */

struct clean_matcher;
struct clean_matcher *weir_clean_matcher_new(const struct clean_pattern *pattern); /* NULL: out of memory */
void weir_clean_matcher_free(struct clean_matcher *matcher);                       /* NULL is accepted */
/* Whether the pattern is found anywhere in bytes[0 .. length), which are valid UTF-8. */
enum clean_found weir_clean_matcher_search(struct clean_matcher *matcher, const char *bytes, size_t length);

#endif
