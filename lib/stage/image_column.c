#include "stage/image_column.h"
#include "math/vector.h"
#include "stage/options.h"

bool weir_image_column_fits(const struct weir_field *field)
{
    const struct weir_type *type = &field->type;
    if (type->kind != WEIR_FIXED_LIST || (type->rank != 2 && type->rank != 3))
        return false;
    enum weir_kind kind = type->children[0].type.kind;
    return kind == WEIR_UINT8 || kind == WEIR_FLOAT32;
}

int weir_image_column_form(struct weir_image *image, const struct weir_field *field, struct weir_error *error)
{
    const struct weir_type *type = &field->type;
    bool fits = weir_image_column_fits(field);
    int64_t channels = fits && type->rank == 3 ? type->shape[2] : 1;
    if (fits && channels >= 1 && channels <= WEIR_IMAGE_CHANNELS && type->shape[0] >= 1 && type->shape[1] >= 1 &&
        type->list_size / channels <= WEIR_IMAGE_COLUMN_PIXELS) {
        *image = (struct weir_image){ type->shape[0], type->shape[1], (int)channels,
                                      type->children[0].type.kind == WEIR_UINT8 };
        return 0;
    }
    struct weir_buffer name = { 0 };
    weir_type_describe(type, &name);
    weir_fail(
        error, WEIR_BAD_DATA,
        "column %s is %s; images are tensors of uint8 or float32, [height, width] or [height, width, 1 to %d], of at "
        "most %d pixels",
        WEIR_SHOW(field->name), name.bytes ? name.bytes : "", WEIR_IMAGE_CHANNELS, WEIR_IMAGE_COLUMN_PIXELS);
    weir_buffer_release(&name);
    return -1;
}

static int64_t values_of(const struct weir_image *image)
{
    return image->height * image->width * image->channels;
}

size_t weir_image_column_size(const struct weir_image *image)
{
    return (size_t)values_of(image) * (image->bytes ? 1 : sizeof(float));
}

bool weir_image_column_whole(const struct weir_column *column, const struct weir_image *image, int64_t row)
{
    const struct weir_column *pixels = &column->children[0];
    int64_t values = values_of(image);
    for (int64_t i = row * values; pixels->null_count > 0 && i < (row + 1) * values; i++)
        if (!weir_valid(pixels, i))
            return false;
    return image->bytes ||
           weir_vector_is_finite((const float *)(const void *)pixels->values.bytes + row * values, values);
}
