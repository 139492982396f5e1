/* The digest of the rows, by which a model tells what it learned from. */
#include "base/memory.h"
#include "model/training_data_private.h"
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t bits)
{
    hash = (hash ^ bits) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

/* hashes[r] = mix(hashes[r], value r), a null counting as a value of its own. */
#define DIGEST(type)                                                                                                   \
    for (int64_t r = 0; r < column->rows; r++) {                                                                       \
        type bits;                                                                                                     \
        memcpy(&bits, values + r * (int64_t)sizeof bits, sizeof bits);                                                 \
        hashes[r] = mix(hashes[r], nulls && !weir_valid(column, r) ? UINT64_C(0xA5A5A5A5A5A5A5A5) : bits);             \
    }

static void digest_fixed(const struct weir_column *column, int width, uint64_t *hashes)
{
    const uint8_t *values = column->values.bytes;
    bool nulls = column->null_count > 0;
    switch (width) {
    case 1:
        DIGEST(uint8_t)
        break;
    case 2:
        DIGEST(uint16_t)
        break;
    case 4:
        DIGEST(uint32_t)
        break;
    default:
        DIGEST(uint64_t)
        break;
    }
}

/* A row's places, then its values. */
static void digest_sparse(const struct weir_column *column, uint64_t *hashes)
{
    const int32_t *offsets = weir_offsets(column);
    const uint8_t *index = column->children[0].children[0].values.bytes;
    const uint8_t *value = column->children[0].children[1].values.bytes;
    for (int64_t r = 0; r < column->rows; r++) {
        size_t first = (size_t)offsets[r] * 4, size = (size_t)(offsets[r + 1] - offsets[r]) * 4;
        if (!weir_valid(column, r))
            hashes[r] = mix(hashes[r], UINT64_C(0xA5A5A5A5A5A5A5A5));
        else if (size)
            hashes[r] = weir_hash(value + first, size, weir_hash(index + first, size, hashes[r]));
        else
            hashes[r] = mix(hashes[r], 0);
    }
}

static void digest_column(const struct weir_column *column, const struct weir_type *type, uint64_t *hashes)
{
    bool list = type->kind == WEIR_FIXED_LIST;
    int width = weir_kind_width(list ? type->children[0].type.kind : type->kind);
    bool plain = width > 0 && type->kind != WEIR_DICTIONARY;
    if (weir_sparse_is(type)) {
        digest_sparse(column, hashes);
    } else if (plain && !list) {
        digest_fixed(column, width, hashes);
    } else if (plain && list && !weir_has_nulls(column, type)) {
        size_t size = (size_t)type->list_size * (size_t)width;
        for (int64_t r = 0; r < column->rows; r++)
            hashes[r] = weir_hash(column->children[0].values.bytes + (size_t)r * size, size, hashes[r]);
    } else {
        for (int64_t r = 0; r < column->rows; r++)
            hashes[r] = weir_value_hash(column, type, r, hashes[r]);
    }
}

int weir_training_digest(struct weir_collector *collector, const struct weir_batch *batch, struct weir_error *error)
{
    if (weir_grow((void **)&collector->hashes, &collector->hash_capacity, (size_t)batch->rows,
                  sizeof *collector->hashes))
        return weir_fail_memory(error);
    memset(collector->hashes, 0, (size_t)batch->rows * sizeof *collector->hashes);
    for (int c = 0; c < batch->count; c++) {
        const struct weir_field *field = &collector->schema->fields[c];
        if (field->role != WEIR_ID && field->role != WEIR_PREDICTION && field->role != WEIR_TIME)
            digest_column(&batch->columns[c], &field->type, collector->hashes);
    }
    weir_hasher_add(collector->hasher, collector->hashes, (size_t)batch->rows * sizeof *collector->hashes);
    return 0;
}
