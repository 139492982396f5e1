/* One value written as text: what it is, and how it becomes a value of a column. */
#ifndef WEIR_FORMAT_TEXT_H
#define WEIR_FORMAT_TEXT_H

#include "base/json.h"
#include "stream/batch.h"

/* true or false, in lower case, upper case or with a capital. */
bool weir_text_bool(const char *text, size_t length, bool *out);
/* Digits that begin with a needless zero (007), or a number with a plus sign (+49...): codes, not numbers. */
bool weir_text_is_code(const char *text, size_t length);
/* A sign and digits, however many. */
bool weir_text_is_whole(const char *text, size_t length);

/* Appends the value that the text means to a builder of any type but dictionary: numbers in their range, dates and
 * times, text, binary as hexadecimal digits, lists, tensors and structs as JSON. False when it is none of the type;
 * then nothing was appended. `lenient`: 007 and +5 are numbers. */
bool weir_text_append(struct weir_builder *builder, const char *text, size_t length, bool lenient);
/* True when weir_text_append can read values of the type. */
bool weir_text_can_read(const struct weir_type *type);

/* The same for a JSON value that is not null. */
bool weir_json_append(struct weir_builder *builder, const json_t *value);

#endif
