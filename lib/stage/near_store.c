#include "base/descriptor.h"
#include "stage/near_private.h"
#include <stdlib.h>
#include <unistd.h>

/* Readers may load whole words: behind every row there are so many bytes that are ours. */
enum { SLACK = 16 };

void weir_near_store_release(struct near_store *store)
{
    if (store->spilled > 0)
        close(store->file);
    free(store->bytes);
    free(store->ends);
    *store = (struct near_store){ 0 };
}

static int spill(struct near_store *store, struct weir_error *error)
{
    if (store->spilled == 0) {
        store->file = weir_temporary_file(error);
        if (store->file < 0)
            return -1;
    }
    if (weir_write_full(store->file, store->bytes, store->held) < 0) {
        if (store->spilled == 0)
            close(store->file);
        return weir_fail_errno(error, WEIR_IO, "a temporary file");
    }
    store->spilled += store->held;
    store->held = 0;
    return 0;
}

int weir_near_store_add(struct near_store *store, const void *bytes, size_t size, bool present,
                        struct weir_error *error)
{
    void *ends = store->ends, *held = store->bytes;
    size_t needed;
    if (store->rows >= WEIR_NEAR_ROWS)
        return weir_fail(error, WEIR_BAD_DATA, "more than %lld rows to compare", (long long)WEIR_NEAR_ROWS);
    if (store->held > 0 && store->held + size > store->memory && spill(store, error) < 0)
        return -1;
    if (!weir_add(store->held, size, &needed) || !weir_add(needed, SLACK, &needed) ||
        weir_grow(&held, &store->capacity, needed, 1) < 0)
        return weir_fail_memory(error);
    store->bytes = held;
    if (weir_grow(&ends, &store->ends_capacity, store->rows + 1, sizeof *store->ends) < 0)
        return weir_fail_memory(error);
    store->ends = ends;
    if (size > 0)
        memcpy(store->bytes + store->held, bytes, size);
    store->held += size;
    store->ends[store->rows++] = (store->spilled + store->held) << 1 | present;
    return 0;
}

int weir_near_store_get(const struct near_store *store, size_t row, struct weir_buffer *scratch, const uint8_t **bytes,
                        size_t *size, struct weir_error *error)
{
    uint64_t begin = row ? store->ends[row - 1] >> 1 : 0;
    *size = (size_t)((store->ends[row] >> 1) - begin);
    if (begin >= store->spilled) {
        *bytes = store->bytes + (begin - store->spilled);
        return 0;
    }
    weir_buffer_clear(scratch);
    if (weir_buffer_reserve(scratch, *size + SLACK) < 0)
        return weir_fail_memory(error);
    ssize_t got = weir_read_at(store->file, scratch->bytes, *size, (off_t)begin);
    if (got < 0)
        return weir_fail_errno(error, WEIR_IO, "a temporary file");
    if ((size_t)got < *size)
        return weir_fail(error, WEIR_IO, "a temporary file has become shorter");
    *bytes = (const uint8_t *)scratch->bytes;
    return 0;
}
