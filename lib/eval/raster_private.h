/* Within lib/eval: a drawing as pixels, 16 samples each. */
#ifndef WEIR_EVAL_RASTER_PRIVATE_H
#define WEIR_EVAL_RASTER_PRIVATE_H

#include "base/drawing.h"

/* *rgb[height][width][3], to be freed. The letters are lines of our own; those of other scripts are boxes. */
int weir_raster(const struct weir_drawing *drawing, bool dark, int width, int height, uint8_t **rgb,
                struct weir_error *error);

/* The strokes of a character, on a grid of 5 columns and 9 rows, the base line being row 6: two digits a point (column,
 * row), a blank between strokes; a stroke of one point is a dot. *advance: columns to the next character. */
const char *weir_letter_strokes(uint32_t code, int *advance);

#endif
