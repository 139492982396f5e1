/* lib/base/memory: sums and products that overflow, growth, shared blocks. */
#include "base/memory.h"
#include "check.h"
#include <stdlib.h>
#include <string.h>

int main(void)
{
    size_t out = 7;
    CHECK(weir_add(3, 4, &out) && out == 7);
    CHECK(!weir_add(SIZE_MAX, 1, &out));
    CHECK(weir_multiply(SIZE_MAX / 2, 2, &out) && out == SIZE_MAX - 1);
    CHECK(!weir_multiply(SIZE_MAX / 2 + 1, 2, &out));

    CHECK(weir_allocate(SIZE_MAX, 2) == NULL);
    CHECK(weir_allocate_zero(SIZE_MAX / 4, 8) == NULL);
    CHECK(weir_allocate_aligned(SIZE_MAX, 1) == NULL);
    CHECK(weir_allocate_aligned(PTRDIFF_MAX, 1) == NULL);
    void *nothing = weir_allocate(0, 8);
    CHECK(nothing != NULL);
    CHECK(weir_reallocate(nothing, SIZE_MAX, 16) == NULL);
    free(nothing); /* still there after the failure */

    unsigned char *zeros = weir_allocate_zero(10, 10);
    bool all_zero = true;
    for (int i = 0; i < 100; i++)
        all_zero &= zeros[i] == 0;
    CHECK(all_zero);
    free(zeros);
    for (size_t size = 0; size < 300; size += 37) {
        void *aligned = weir_allocate_aligned(size, 1);
        CHECK(aligned && (uintptr_t)aligned % 64 == 0);
        memset(aligned, 1, size);
        free(aligned);
    }

    char *copy = weir_duplicate_bytes("weir\0x", 6);
    CHECK(memcmp(copy, "weir\0x", 7) == 0);
    free(copy);
    copy = weir_duplicate_bytes(NULL, 0);
    CHECK_TEXT(copy, "");
    free(copy);
    copy = weir_duplicate_string("dam");
    CHECK_TEXT(copy, "dam");
    free(copy);

    void *array = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < 1000; i++) {
        CHECK(weir_grow(&array, &capacity, i + 1, sizeof(int)) == 0 && capacity > i);
        ((int *)array)[i] = (int)i;
    }
    CHECK(((int *)array)[0] == 0 && ((int *)array)[999] == 999);
    size_t before = capacity;
    CHECK(weir_grow(&array, &capacity, SIZE_MAX / 2, sizeof(int)) == -1);
    CHECK(capacity == before && ((int *)array)[999] == 999);
    free(array);

    struct weir_block *block = weir_block_new(1000);
    CHECK(block->capacity == 1000 && (uintptr_t)block->bytes % 64 == 0);
    CHECK(weir_block_ref(block) == block);
    weir_block_unref(block);
    block->bytes[999] = 1;
    weir_block_unref(block);
    for (size_t size = 0; size < 200; size++) { /* aligned, and none of its bytes outside what was allocated */
        block = weir_block_new(size);
        CHECK((uintptr_t)block->bytes % 64 == 0 && block->bytes >= (uint8_t *)(block + 1));
        memset(block->bytes, 7, size);
        weir_block_unref(block);
    }
    char *given = weir_duplicate_string("weir");
    block = weir_block_adopt(given, 4);
    CHECK((char *)block->bytes == given && block->capacity == 4);
    weir_block_unref(block);
    CHECK(weir_block_ref(NULL) == NULL);
    weir_block_unref(NULL);
    CHECK(weir_block_new(SIZE_MAX) == NULL);
    return check_result();
}
