#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/memory.h"
#include "model/model_file_private.h"
#include "stage/blob.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_TENSORS = 1 << 20 };

bool weir_model_file_sniff(const void *bytes, size_t size)
{
    if (size < 9 || ((const char *)bytes)[8] != '{')
        return false;
    uint64_t length = weir_load_u64(bytes);
    return length >= 2 && length <= WEIR_MODEL_HEADER;
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
    if (!weir_tensor_type_find(type_name, &tensor.type))
        return bad_tensor(error, name, "has a type that is not known here");
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
    if (!weir_tensor_size(tensor.type, tensor.rank, tensor.shape, &tensor.size) ||
        tensor.size != span->end - span->begin)
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
    json_t *metadata = json_object_get(header, WEIR_METADATA_KEY);
    if (!json_is_object(metadata))
        return bad(error, "it has no metadata: a safetensors file, but not of Weir");
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value)
    {
        if (!json_is_string(value))
            return bad(error, "its metadata holds something else than strings");
    }
    file->metadata = json_incref(metadata);
    json_object_del(header, WEIR_METADATA_KEY);

    const char *version = weir_model_file_get(file, WEIR_FORMAT_KEY);
    const char *digest = weir_model_file_get(file, WEIR_DIGEST_KEY);
    if (!version || !digest)
        return bad(error, "a safetensors file, but not of Weir");
    if (strcmp(version, WEIR_MODEL_VERSION) != 0) {
        struct weir_buffer shown = { 0 };
        weir_buffer_escaped(&shown, version, strnlen(version, 20));
        weir_fail(error, WEIR_BAD_DATA, "it is of format version '%s', and this program knows version %s",
                  shown.bytes ? shown.bytes : "", WEIR_MODEL_VERSION);
        weir_buffer_release(&shown);
        return -1;
    }
    if (strlen(digest) != sizeof file->digest - 1)
        return bad(error, "its digest is none");
    memcpy(file->digest, digest, sizeof file->digest);
    json_object_del(file->metadata, WEIR_DIGEST_KEY);
    return 0;
}

static int read_plan(struct weir_model_file *file, struct weir_error *error)
{
    const char *text = weir_model_file_get(file, WEIR_PLAN_KEY);
    if (!text)
        return 0;
    if (weir_plan_from_text(&file->plan, text, strlen(text), error))
        return -1;
    char name[32];
    for (size_t i = 0;; i++) {
        weir_model_blob_name(name, i);
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
        result =
            weir_model_file_compute_digest(file->metadata, header, file->tensors, file->tensor_count, digest, error);
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

/* All of the file, but of one that does not begin as a model does (rows, say, of any size) only its begin. */
static int read_bytes(const char *path, char **memory, size_t *size, struct weir_error *error)
{
    enum { BEGIN = 16 };
    char begin[BEGIN];
    int descriptor = weir_open_at(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (descriptor < 0)
        return weir_fail_errno(error, WEIR_NO_INPUT, "'%s'", path);
    ssize_t got = weir_read_at(descriptor, begin, sizeof begin, 0); /* -1: a pipe, which is read to its end */
    int result = 0;
    if (got > 0 && !weir_model_file_sniff(begin, (size_t)got)) {
        *size = (size_t)got;
        *memory = weir_duplicate_bytes(begin, *size);
        result = *memory ? 0 : weir_fail_memory(error);
    } else {
        result = weir_read_whole(descriptor, path, SIZE_MAX - 1, memory, size, error);
    }
    close(descriptor);
    return result;
}

int weir_model_file_read(struct weir_model_file *file, const char *path, struct weir_error *error)
{
    char *memory = NULL;
    size_t size = 0;
    *file = (struct weir_model_file){ 0 };
    if (read_bytes(path, &memory, &size, error))
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
