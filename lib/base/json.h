/* JSON into and out of jansson values, with the failures that jansson 2.14 keeps to itself: a copy or a text that lacks
 * what it found no memory for comes back from it as if it were whole.
 *
 * In one place no caller can see it: a token's buffer that cannot grow loses a character, and the reader goes on. A
 * process that is to outlive a failed allocation gives jansson an allocator that never fails; lib/cli gives it one that
 * ends the program. */
#ifndef WEIR_BASE_JSON_H
#define WEIR_BASE_JSON_H

#include "base/buffer.h"
#include <jansson.h>

/* Floats at 17 digits, no blanks: how values are kept. */
#define WEIR_JSON_KEPT (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17))

/* The value of the text, `flags` those of json_loadb: a new reference, or NULL with "no JSON at byte N: why"
 * (WEIR_BAD_DATA) or out of memory. */
json_t *weir_json_parse(const char *text, size_t length, size_t flags, struct weir_error *error);
/* The same of a file that a person wrote: "no JSON at line L, column C: why". */
json_t *weir_json_parse_lines(const char *text, size_t length, size_t flags, struct weir_error *error);

/* Appends the value as text, `flags` those of json_dumps. NULL is a value that could not be made for want of memory. */
int weir_json_dump(const json_t *json, size_t flags, struct weir_buffer *out, struct weir_error *error);
/* The same of a value that is given away: its reference is released whatever becomes of it. */
int weir_json_dump_new(json_t *json, size_t flags, struct weir_buffer *out, struct weir_error *error);

/* A whole copy, its values shared with the original (copy) or copied too (deep_copy): NULL when out of memory. */
json_t *weir_json_copy(const json_t *json);
json_t *weir_json_deep_copy(const json_t *json);

#endif
