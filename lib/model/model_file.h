/* The model file: safetensors (8-byte length, JSON header, raw tensors without gaps), as weir-model(5) lays it out.
 *
 * __metadata__ holds strings only: "weir:format" (the version), "weir:kind", "weir:network" (the notation),
 * "weir:features", "weir:label", "weir:plan" (JSON), "weir:training" (JSON record), "weir:digest". The digest is the
 * XXH3-128 of the metadata without the digest (its JSON text, keys sorted, compact), then of the header of tensors
 * (likewise) and the tensors' bytes. Reading checks every bound, the digest, and that no byte is left over. This file
 * links no network code. */
#ifndef WEIR_MODEL_MODEL_FILE_H
#define WEIR_MODEL_MODEL_FILE_H

#include "stage/plan.h"

enum weir_tensor_type {
    WEIR_TENSOR_F32,
    WEIR_TENSOR_F64,
    WEIR_TENSOR_I64,
    WEIR_TENSOR_I32,
    WEIR_TENSOR_U8,
    WEIR_TENSOR_BF16
};

/* "F32", "F64", ... as safetensors writes them. */
const char *weir_tensor_type_name(enum weir_tensor_type type);

struct weir_tensor {
    char *name;
    enum weir_tensor_type type;
    int rank;
    int64_t shape[WEIR_MAX_RANK];
    const void *bytes; /* little-endian; within the file's memory when read, the caller's when written */
    size_t size;
};

struct weir_model_file {
    json_t *metadata; /* object of strings, without the digest; owned */
    struct weir_tensor *tensors;
    size_t tensor_count, tensor_capacity;
    size_t *by_name;       /* when read: the tensors' indices in the order of their names */
    struct weir_plan plan; /* when read: parsed from the metadata and the tensors plan.N */
    char digest[33];       /* hexadecimal */
    char *memory;          /* the whole file when read; owned */
    size_t memory_size;
};

/* The file whole, checked. WEIR_NO_INPUT when it cannot be opened, WEIR_BAD_DATA when it is no model ("'x.bin' is no
 * model: ..."), cut or damaged. */
int weir_model_file_read(struct weir_model_file *file, const char *path, struct weir_error *error);
int weir_model_file_parse(struct weir_model_file *file, char *memory, size_t size,
                          struct weir_error *error); /* takes memory over, also on failure */
/* True when the bytes begin as a safetensors file does (for telling a model from a stream). */
bool weir_model_file_sniff(const void *bytes, size_t size);

/* For writing: set strings, add tensors (bytes stay the caller's, until the file is written), set the plan; then write
 * computes the digest. Same content, same bytes: keys are sorted, tensors stand in the order of their addition, wide
 * types before narrow ones, so that each lies at a multiple of its element's size. */
int weir_model_file_set(struct weir_model_file *file, const char *key, const char *value);
/* The value as JSON text. Steals json; NULL is an error (out of memory). */
int weir_model_file_set_json(struct weir_model_file *file, const char *key, json_t *json, struct weir_error *error);
/* The plan as "weir:plan" and its blobs as the tensors plan.N, which point into `plan`. */
int weir_model_file_set_plan(struct weir_model_file *file, const struct weir_plan *plan, struct weir_error *error);
const char *weir_model_file_get(const struct weir_model_file *file, const char *key); /* NULL: not there */
/* What the text is as JSON: a new reference, or NULL with the message when it is not there or no JSON. */
json_t *weir_model_file_get_json(const struct weir_model_file *file, const char *key, struct weir_error *error);
int weir_model_file_add(struct weir_model_file *file, const char *name, enum weir_tensor_type type, int rank,
                        const int64_t *shape, const void *bytes, size_t size);
const struct weir_tensor *weir_model_file_tensor(const struct weir_model_file *file,
                                                 const char *name); /* NULL: not there */
int weir_model_file_write(struct weir_model_file *file, int descriptor, struct weir_error *error);

void weir_model_file_release(struct weir_model_file *file); /* back to { 0 } */

#endif
