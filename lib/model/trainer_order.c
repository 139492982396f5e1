#include "base/memory.h"
#include "base/random.h"
#include "model/trainer_private.h"
#include <stdlib.h>
#include <string.h>

/* Rows are shuffled freely within this many bytes of records. */
enum { SHUFFLE_BYTES = 256 << 20, BLOCK_BYTES = 1 << 20 };

static void shuffle_span(int64_t *values, int64_t count, struct weir_random *random)
{
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t j = (int64_t)weir_random_below(random, (uint64_t)i + 1);
        int64_t value = values[i];
        values[i] = values[j];
        values[j] = value;
    }
}

int weir_trainer_shuffle(struct weir_trainer *t, struct weir_error *error)
{
    int64_t count = t->data->train_count;
    struct weir_random random;
    weir_random_init(&random, t->options->seed, (uint64_t)t->state.epoch + 1);
    if (t->options->optimizer.kind == WEIR_GD) {
        memcpy(t->order, t->data->train, (size_t)count * sizeof *t->order);
        return 0;
    }
    int64_t span = SHUFFLE_BYTES / (int64_t)t->data->dataset->record_size + 1;
    if (count <= span) {
        memcpy(t->order, t->data->train, (size_t)count * sizeof *t->order);
        shuffle_span(t->order, count, &random);
        return 0;
    }
    int64_t block = BLOCK_BYTES / (int64_t)t->data->dataset->record_size + 1;
    int64_t blocks = (count + block - 1) / block, filled = 0;
    int64_t *order = weir_allocate((size_t)blocks, sizeof *order);
    if (!order)
        return weir_fail_memory(error);
    for (int64_t b = 0; b < blocks; b++)
        order[b] = b;
    shuffle_span(order, blocks, &random);
    for (int64_t b = 0; b < blocks; b++) {
        int64_t first = order[b] * block, rows = count - first < block ? count - first : block;
        memcpy(t->order + filled, t->data->train + first, (size_t)rows * sizeof *order);
        filled += rows;
    }
    for (int64_t first = 0; first < count; first += span)
        shuffle_span(t->order + first, count - first < span ? count - first : span, &random);
    free(order);
    return 0;
}
