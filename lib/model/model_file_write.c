#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/memory.h"
#include "model/model_file_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t element_size(const struct weir_tensor *tensor)
{
    size_t size = 0;
    weir_tensor_size(tensor->type, 0, NULL, &size);
    return size;
}

/* Wide types first, so that offsets without gaps are aligned; a stable order. */
static void order_by_width(struct weir_tensor *tensors, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct weir_tensor tensor = tensors[i];
        size_t j = i;
        for (; j > 0 && element_size(&tensors[j - 1]) < element_size(&tensor); j--)
            tensors[j] = tensors[j - 1];
        tensors[j] = tensor;
    }
}

static json_t *header_of_tensors(const struct weir_model_file *file)
{
    json_t *header = json_object();
    size_t offset = 0;
    for (size_t i = 0; header && i < file->tensor_count; i++) {
        const struct weir_tensor *tensor = &file->tensors[i];
        json_t *shape = json_array();
        int failed = !shape;
        for (int j = 0; j < tensor->rank; j++)
            failed |= json_array_append_new(shape, json_integer(tensor->shape[j]));
        json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", weir_tensor_type_name(tensor->type), "shape", shape,
                                  "data_offsets", (json_int_t)offset, (json_int_t)(offset + tensor->size));
        offset += tensor->size;
        if (json_object_set_new(header, tensor->name, entry) || failed) {
            json_decref(header);
            header = NULL;
        }
    }
    return header;
}

static int write_all(int descriptor, const void *bytes, size_t size, struct weir_error *error)
{
    if (weir_write_full(descriptor, bytes, size))
        return weir_fail_errno(error, WEIR_IO, "cannot write the model");
    return 0;
}

static int write_header(json_t *header, int descriptor, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    uint8_t length[8];
    weir_buffer_zero(&text, sizeof length);
    int result = weir_json_dump(header, WEIR_MODEL_CANONICAL, &text, error);
    while (text.size % 8 && !text.failed)
        weir_buffer_byte(&text, ' ');
    if (result == 0)
        result = weir_buffer_check(&text, error);
    size_t padded = text.size - sizeof length;
    if (result == 0 && padded > WEIR_MODEL_HEADER)
        result = weir_fail(error, WEIR_BAD_DATA, "the model's header would take %zu bytes, more than %d", padded,
                           WEIR_MODEL_HEADER);
    if (result == 0) {
        weir_store_u64(length, padded);
        memcpy(text.bytes, length, sizeof length);
        result = write_all(descriptor, text.bytes, text.size, error);
    }
    weir_buffer_release(&text);
    return result;
}

int weir_model_file_write(struct weir_model_file *file, int descriptor, struct weir_error *error)
{
    order_by_width(file->tensors, file->tensor_count);
    json_t *header = header_of_tensors(file);
    int result = 0;
    if (!header || weir_model_file_set(file, WEIR_FORMAT_KEY, WEIR_MODEL_VERSION))
        result = weir_fail_memory(error);
    if (result == 0)
        result = weir_model_file_compute_digest(file->metadata, header, file->tensors, file->tensor_count, file->digest,
                                                error);
    if (result == 0) {
        json_t *metadata = weir_json_copy(file->metadata);
        if (!metadata || json_object_set_new(metadata, WEIR_DIGEST_KEY, json_string(file->digest)) ||
            json_object_set(header, WEIR_METADATA_KEY, metadata))
            result = weir_fail_memory(error);
        json_decref(metadata);
    }
    if (result == 0)
        result = write_header(header, descriptor, error);
    for (size_t i = 0; result == 0 && i < file->tensor_count; i++)
        result = write_all(descriptor, file->tensors[i].bytes, file->tensors[i].size, error);
    json_decref(header);
    return result;
}
