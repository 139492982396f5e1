#include "stage/shuffle.h"
#include "base/random.h"
#include "math/sort.h"
#include "stage/deal_private.h"
#include <stdlib.h>

enum { FILE_BITS = 8, FILES = 1 << FILE_BITS, MOST_LEVELS = 64 / FILE_BITS, LEAST_MEMORY = 1 << 20 };

/* A row's number travels with it, so that its key can be made again. */
struct shuffling {
    struct weir_schema schema; /* with the number */
    uint64_t seed;
    size_t memory; /* of the rows that are held; joining them takes as much again */
    int (*emit)(void *context, const struct weir_batch *batch, struct weir_error *error);
    void *context;
};

/* The rows of one part of the range of keys, in the order of their numbers. */
struct heap {
    struct shuffling *shuffling;
    int level; /* the first bits of the keys, FILE_BITS a level, are equal */
    struct weir_deal deal;
};

struct weir_shuffle {
    struct shuffling shuffling;
    struct heap heap;
    int64_t rows;
};

static int keys_of(const void *context, const struct weir_batch *rows, uint64_t *keys, struct weir_error *error)
{
    const struct shuffling *shuffling = context;
    const int64_t *numbers = weir_deal_numbers(rows, rows->count - 1);
    (void)error;
    for (int64_t r = 0; r < rows->rows; r++) {
        struct weir_random random;
        weir_random_init(&random, shuffling->seed, 0);
        random.counter = (uint64_t)numbers[r];
        keys[r] = weir_random_u64(&random);
    }
    return 0;
}

static void heap_init(struct heap *heap, struct shuffling *shuffling, int level)
{
    *heap = (struct heap){ .shuffling = shuffling,
                           .level = level,
                           .deal = { .schema = &shuffling->schema,
                                     .key = keys_of,
                                     .context = shuffling,
                                     .files_wanted = FILES,
                                     .shift = 64 - FILE_BITS * (level + 1) } };
}

/* Takes the batch over. */
static int heap_add(struct heap *heap, struct weir_batch *batch, struct weir_error *error)
{
    if (weir_deal_hold(&heap->deal, batch, error) < 0)
        return -1;
    /* Keys that agree in all their bits cannot be dealt: such rows stay together. */
    if (heap->deal.bytes > heap->shuffling->memory && heap->level < MOST_LEVELS)
        return weir_deal_out(&heap->deal, error);
    return 0;
}

/* order[rows]: the rows by their keys, and those of one key by their numbers. */
static int sort_rows(const struct shuffling *shuffling, const struct weir_batch *rows, int64_t *order,
                     struct weir_error *error)
{
    size_t count = (size_t)rows->rows;
    uint64_t *keys = weir_allocate(count, sizeof *keys);
    struct weir_keyed *items = weir_allocate(count, 2 * sizeof *items);
    int result = keys && items ? keys_of(shuffling, rows, keys, error) : weir_fail_memory(error);
    if (result == 0) {
        for (size_t r = 0; r < count; r++)
            items[r] = (struct weir_keyed){ keys[r], r };
        weir_sort_keyed(items, items + count, count);
        for (size_t r = 0; r < count; r++)
            order[r] = (int64_t)items[r].item;
    }
    free(keys);
    free(items);
    return result;
}

/* Hands out the rows that are held, in the order of their keys, a batch of the usual size at a time. */
static int emit_sorted(struct heap *heap, struct weir_error *error)
{
    struct shuffling *shuffling = heap->shuffling;
    struct weir_batch whole = { 0 }, out = { 0 };
    int64_t *order = NULL;
    int result = -1;
    if (heap->deal.count == 0)
        return 0;
    size_t bytes = heap->deal.bytes;
    if (weir_deal_join(&heap->deal, &whole, error) < 0)
        goto cleanup;
    order = weir_allocate((size_t)whole.rows, sizeof *order);
    if (!order) {
        weir_fail_memory(error);
        goto cleanup;
    }
    if (sort_rows(shuffling, &whole, order, error) < 0)
        goto cleanup;
    weir_column_release(&whole.columns[--whole.count]);
    int64_t chunk = (int64_t)((double)whole.rows * WEIR_BATCH_BYTES / ((double)bytes + 1)) + 1;
    for (int64_t r = 0; r < whole.rows; r += chunk) {
        int64_t count = whole.rows - r < chunk ? whole.rows - r : chunk;
        /* The schema's last field has no column here: it is not looked at. */
        struct weir_schema shown = shuffling->schema;
        shown.count--;
        if (weir_batch_take(&out, &whole, &shown, order + r, count, error) < 0 ||
            shuffling->emit(shuffling->context, &out, error) < 0)
            goto cleanup;
        weir_batch_release(&out);
    }
    result = 0;
cleanup:
    weir_batch_release(&whole);
    weir_batch_release(&out);
    free(order);
    return result;
}

static int heap_finish(struct heap *heap, struct weir_error *error);

/* Reads one file back as a heap of its own, a level deeper. */
static int finish_file(struct heap *heap, struct weir_spill_file *file, struct weir_error *error)
{
    struct heap inner;
    struct weir_batch batch = { 0 };
    heap_init(&inner, heap->shuffling, heap->level + 1);
    int got = weir_spill_file_rewind(file, error) < 0 ? -1 : 1;
    while (got > 0 && (got = weir_spill_file_next(file, &batch, error)) > 0)
        if (heap_add(&inner, &batch, error) < 0)
            got = -1;
    weir_spill_file_release(file);
    if (got == 0)
        got = heap_finish(&inner, error);
    weir_batch_release(&batch);
    weir_deal_release(&inner.deal);
    return got;
}

static int heap_finish(struct heap *heap, struct weir_error *error)
{
    if (!heap->deal.files)
        return emit_sorted(heap, error);
    if (weir_deal_out(&heap->deal, error) < 0)
        return -1;
    for (int f = 0; f < FILES; f++)
        if (finish_file(heap, &heap->deal.files[f], error) < 0)
            return -1;
    return 0;
}

int weir_shuffle_new(struct weir_shuffle **out, const struct weir_schema *schema, uint64_t seed, int64_t memory,
                     struct weir_error *error)
{
    struct weir_buffer name = { 0 };
    struct weir_shuffle *shuffle = weir_allocate_zero(1, sizeof *shuffle);
    if (!shuffle)
        return weir_fail_memory(error);
    struct shuffling *shuffling = &shuffle->shuffling;
    bool made = weir_schema_copy(&shuffling->schema, schema) == 0 && weir_deal_number_name(schema, NULL, &name) == 0 &&
                weir_schema_add(&shuffling->schema, name.bytes, WEIR_INT64);
    weir_buffer_release(&name);
    if (!made) {
        weir_shuffle_free(shuffle);
        return weir_fail_memory(error);
    }
    /* Rows, the same rows joined, and the output under way; and columns of text end at 2 GiB. */
    int64_t held = (memory < LEAST_MEMORY ? LEAST_MEMORY : memory) / 5 * 2;
    shuffling->memory = held < 1 << 30 ? (size_t)held : 1 << 30;
    shuffling->seed = seed;
    heap_init(&shuffle->heap, shuffling, 0);
    *out = shuffle;
    return 0;
}

int weir_shuffle_add(struct weir_shuffle *shuffle, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_batch numbered = { 0 };
    if (batch->rows == 0)
        return 0;
    if (weir_deal_number(&numbered, batch, shuffle->rows) < 0)
        return weir_fail_memory(error);
    shuffle->rows += batch->rows;
    int result = heap_add(&shuffle->heap, &numbered, error);
    weir_batch_release(&numbered);
    return result;
}

int weir_shuffle_finish(struct weir_shuffle *shuffle,
                        int (*emit)(void *context, const struct weir_batch *batch, struct weir_error *error),
                        void *context, struct weir_error *error)
{
    shuffle->shuffling.emit = emit;
    shuffle->shuffling.context = context;
    return heap_finish(&shuffle->heap, error);
}

void weir_shuffle_free(struct weir_shuffle *shuffle)
{
    if (!shuffle)
        return;
    weir_deal_release(&shuffle->heap.deal);
    weir_schema_release(&shuffle->shuffling.schema);
    free(shuffle);
}
