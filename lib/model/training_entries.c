/* Sparse columns into entries. */
#include "base/memory.h"
#include "model/training_data_private.h"
#include <stdlib.h>

int weir_training_open_sparse(struct weir_collector *collector, const struct weir_batch *batch,
                              struct weir_error *error)
{
    for (size_t i = 0; i < collector->source_count; i++) {
        struct weir_source *source = &collector->sources[i];
        if (source->form == WEIR_SOURCE_SPARSE &&
            weir_sparse_open(&source->sparse, &collector->schema->fields[source->column],
                             &batch->columns[source->column], source->width, error))
            return -1;
    }
    return 0;
}

static int put_row(struct weir_training_data *data, const struct weir_batch *batch, int64_t row,
                   struct weir_error *error)
{
    const struct weir_collector *collector = data->collector;
    size_t count = 0;
    for (size_t i = 0; i < collector->source_count; i++) {
        const struct weir_source *source = &collector->sources[i];
        if (source->form != WEIR_SOURCE_SPARSE)
            continue;
        if (!weir_valid(&batch->columns[source->column], row))
            return weir_fail_row(&collector->schema->fields[source->column], collector->stream_rows + row,
                                 "is missing: put `clean` in front of `features`", error);
        count += (size_t)(source->sparse.offsets[row + 1] - source->sparse.offsets[row]);
    }
    struct weir_entry *out = weir_entries_append(&data->entries, count, error);
    if (!out)
        return -1;
    int64_t offset = 0;
    for (size_t i = 0; i < collector->source_count; i++) {
        const struct weir_source *source = &collector->sources[i];
        if (source->form != WEIR_SOURCE_SPARSE)
            continue;
        for (int32_t e = source->sparse.offsets[row]; e < source->sparse.offsets[row + 1]; e++)
            *out++ = (struct weir_entry){ (uint32_t)offset + source->sparse.index[e], source->sparse.value[e] };
        offset += source->width;
    }
    return 0;
}

int weir_training_put_entries(struct weir_training_data *data, const struct weir_batch *batch, int64_t first,
                              int64_t rows, struct weir_error *error)
{
    for (int64_t row = first; row < first + rows; row++)
        if (put_row(data, batch, row, error))
            return -1;
    return 0;
}

/* The entries of one row in the features' order: its dense numbers x, and what stands from `from` to `end`. `out` has
 * room for all; returns how many there are. */
static size_t merge_row(const struct weir_feature_list *features, const float *x, const struct weir_entry *from,
                        const struct weir_entry *end, struct weir_entry *out)
{
    int64_t place = 0, sparse = 0;
    size_t count = 0;
    for (size_t c = 0; c < features->count; c++) {
        int64_t width = features->columns[c].width;
        if (features->columns[c].sparse) {
            for (; from < end && from->index < sparse + width; from++)
                out[count++] = (struct weir_entry){ (uint32_t)(from->index - sparse + place), from->value };
            sparse += width;
        } else {
            for (int64_t i = 0; i < width; i++)
                if (x[i] != 0)
                    out[count++] = (struct weir_entry){ (uint32_t)(place + i), x[i] };
            x += width;
        }
        place += width;
    }
    return count;
}

static int merge(struct weir_training_data *data, struct weir_entries *to, struct weir_error *error)
{
    const struct weir_entries *from = &data->entries;
    float *x = weir_allocate((size_t)data->dataset.width, sizeof *x);
    struct weir_entry *room = NULL;
    size_t capacity = 0;
    int result = x ? 0 : weir_fail_memory(error);
    for (int64_t row = 0; result == 0 && row < from->rows; row++) {
        const struct weir_entry *first = from->items + from->offsets[row], *end = from->items + from->offsets[row + 1];
        if (weir_grow((void **)&room, &capacity, (size_t)(end - first) + (size_t)data->dataset.width, sizeof *room)) {
            result = weir_fail_memory(error);
            break;
        }
        weir_dataset_gather(&data->dataset, &row, 1, x);
        size_t count = merge_row(&data->features, x, first, end, room);
        struct weir_entry *out = weir_entries_append(to, count, error);
        if (out)
            memcpy(out, room, count * sizeof *out);
        else
            result = -1;
    }
    free(x);
    free(room);
    return result ? -1 : weir_entries_finish(to, error);
}

int weir_training_merge_entries(struct weir_training_data *data, struct weir_error *error)
{
    struct weir_entries merged;
    if (weir_entries_finish(&data->entries, error))
        return -1;
    if (data->dataset.width == 0)
        return 0;
    weir_entries_init(&merged, data->entries.memory);
    if (merge(data, &merged, error)) {
        weir_entries_release(&merged);
        return -1;
    }
    weir_entries_release(&data->entries);
    data->entries = merged;
    return 0;
}
