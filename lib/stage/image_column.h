/* Columns of images: which they are, and the pixels of a row. */
#ifndef WEIR_STAGE_IMAGE_COLUMN_H
#define WEIR_STAGE_IMAGE_COLUMN_H

#include "math/image.h"
#include "stage/stage.h"

/* Pixels that an image of a column may have. */
enum { WEIR_IMAGE_COLUMN_PIXELS = 1 << 24 };

/* True of a tensor of uint8 or float32 with two or three dimensions. */
bool weir_image_column_fits(const struct weir_field *field);
/* The form of its images. -1 with the message, which names the column: no such tensor, another number of channels than
 * 1 to 4, no pixel at all, or too many. */
int weir_image_column_form(struct weir_image *image, const struct weir_field *field, struct weir_error *error);
/* Bytes of one image. */
size_t weir_image_column_size(const struct weir_image *image);
/* The pixels of a row. */
static inline const uint8_t *weir_image_column_pixels(const struct weir_column *column, size_t size, int64_t row)
{
    return column->children[0].values.bytes + (size_t)row * size;
}
/* No pixel of the row is missing, NaN or infinite. */
bool weir_image_column_whole(const struct weir_column *column, const struct weir_image *image, int64_t row);

#endif
