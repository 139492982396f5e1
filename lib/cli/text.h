/* Text for people: advice, what is safe on a terminal, how wide it is there. */
#ifndef WEIR_CLI_TEXT_H
#define WEIR_CLI_TEXT_H

#include "base/buffer.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include <stddef.h>
#include <stdint.h>

/* "; did you mean '--rows'?" (prefix "--") appended when there is one; nothing otherwise. */
void weir_nearest_advice(const struct weir_nearest *nearest, const char *prefix, struct weir_buffer *out);

/* Appends text with everything unsafe shown as an escape (\n, \x1b, \u202e) and all else untouched, so that text which
 * has been escaped already stays as it is. */
void weir_append_safe(struct weir_buffer *out, const char *text, size_t length);

/* Columns of a terminal that the text takes, a byte that is no UTF-8 one, as far as they are at most `most`; *fits: how
 * many of its bytes that are. */
int weir_text_columns(const char *text, size_t length, int most, size_t *fits);

#endif
