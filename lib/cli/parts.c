#include "cli/stream_io.h"
#include <stdlib.h>

/* One output and the rows that wait to become a batch of it. */
struct part {
    struct weir_sink *sink;
    struct weir_batch *waiting;
    size_t count, capacity, bytes;
};

struct weir_parts {
    struct weir_schema schema;
    struct part *items;
    int64_t *rows; /* [count] written to each */
    int count;
    int64_t *order; /* of one batch: the rows of part 0, then those of part 1 ... */
    size_t order_capacity;
    int64_t *first; /* [count + 2] where each part begins in it */
};

/* Opens the next part's file: -1 also when it is the file of a part before. */
static int open_part(struct weir_parts *parts, struct weir_run *run, const char *const *paths, struct weir_error *error)
{
    struct weir_sink **sink = &parts->items[parts->count].sink;
    if (weir_sink_open_file(sink, run, paths[parts->count], &parts->schema, error) < 0)
        return -1;
    int part = parts->count++;
    for (int before = 0; before < part; before++)
        if (weir_sink_same_file(parts->items[before].sink, *sink))
            return weir_fail(error, WEIR_USAGE, "'%s' and '%s' are the same file", paths[before], paths[part]);
    return 0;
}

int weir_parts_open(struct weir_parts **out, struct weir_run *run, const char *const *paths, int count,
                    const struct weir_schema *schema, struct weir_error *error)
{
    struct weir_parts *parts = weir_allocate_zero(1, sizeof *parts);
    if (!parts)
        return weir_fail_memory(error);
    parts->items = weir_allocate_zero((size_t)count, sizeof *parts->items);
    parts->rows = weir_allocate_zero((size_t)count, sizeof *parts->rows);
    parts->first = weir_allocate((size_t)count + 2, sizeof *parts->first);
    if (!parts->items || !parts->rows || !parts->first || weir_schema_copy(&parts->schema, schema) < 0) {
        weir_fail_memory(error);
        goto failed;
    }
    while (parts->count < count)
        if (open_part(parts, run, paths, error) < 0)
            goto failed;
    *out = parts;
    return 0;
failed:
    weir_parts_free(parts, error);
    return -1;
}

static void drop_waiting(struct part *part)
{
    for (size_t i = 0; i < part->count; i++)
        weir_batch_release(&part->waiting[i]);
    part->count = part->bytes = 0;
}

static int flush(struct weir_parts *parts, struct part *part, struct weir_error *error)
{
    struct weir_batch joined = { 0 };
    int result = 0;
    if (part->count == 1) {
        result = weir_sink_write(part->sink, &part->waiting[0], error);
    } else if (part->count > 1) {
        result = weir_batch_concatenate(&joined, part->waiting, (int)part->count, &parts->schema, error);
        if (result == 0)
            result = weir_sink_write(part->sink, &joined, error);
    }
    weir_batch_release(&joined);
    drop_waiting(part);
    return result;
}

static int add(struct weir_parts *parts, int p, const struct weir_batch *batch, const int64_t *order, int64_t rows,
               struct weir_error *error)
{
    struct part *part = &parts->items[p];
    void *waiting = part->waiting;
    if (rows == 0)
        return 0;
    if (weir_grow(&waiting, &part->capacity, part->count + 1, sizeof *part->waiting) < 0)
        return weir_fail_memory(error);
    part->waiting = waiting;
    struct weir_batch *taken = &part->waiting[part->count];
    *taken = (struct weir_batch){ 0 };
    if (weir_batch_take(taken, batch, &parts->schema, order, rows, error) < 0)
        return -1;
    part->count++;
    part->bytes += weir_batch_bytes(taken);
    parts->rows[p] += rows;
    return part->bytes >= WEIR_BATCH_BYTES / 2 ? flush(parts, part, error) : 0;
}

int weir_parts_write(struct weir_parts *parts, const struct weir_batch *batch, const uint16_t *part,
                     struct weir_error *error)
{
    void *order = parts->order;
    if (weir_grow(&order, &parts->order_capacity, (size_t)batch->rows, sizeof *parts->order) < 0)
        return weir_fail_memory(error);
    parts->order = order;
    /* Counting sort: first[p + 1] counts part p, becomes its begin, and has moved to its end when its rows stand. */
    int64_t *first = parts->first;
    for (int p = 0; p <= parts->count + 1; p++)
        first[p] = 0;
    for (int64_t r = 0; r < batch->rows; r++)
        if (part[r] + 2 <= parts->count)
            first[part[r] + 2]++;
    for (int p = 2; p <= parts->count; p++)
        first[p] += first[p - 1];
    for (int64_t r = 0; r < batch->rows; r++)
        if (part[r] < parts->count)
            parts->order[first[part[r] + 1]++] = r;
    for (int p = 0; p < parts->count; p++)
        if (add(parts, p, batch, parts->order + first[p], first[p + 1] - first[p], error) < 0)
            return -1;
    return 0;
}

int64_t weir_parts_rows(const struct weir_parts *parts, int part)
{
    return parts->rows[part];
}

int weir_parts_finish(struct weir_parts *parts, struct weir_error *error)
{
    for (int p = 0; p < parts->count; p++)
        if (flush(parts, &parts->items[p], error) < 0 || weir_sink_end(parts->items[p].sink, error) < 0)
            return -1;
    for (int p = 0; p < parts->count; p++) {
        struct weir_sink *sink = parts->items[p].sink;
        parts->items[p].sink = NULL;
        if (weir_sink_finish(sink, error) < 0)
            return -1;
    }
    return 0;
}

void weir_parts_free(struct weir_parts *parts, const struct weir_error *error)
{
    static const struct weir_error unknown = { .status = WEIR_IO, .text = "failed" };
    if (!parts)
        return;
    for (int p = 0; p < parts->count; p++) {
        weir_sink_fail(parts->items[p].sink, error ? error : &unknown);
        drop_waiting(&parts->items[p]);
        free(parts->items[p].waiting);
    }
    weir_schema_release(&parts->schema);
    free(parts->items);
    free(parts->rows);
    free(parts->order);
    free(parts->first);
    free(parts);
}
