/* Pixels as a PNG. */
#ifndef WEIR_BASE_PNG_H
#define WEIR_BASE_PNG_H

#include "base/buffer.h"

/* rgb[rows][columns][3] as the bytes of a file, appended. */
int weir_png_write(const uint8_t *rgb, int columns, int rows, struct weir_buffer *out, struct weir_error *error);

#endif
