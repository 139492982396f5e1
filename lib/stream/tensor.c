#include "stream/tensor.h"

#include <jansson.h>
#include <string.h>

/* The shape within the extension's JSON: how many dimensions it has, of which the first WEIR_MAX_RANK are in shape; -1:
 * it is none. *only: nothing else of meaning stands beside it. */
static int parse_shape(const char *text, int64_t shape[WEIR_MAX_RANK], bool *only)
{
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const json_t *list = json_object_get(root, "shape");
    size_t rank = json_array_size(list);
    int result = json_is_array(list) ? (int)rank : -1;
    for (size_t i = 0; i < rank && i < WEIR_MAX_RANK && result > 0; i++) {
        const json_t *length = json_array_get(list, i);
        shape[i] = json_integer_value(length);
        if (!json_is_integer(length) || shape[i] < 0 || shape[i] > INT32_MAX)
            result = -1;
    }
    *only = json_object_size(root) == 1;
    json_decref(root);
    return result;
}

static bool product_is(const int64_t *shape, int rank, int64_t size)
{
    int64_t product = 1;
    for (int i = 0; i < rank; i++)
        if (__builtin_mul_overflow(product, shape[i], &product))
            return false;
    return product == size;
}

int weir_tensor_read(struct weir_field *field, struct weir_error *error)
{
    const char *name = weir_metadata_get(&field->metadata, WEIR_EXTENSION_NAME);
    const char *text = weir_metadata_get(&field->metadata, WEIR_EXTENSION_METADATA);
    struct weir_type *type = &field->type;
    int64_t shape[WEIR_MAX_RANK] = { 0 };
    bool only;
    if (!name || strcmp(name, WEIR_TENSOR_NAME) != 0)
        return 0;
    int rank = text ? parse_shape(text, shape, &only) : -1;
    if (rank == 0 || rank > WEIR_MAX_RANK)
        return weir_fail(error, WEIR_BAD_DATA, "a tensor of %d dimensions, where 1 to %d are handled", rank,
                         WEIR_MAX_RANK);
    if (type->kind != WEIR_FIXED_LIST || rank < 0 || !product_is(shape, rank, type->list_size))
        return weir_fail(error, WEIR_BAD_DATA, "a tensor whose shape does not fit its list");
    type->rank = rank;
    memcpy(type->shape, shape, sizeof type->shape);
    if (only)
        weir_metadata_set(&field->metadata, WEIR_EXTENSION_METADATA, NULL);
    weir_metadata_set(&field->metadata, WEIR_EXTENSION_NAME, NULL);
    return 0;
}

int weir_tensor_write(const struct weir_field *field, struct weir_buffer *json)
{
    const struct weir_type *type = &field->type;
    const char *text = weir_metadata_get(&field->metadata, WEIR_EXTENSION_METADATA);
    int64_t shape[WEIR_MAX_RANK] = { 0 };
    bool only;
    if (text && parse_shape(text, shape, &only) == type->rank &&
        memcmp(shape, type->shape, (size_t)type->rank * sizeof *shape) == 0) {
        weir_buffer_string(json, text);
    } else {
        weir_buffer_string(json, "{\"shape\":[");
        for (int i = 0; i < type->rank; i++)
            weir_buffer_format(json, "%s%lld", i ? "," : "", (long long)type->shape[i]);
        weir_buffer_string(json, "]}");
    }
    return json->failed ? -1 : 0;
}
