#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

bool weir_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

bool weir_multiply(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* The bytes to ask malloc for: false when no object may be that large (malloc's own limit is PTRDIFF_MAX). */
static bool total_bytes(size_t count, size_t size, size_t *total)
{
    if (!weir_multiply(count, size, total) || *total > PTRDIFF_MAX)
        return false;
    if (*total == 0)
        *total = 1;
    return true;
}

void *weir_allocate(size_t count, size_t size)
{
    size_t total;
    return total_bytes(count, size, &total) ? malloc(total) : NULL;
}

void *weir_allocate_zero(size_t count, size_t size)
{
    enum { SMALL = 1024 };
    size_t total;
    if (!total_bytes(count, size, &total))
        return NULL;
    if (total > SMALL)
        return calloc(1, total);
    /* glibc's calloc does not take from the list of pieces that the thread has just freed, and malloc does. */
    void *bytes = malloc(total);
    if (bytes)
        memset(bytes, 0, total);
    return bytes;
}

void *weir_reallocate(void *old, size_t count, size_t size)
{
    size_t total;
    return total_bytes(count, size, &total) ? realloc(old, total) : NULL;
}

void *weir_allocate_aligned(size_t count, size_t size)
{
    size_t total;
    if (!total_bytes(count, size, &total) || !weir_add(total, 63, &total) || total > PTRDIFF_MAX)
        return NULL;
    return aligned_alloc(64, total & ~(size_t)63);
}

char *weir_duplicate_bytes(const char *text, size_t length)
{
    size_t room;
    if (!weir_add(length, 1, &room))
        return NULL;
    char *copy = weir_allocate(room, 1);
    if (!copy)
        return NULL;
    if (length)
        memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

char *weir_duplicate_string(const char *text)
{
    return weir_duplicate_bytes(text, strlen(text));
}

int weir_grow(void **array, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity && *array)
        return 0;
    size_t wanted = *capacity;
    if (!weir_add(wanted, wanted / 2 + 8, &wanted) || wanted < needed)
        wanted = needed;
    void *bigger = weir_reallocate(*array, wanted, size);
    if (!bigger && wanted > needed) {
        wanted = needed;
        bigger = weir_reallocate(*array, wanted, size);
    }
    if (!bigger)
        return -1;
    *array = bigger;
    *capacity = wanted;
    return 0;
}

/* One piece of memory: malloc is far quicker than aligned_alloc, and a block is made for each column of a row. */
struct weir_block *weir_block_new(size_t capacity)
{
    enum { BEFORE = sizeof(struct weir_block) + WEIR_BLOCK_ALIGNMENT - 1 };
    size_t size;
    struct weir_block *block = weir_add(capacity, BEFORE, &size) ? weir_allocate(size, 1) : NULL;
    if (!block)
        return NULL;
    uint8_t *first = (uint8_t *)block + BEFORE;
    *block = (struct weir_block){ .capacity = capacity };
    block->bytes = first - (uintptr_t)first % WEIR_BLOCK_ALIGNMENT;
    atomic_init(&block->references, 1);
    return block;
}

struct weir_block *weir_block_adopt(void *bytes, size_t size)
{
    struct weir_block *block = weir_allocate(1, sizeof *block);
    if (!block)
        return NULL;
    *block = (struct weir_block){ .capacity = size, .bytes = bytes, .adopted = bytes };
    atomic_init(&block->references, 1);
    return block;
}

struct weir_block *weir_block_ref(struct weir_block *block)
{
    if (block)
        atomic_fetch_add_explicit(&block->references, 1, memory_order_relaxed);
    return block;
}

void weir_block_unref(struct weir_block *block)
{
    if (!block || atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel) != 1)
        return;
    free(block->adopted);
    free(block);
}

void *weir_slice_new(struct weir_slice *slice, size_t count, size_t width)
{
    size_t size;
    struct weir_block *block = weir_multiply(count, width, &size) ? weir_block_new(size) : NULL;
    if (!block)
        return NULL;
    *slice = (struct weir_slice){ block, block->bytes, size };
    return block->bytes;
}

struct weir_slice weir_slice_share(const struct weir_slice *slice)
{
    weir_block_ref(slice->block);
    return *slice;
}
