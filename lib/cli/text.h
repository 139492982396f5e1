/* Text for people: advice. */
#ifndef WEIR_CLI_TEXT_H
#define WEIR_CLI_TEXT_H

#include "base/buffer.h"
#include "base/nearest.h"

/* "; did you mean '--rows'?" (prefix "--") appended when there is one; nothing otherwise. */
void weir_nearest_advice(const struct weir_nearest *nearest, const char *prefix, struct weir_buffer *out);

#endif
