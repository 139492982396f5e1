#include "base/png.h"
#include <png.h>

int weir_png_write(const uint8_t *rgb, int columns, int rows, struct weir_buffer *out, struct weir_error *error)
{
    png_image image = { .version = PNG_IMAGE_VERSION,
                        .width = (png_uint_32)columns,
                        .height = (png_uint_32)rows,
                        .format = PNG_FORMAT_RGB,
                        .flags = PNG_IMAGE_FLAG_FAST };
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    if (weir_buffer_reserve(out, size))
        return weir_fail_memory(error);
    if (!png_image_write_to_memory(&image, out->bytes + out->size, &size, 0, rgb, columns * 3, NULL))
        return weir_fail(error, WEIR_NO_MEMORY, "a picture of %d by %d cannot be written as PNG: %s", columns, rows,
                         image.message);
    out->size += size;
    out->bytes[out->size] = '\0';
    return 0;
}
