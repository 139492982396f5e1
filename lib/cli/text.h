/* Text for people: names that are nearly right, characters and their width, what is safe on a terminal. */
#ifndef WEIR_CLI_TEXT_H
#define WEIR_CLI_TEXT_H

#include "base/buffer.h"
#include <stddef.h>
#include <stdint.h>

/* The candidate nearest to what was asked for, to say "did you mean": start with { .wanted = name }, offer every
 * candidate, then read `name` (NULL: none is near). Letter case does not count. */
struct weir_nearest {
    const char *wanted;
    const char *name;
    int distance;
};
void weir_nearest_offer(struct weir_nearest *nearest, const char *candidate);
/* "; did you mean '--rows'?" (prefix "--") appended when there is one; nothing otherwise. */
void weir_nearest_advice(const struct weir_nearest *nearest, const char *prefix, struct weir_buffer *out);

/* The length of the UTF-8 character that text begins with and its code point; 0 when it is none (or length is 0). */
size_t weir_utf8_decode(const char *text, size_t length, uint32_t *code);
/* Columns that a character takes on a terminal: 0 (combining), 1 or 2 (wide), whatever the locale. */
int weir_utf8_columns(uint32_t code);

/* Appends text with everything unsafe shown as an escape (\n, \x1b, \u202e) and all else untouched, so that text which
 * has been escaped already stays as it is. */
void weir_append_safe(struct weir_buffer *out, const char *text, size_t length);

#endif
