/* Blobs in base64 (RFC 4648, with padding), as they stand in a schema's metadata and in a state's file. */
#ifndef WEIR_STAGE_BLOB_H
#define WEIR_STAGE_BLOB_H

#include "base/base64.h"
#include "stage/stage.h"

/* What one plan may bring: more is refused before anything is allocated for it. */
enum { WEIR_MAX_BLOBS = 10000 };

/* Puts `bytes` under the number `index` (gaps are left empty). The model file's reader adds the tensors plan.N so. */
int weir_blobs_put(struct weir_blobs *blobs, size_t index, const void *bytes, size_t size, struct weir_error *error);

/* True when `json` is exactly {"blob": N}. */
bool weir_is_blob_reference(const json_t *json);

#endif
