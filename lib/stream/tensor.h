/* The canonical extension type arrow.fixed_shape_tensor: a fixed list with a shape. */
#ifndef WEIR_STREAM_TENSOR_H
#define WEIR_STREAM_TENSOR_H

#include "stream/schema.h"

#define WEIR_EXTENSION_NAME     "ARROW:extension:name"
#define WEIR_EXTENSION_METADATA "ARROW:extension:metadata"
#define WEIR_TENSOR_NAME        "arrow.fixed_shape_tensor"

/* When the field's metadata says that its fixed list is a tensor, sets rank and shape. The extension's own JSON stays
 * in the metadata only when it holds more than the shape (names of dimensions, a permutation). */
int weir_tensor_read(struct weir_field *field, struct weir_error *error);
/* The extension's JSON for a field of a tensor type, appended. */
int weir_tensor_write(const struct weir_field *field, struct weir_buffer *json);

#endif
