#include "stage/deal_private.h"
#include <stdlib.h>

enum { ROW_BYTES = 24 }; /* a row's key and place, beside its values, when rows are dealt or sorted */

int weir_deal_number(struct weir_batch *to, const struct weir_batch *rows, int64_t first)
{
    if (weir_batch_init(to, rows->count + 1, rows->rows) < 0)
        return -1;
    struct weir_column *number = &to->columns[rows->count];
    int64_t *numbers = weir_slice_new(&number->values, (size_t)rows->rows, sizeof *numbers);
    number->rows = rows->rows;
    bool failed = !numbers;
    for (int c = 0; c < rows->count && !failed; c++)
        failed = weir_column_share(&to->columns[c], &rows->columns[c]) < 0;
    if (failed) {
        weir_batch_release(to);
        return -1;
    }
    for (int64_t row = 0; row < rows->rows; row++)
        numbers[row] = first + row;
    return 0;
}

int weir_deal_number_name(const struct weir_schema *a, const struct weir_schema *b, struct weir_buffer *name)
{
    weir_buffer_string(name, "row");
    while (!name->failed && (weir_schema_find(a, name->bytes) >= 0 || (b && weir_schema_find(b, name->bytes) >= 0)))
        weir_buffer_byte(name, '_');
    return name->failed ? -1 : 0;
}

int weir_deal_hold(struct weir_deal *deal, struct weir_batch *batch, struct weir_error *error)
{
    void *held = deal->held;
    if (weir_grow(&held, &deal->capacity, deal->count + 1, sizeof *deal->held) < 0)
        return weir_fail_memory(error);
    deal->held = held;
    deal->held[deal->count++] = *batch;
    deal->bytes += weir_batch_bytes(batch) + (size_t)batch->rows * ROW_BYTES;
    *batch = (struct weir_batch){ 0 };
    return 0;
}

static void drop_held(struct weir_deal *deal)
{
    for (size_t i = 0; i < deal->count; i++)
        weir_batch_release(&deal->held[i]);
    deal->count = deal->bytes = 0;
}

int weir_deal_join(struct weir_deal *deal, struct weir_batch *whole, struct weir_error *error)
{
    if (weir_batch_concatenate(whole, deal->held, (int)deal->count, deal->schema, error) < 0)
        return -1;
    drop_held(deal);
    return 0;
}

static size_t file_of(const struct weir_deal *deal, uint64_t key)
{
    return (size_t)(key >> deal->shift) & (size_t)(deal->files_wanted - 1);
}

/* order[rows]: the rows file by file; first[files + 1]: where each begins. */
static void order_by_file(const struct weir_deal *deal, const uint64_t *keys, int64_t rows, int64_t *order,
                          int64_t *first)
{
    int64_t next[WEIR_DEAL_MOST];
    memset(first, 0, (size_t)(deal->files_wanted + 1) * sizeof *first);
    for (int64_t row = 0; row < rows; row++)
        first[file_of(deal, keys[row]) + 1]++;
    for (int f = 0; f < deal->files_wanted; f++) {
        first[f + 1] += first[f];
        next[f] = first[f];
    }
    for (int64_t row = 0; row < rows; row++)
        order[next[file_of(deal, keys[row])]++] = row;
}

int weir_deal_out(struct weir_deal *deal, struct weir_error *error)
{
    struct weir_batch whole = { 0 }, part = { 0 };
    int64_t first[WEIR_DEAL_MOST + 1], *order = NULL;
    uint64_t *keys = NULL;
    int result = -1;
    if (!deal->files && !(deal->files = weir_allocate_zero((size_t)deal->files_wanted, sizeof *deal->files)))
        return weir_fail_memory(error);
    if (deal->count == 0)
        return 0;
    if (weir_deal_join(deal, &whole, error) < 0)
        goto cleanup;
    keys = weir_allocate((size_t)whole.rows, sizeof *keys);
    order = weir_allocate((size_t)whole.rows, sizeof *order);
    if (!keys || !order) {
        weir_fail_memory(error);
        goto cleanup;
    }
    if (deal->key(deal->context, &whole, keys, error) < 0)
        goto cleanup;
    order_by_file(deal, keys, whole.rows, order, first);
    for (int f = 0; f < deal->files_wanted; f++) {
        if (first[f] == first[f + 1])
            continue;
        if (weir_batch_take(&part, &whole, deal->schema, order + first[f], first[f + 1] - first[f], error) < 0 ||
            weir_spill_file_write(&deal->files[f], deal->schema, &part, error) < 0)
            goto cleanup;
        weir_batch_release(&part);
    }
    result = 0;
cleanup:
    weir_batch_release(&whole);
    weir_batch_release(&part);
    free(keys);
    free(order);
    return result;
}

void weir_deal_release(struct weir_deal *deal)
{
    drop_held(deal);
    free(deal->held);
    for (int f = 0; deal->files && f < deal->files_wanted; f++)
        weir_spill_file_release(&deal->files[f]);
    free(deal->files);
    deal->held = NULL;
    deal->capacity = 0;
    deal->files = NULL;
}
