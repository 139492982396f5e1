#include "stage/shuffle.h"
#include "base/descriptor.h"
#include "base/random.h"
#include "stream/reader.h"
#include "stream/writer.h"
#include <stdlib.h>
#include <unistd.h>

enum { BUCKETS = 256, BUCKET_BITS = 8, MOST_LEVELS = 64 / BUCKET_BITS, LEAST_MEMORY = 1 << 20 };

/* A row's number travels with it as the last column of every batch, so that its key can be made again. */
struct shuffling {
    struct weir_schema schema; /* with the number */
    uint64_t seed;
    size_t memory; /* of the rows that are held; joining them takes as much again */
    int (*emit)(void *context, const struct weir_batch *batch, struct weir_error *error);
    void *context;
};

/* The rows of one part of the range of keys. */
struct heap {
    struct shuffling *shuffling;
    int level; /* the first bits of the keys, BUCKET_BITS a level, are equal */
    struct weir_batch *parts;
    size_t count, capacity, bytes;
    int *files;                   /* [BUCKETS] descriptors, -1: no row yet; NULL: nothing was dealt out */
    struct weir_writer **writers; /* [BUCKETS] */
};

struct weir_shuffle {
    struct shuffling shuffling;
    struct heap heap;
    int64_t rows;
};

struct keyed {
    uint64_t key;
    int64_t number; /* of the row in the input */
    int64_t row;    /* in the joined batch */
};

static uint64_t key_of(uint64_t seed, int64_t number)
{
    struct weir_random random;
    weir_random_init(&random, seed, 0);
    random.counter = (uint64_t)number;
    return weir_random_u64(&random);
}

static const int64_t *numbers_of(const struct weir_batch *batch)
{
    return (const int64_t *)(const void *)batch->columns[batch->count - 1].values.bytes;
}

static void drop_parts(struct heap *heap)
{
    for (size_t i = 0; i < heap->count; i++)
        weir_batch_release(&heap->parts[i]);
    heap->count = heap->bytes = 0;
}

static void heap_release(struct heap *heap)
{
    drop_parts(heap);
    free(heap->parts);
    for (int b = 0; heap->files && b < BUCKETS; b++)
        if (heap->files[b] >= 0)
            close(heap->files[b]);
    for (int b = 0; heap->writers && b < BUCKETS; b++)
        weir_writer_free(heap->writers[b]);
    free(heap->files);
    free(heap->writers);
    *heap = (struct heap){ 0 };
}

/* All rows that are held as one batch; the heap then holds none. */
static int join(struct heap *heap, struct weir_batch *whole, struct weir_error *error)
{
    if (weir_batch_concatenate(whole, heap->parts, (int)heap->count, &heap->shuffling->schema, error) < 0)
        return -1;
    drop_parts(heap);
    return 0;
}

static int open_bucket(struct heap *heap, int bucket, struct weir_error *error)
{
    heap->files[bucket] = weir_temporary_file(error);
    if (heap->files[bucket] < 0)
        return -1;
    return weir_writer_open(&heap->writers[bucket], heap->files[bucket], &heap->shuffling->schema, NULL, error);
}

/* Deals the rows that are held to the files. */
static int deal(struct heap *heap, struct weir_error *error)
{
    struct weir_batch whole = { 0 }, dealt = { 0 };
    int64_t *order = NULL, first[BUCKETS + 1] = { 0 }, next[BUCKETS];
    uint8_t *bucket_of = NULL;
    int shift = 64 - BUCKET_BITS * (heap->level + 1), result = -1;

    if (!heap->files) {
        heap->files = weir_allocate(BUCKETS, sizeof *heap->files);
        heap->writers = weir_allocate_zero(BUCKETS, sizeof *heap->writers);
        for (int b = 0; heap->files && b < BUCKETS; b++)
            heap->files[b] = -1;
        if (!heap->files || !heap->writers)
            return weir_fail_memory(error);
    }
    if (join(heap, &whole, error) < 0)
        goto cleanup;
    order = weir_allocate((size_t)whole.rows, sizeof *order);
    bucket_of = weir_allocate((size_t)whole.rows, sizeof *bucket_of);
    if (!order || !bucket_of) {
        weir_fail_memory(error);
        goto cleanup;
    }
    for (int64_t r = 0; r < whole.rows; r++) {
        bucket_of[r] = (uint8_t)(key_of(heap->shuffling->seed, numbers_of(&whole)[r]) >> shift);
        first[bucket_of[r] + 1]++;
    }
    for (int b = 0; b < BUCKETS; b++) {
        first[b + 1] += first[b];
        next[b] = first[b];
    }
    for (int64_t r = 0; r < whole.rows; r++)
        order[next[bucket_of[r]]++] = r;
    for (int b = 0; b < BUCKETS; b++) {
        if (first[b] == first[b + 1])
            continue;
        if (heap->files[b] < 0 && open_bucket(heap, b, error) < 0)
            goto cleanup;
        if (weir_batch_take(&dealt, &whole, &heap->shuffling->schema, order + first[b], first[b + 1] - first[b],
                            error) < 0 ||
            weir_writer_write(heap->writers[b], &dealt, error) < 0)
            goto cleanup;
        weir_batch_release(&dealt);
    }
    result = 0;
cleanup:
    weir_batch_release(&whole);
    weir_batch_release(&dealt);
    free(order);
    free(bucket_of);
    return result;
}

/* Takes the batch over. */
static int heap_add(struct heap *heap, struct weir_batch *batch, struct weir_error *error)
{
    void *parts = heap->parts;
    if (weir_grow(&parts, &heap->capacity, heap->count + 1, sizeof *heap->parts) < 0)
        return weir_fail_memory(error);
    heap->parts = parts;
    heap->parts[heap->count++] = *batch;
    heap->bytes += weir_batch_bytes(batch) + (size_t)batch->rows * sizeof(struct keyed);
    *batch = (struct weir_batch){ 0 };
    /* Keys that agree in all their bits cannot be dealt: such rows stay together. */
    if (heap->bytes > heap->shuffling->memory && heap->level < MOST_LEVELS)
        return deal(heap, error);
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Hands out the rows that are held, in the order of their keys, a batch of the usual size at a time. */
static int emit_sorted(struct heap *heap, struct weir_error *error)
{
    struct shuffling *shuffling = heap->shuffling;
    struct weir_batch whole = { 0 }, out = { 0 };
    struct keyed *keys = NULL;
    int64_t *order = NULL;
    int result = -1;
    if (heap->count == 0)
        return 0;
    size_t bytes = heap->bytes;
    if (join(heap, &whole, error) < 0)
        goto cleanup;
    keys = weir_allocate((size_t)whole.rows, sizeof *keys);
    order = weir_allocate((size_t)whole.rows, sizeof *order);
    if (!keys || !order) {
        weir_fail_memory(error);
        goto cleanup;
    }
    for (int64_t r = 0; r < whole.rows; r++) {
        int64_t number = numbers_of(&whole)[r];
        keys[r] = (struct keyed){ key_of(shuffling->seed, number), number, r };
    }
    qsort(keys, (size_t)whole.rows, sizeof *keys, compare);
    for (int64_t r = 0; r < whole.rows; r++)
        order[r] = keys[r].row;
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
    free(keys);
    free(order);
    return result;
}

static int heap_finish(struct heap *heap, struct weir_error *error);

/* Reads one file back as a heap of its own, a level deeper. */
static int finish_bucket(struct heap *heap, int bucket, struct weir_error *error)
{
    struct weir_reader_options options = { .name = "a temporary file" };
    struct heap inner = { .shuffling = heap->shuffling, .level = heap->level + 1 };
    struct weir_reader *reader = NULL;
    struct weir_batch batch = { 0 };
    int got = -1, result = -1;
    if (weir_writer_finish(heap->writers[bucket], error) < 0)
        goto cleanup;
    if (lseek(heap->files[bucket], 0, SEEK_SET) < 0) {
        weir_fail_errno(error, WEIR_IO, "a temporary file");
        goto cleanup;
    }
    if (weir_reader_open(&reader, heap->files[bucket], &options, error) < 0)
        goto cleanup;
    while ((got = weir_reader_next(reader, &batch, error)) > 0)
        if (heap_add(&inner, &batch, error) < 0)
            goto cleanup;
    if (got == 0)
        result = heap_finish(&inner, error);
cleanup:
    weir_batch_release(&batch);
    weir_reader_free(reader);
    heap_release(&inner);
    close(heap->files[bucket]);
    heap->files[bucket] = -1;
    weir_writer_free(heap->writers[bucket]);
    heap->writers[bucket] = NULL;
    return result;
}

static int heap_finish(struct heap *heap, struct weir_error *error)
{
    if (!heap->files)
        return emit_sorted(heap, error);
    if (heap->count > 0 && deal(heap, error) < 0)
        return -1;
    for (int b = 0; b < BUCKETS; b++)
        if (heap->files[b] >= 0 && finish_bucket(heap, b, error) < 0)
            return -1;
    return 0;
}

/* A name that no column has. */
static int add_number(struct weir_schema *schema)
{
    struct weir_buffer name = { 0 };
    weir_buffer_string(&name, "row");
    while (!name.failed && weir_schema_find(schema, name.bytes) >= 0)
        weir_buffer_byte(&name, '_');
    int result = !name.failed && weir_schema_add(schema, name.bytes, WEIR_INT64) ? 0 : -1;
    weir_buffer_release(&name);
    return result;
}

int weir_shuffle_new(struct weir_shuffle **out, const struct weir_schema *schema, uint64_t seed, int64_t memory,
                     struct weir_error *error)
{
    struct weir_shuffle *shuffle = weir_allocate_zero(1, sizeof *shuffle);
    if (!shuffle)
        return weir_fail_memory(error);
    if (weir_schema_copy(&shuffle->shuffling.schema, schema) < 0 || add_number(&shuffle->shuffling.schema) < 0) {
        weir_shuffle_free(shuffle);
        return weir_fail_memory(error);
    }
    /* Rows, the same rows joined, and the output under way; and columns of text end at 2 GiB. */
    int64_t held = (memory < LEAST_MEMORY ? LEAST_MEMORY : memory) / 5 * 2;
    shuffle->shuffling.memory = held < 1 << 30 ? (size_t)held : 1 << 30;
    shuffle->shuffling.seed = seed;
    shuffle->heap.shuffling = &shuffle->shuffling;
    *out = shuffle;
    return 0;
}

int weir_shuffle_add(struct weir_shuffle *shuffle, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_batch numbered = { 0 };
    int result = -1;
    if (batch->rows == 0)
        return 0;
    struct weir_block *block = weir_block_new((size_t)batch->rows * sizeof(int64_t));
    if (!block || weir_batch_init(&numbered, batch->count + 1, batch->rows) < 0) {
        weir_block_unref(block);
        return weir_fail_memory(error);
    }
    int64_t *numbers = (int64_t *)(void *)block->bytes;
    for (int64_t r = 0; r < batch->rows; r++)
        numbers[r] = shuffle->rows + r;
    numbered.columns[batch->count] =
        (struct weir_column){ .rows = batch->rows,
                              .values = { block, block->bytes, (size_t)batch->rows * sizeof(int64_t) } };
    for (int c = 0; c < batch->count; c++) {
        if (weir_column_share(&numbered.columns[c], &batch->columns[c]) < 0) {
            weir_fail_memory(error);
            goto cleanup;
        }
    }
    shuffle->rows += batch->rows;
    result = heap_add(&shuffle->heap, &numbered, error);
cleanup:
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
    heap_release(&shuffle->heap);
    weir_schema_release(&shuffle->shuffling.schema);
    free(shuffle);
}
