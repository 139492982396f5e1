#include "model/entries.h"
#include "base/descriptor.h"
#include "base/memory.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BUFFERED = (1 << 20) / sizeof(struct weir_entry) };

void weir_entries_init(struct weir_entries *entries, size_t memory)
{
    *entries = (struct weir_entries){ .memory = memory, .descriptor = -1 };
}

void weir_entries_release(struct weir_entries *entries)
{
    if (entries->mapped)
        munmap(entries->items, entries->mapped);
    else
        free(entries->items);
    free(entries->offsets);
    free(entries->buffer);
    if (entries->descriptor >= 0)
        close(entries->descriptor);
    *entries = (struct weir_entries){ .descriptor = -1 };
}

static int write_out(struct weir_entries *entries, const struct weir_entry *items, size_t count,
                     struct weir_error *error)
{
    if (weir_write_full(entries->descriptor, items, count * sizeof *items))
        return weir_fail_errno(error, WEIR_IO, "cannot spill rows to a temporary file");
    return 0;
}

/* What is held goes to a file, and what comes through a buffer. */
static int begin_file(struct weir_entries *entries, struct weir_error *error)
{
    entries->descriptor = weir_temporary_file(error);
    if (entries->descriptor < 0 || write_out(entries, entries->items, entries->count, error))
        return -1;
    free(entries->items);
    entries->items = NULL;
    return 0;
}

static int flush(struct weir_entries *entries, struct weir_error *error)
{
    if (entries->buffered && write_out(entries, entries->buffer, entries->buffered, error))
        return -1;
    entries->buffered = 0;
    return 0;
}

struct weir_entry *weir_entries_append(struct weir_entries *entries, size_t count, struct weir_error *error)
{
    size_t total = entries->count + count;
    struct weir_entry *room = NULL;
    if (weir_grow((void **)&entries->offsets, &entries->offset_capacity, (size_t)entries->rows + 2,
                  sizeof *entries->offsets)) {
        weir_fail_memory(error);
        return NULL;
    }
    if (entries->descriptor < 0 && total > entries->memory / sizeof *room && begin_file(entries, error))
        return NULL;
    if (entries->descriptor < 0) {
        if (weir_grow((void **)&entries->items, &entries->capacity, total + 1, sizeof *room) == 0)
            room = entries->items + entries->count;
    } else {
        if (entries->buffered + count > BUFFERED && flush(entries, error))
            return NULL;
        size_t needed = entries->buffered + count > BUFFERED ? entries->buffered + count : BUFFERED;
        if (weir_grow((void **)&entries->buffer, &entries->buffer_capacity, needed, sizeof *room) == 0)
            room = entries->buffer + entries->buffered;
        entries->buffered += count;
    }
    if (!room) {
        weir_fail_memory(error);
        return NULL;
    }
    entries->offsets[entries->rows++] = (int64_t)entries->count;
    entries->count = total;
    entries->offsets[entries->rows] = (int64_t)total;
    return room;
}

static int map(struct weir_entries *entries, struct weir_error *error)
{
    size_t size = entries->count * sizeof *entries->items;
    void *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, entries->descriptor, 0);
    if (mapping == MAP_FAILED)
        return weir_fail_errno(error, WEIR_IO, "cannot map the rows that were spilled");
    entries->items = mapping;
    entries->mapped = size;
    return 0;
}

int weir_entries_finish(struct weir_entries *entries, struct weir_error *error)
{
    if (entries->descriptor < 0)
        return 0;
    if (flush(entries, error))
        return -1;
    free(entries->buffer);
    entries->buffer = NULL;
    return map(entries, error);
}

struct weir_sparse_matrix weir_entries_matrix(const struct weir_entries *entries)
{
    return (struct weir_sparse_matrix){ entries->rows, entries->offsets, entries->items };
}

/* ---- By columns ------------------------------------------------------------------------------------------- */

static int make_room(struct weir_entries *to, struct weir_error *error)
{
    size_t size = to->count * sizeof *to->items;
    if (size <= to->memory) {
        to->items = weir_allocate(to->count, sizeof *to->items);
        return to->items ? 0 : weir_fail_memory(error);
    }
    to->descriptor = weir_temporary_file(error);
    if (to->descriptor < 0)
        return -1;
    if (ftruncate(to->descriptor, (off_t)size))
        return weir_fail_errno(error, WEIR_IO, "cannot spill rows to a temporary file");
    return map(to, error);
}

/* Columns first .. end - 1 of all rows; next[column]: where its next entry goes. */
static void scatter(const struct weir_entries *from, uint32_t first, uint32_t end, int64_t *next,
                    struct weir_entry *items)
{
    for (int64_t r = 0; r < from->rows; r++)
        for (int64_t i = from->offsets[r]; i < from->offsets[r + 1]; i++) {
            struct weir_entry entry = from->items[i];
            if (entry.index >= first && entry.index < end)
                items[next[entry.index]++] = (struct weir_entry){ (uint32_t)r, entry.value };
        }
}

int weir_entries_transpose(const struct weir_entries *from, int64_t width, struct weir_entries *to,
                           struct weir_error *error)
{
    weir_entries_init(to, from->memory);
    to->rows = width;
    to->count = from->count;
    to->offsets = weir_allocate_zero((size_t)width + 1, sizeof *to->offsets);
    int64_t *next = weir_allocate((size_t)width, sizeof *next);
    int result = to->offsets && next ? 0 : weir_fail_memory(error);
    if (result == 0 && from->rows > UINT32_MAX)
        result = weir_fail(error, WEIR_BAD_DATA, "more than 4294967295 rows: learn from them with --optimizer ftrl");
    if (result == 0)
        result = make_room(to, error);
    if (result == 0) {
        for (size_t i = 0; i < from->count; i++)
            to->offsets[from->items[i].index + 1]++;
        for (int64_t c = 0; c < width; c++) {
            next[c] = to->offsets[c];
            to->offsets[c + 1] += to->offsets[c];
        }
        /* As many columns at once as memory holds: what is written to a mapping stays near. */
        int64_t most = (int64_t)(to->memory / sizeof *to->items);
        for (int64_t first = 0, end; first < width; first = end) {
            end = first + 1;
            while (end < width && to->offsets[end + 1] - to->offsets[first] <= most)
                end++;
            scatter(from, (uint32_t)first, (uint32_t)end, next, to->items);
        }
    }
    free(next);
    return result;
}
