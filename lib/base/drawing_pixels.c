/* A file of its own, so that only who draws pixels links what writes PNG. */
#include "base/drawing.h"
#include "base/png.h"

struct weir_drawing_shape *weir_drawing_pixels(struct weir_drawing *drawing, double x, double y, double width,
                                               double height, const uint8_t *rgb, int columns, int rows)
{
    struct weir_buffer *bytes = &drawing->bytes;
    struct weir_drawing_shape shape = { .kind = WEIR_SHAPE_PIXELS,
                                        .x = x,
                                        .y = y,
                                        .width = width,
                                        .height = height,
                                        .columns = columns,
                                        .rows = rows,
                                        .first = bytes->size,
                                        .count = (size_t)columns * (size_t)rows * 3 };
    weir_buffer_append(bytes, rgb, shape.count);
    shape.png = bytes->size;
    if (weir_png_write(rgb, columns, rows, bytes, NULL))
        drawing->failed = true;
    shape.png_count = bytes->size - shape.png;
    return weir_drawing_append(drawing, shape);
}
