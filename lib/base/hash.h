/* xxHash's XXH3, in 64 and 128 bits, at once or bit by bit. */
#ifndef WEIR_BASE_HASH_H
#define WEIR_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir_hash128 {
    uint64_t low, high;
};

/* Of bytes[size]; without a seed it is that of seed 0. The numbers are the same on every machine. */
uint64_t weir_hash(const void *bytes, size_t size, uint64_t seed);
struct weir_hash128 weir_hash128(const void *bytes, size_t size);
struct weir_hash128 weir_hash128_seeded(const void *bytes, size_t size, uint64_t seed);

struct weir_hasher;                        /* a running hash; gives both widths */
struct weir_hasher *weir_hasher_new(void); /* NULL when out of memory */
void weir_hasher_reset(struct weir_hasher *hasher);
void weir_hasher_add(struct weir_hasher *hasher, const void *bytes, size_t size);
/* Of what was added so far; more may be added. */
uint64_t weir_hasher_digest(const struct weir_hasher *hasher);
struct weir_hash128 weir_hasher_digest128(const struct weir_hasher *hasher);
void weir_hasher_copy(struct weir_hasher *to, const struct weir_hasher *from);
/* Whether both took in the same bytes, as far as their number and 128 bits tell. */
bool weir_hasher_same(const struct weir_hasher *a, const struct weir_hasher *b);
void weir_hasher_free(struct weir_hasher *hasher); /* NULL is accepted */

/* Lower-case hexadecimal and a NUL: 16 digits, 32 digits (high first). */
void weir_hash_hex(uint64_t hash, char out[17]);
void weir_hash128_hex(struct weir_hash128 hash, char out[33]);

#endif
