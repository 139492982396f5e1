#include "model/dataset.h"
#include "base/descriptor.h"
#include "base/memory.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHUNK_BYTES = 1 << 20 };

void weir_dataset_init(struct weir_dataset *dataset, size_t record_size, size_t memory)
{
    *dataset = (struct weir_dataset){ .record_size = record_size ? record_size : 1, .memory = memory };
    dataset->descriptor = -1;
    while (dataset->record_size << (dataset->shift + 1) <= CHUNK_BYTES)
        dataset->shift++;
}

static size_t chunk_size(const struct weir_dataset *dataset)
{
    return dataset->record_size << dataset->shift;
}

/* The chunk that was filled last goes to the file, when it is one of those. */
static int spill(struct weir_dataset *dataset, struct weir_error *error)
{
    if (!dataset->buffer || dataset->chunk_count == dataset->held)
        return 0;
    if (weir_write_full(dataset->descriptor, dataset->buffer, chunk_size(dataset)))
        return weir_fail_errno(error, WEIR_IO, "cannot spill rows to a temporary file");
    return 0;
}

static uint8_t *new_chunk(struct weir_dataset *dataset, struct weir_error *error)
{
    size_t size = chunk_size(dataset);
    if (weir_grow((void **)&dataset->chunks, &dataset->chunk_capacity, dataset->chunk_count + 1,
                  sizeof *dataset->chunks)) {
        weir_fail_memory(error);
        return NULL;
    }
    uint8_t *chunk;
    if (dataset->descriptor < 0 && (dataset->chunk_count + 1) <= dataset->memory / size) {
        chunk = weir_allocate_aligned(1, size);
        if (chunk)
            dataset->held++;
    } else {
        if (dataset->descriptor < 0 && (dataset->descriptor = weir_temporary_file(error)) < 0)
            return NULL;
        if (!dataset->buffer)
            dataset->buffer = weir_allocate_aligned(1, size);
        else if (spill(dataset, error))
            return NULL;
        chunk = dataset->buffer;
    }
    if (!chunk) {
        weir_fail_memory(error);
        return NULL;
    }
    memset(chunk, 0, size);
    dataset->chunks[dataset->chunk_count++] = chunk;
    return chunk;
}

uint8_t *weir_dataset_append(struct weir_dataset *dataset, int64_t wanted, int64_t *got, struct weir_error *error)
{
    int64_t chunk_rows = (int64_t)1 << dataset->shift;
    int64_t within = dataset->rows & (chunk_rows - 1);
    uint8_t *chunk = within ? dataset->chunks[dataset->chunk_count - 1] : new_chunk(dataset, error);
    if (!chunk)
        return NULL;
    *got = wanted < chunk_rows - within ? wanted : chunk_rows - within;
    dataset->rows += *got;
    return chunk + (size_t)within * dataset->record_size;
}

int weir_dataset_finish(struct weir_dataset *dataset, struct weir_error *error)
{
    size_t spilled = dataset->chunk_count - dataset->held;
    if (spilled == 0)
        return 0;
    if (spill(dataset, error))
        return -1;
    free(dataset->buffer);
    dataset->buffer = NULL;
    dataset->mapping_size = spilled * chunk_size(dataset);
    dataset->mapping = mmap(NULL, dataset->mapping_size, PROT_READ | PROT_WRITE, MAP_SHARED, dataset->descriptor, 0);
    if (dataset->mapping == MAP_FAILED) {
        dataset->mapping = NULL;
        return weir_fail_errno(error, WEIR_IO, "cannot map the rows that were spilled");
    }
    for (size_t i = 0; i < spilled; i++)
        dataset->chunks[dataset->held + i] = dataset->mapping + i * chunk_size(dataset);
    return 0;
}

void weir_dataset_release(struct weir_dataset *dataset)
{
    for (size_t i = 0; i < dataset->held; i++)
        free(dataset->chunks[i]);
    free(dataset->chunks);
    free(dataset->buffer);
    free(dataset->segments);
    if (dataset->mapping)
        munmap(dataset->mapping, dataset->mapping_size);
    if (dataset->descriptor >= 0)
        close(dataset->descriptor);
    *dataset = (struct weir_dataset){ .descriptor = -1 };
}

int weir_dataset_add_segment(struct weir_dataset *dataset, enum weir_storage storage, size_t offset, int64_t width,
                             struct weir_error *error)
{
    if (storage == WEIR_STORE_NOTHING)
        return 0;
    struct weir_segment *last = dataset->segment_count ? &dataset->segments[dataset->segment_count - 1] : NULL;
    size_t size = storage == WEIR_STORE_FLOAT ? sizeof(float) : 1;
    if (last && last->storage == storage && storage != WEIR_STORE_SLOT &&
        last->offset + (size_t)last->width * size == offset) {
        last->width += width;
    } else {
        if (weir_grow((void **)&dataset->segments, &dataset->segment_capacity, dataset->segment_count + 1,
                      sizeof *dataset->segments))
            return weir_fail_memory(error);
        dataset->segments[dataset->segment_count++] =
            (struct weir_segment){ .storage = storage, .offset = offset, .x = dataset->width, .width = width };
    }
    dataset->width += width;
    return 0;
}

static void expand(const struct weir_segment *segment, const uint8_t *record, float *x)
{
    const uint8_t *from = record + segment->offset;
    float *to = x + segment->x;
    int32_t slot;
    switch (segment->storage) {
    case WEIR_STORE_FLOAT:
        memcpy(to, from, (size_t)segment->width * sizeof *to);
        break;
    case WEIR_STORE_UINT8:
        for (int64_t i = 0; i < segment->width; i++)
            to[i] = (float)from[i];
        break;
    case WEIR_STORE_INT8:
        for (int64_t i = 0; i < segment->width; i++)
            to[i] = (float)(int8_t)from[i];
        break;
    case WEIR_STORE_SLOT:
        memset(to, 0, (size_t)segment->width * sizeof *to);
        memcpy(&slot, from, sizeof slot);
        if (slot >= 0)
            to[slot] = 1;
        break;
    case WEIR_STORE_NOTHING:
        break;
    }
}

void weir_dataset_gather(const struct weir_dataset *dataset, const int64_t *rows, int64_t count, float *x)
{
    for (int64_t r = 0; r < count; r++) {
        const uint8_t *record = weir_dataset_record(dataset, rows[r]);
        /* The next row lies anywhere: ask for its first lines while this one is copied. */
        if (r + 1 < count) {
            const uint8_t *next = weir_dataset_record(dataset, rows[r + 1]);
            __builtin_prefetch(next);
            __builtin_prefetch(next + 64);
        }
        for (size_t s = 0; s < dataset->segment_count; s++)
            expand(&dataset->segments[s], record, x + r * dataset->width);
    }
}
