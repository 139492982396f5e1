/* Within lib/eval: pixels as a terminal of DEC's VT340 or one like it takes them. */
#ifndef WEIR_EVAL_SIXEL_PRIVATE_H
#define WEIR_EVAL_SIXEL_PRIVATE_H

#include "base/buffer.h"

/* rgb[rows][columns][3], in at most 256 colours: those that it has, or, when it has more, these with fewer bits. */
int weir_sixel_write(const uint8_t *rgb, int columns, int rows, struct weir_buffer *out, struct weir_error *error);

#endif
