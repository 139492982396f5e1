#include "model/model_file.h"
#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/hash.h"
#include "base/memory.h"
#include "stage/blob.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header is what a parser must hold at once; the limit is that of the safetensors library. */
enum { MAX_HEADER = 100000000, FORMAT_VERSION = 1, MAX_TENSORS = 1 << 20 };

static const char metadata_key[] = "__metadata__";
static const char digest_key[] = "weir:digest";
static const char format_key[] = "weir:format";
static const char plan_key[] = "weir:plan";

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

/* Bytes of a tensor of that type and shape; false when a dimension is negative or the product overflows. */
static bool tensor_size(enum weir_tensor_type type, int rank, const int64_t *shape, size_t *size)
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
    if (rank < 0 || rank > WEIR_MAX_RANK || !tensor_size(type, rank, shape, &expected) || expected != size ||
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

static void blob_name(char out[32], size_t index)
{
    snprintf(out, 32, "plan.%zu", index);
}

int weir_model_file_set_plan(struct weir_model_file *file, const struct weir_plan *plan, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    int result = weir_plan_to_text(plan, &text, error);
    if (result == 0 && weir_model_file_set(file, plan_key, text.bytes))
        result = weir_fail_memory(error);
    for (size_t i = 0; result == 0 && i < plan->blobs.count; i++) {
        const struct weir_buffer *blob = &plan->blobs.items[i];
        int64_t shape = (int64_t)blob->size;
        char name[32];
        blob_name(name, i);
        if (weir_model_file_add(file, name, WEIR_TENSOR_U8, 1, &shape, blob->bytes, blob->size))
            result = weir_fail_memory(error);
    }
    weir_buffer_release(&text);
    return result;
}

/* ---- The digest ------------------------------------------------------------------------------------------- */

enum { CANONICAL = JSON_COMPACT | JSON_SORT_KEYS };

/* Over the metadata without the digest, the tensors' header, and the tensors in the order of their bytes. */
static int compute_digest(const json_t *metadata, const json_t *tensors_header, const struct weir_tensor *tensors,
                          size_t count, char digest[33], struct weir_error *error)
{
    json_t *plain = weir_json_copy(metadata);
    json_object_del(plain, digest_key);
    struct weir_buffer text = { 0 };
    struct weir_hasher *hasher = weir_hasher_new();
    int result = weir_json_dump_new(plain, CANONICAL, &text, error);
    if (result == 0)
        result = weir_json_dump(tensors_header, CANONICAL, &text, error);
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

/* ---- Writing ---------------------------------------------------------------------------------------------- */

/* Wide types first, so that offsets without gaps are aligned; a stable order. */
static void order_by_width(struct weir_tensor *tensors, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct weir_tensor tensor = tensors[i];
        size_t j = i;
        for (; j > 0 && types[tensors[j - 1].type].width < types[tensor.type].width; j--)
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
        json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", types[tensor->type].name, "shape", shape,
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
    int result = weir_json_dump(header, CANONICAL, &text, error);
    while (text.size % 8 && !text.failed)
        weir_buffer_byte(&text, ' ');
    if (result == 0)
        result = weir_buffer_check(&text, error);
    size_t padded = text.size - sizeof length;
    if (result == 0 && padded > MAX_HEADER)
        result = weir_fail(error, WEIR_BAD_DATA, "the model's header would take %zu bytes, more than %d", padded,
                           MAX_HEADER);
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
    char version[8];
    snprintf(version, sizeof version, "%d", FORMAT_VERSION);
    order_by_width(file->tensors, file->tensor_count);
    json_t *header = header_of_tensors(file);
    int result = 0;
    if (!header || weir_model_file_set(file, format_key, version))
        result = weir_fail_memory(error);
    if (result == 0)
        result = compute_digest(file->metadata, header, file->tensors, file->tensor_count, file->digest, error);
    if (result == 0) {
        json_t *metadata = weir_json_copy(file->metadata);
        if (!metadata || json_object_set_new(metadata, digest_key, json_string(file->digest)) ||
            json_object_set(header, metadata_key, metadata))
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

/* ---- Reading ---------------------------------------------------------------------------------------------- */

bool weir_model_file_sniff(const void *bytes, size_t size)
{
    if (size < 9 || ((const char *)bytes)[8] != '{')
        return false;
    uint64_t length = weir_load_u64(bytes);
    return length >= 2 && length <= MAX_HEADER;
}

static int bad(struct weir_error *error, const char *text)
{
    return weir_fail(error, WEIR_BAD_DATA, "%s", text);
}

static int bad_tensor(struct weir_error *error, const char *name, const char *text)
{
    struct weir_buffer shown = { 0 };
    weir_buffer_escaped(&shown, name, strlen(name));
    int result = weir_fail(error, WEIR_BAD_DATA, "tensor '%s' %s", shown.bytes ? shown.bytes : "", text);
    weir_buffer_release(&shown);
    return result;
}

/* The tensor's place as offsets from the first tensor's byte; its bytes are set when all are known to be there. */
struct span {
    size_t begin, end;
    size_t index;
};

static bool read_size(const json_t *json, size_t *out)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0)
        return false;
    *out = (size_t)json_integer_value(json);
    return true;
}

static int read_tensor(struct weir_model_file *file, const char *name, const json_t *entry, size_t data_size,
                       struct span *span, struct weir_error *error)
{
    const char *type_name = json_string_value(json_object_get(entry, "dtype"));
    const json_t *shape = json_object_get(entry, "shape");
    const json_t *offsets = json_object_get(entry, "data_offsets");
    if (!type_name || !json_is_array(shape) || json_array_size(offsets) != 2)
        return bad_tensor(error, name, "has no dtype, shape and data_offsets");

    struct weir_tensor tensor = { 0 };
    size_t type = 0;
    while (type < sizeof types / sizeof types[0] && strcmp(types[type].name, type_name) != 0)
        type++;
    if (type == sizeof types / sizeof types[0])
        return bad_tensor(error, name, "has a type that is not known here");
    tensor.type = (enum weir_tensor_type)type;

    if (json_array_size(shape) > WEIR_MAX_RANK)
        return bad_tensor(error, name, "has too many dimensions");
    tensor.rank = (int)json_array_size(shape);
    for (int i = 0; i < tensor.rank; i++) {
        size_t dimension;
        if (!read_size(json_array_get(shape, (size_t)i), &dimension))
            return bad_tensor(error, name, "has a shape that is none");
        tensor.shape[i] = (int64_t)dimension;
    }
    if (!read_size(json_array_get(offsets, 0), &span->begin) || !read_size(json_array_get(offsets, 1), &span->end) ||
        span->begin > span->end || span->end > data_size)
        return bad_tensor(error, name, "lies outside the file");
    if (!tensor_size(tensor.type, tensor.rank, tensor.shape, &tensor.size) || tensor.size != span->end - span->begin)
        return bad_tensor(error, name, "has another size than its shape and type say");

    tensor.name = weir_duplicate_string(name);
    if (!tensor.name)
        return weir_fail_memory(error);
    span->index = file->tensor_count;
    file->tensors[file->tensor_count++] = tensor;
    return 0;
}

static int compare_spans(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All tensors, in the order of their bytes, which must follow one another from 0 to data_size. */
static int read_tensors(struct weir_model_file *file, const json_t *header, const uint8_t *data, size_t data_size,
                        struct weir_error *error)
{
    size_t count = json_object_size(header);
    if (count > MAX_TENSORS)
        return bad(error, "it has too many tensors");
    struct span *spans = weir_allocate(count, sizeof *spans);
    const char **names = weir_allocate(count, sizeof *names);
    struct weir_tensor *sorted = weir_allocate_zero(count, sizeof *sorted);
    file->tensors = weir_allocate_zero(count, sizeof *file->tensors);
    file->by_name = weir_allocate(count, sizeof *file->by_name);
    file->tensor_capacity = count;
    int result = 0;
    if (!spans || !names || !sorted || !file->tensors || !file->by_name) {
        result = weir_fail_memory(error);
        goto done;
    }
    size_t n = 0;
    for (void *i = json_object_iter((json_t *)(uintptr_t)header); i;
         i = json_object_iter_next((json_t *)(uintptr_t)header, i))
        names[n++] = json_object_iter_key(i);
    qsort(names, n, sizeof *names, compare_names);
    for (size_t i = 0; i < n; i++) {
        result = read_tensor(file, names[i], json_object_get(header, names[i]), data_size, &spans[i], error);
        if (result)
            goto done;
    }
    qsort(spans, n, sizeof *spans, compare_spans);
    size_t end = 0;
    for (size_t i = 0; i < n; i++) {
        if (spans[i].begin != end) {
            result = bad_tensor(error, file->tensors[spans[i].index].name, "leaves a gap or overlaps another");
            goto done;
        }
        end = spans[i].end;
        file->by_name[spans[i].index] = i;
        sorted[i] = file->tensors[spans[i].index];
        sorted[i].bytes = data + spans[i].begin;
    }
    memcpy(file->tensors, sorted, n * sizeof *sorted);
    if (end != data_size)
        result = weir_fail(error, WEIR_BAD_DATA, "%zu bytes are left over behind the last tensor", data_size - end);
done:
    free(spans);
    free(names);
    free(sorted);
    return result;
}

static int read_metadata(struct weir_model_file *file, json_t *header, struct weir_error *error)
{
    json_t *metadata = json_object_get(header, metadata_key);
    if (!json_is_object(metadata))
        return bad(error, "it has no metadata: a safetensors file, but not of Weir");
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value) if (!json_is_string(value)) return bad(
        error, "its metadata holds something else than strings");
    file->metadata = json_incref(metadata);
    json_object_del(header, metadata_key);

    const char *version = weir_model_file_get(file, format_key);
    const char *digest = weir_model_file_get(file, digest_key);
    if (!version || !digest)
        return bad(error, "a safetensors file, but not of Weir");
    if (strcmp(version, "1") != 0) {
        struct weir_buffer shown = { 0 };
        weir_buffer_escaped(&shown, version, strnlen(version, 20));
        weir_fail(error, WEIR_BAD_DATA, "it is of format version '%s', and this program knows version %d",
                  shown.bytes ? shown.bytes : "", FORMAT_VERSION);
        weir_buffer_release(&shown);
        return -1;
    }
    if (strlen(digest) != sizeof file->digest - 1)
        return bad(error, "its digest is none");
    memcpy(file->digest, digest, sizeof file->digest);
    json_object_del(file->metadata, digest_key);
    return 0;
}

static int read_plan(struct weir_model_file *file, struct weir_error *error)
{
    const char *text = weir_model_file_get(file, plan_key);
    if (!text)
        return 0;
    if (weir_plan_from_text(&file->plan, text, strlen(text), error))
        return -1;
    char name[32];
    for (size_t i = 0;; i++) {
        blob_name(name, i);
        const struct weir_tensor *tensor = weir_model_file_tensor(file, name);
        if (!tensor)
            return 0;
        if (tensor->type != WEIR_TENSOR_U8)
            return bad_tensor(error, name, "is a part of the plan, but no bytes");
        if (weir_blobs_put(&file->plan.blobs, i, tensor->bytes, tensor->size, error))
            return -1;
    }
}

static int parse(struct weir_model_file *file, struct weir_error *error)
{
    const uint8_t *bytes = (const uint8_t *)file->memory;
    if (file->memory_size == 0)
        return bad(error, "it is empty, as `train >FILE` leaves it that did not finish (-o FILE writes nothing then)");
    if (!weir_model_file_sniff(bytes, file->memory_size))
        return bad(error, "it does not begin as a model does");
    uint64_t length = weir_load_u64(bytes);
    if (length > file->memory_size - 8)
        return bad(error, "it is cut short within its header");
    json_t *header = weir_json_parse(file->memory + 8, (size_t)length, JSON_REJECT_DUPLICATES, error);
    if (!header)
        return weir_fail_in(error, "its header");
    if (!json_is_object(header)) {
        json_decref(header);
        return bad(error, "its header is no JSON object");
    }
    const uint8_t *data = bytes + 8 + length;
    size_t data_size = file->memory_size - 8 - (size_t)length;
    char digest[33];
    int result = read_metadata(file, header, error);
    if (result == 0)
        result = read_tensors(file, header, data, data_size, error);
    if (result == 0)
        result = compute_digest(file->metadata, header, file->tensors, file->tensor_count, digest, error);
    if (result == 0 && memcmp(digest, file->digest, sizeof digest) != 0)
        result = bad(error, "its digest does not match: it was damaged or edited");
    if (result == 0)
        result = read_plan(file, error);
    json_decref(header);
    return result;
}

int weir_model_file_parse(struct weir_model_file *file, char *memory, size_t size, struct weir_error *error)
{
    *file = (struct weir_model_file){ .memory = memory, .memory_size = size };
    int result = parse(file, error);
    if (result)
        weir_model_file_release(file);
    return result;
}

int weir_model_file_read(struct weir_model_file *file, const char *path, struct weir_error *error)
{
    char *memory = NULL;
    size_t size = 0;
    *file = (struct weir_model_file){ 0 };
    if (weir_read_file(path, SIZE_MAX - 1, &memory, &size, error))
        return -1;
    struct weir_error inner = { 0 };
    if (weir_model_file_parse(file, memory, size, &inner) == 0)
        return 0;
    struct weir_buffer shown = { 0 };
    weir_buffer_escaped(&shown, path, strlen(path));
    if (inner.status == WEIR_BAD_DATA)
        weir_fail(error, WEIR_BAD_DATA, "'%s' is no model: %s", shown.bytes ? shown.bytes : "", inner.text);
    else if (error)
        *error = inner;
    weir_buffer_release(&shown);
    return -1;
}
