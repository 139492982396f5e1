/* The model file under hostile bytes: as they come, and once more with a digest that fits, so that what lies behind the
 * digest is reached: the plan, the features, the network, a prediction. */
#include "model/model.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "model/describe.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void predict(const struct weir_model *model)
{
    int64_t width = model->task == WEIR_CLASSIFY ? model->class_count : 1;
    if (model->features.width > 1 << 16 || width > 1 << 16)
        return;
    float *x = calloc((size_t)model->features.width * 2, sizeof *x);
    double *values = calloc((size_t)width * 2, sizeof *values);
    void *scratch = model->kind->scratch_new(model);
    struct weir_error error = { 0 };
    if (x && values && scratch)
        model->kind->predict(model, scratch, x, 2, values, &error);
    model->kind->scratch_free(scratch);
    free(x);
    free(values);
}

/* Other targets look at what networks may cost; here they stay small. */
static bool names_large_numbers(const char *notation)
{
    for (const char *p = notation; p && *p;) {
        size_t digits = strspn(p, "0123456789");
        if (digits > 3)
            return true;
        p += digits ? digits : 1;
    }
    return false;
}

static void use(char *bytes, size_t size)
{
    struct weir_model_file file;
    struct weir_model model;
    struct weir_error error = { 0 };
    if (weir_model_file_parse(&file, bytes, size, &error)) {
        if (!error.text[0] || !error.status)
            abort(); /* every failure says why */
        return;
    }
    json_decref(weir_model_file_describe(&file, &error));
    if (!names_large_numbers(weir_model_file_get(&file, "weir:network")) &&
        weir_model_unpack(&model, &file, &error) == 0) {
        predict(&model);
        weir_model_release(&model);
    }
    weir_model_file_release(&file);
}

/* The same file with the digest that it should have; the tensors are taken to lie as they stand. */
static char *with_digest(const uint8_t *data, size_t size, size_t *out_size)
{
    uint64_t length = size >= 8 ? weir_load_u64(data) : UINT64_MAX;
    if (size < 8 || length > size - 8)
        return NULL;
    json_t *header = json_loadb((const char *)data + 8, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
    json_t *metadata = json_incref(json_object_get(header, "__metadata__"));
    char *first = NULL, *second = NULL, *whole = NULL, *out = NULL;
    if (!json_is_object(metadata))
        goto done;
    json_object_del(metadata, "weir:digest");
    json_object_del(header, "__metadata__");
    first = json_dumps(metadata, JSON_COMPACT | JSON_SORT_KEYS);
    second = json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS);
    struct weir_hasher *hasher = weir_hasher_new();
    char digest[33];
    if (!first || !second || !hasher)
        abort();
    weir_hasher_add(hasher, first, strlen(first));
    weir_hasher_add(hasher, second, strlen(second));
    weir_hasher_add(hasher, data + 8 + length, size - 8 - (size_t)length);
    weir_hash128_hex(weir_hasher_digest128(hasher), digest);
    weir_hasher_free(hasher);
    json_object_set_new(metadata, "weir:digest", json_string(digest));
    json_object_set(header, "__metadata__", metadata);
    whole = json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS);
    size_t text = strlen(whole), tensors = size - 8 - (size_t)length;
    *out_size = 8 + text + tensors;
    out = malloc(*out_size + 1);
    if (!out)
        abort();
    weir_store_u64(out, text);
    memcpy(out + 8, whole, text);
    memcpy(out + 8 + text, data + 8 + length, tensors);
done:
    json_decref(metadata);
    json_decref(header);
    free(first);
    free(second);
    free(whole);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t fixed_size = 0;
    char *fixed = with_digest(data, size, &fixed_size);
    char *copy = malloc(size + 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    use(copy, size);
    if (fixed)
        use(fixed, fixed_size);
    return 0;
}
