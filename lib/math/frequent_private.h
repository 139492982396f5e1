/* Between the files of the most frequent values. */
#ifndef WEIR_MATH_FREQUENT_PRIVATE_H
#define WEIR_MATH_FREQUENT_PRIVATE_H

#include "math/frequent.h"

/* A text's size stands before its bytes. */
const char *weir_frequent_text_at(const struct weir_frequent *frequent, uint32_t at, uint32_t *size);

#endif
