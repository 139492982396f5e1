#include "base/hash.h"
#include "base/memory.h"
#include "model/model_file_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t width;
} types[] = {
    [WEIR_TENSOR_F32] = { "F32", 4 }, [WEIR_TENSOR_F64] = { "F64", 8 }, [WEIR_TENSOR_I64] = { "I64", 8 },
    [WEIR_TENSOR_I32] = { "I32", 4 }, [WEIR_TENSOR_U8] = { "U8", 1 },   [WEIR_TENSOR_BF16] = { "BF16", 2 },
};

const char *weir_tensor_type_name(enum weir_tensor_type type)
{
    return types[type].name;
}

bool weir_tensor_type_find(const char *name, enum weir_tensor_type *type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, name) == 0) {
            *type = (enum weir_tensor_type)i;
            return true;
        }
    return false;
}

void weir_model_file_release(struct weir_model_file *file)
{
    json_decref(file->metadata);
    for (size_t i = 0; i < file->tensor_count; i++)
        free(file->tensors[i].name);
    free(file->tensors);
    free(file->by_name);
    weir_plan_release(&file->plan);
    free(file->memory);
    *file = (struct weir_model_file){ 0 };
}

int weir_model_file_set(struct weir_model_file *file, const char *key, const char *value)
{
    if (!file->metadata)
        file->metadata = json_object();
    return json_object_set_new(file->metadata, key, json_string(value)) ? -1 : 0;
}

int weir_model_file_set_json(struct weir_model_file *file, const char *key, json_t *json, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    int result = weir_json_dump_new(json, WEIR_JSON_KEPT, &text, error);
    if (result == 0 && weir_model_file_set(file, key, text.bytes))
        result = weir_fail_memory(error);
    weir_buffer_release(&text);
    return result;
}

const char *weir_model_file_get(const struct weir_model_file *file, const char *key)
{
    return json_string_value(json_object_get(file->metadata, key));
}

json_t *weir_model_file_get_json(const struct weir_model_file *file, const char *key, struct weir_error *error)
{
    const char *text = weir_model_file_get(file, key);
    if (!text) {
        weir_fail(error, WEIR_BAD_DATA, "the model has no '%s'", key);
        return NULL;
    }
    json_t *json = weir_json_parse(text, strlen(text), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, error);
    if (!json)
        weir_fail_in(error, "the model's '%s'", key);
    return json;
}

bool weir_tensor_size(enum weir_tensor_type type, int rank, const int64_t *shape, size_t *size)
{
    *size = types[type].width;
    for (int i = 0; i < rank; i++)
        if (shape[i] < 0 || !weir_multiply(*size, (size_t)shape[i], size))
            return false;
    return true;
}

int weir_model_file_add(struct weir_model_file *file, const char *name, enum weir_tensor_type type, int rank,
                        const int64_t *shape, const void *bytes, size_t size)
{
    size_t expected;
    if (rank < 0 || rank > WEIR_MAX_RANK || !weir_tensor_size(type, rank, shape, &expected) || expected != size ||
        weir_grow((void **)&file->tensors, &file->tensor_capacity, file->tensor_count + 1, sizeof *file->tensors))
        return -1;
    struct weir_tensor *tensor = &file->tensors[file->tensor_count];
    *tensor = (struct weir_tensor){ .type = type, .rank = rank, .bytes = bytes, .size = size };
    for (int i = 0; i < rank; i++)
        tensor->shape[i] = shape[i];
    tensor->name = weir_duplicate_string(name);
    if (!tensor->name)
        return -1;
    file->tensor_count++;
    free(file->by_name);
    file->by_name = NULL;
    return 0;
}

const struct weir_tensor *weir_model_file_tensor(const struct weir_model_file *file, const char *name)
{
    if (!file->by_name) {
        for (size_t i = 0; i < file->tensor_count; i++)
            if (strcmp(file->tensors[i].name, name) == 0)
                return &file->tensors[i];
        return NULL;
    }
    size_t low = 0, high = file->tensor_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct weir_tensor *tensor = &file->tensors[file->by_name[middle]];
        int order = strcmp(name, tensor->name);
        if (order == 0)
            return tensor;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void weir_model_blob_name(char out[32], size_t index)
{
    snprintf(out, 32, "plan.%zu", index);
}

int weir_model_file_set_plan(struct weir_model_file *file, const struct weir_plan *plan, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    int result = weir_plan_to_text(plan, &text, error);
    if (result == 0 && weir_model_file_set(file, WEIR_PLAN_KEY, text.bytes))
        result = weir_fail_memory(error);
    for (size_t i = 0; result == 0 && i < plan->blobs.count; i++) {
        const struct weir_buffer *blob = &plan->blobs.items[i];
        int64_t shape = (int64_t)blob->size;
        char name[32];
        weir_model_blob_name(name, i);
        if (weir_model_file_add(file, name, WEIR_TENSOR_U8, 1, &shape, blob->bytes, blob->size))
            result = weir_fail_memory(error);
    }
    weir_buffer_release(&text);
    return result;
}

int weir_model_file_compute_digest(const json_t *metadata, const json_t *tensors_header,
                                   const struct weir_tensor *tensors, size_t count, char digest[33],
                                   struct weir_error *error)
{
    json_t *plain = weir_json_copy(metadata);
    json_object_del(plain, WEIR_DIGEST_KEY);
    struct weir_buffer text = { 0 };
    struct weir_hasher *hasher = weir_hasher_new();
    int result = weir_json_dump_new(plain, WEIR_MODEL_CANONICAL, &text, error);
    if (result == 0)
        result = weir_json_dump(tensors_header, WEIR_MODEL_CANONICAL, &text, error);
    if (result == 0 && !hasher)
        result = weir_fail_memory(error);
    if (result == 0) {
        weir_hasher_add(hasher, text.bytes, text.size);
        for (size_t i = 0; i < count; i++)
            weir_hasher_add(hasher, tensors[i].bytes, tensors[i].size);
        weir_hash128_hex(weir_hasher_digest128(hasher), digest);
    }
    weir_hasher_free(hasher);
    weir_buffer_release(&text);
    return result;
}
