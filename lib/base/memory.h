/* Memory: every allocation of the library goes through here, so that sizes are multiplied with a check and a test can
 * make any single one of them fail. */
#ifndef WEIR_BASE_MEMORY_H
#define WEIR_BASE_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* count * size bytes, not zeroed / zeroed; NULL when out of memory or when the product overflows. At least 1 byte is
 * allocated, so NULL always means failure. Freed with free(). */
void *weir_allocate(size_t count, size_t size);
void *weir_allocate_zero(size_t count, size_t size);

/* Like realloc to count * size bytes; on failure NULL and `old` stays valid. */
void *weir_reallocate(void *old, size_t count, size_t size);

/* 64-byte aligned, for kernels and for Arrow buffers; freed with free(). */
void *weir_allocate_aligned(size_t count, size_t size);

char *weir_duplicate_string(const char *text);               /* NULL when out of memory */
char *weir_duplicate_bytes(const char *text, size_t length); /* length bytes and a final NUL */

/* Makes *array (elements of `size` bytes, room for *capacity) hold at least `needed` elements, growing by half.
 * 0 done, -1 out of memory (the array stays as it was). */
int weir_grow(void **array, size_t *capacity, size_t needed, size_t size);

/* True and *out set unless a + b or a * b overflows. */
bool weir_add(size_t a, size_t b, size_t *out);
bool weir_multiply(size_t a, size_t b, size_t *out);

enum { WEIR_BLOCK_ALIGNMENT = 64 };

/* A block: reference-counted bytes that several columns may share. 64-byte aligned. The bytes are written only by the
 * one who made it, before it is shared. */
struct weir_block {
    atomic_int references;
    size_t capacity;
    uint8_t *bytes;
    void *adopted; /* freed with the block; NULL: its bytes are a part of it */
};

struct weir_block *weir_block_new(size_t capacity); /* one reference; NULL when out of memory */
/* The same of bytes that malloc gave, aligned as it does; they are the block's from then on. */
struct weir_block *weir_block_adopt(void *bytes, size_t size);
struct weir_block *weir_block_ref(struct weir_block *block); /* one more reference; returns block; NULL stays NULL */
void weir_block_unref(struct weir_block *block);             /* NULL is accepted */

/* A slice: bytes within a block, kept alive by it. bytes may be NULL when size is 0. */
struct weir_slice {
    struct weir_block *block;
    const uint8_t *bytes;
    size_t size;
};
/* A new block of count * width bytes as the whole of *slice, whatever stood in it: the bytes, for the caller to fill.
 * NULL, and the slice as it was: too large, or out of memory. */
void *weir_slice_new(struct weir_slice *slice, size_t count, size_t width);
/* The same bytes once more, with a reference of its own. */
struct weir_slice weir_slice_share(const struct weir_slice *slice);

#endif
