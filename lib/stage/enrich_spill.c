#include "stage/enrich_spill.h"
#include "stage/enrich_private.h"
#include "stage/spill_file.h"
#include <stdlib.h>

enum { MOST_PARTS = 256, LEAST_MEMORY = 1 << 20, SHARES = 8 };

/* One side: rows gathered, then dealt to a file for each part. Each row carries its number in a last column. */
struct dealer {
    struct weir_schema schema; /* with the number */
    struct weir_join_side side;
    int64_t rows;
    struct weir_batch *held;
    size_t count, capacity, bytes, most;
    struct weir_spill_file *files; /* [parts] */
};

struct weir_enrich_spill {
    const struct weir_stage *stage;
    int shift, parts; /* the part of a key is its hash >> shift */
    struct dealer table, stream;
    struct weir_spill_file *results; /* [parts] */
    struct weir_schema joined;       /* of the results: the number stands behind the stream's columns */
    int number;
    bool no_values;
    int *side_keys; /* of the stream */
    struct enrich_tally tally;
};

/* ---- Dealing ------------------------------------------------------------------------------------------------ */

static int dealer_init(struct dealer *dealer, const struct weir_schema *schema, const struct weir_join_side *side,
                       const char *number, int parts, size_t most)
{
    for (int i = 0; i < schema->count; i++)
        if (!weir_schema_add_copy(&dealer->schema, &schema->fields[i]))
            return -1;
    if (!weir_schema_add(&dealer->schema, number, WEIR_INT64))
        return -1;
    dealer->side = *side;
    dealer->side.schema = &dealer->schema;
    dealer->most = most;
    dealer->files = weir_allocate_zero((size_t)parts, sizeof *dealer->files);
    return dealer->files ? 0 : -1;
}

static void dealer_release(struct dealer *dealer, int parts)
{
    for (size_t i = 0; i < dealer->count; i++)
        weir_batch_release(&dealer->held[i]);
    free(dealer->held);
    for (int p = 0; dealer->files && p < parts; p++)
        weir_spill_file_release(&dealer->files[p]);
    free(dealer->files);
    weir_schema_release(&dealer->schema);
}

/* order[rows]: the rows part by part; first[parts + 1]: where each begins. */
static void order_by_part(const uint64_t *hash, int64_t rows, int shift, int parts, int64_t *order, int64_t *first)
{
    int64_t next[MOST_PARTS];
    memset(first, 0, (size_t)(parts + 1) * sizeof *first);
    for (int64_t row = 0; row < rows; row++)
        first[(hash[row] >> shift) + 1]++;
    for (int p = 0; p < parts; p++) {
        first[p + 1] += first[p];
        next[p] = first[p];
    }
    for (int64_t row = 0; row < rows; row++)
        order[next[hash[row] >> shift]++] = row;
}

static int deal(struct weir_enrich_spill *spill, struct dealer *dealer, struct weir_error *error)
{
    struct weir_batch whole = { 0 }, part = { 0 };
    int64_t first[MOST_PARTS + 1];
    int result = weir_batch_concatenate(&whole, dealer->held, (int)dealer->count, &dealer->schema, error);
    for (size_t i = 0; i < dealer->count; i++)
        weir_batch_release(&dealer->held[i]);
    dealer->count = dealer->bytes = 0;
    if (result < 0)
        return -1;
    uint64_t *hash = weir_allocate((size_t)whole.rows, sizeof *hash);
    uint8_t *missing = weir_allocate((size_t)whole.rows, 1);
    int64_t *order = weir_allocate((size_t)whole.rows, sizeof *order);
    if (!hash || !missing || !order) {
        result = weir_fail_memory(error);
        goto cleanup;
    }
    weir_join_hash(&dealer->side, &whole, hash, missing);
    order_by_part(hash, whole.rows, spill->shift, spill->parts, order, first);
    for (int p = 0; p < spill->parts && result == 0; p++) {
        if (first[p] == first[p + 1])
            continue;
        result = weir_batch_take(&part, &whole, &dealer->schema, order + first[p], first[p + 1] - first[p], error);
        if (result == 0)
            result = weir_spill_file_write(&dealer->files[p], &dealer->schema, &part, error);
        weir_batch_release(&part);
    }
cleanup:
    weir_batch_release(&whole);
    free(hash);
    free(missing);
    free(order);
    return result;
}

static int dealer_add(struct weir_enrich_spill *spill, struct dealer *dealer, const struct weir_batch *batch,
                      struct weir_error *error)
{
    struct weir_batch numbered = { 0 };
    void *held = dealer->held;
    if (batch->rows == 0)
        return 0;
    if (weir_grow(&held, &dealer->capacity, dealer->count + 1, sizeof *dealer->held) < 0)
        return weir_fail_memory(error);
    dealer->held = held;
    if (weir_batch_init(&numbered, batch->count + 1, batch->rows) < 0)
        return weir_fail_memory(error);
    struct weir_column *number = &numbered.columns[batch->count];
    int64_t *numbers = weir_slice_new(&number->values, (size_t)batch->rows, sizeof *numbers);
    number->rows = batch->rows;
    bool failed = !numbers;
    for (int c = 0; c < batch->count && !failed; c++)
        failed = weir_column_share(&numbered.columns[c], &batch->columns[c]) < 0;
    if (failed) {
        weir_batch_release(&numbered);
        return weir_fail_memory(error);
    }
    for (int64_t row = 0; row < batch->rows; row++)
        numbers[row] = dealer->rows++;
    dealer->held[dealer->count++] = numbered;
    dealer->bytes += weir_batch_bytes(&numbered);
    return dealer->bytes > dealer->most ? deal(spill, dealer, error) : 0;
}

/* ---- One part ----------------------------------------------------------------------------------------------- */

static int give_part(struct weir_enrich_spill *spill, int p, struct weir_stage *stage, struct weir_batch *rows,
                     struct weir_error *error)
{
    struct enrich *self = stage->state;
    struct weir_schema *schema = &spill->table.schema;
    if (weir_spill_file_read_all(&spill->table.files[p], schema, rows, error) < 0)
        return -1;
    struct weir_batch plain = *rows; /* without the number, which stays with `rows` */
    struct weir_batch part = { 0 };
    plain.count--;
    schema->count--;
    self->numbers = (const int64_t *)(const void *)rows->columns[plain.count].values.bytes;
    int result = weir_batch_share(&part, &plain) < 0 ? weir_fail_memory(error) : 0;
    if (result == 0)
        result = weir_enrich_give(stage, schema, &part, 1, spill->no_values, error);
    schema->count++;
    weir_batch_release(&part);
    return result;
}

static int join_rows(struct weir_enrich_spill *spill, int p, struct weir_binding *binding, struct weir_error *error)
{
    struct weir_batch in = { 0 };
    int got = 0;
    if (weir_spill_file_rewind(&spill->stream.files[p], error) < 0)
        return -1;
    while ((got = weir_spill_file_next(&spill->stream.files[p], &in, error)) > 0) {
        struct weir_batch out = { 0 };
        int result = binding->stage->kind->apply(binding, &in, &out, NULL, error);
        if (result == 0 && out.rows > 0)
            result = weir_spill_file_write(&spill->results[p], &binding->out, &out, error);
        weir_batch_release(&out);
        if (result < 0) {
            got = -1;
            break;
        }
    }
    weir_batch_release(&in);
    weir_spill_file_release(&spill->stream.files[p]);
    return got;
}

static int join_part(struct weir_enrich_spill *spill, int p, struct weir_error *error)
{
    struct weir_stage *stage = NULL;
    struct weir_binding binding = { 0 };
    struct weir_batch rows = { 0 };
    int result = weir_stage_new_json(&stage, "enrich", spill->stage->options, error);
    if (result == 0)
        result = give_part(spill, p, stage, &rows, error);
    weir_batch_release(&rows);
    weir_spill_file_release(&spill->table.files[p]);
    if (result == 0)
        result = weir_stage_bind(&binding, stage, &spill->stream.schema, WEIR_AS_FILTER, error);
    if (result == 0 && spill->joined.count == 0 && weir_schema_copy(&spill->joined, &binding.out) < 0)
        result = weir_fail_memory(error);
    if (result == 0)
        result = join_rows(spill, p, &binding, error);
    if (result == 0)
        weir_enrich_count(&binding, &spill->tally);
    if (binding.stage)
        weir_binding_release(&binding);
    weir_stage_free(stage);
    return result;
}

/* ---- Merging ------------------------------------------------------------------------------------------------ */

/* What is next of one part's results. */
struct head {
    struct weir_batch batch;
    int64_t at; /* rows before it are handed out */
    bool ended;
};

struct merge {
    struct weir_enrich_spill *spill;
    struct head *heads;        /* [parts] */
    struct weir_batch *pieces; /* [parts] */
    int (*emit)(void *context, const struct weir_batch *batch, struct weir_error *error);
    void *context;
};

static const int64_t *numbers_of(const struct weir_enrich_spill *spill, const struct weir_batch *batch)
{
    return (const int64_t *)(const void *)batch->columns[spill->number].values.bytes;
}

/* Every head has a row or has ended. *last: the number up to which all rows are here. 1: there are rows. */
static int refill(struct merge *merge, int64_t *last, struct weir_error *error)
{
    bool any = false;
    *last = INT64_MAX;
    for (int p = 0; p < merge->spill->parts; p++) {
        struct head *head = &merge->heads[p];
        while (!head->ended && head->at == head->batch.rows) {
            int got = weir_spill_file_next(&merge->spill->results[p], &head->batch, error);
            if (got < 0)
                return -1;
            head->at = 0;
            head->ended = got == 0;
        }
        if (head->ended)
            continue;
        any = true;
        int64_t end = numbers_of(merge->spill, &head->batch)[head->batch.rows - 1];
        if (end < *last)
            *last = end;
    }
    return any;
}

static int compare(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* The rows of the pieces in order, a batch of the usual size at a time. */
static int hand_out(struct merge *merge, const struct weir_batch *whole, struct weir_error *error)
{
    struct {
        int64_t number, row;
    } *keys = weir_allocate((size_t)whole->rows, sizeof *keys);
    int64_t *order = weir_allocate((size_t)whole->rows, sizeof *order);
    int result = keys && order ? 0 : weir_fail_memory(error);
    const int64_t *numbers = numbers_of(merge->spill, whole);
    for (int64_t row = 0; result == 0 && row < whole->rows; row++) {
        keys[row].number = numbers[row];
        keys[row].row = row;
    }
    if (result == 0)
        qsort(keys, (size_t)whole->rows, sizeof *keys, compare);
    for (int64_t row = 0; result == 0 && row < whole->rows; row++)
        order[row] = keys[row].row;
    double share = (double)WEIR_BATCH_BYTES / ((double)weir_batch_bytes(whole) + 1);
    int64_t chunk = (int64_t)((double)whole->rows * share) + 1;
    for (int64_t row = 0; result == 0 && row < whole->rows; row += chunk) {
        struct weir_batch out = { 0 };
        int64_t count = whole->rows - row < chunk ? whole->rows - row : chunk;
        result = weir_batch_take(&out, whole, &merge->spill->joined, order + row, count, error);
        if (result == 0) {
            int number = merge->spill->number;
            weir_column_release(&out.columns[number]);
            out.count--;
            memmove(out.columns + number, out.columns + number + 1, (size_t)(out.count - number) * sizeof *out.columns);
            result = merge->emit(merge->context, &out, error);
        }
        weir_batch_release(&out);
    }
    free(keys);
    free(order);
    return result;
}

static int merge_round(struct merge *merge, int64_t last, struct weir_error *error)
{
    struct weir_batch whole = { 0 };
    const struct weir_schema *schema = &merge->spill->joined;
    int pieces = 0, result = 0;
    for (int p = 0; p < merge->spill->parts && result == 0; p++) {
        struct head *head = &merge->heads[p];
        int64_t end = head->at;
        while (!head->ended && end < head->batch.rows && numbers_of(merge->spill, &head->batch)[end] <= last)
            end++;
        if (end == head->at)
            continue;
        merge->pieces[pieces] = (struct weir_batch){ 0 };
        if (weir_batch_slice(&merge->pieces[pieces], &head->batch, schema, head->at, end - head->at) < 0)
            result = weir_fail_memory(error);
        else
            pieces++;
        head->at = end;
    }
    if (result == 0)
        result = weir_batch_concatenate(&whole, merge->pieces, pieces, schema, error);
    if (result == 0)
        result = hand_out(merge, &whole, error);
    for (int i = 0; i < pieces; i++)
        weir_batch_release(&merge->pieces[i]);
    weir_batch_release(&whole);
    return result;
}

static int merge_all(struct merge *merge, struct weir_error *error)
{
    int64_t last;
    int more, parts = merge->spill->parts;
    merge->heads = weir_allocate_zero((size_t)parts, sizeof *merge->heads);
    merge->pieces = weir_allocate_zero((size_t)parts, sizeof *merge->pieces);
    int result = merge->heads && merge->pieces ? 0 : weir_fail_memory(error);
    for (int p = 0; p < parts && result == 0; p++)
        result = weir_spill_file_rewind(&merge->spill->results[p], error);
    while (result == 0 && (more = refill(merge, &last, error)) != 0)
        result = more < 0 ? -1 : merge_round(merge, last, error);
    for (int p = 0; merge->heads && p < parts; p++)
        weir_batch_release(&merge->heads[p].batch);
    free(merge->heads);
    free(merge->pieces);
    return result;
}

/* ---- The whole ---------------------------------------------------------------------------------------------- */

/* A name that no column has, on either side or in the result. */
static int number_name(const struct weir_binding *binding, const struct enrich *self, struct weir_buffer *name)
{
    weir_buffer_string(name, "row");
    while (!name->failed &&
           (weir_schema_find(&binding->out, name->bytes) >= 0 || weir_schema_find(&self->schema, name->bytes) >= 0))
        weir_buffer_byte(name, '_');
    return name->failed ? -1 : 0;
}

int weir_enrich_spill_new(struct weir_enrich_spill **out, const struct weir_stage *stage,
                          const struct weir_schema *stream, int64_t table_bytes, int64_t memory, bool no_values,
                          struct weir_error *error)
{
    const struct enrich *self = stage->state;
    struct weir_binding binding;
    struct weir_buffer name = { 0 };
    if (weir_stage_bind(&binding, stage, stream, WEIR_AS_FILTER, error) < 0)
        return -1;
    struct weir_enrich_spill *spill = weir_allocate_zero(1, sizeof *spill);
    int64_t share = (memory < LEAST_MEMORY ? LEAST_MEMORY : memory) / SHARES;
    int result = spill ? 0 : weir_fail_memory(error);
    if (result == 0) {
        const struct enrich_binding *bound = binding.state;
        *spill = (struct weir_enrich_spill){ .stage = stage, .shift = 63, .parts = 2, .no_values = no_values };
        while (spill->parts < MOST_PARTS && table_bytes / spill->parts > share) {
            spill->parts *= 2;
            spill->shift--;
        }
        spill->number = stream->count;
        spill->results = weir_allocate_zero((size_t)spill->parts, sizeof *spill->results);
        spill->side_keys = weir_allocate((size_t)self->side.count, sizeof *spill->side_keys);
        if (!spill->results || !spill->side_keys || number_name(&binding, self, &name) < 0 ||
            dealer_init(&spill->table, &self->schema, &self->side, name.bytes, spill->parts, (size_t)share) < 0 ||
            dealer_init(&spill->stream, stream, &bound->side, name.bytes, spill->parts, (size_t)share) < 0) {
            result = weir_fail_memory(error);
        } else {
            memcpy(spill->side_keys, bound->side.keys, (size_t)self->side.count * sizeof *spill->side_keys);
            spill->stream.side.keys = spill->side_keys;
        }
    }
    weir_buffer_release(&name);
    weir_binding_release(&binding);
    if (result < 0)
        weir_enrich_spill_free(spill);
    else
        *out = spill;
    return result;
}

int weir_enrich_spill_table(struct weir_enrich_spill *spill, const struct weir_batch *batch, struct weir_error *error)
{
    return dealer_add(spill, &spill->table, batch, error);
}

int weir_enrich_spill_stream(struct weir_enrich_spill *spill, const struct weir_batch *batch, struct weir_error *error)
{
    return dealer_add(spill, &spill->stream, batch, error);
}

int weir_enrich_spill_finish(struct weir_enrich_spill *spill,
                             int (*emit)(void *context, const struct weir_batch *batch, struct weir_error *error),
                             void *context, struct weir_error *error)
{
    struct merge merge = { .spill = spill, .emit = emit, .context = context };
    if ((spill->table.count > 0 && deal(spill, &spill->table, error) < 0) ||
        (spill->stream.count > 0 && deal(spill, &spill->stream, error) < 0))
        return -1;
    for (int p = 0; p < spill->parts; p++)
        if (join_part(spill, p, error) < 0)
            return -1;
    return merge_all(&merge, error);
}

void weir_enrich_spill_summary(const struct weir_enrich_spill *spill, struct weir_buffer *out)
{
    weir_enrich_tell(&spill->tally, out);
}

void weir_enrich_spill_free(struct weir_enrich_spill *spill)
{
    if (!spill)
        return;
    dealer_release(&spill->table, spill->parts);
    dealer_release(&spill->stream, spill->parts);
    for (int p = 0; spill->results && p < spill->parts; p++)
        weir_spill_file_release(&spill->results[p]);
    free(spill->results);
    free(spill->side_keys);
    weir_schema_release(&spill->joined);
    free(spill);
}
