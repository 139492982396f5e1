#include "base/hash.h"
#include "stage/near_private.h"
#include <stdlib.h>

/* Products of 64 by 64 bits folded, as wyhash and XXH3 mix short inputs. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of up to 16 bytes by two words; what lies behind them is masked away. */
static inline uint64_t hash_of(const uint8_t *bytes, size_t size, uint64_t seed)
{
    uint64_t low, high = 0, hash;
    if (size > 16)
        return weir_hash(bytes, size, seed) | 1;
    memcpy(&low, bytes, 8);
    if (size < 8) {
        low &= ((uint64_t)1 << 8 * size) - 1;
    } else if (size > 8) {
        memcpy(&high, bytes + 8, 8);
        if (size < 16)
            high &= ((uint64_t)1 << 8 * (size - 8)) - 1;
    }
    hash = mix(low ^ seed ^ UINT64_C(0x9E3779B97F4A7C15), high ^ UINT64_C(0xD1B54A32D192ED03));
    hash = mix(hash ^ size, seed ^ UINT64_C(0xE7037ED1A0B428DB));
    return hash | 1;
}

/* What Unicode calls white space, and the four separators of ASCII: what str.split of Python divides at. The length of
 * the blank at `bytes`, or 0. */
static size_t blank_at(const uint8_t *bytes, size_t left)
{
    if ((bytes[0] >= 9 && bytes[0] <= 13) || (bytes[0] >= 28 && bytes[0] <= 32))
        return 1;
    if (left >= 2 && bytes[0] == 0xC2 && (bytes[1] == 0x85 || bytes[1] == 0xA0))
        return 2;
    if (left < 3 || bytes[0] < 0xE1 || bytes[0] > 0xE3)
        return 0;
    uint32_t code = (uint32_t)(bytes[0] & 15) << 12 | (uint32_t)(bytes[1] & 63) << 6 | (bytes[2] & 63);
    bool blank = code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
                 code == 0x202F || code == 0x205F || code == 0x3000;
    return blank ? 3 : 0;
}

/* The words with single blanks between them, and where each begins. */
static int divide(const uint8_t *bytes, size_t size, struct near_shingle_scratch *scratch, size_t *words)
{
    bool inside = false;
    size_t count = 0, end = 0;
    weir_buffer_clear(&scratch->text);
    if (weir_buffer_reserve(&scratch->text, size + 16) < 0)
        return -1;
    char *out = scratch->text.bytes;
    for (size_t i = 0; i < size;) {
        size_t blank = blank_at(bytes + i, size - i);
        if (blank) {
            inside = false;
            i += blank;
            continue;
        }
        if (!inside) {
            if (end > 0)
                out[end++] = ' ';
            scratch->starts[count++] = end;
            inside = true;
        }
        out[end++] = (char)bytes[i++];
    }
    scratch->text.size = end;
    scratch->starts[count] = end + 1; /* as if a blank stood behind it */
    *words = count;
    return 0;
}

int weir_near_shingle(const struct near_shingles *shingles, const uint8_t *bytes, size_t size,
                      struct near_shingle_scratch *scratch)
{
    void *starts = scratch->starts, *hashes = scratch->hashes;
    size_t units = 0, run = (size_t)shingles->size, behind = 0;
    if (weir_grow(&starts, &scratch->starts_capacity, size + 1, sizeof *scratch->starts) < 0)
        return -1;
    scratch->starts = starts;
    if (weir_grow(&hashes, &scratch->hashes_capacity, size + 1, sizeof *scratch->hashes) < 0)
        return -1;
    scratch->hashes = hashes;
    if (shingles->unit == WEIR_NEAR_WORDS) {
        if (divide(bytes, size, scratch, &units) < 0)
            return -1;
        bytes = (const uint8_t *)scratch->text.bytes;
        size = scratch->text.size;
        behind = 1;
    } else {
        for (size_t i = 0; i < size; i++) {
            scratch->starts[units] = i;
            units += (bytes[i] & 0xC0) != 0x80;
        }
        scratch->starts[units] = size;
    }
    if (units < run) {
        scratch->hashes[0] = hash_of(bytes, size, shingles->seed);
        scratch->count = 1;
        return 0;
    }
    scratch->count = units - run + 1;
    for (size_t i = 0; i < scratch->count; i++) {
        size_t begin = scratch->starts[i];
        scratch->hashes[i] = hash_of(bytes + begin, scratch->starts[i + run] - begin - behind, shingles->seed);
    }
    return 0;
}

void weir_near_shingle_release(struct near_shingle_scratch *scratch)
{
    weir_buffer_release(&scratch->text);
    free(scratch->starts);
    free(scratch->hashes);
    *scratch = (struct near_shingle_scratch){ 0 };
}
