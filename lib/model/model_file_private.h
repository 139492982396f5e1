/* What the writing and the reading of model files share. */
#ifndef WEIR_MODEL_MODEL_FILE_PRIVATE_H
#define WEIR_MODEL_MODEL_FILE_PRIVATE_H

#include "model/model_file.h"

#define WEIR_MODEL_VERSION "1"

enum {
    /* Bytes of a header, which a parser must hold at once; the limit is that of the safetensors library. */
    WEIR_MODEL_HEADER = 100000000,
    /* How JSON is written, so that a digest can be taken of it. */
    WEIR_MODEL_CANONICAL = JSON_COMPACT | JSON_SORT_KEYS
};

#define WEIR_METADATA_KEY "__metadata__"
#define WEIR_DIGEST_KEY   "weir:digest"
#define WEIR_FORMAT_KEY   "weir:format"
#define WEIR_PLAN_KEY     "weir:plan"

/* The type that safetensors calls so; false: there is none. */
bool weir_tensor_type_find(const char *name, enum weir_tensor_type *type);
/* Bytes of a tensor of that type and shape[rank]; false when a dimension is negative or the product overflows. */
bool weir_tensor_size(enum weir_tensor_type type, int rank, const int64_t *shape, size_t *size);

/* The name of the tensor that holds a blob of the plan. */
void weir_model_blob_name(char out[32], size_t index);

/* Over the metadata without the digest, the tensors' header, and the tensors in the order of their bytes. */
int weir_model_file_compute_digest(const json_t *metadata, const json_t *tensors_header,
                                   const struct weir_tensor *tensors, size_t count, char digest[33],
                                   struct weir_error *error);

#endif
