#include "base/hash.h"
#include "base/memory.h"
#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

struct weir_hasher {
    XXH3_state_t state; /* wants 64-byte alignment */
};

uint64_t weir_hash(const void *bytes, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, size, seed);
}

struct weir_hash128 weir_hash128(const void *bytes, size_t size)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, size);
    return (struct weir_hash128){ hash.low64, hash.high64 };
}

struct weir_hasher *weir_hasher_new(void)
{
    struct weir_hasher *hasher = weir_allocate_aligned(1, sizeof *hasher);
    if (hasher)
        weir_hasher_reset(hasher);
    return hasher;
}

void weir_hasher_reset(struct weir_hasher *hasher)
{
    XXH3_INITSTATE(&hasher->state);
    XXH3_128bits_reset(&hasher->state);
}

void weir_hasher_add(struct weir_hasher *hasher, const void *bytes, size_t size)
{
    /* Both widths are finished from the same state. */
    if (size)
        XXH3_128bits_update(&hasher->state, bytes, size);
}

uint64_t weir_hasher_digest(const struct weir_hasher *hasher)
{
    return XXH3_64bits_digest(&hasher->state);
}

struct weir_hash128 weir_hasher_digest128(const struct weir_hasher *hasher)
{
    XXH128_hash_t hash = XXH3_128bits_digest(&hasher->state);
    return (struct weir_hash128){ hash.low64, hash.high64 };
}

void weir_hasher_free(struct weir_hasher *hasher)
{
    free(hasher);
}

void weir_hash_hex(uint64_t hash, char out[17])
{
    for (int i = 15; i >= 0; i--, hash >>= 4)
        out[i] = "0123456789abcdef"[hash & 15];
    out[16] = 0;
}

void weir_hash128_hex(struct weir_hash128 hash, char out[33])
{
    weir_hash_hex(hash.high, out);
    weir_hash_hex(hash.low, out + 16);
}
