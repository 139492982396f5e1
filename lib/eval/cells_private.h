/* Within lib/eval: a drawing as the characters of a terminal. */
#ifndef WEIR_EVAL_CELLS_PRIVATE_H
#define WEIR_EVAL_CELLS_PRIVATE_H

#include "base/drawing.h"

/* Of a drawing that was laid out for cells. colours: 0 (characters alone), 256 or 1 << 24. Lines have no blanks at
 * their ends. */
int weir_cells_write(const struct weir_drawing *drawing, int colours, struct weir_buffer *out,
                     struct weir_error *error);

#endif
