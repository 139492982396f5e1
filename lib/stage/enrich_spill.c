#include "stage/enrich_spill.h"
#include "math/sort.h"
#include "stage/deal_private.h"
#include "stage/enrich_private.h"
#include <stdlib.h>

enum { LEAST_MEMORY = 1 << 20, SHARES = 8 };

/* One side: its rows go to a file for each part. */
struct dealer {
    struct weir_schema schema; /* with the number */
    struct weir_join_side side;
    const struct weir_join_secret *secret;
    int64_t rows;
    struct weir_deal deal;
};

struct weir_enrich_spill {
    const struct weir_stage *stage;
    int parts; /* the part of a key is the first bits of its hash */
    size_t share;
    struct weir_join_secret secret;
    struct dealer table, stream;
    int64_t *ends; /* [end_count] the number behind each batch of the stream */
    size_t end_count, ends_capacity;
    struct weir_spill_file *results; /* [parts] */
    struct weir_schema joined;       /* of the results: the number stands behind the stream's columns */
    int number;
    bool no_values;
    int *side_keys; /* of the stream */
    struct enrich_tally tally;
};

/* ---- Dealing ------------------------------------------------------------------------------------------------ */

/* Rows without a key find nothing in any part: they go to all in turn, lest one have them all. */
static int keys_of(const void *context, const struct weir_batch *rows, uint64_t *keys, struct weir_error *error)
{
    const struct dealer *dealer = context;
    uint8_t *missing = weir_allocate((size_t)rows->rows, 1);
    if (!missing)
        return weir_fail_memory(error);
    weir_join_hash(&dealer->side, rows, dealer->secret, keys, missing);
    const int64_t *numbers = weir_deal_numbers(rows, rows->count - 1);
    for (int64_t row = 0; row < rows->rows; row++)
        if (missing[row])
            keys[row] = (uint64_t)numbers[row] << dealer->deal.shift;
    free(missing);
    return 0;
}

static int dealer_init(struct dealer *dealer, const struct weir_schema *schema, const struct weir_join_side *side,
                       const char *number, const struct weir_enrich_spill *spill)
{
    for (int i = 0; i < schema->count; i++)
        if (!weir_schema_add_copy(&dealer->schema, &schema->fields[i]))
            return -1;
    if (!weir_schema_add(&dealer->schema, number, WEIR_INT64))
        return -1;
    dealer->side = *side;
    dealer->side.schema = &dealer->schema;
    dealer->secret = &spill->secret;
    dealer->deal = (struct weir_deal){
        .schema = &dealer->schema, .key = keys_of, .context = dealer, .files_wanted = spill->parts, .shift = 64
    };
    for (int p = spill->parts; p > 1; p /= 2)
        dealer->deal.shift--;
    return 0;
}

static void dealer_release(struct dealer *dealer)
{
    weir_deal_release(&dealer->deal);
    weir_schema_release(&dealer->schema);
}

static int dealer_add(struct weir_enrich_spill *spill, struct dealer *dealer, const struct weir_batch *batch,
                      struct weir_error *error)
{
    struct weir_batch numbered = { 0 };
    if (weir_deal_number(&numbered, batch, dealer->rows) < 0)
        return weir_fail_memory(error);
    dealer->rows += batch->rows;
    int result = weir_deal_hold(&dealer->deal, &numbered, error);
    weir_batch_release(&numbered);
    return result == 0 && dealer->deal.bytes > spill->share ? weir_deal_out(&dealer->deal, error) : result;
}

/* ---- One part ----------------------------------------------------------------------------------------------- */

static int give_part(struct weir_enrich_spill *spill, int p, struct weir_stage *stage, struct weir_batch *rows,
                     struct weir_error *error)
{
    struct enrich *self = stage->state;
    struct weir_schema *schema = &spill->table.schema;
    if (weir_spill_file_read_all(&spill->table.deal.files[p], schema, rows, error) < 0)
        return -1;
    struct weir_batch plain = *rows; /* without the number, which stays with `rows` */
    struct weir_batch part = { 0 };
    plain.count--;
    schema->count--;
    self->numbers = weir_deal_numbers(rows, plain.count);
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
    if (weir_spill_file_rewind(&spill->stream.deal.files[p], error) < 0)
        return -1;
    while ((got = weir_spill_file_next(&spill->stream.deal.files[p], &in, error)) > 0) {
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
    weir_spill_file_release(&spill->stream.deal.files[p]);
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
    weir_spill_file_release(&spill->table.deal.files[p]);
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
    struct weir_batch *pieces; /* [piece_count] of the batch at hand */
    size_t piece_count, pieces_capacity;
    int (*emit)(void *context, const struct weir_batch *batch, struct weir_error *error);
    void *context;
};

/* The head has a row, or has ended. */
static int refill(struct head *head, struct weir_spill_file *file, struct weir_error *error)
{
    while (!head->ended && head->at == head->batch.rows) {
        int got = weir_spill_file_next(file, &head->batch, error);
        if (got < 0)
            return -1;
        head->at = 0;
        head->ended = got == 0;
    }
    return 0;
}

/* The head's rows that have a number below `end`, as one more piece. 1: there may be more, 0: there are none. */
static int take_piece(struct merge *merge, struct head *head, int64_t end, struct weir_error *error)
{
    const struct weir_enrich_spill *spill = merge->spill;
    if (head->ended)
        return 0;
    const int64_t *numbers = weir_deal_numbers(&head->batch, spill->number);
    int64_t to = head->at;
    while (to < head->batch.rows && numbers[to] < end)
        to++;
    if (to == head->at)
        return 0;
    if (weir_grow((void **)&merge->pieces, &merge->pieces_capacity, merge->piece_count + 1, sizeof *merge->pieces) < 0)
        return weir_fail_memory(error);
    struct weir_batch *piece = &merge->pieces[merge->piece_count];
    *piece = (struct weir_batch){ 0 };
    if (weir_batch_slice(piece, &head->batch, &spill->joined, head->at, to - head->at) < 0)
        return weir_fail_memory(error);
    merge->piece_count++;
    head->at = to;
    return to == head->batch.rows;
}

/* The rows of all parts that have a number below `end`. A part may have those of one batch of the stream in several of
 * its own: the writer cuts what has become large. */
static int take_pieces(struct merge *merge, int64_t end, struct weir_error *error)
{
    for (int p = 0; p < merge->spill->parts; p++) {
        int more = 1;
        while (more > 0) {
            if (refill(&merge->heads[p], &merge->spill->results[p], error) < 0)
                return -1;
            more = take_piece(merge, &merge->heads[p], end, error);
        }
        if (more < 0)
            return -1;
    }
    return 0;
}

/* The rows in the order of their numbers, which stay behind. */
static int hand_out(struct merge *merge, const struct weir_batch *whole, struct weir_error *error)
{
    int number = merge->spill->number;
    size_t rows = (size_t)whole->rows;
    struct weir_batch out = { 0 };
    struct weir_keyed *items = weir_allocate(rows, 2 * sizeof *items);
    int64_t *order = weir_allocate(rows, sizeof *order);
    int result = items && order ? 0 : weir_fail_memory(error);
    if (result == 0) {
        const int64_t *numbers = weir_deal_numbers(whole, number);
        for (size_t row = 0; row < rows; row++)
            items[row] = (struct weir_keyed){ (uint64_t)numbers[row], row };
        weir_sort_keyed(items, items + rows, rows);
        for (size_t row = 0; row < rows; row++)
            order[row] = (int64_t)items[row].item;
        result = weir_batch_take(&out, whole, &merge->spill->joined, order, whole->rows, error);
    }
    if (result == 0) {
        weir_column_release(&out.columns[number]);
        out.count--;
        memmove(out.columns + number, out.columns + number + 1, (size_t)(out.count - number) * sizeof *out.columns);
        result = merge->emit(merge->context, &out, error);
    }
    weir_batch_release(&out);
    free(items);
    free(order);
    return result;
}

/* A batch for a batch of the stream, so that neither memory nor how keys are dealt shows in the output. */
static int merge_batch(struct merge *merge, int64_t end, struct weir_error *error)
{
    struct weir_batch whole = { 0 };
    int result = take_pieces(merge, end, error);
    if (result == 0 && merge->piece_count > 0)
        result = weir_batch_concatenate(&whole, merge->pieces, (int)merge->piece_count, &merge->spill->joined, error);
    if (result == 0 && merge->piece_count > 0)
        result = hand_out(merge, &whole, error);
    while (merge->piece_count > 0)
        weir_batch_release(&merge->pieces[--merge->piece_count]);
    weir_batch_release(&whole);
    return result;
}

static int merge_all(struct merge *merge, struct weir_error *error)
{
    struct weir_enrich_spill *spill = merge->spill;
    merge->heads = weir_allocate_zero((size_t)spill->parts, sizeof *merge->heads);
    int result = merge->heads ? 0 : weir_fail_memory(error);
    for (int p = 0; p < spill->parts && result == 0; p++)
        result = weir_spill_file_rewind(&spill->results[p], error);
    for (size_t i = 0; i < spill->end_count && result == 0; i++)
        result = merge_batch(merge, spill->ends[i], error);
    for (int p = 0; merge->heads && p < spill->parts; p++)
        weir_batch_release(&merge->heads[p].batch);
    free(merge->heads);
    free(merge->pieces);
    return result;
}

/* ---- The whole ---------------------------------------------------------------------------------------------- */

static int spill_init(struct weir_enrich_spill *spill, const struct weir_binding *binding, int64_t table_bytes,
                      struct weir_error *error)
{
    const struct enrich *self = spill->stage->state;
    const struct enrich_binding *bound = binding->state;
    struct weir_buffer name = { 0 };
    while (spill->parts < WEIR_DEAL_MOST && table_bytes / spill->parts > (int64_t)spill->share)
        spill->parts *= 2;
    if (weir_join_draw(&spill->secret, error) < 0)
        return -1;
    spill->results = weir_allocate_zero((size_t)spill->parts, sizeof *spill->results);
    spill->side_keys = weir_allocate((size_t)self->side.count, sizeof *spill->side_keys);
    bool made = spill->results && spill->side_keys && weir_deal_number_name(&binding->out, &self->schema, &name) == 0 &&
                dealer_init(&spill->table, &self->schema, &self->side, name.bytes, spill) == 0 &&
                dealer_init(&spill->stream, &bound->in, &bound->side, name.bytes, spill) == 0;
    weir_buffer_release(&name);
    if (!made)
        return weir_fail_memory(error);
    memcpy(spill->side_keys, bound->side.keys, (size_t)self->side.count * sizeof *spill->side_keys);
    spill->stream.side.keys = spill->side_keys;
    return 0;
}

int weir_enrich_spill_new(struct weir_enrich_spill **out, const struct weir_stage *stage,
                          const struct weir_schema *stream, int64_t table_bytes, int64_t memory, bool no_values,
                          struct weir_error *error)
{
    struct weir_binding binding;
    if (weir_stage_bind(&binding, stage, stream, WEIR_AS_FILTER, error) < 0)
        return -1;
    struct weir_enrich_spill *spill = weir_allocate_zero(1, sizeof *spill);
    int result = -1;
    if (spill) {
        spill->stage = stage;
        spill->parts = 2;
        spill->share = (size_t)(memory < LEAST_MEMORY ? LEAST_MEMORY : memory) / SHARES;
        spill->number = stream->count;
        spill->no_values = no_values;
        result = spill_init(spill, &binding, table_bytes, error);
    } else {
        weir_fail_memory(error);
    }
    weir_binding_release(&binding);
    if (result < 0)
        weir_enrich_spill_free(spill);
    else
        *out = spill;
    return result;
}

int weir_enrich_spill_table(struct weir_enrich_spill *spill, const struct weir_batch *batch, struct weir_error *error)
{
    return batch->rows == 0 ? 0 : dealer_add(spill, &spill->table, batch, error);
}

int weir_enrich_spill_stream(struct weir_enrich_spill *spill, const struct weir_batch *batch, struct weir_error *error)
{
    void *ends = spill->ends;
    if (batch->rows == 0)
        return 0;
    if (weir_grow(&ends, &spill->ends_capacity, spill->end_count + 1, sizeof *spill->ends) < 0)
        return weir_fail_memory(error);
    spill->ends = ends;
    spill->ends[spill->end_count++] = spill->stream.rows + batch->rows;
    return dealer_add(spill, &spill->stream, batch, error);
}

int weir_enrich_spill_finish(struct weir_enrich_spill *spill,
                             int (*emit)(void *context, const struct weir_batch *batch, struct weir_error *error),
                             void *context, struct weir_error *error)
{
    struct merge merge = { .spill = spill, .emit = emit, .context = context };
    if (weir_deal_out(&spill->table.deal, error) < 0 || weir_deal_out(&spill->stream.deal, error) < 0)
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
    dealer_release(&spill->table);
    dealer_release(&spill->stream);
    free(spill->ends);
    for (int p = 0; spill->results && p < spill->parts; p++)
        weir_spill_file_release(&spill->results[p]);
    free(spill->results);
    free(spill->side_keys);
    weir_schema_release(&spill->joined);
    free(spill);
}
