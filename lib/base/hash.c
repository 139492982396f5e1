#include "base/hash.h"
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t weir_hash(const void *bytes, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, size, seed);
}

struct weir_hash128 weir_hash128(const void *bytes, size_t size)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, size);
    return (struct weir_hash128){ hash.low64, hash.high64 };
}

struct weir_hash128 weir_hash128_seeded(const void *bytes, size_t size, uint64_t seed)
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, size, seed);
    return (struct weir_hash128){ hash.low64, hash.high64 };
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
