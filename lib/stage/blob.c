#include "stage/blob.h"
#include <limits.h>

void weir_blobs_release(struct weir_blobs *blobs)
{
    for (size_t i = 0; i < blobs->count; i++)
        weir_buffer_release(&blobs->items[i]);
    free(blobs->items);
    *blobs = (struct weir_blobs){ 0 };
}

int weir_blobs_put(struct weir_blobs *blobs, size_t index, const void *bytes, size_t size, struct weir_error *error)
{
    if (index >= WEIR_MAX_BLOBS)
        return weir_fail(error, WEIR_BAD_DATA, "blob %zu: a plan has at most %d", index, WEIR_MAX_BLOBS);
    if (weir_grow((void **)&blobs->items, &blobs->capacity, index + 1, sizeof *blobs->items) < 0)
        return weir_fail_memory(error);
    while (blobs->count <= index)
        blobs->items[blobs->count++] = (struct weir_buffer){ 0 };
    weir_buffer_clear(&blobs->items[index]);
    weir_buffer_append(&blobs->items[index], bytes, size);
    return weir_buffer_check(&blobs->items[index], error);
}

json_t *weir_blobs_add(struct weir_blobs *blobs, const void *bytes, size_t size)
{
    size_t index = blobs->count;
    if (weir_blobs_put(blobs, index, bytes, size, NULL) < 0)
        return NULL;
    return json_pack("{s:I}", "blob", (json_int_t)index);
}

bool weir_is_blob_reference(const json_t *json)
{
    return json_is_object(json) && json_object_size(json) == 1 && json_is_integer(json_object_get(json, "blob"));
}

const struct weir_buffer *weir_blobs_find(const struct weir_blobs *blobs, const json_t *reference,
                                          struct weir_error *error)
{
    if (!weir_is_blob_reference(reference)) {
        weir_fail(error, WEIR_BAD_DATA, "a piece of state is no reference to a blob");
        return NULL;
    }
    json_int_t index = json_integer_value(json_object_get(reference, "blob"));
    if (index < 0 || (uint64_t)index >= blobs->count) {
        weir_fail(error, WEIR_BAD_DATA, "blob %lld of the plan is not there", (long long)index);
        return NULL;
    }
    return &blobs->items[index];
}
