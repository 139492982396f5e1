/* Reading CSV in chunks, side by side. */
#include "base/lanes.h"
#include "format/csv_private.h"
#include <stdlib.h>
#include <string.h>

/* The length of `text` without the empty lines at its end. With one column a line with a blank in it is no empty one.
 */
static size_t without_empty_lines(const struct weir_csv *csv, const char *text, size_t size)
{
    size_t end = size;
    for (;;) {
        size_t p = end;
        if (p == 0 || text[p - 1] != '\n')
            return end;
        p--; /* the last line's newline */
        while (p > 0 &&
               (text[p - 1] == '\r' || (csv->layout.columns > 1 && csv->layout.marks.delimiter != text[p - 1] &&
                                        (text[p - 1] == ' ' || text[p - 1] == '\t'))))
            p--;
        if (p > 0 && text[p - 1] != '\n')
            return end;
        end = p;
    }
}

static size_t whole(void *context, char *text, size_t *size, bool ended)
{
    const struct weir_csv *csv = context;
    if (!ended)
        return without_empty_lines(csv, text, weir_csv_whole(text, *size, csv->layout.marks));
    if (*size && text[*size - 1] != '\n')
        text[(*size)++] = '\n';
    return *size = without_empty_lines(csv, text, *size);
}

static int fill(void *context, void *piece, struct weir_error *error)
{
    struct weir_csv *csv = context;
    struct weir_csv_chunk *chunk = piece;
    size_t wanted = csv->chunk_size, twice = 2 * csv->passages.carry.size;
    if (wanted < twice)
        wanted = twice < WEIR_RECORD_LIMIT ? twice : WEIR_RECORD_LIMIT;
    return weir_passages_next(&csv->passages, &chunk->text, wanted, error);
}

/* Writes the chunk's records anew, those with too few fields filled up, those with too many cut (or either left out),
 * and indexes it again. */
static int repair(struct weir_csv *csv, struct weir_csv_chunk *chunk)
{
    const struct weir_csv_layout *layout = &csv->layout;
    struct weir_buffer *out = &chunk->repaired;
    weir_buffer_clear(out);
    const char *end = chunk->text.bytes + chunk->text.size;
    int64_t row = 0;
    for (const char *p = chunk->text.bytes; p < end; row++) {
        int64_t fields;
        const char *next = weir_csv_record(p, end, layout->marks, &fields);
        if (fields == layout->columns) {
            weir_buffer_append(out, p, (size_t)(next - p));
        } else {
            chunk->ragged++;
            if (layout->bad == WEIR_BAD_FLAG && weir_csv_flag(chunk, row, -1))
                return -1;
            if (layout->bad == WEIR_BAD_DROP)
                chunk->dropped++;
            else {
                const char *stop = next - (next[-1] == '\n');
                stop -= stop > p && stop[-1] == '\r';
                if (fields > layout->columns) {
                    /* the end of the last field that has a column: the record's first `columns` fields, counted */
                    struct weir_csv_index index = { 0 };
                    if (weir_csv_index(&index, p, (size_t)(next - p), layout->marks, 0))
                        return -1;
                    stop = p + index.starts[layout->columns] - 1;
                    weir_csv_index_release(&index);
                }
                weir_buffer_append(out, p, (size_t)(stop - p));
                for (; fields < layout->columns; fields++)
                    weir_buffer_byte(out, (uint8_t)layout->marks.delimiter);
                weir_buffer_byte(out, '\n');
            }
        }
        p = next;
        if (out->size > WEIR_RECORD_LIMIT) { /* short records of very many columns: filled up they are too much */
            chunk->wrong = WEIR_CSV_RAGGED;
            return 0;
        }
    }
    if (out->failed || weir_passage_reserve(&chunk->text, out->size))
        return -1;
    if (out->size)
        memcpy(chunk->text.bytes, out->bytes, out->size);
    chunk->text.size = out->size;
    memset(chunk->text.bytes + chunk->text.size, 0, WEIR_TEXT_PADDING);
    return weir_csv_index(&chunk->index, chunk->text.bytes, chunk->text.size, layout->marks, layout->columns);
}

static void work(void *context, void *piece)
{
    struct weir_csv *csv = context;
    struct weir_csv_chunk *chunk = piece;
    chunk->wrong = WEIR_CSV_RIGHT;
    chunk->rows_read = chunk->dropped = chunk->ragged = 0;
    memset(chunk->contradictions, 0, (size_t)csv->layout.wanted_count * sizeof *chunk->contradictions);
    weir_batch_release(&chunk->batch);
    free(chunk->flags);
    chunk->flags = NULL;
    if (weir_csv_index(&chunk->index, chunk->text.bytes, chunk->text.size, csv->layout.marks, csv->layout.columns)) {
        chunk->wrong = WEIR_CSV_MEMORY;
        return;
    }
    chunk->rows_read = chunk->index.rows;
    int64_t lines = chunk->index.lines;
    if (chunk->index.open)
        chunk->wrong = WEIR_CSV_OPEN; /* where the record ends is anyone's guess: nothing lets it through */
    else if (chunk->index.ragged && csv->layout.bad == WEIR_BAD_ERROR)
        chunk->wrong = WEIR_CSV_RAGGED;
    else if (chunk->index.ragged && repair(csv, chunk))
        chunk->wrong = WEIR_CSV_MEMORY;
    chunk->index.lines = lines;
    if (chunk->wrong == WEIR_CSV_RIGHT)
        weir_csv_parse(&csv->layout, chunk);
}

static int csv_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct weir_csv *csv = table->state;
    void *piece;
    int code = weir_lanes_next(csv->lanes, &piece, error);
    if (code <= 0)
        return code;
    struct weir_csv_chunk *chunk = piece;
    if (chunk->wrong != WEIR_CSV_RIGHT)
        return weir_csv_tell(csv, chunk, error);
    csv->line += chunk->index.lines;
    table->rows_read += chunk->rows_read;
    table->rows_dropped += chunk->dropped;
    table->ragged += chunk->ragged;
    for (int i = 0; i < csv->layout.wanted_count; i++)
        table->contradictions[i] += chunk->contradictions[i];
    free(table->flags);
    table->flags = chunk->flags;
    chunk->flags = NULL;
    weir_batch_release(batch);
    *batch = chunk->batch;
    chunk->batch = (struct weir_batch){ 0 };
    return 1;
}

static int csv_start(struct weir_table *table, const int *wanted, struct weir_error *error)
{
    struct weir_csv *csv = table->state;
    struct weir_csv_layout *layout = &csv->layout;
    int count = table->schema.count;
    layout->wanted = weir_allocate_zero((size_t)count, sizeof *layout->wanted);
    if (!layout->wanted)
        return weir_fail_memory(error);
    for (; layout->wanted_count < count; layout->wanted_count++) {
        struct weir_csv_column *column = &layout->wanted[layout->wanted_count];
        column->index = wanted[layout->wanted_count];
        column->lenient = csv->known[column->index] && csv->known[column->index]->given;
        if (weir_type_copy(&column->type, &table->schema.fields[layout->wanted_count].type))
            return weir_fail_memory(error);
    }
    layout->schema = &table->schema;
    csv->passages = (struct weir_passages){
        .feed = table->feed,
        .context = csv,
        .whole = whole,
        .advice = "; is a quote left open in it or in the record before (with --quote none quotes mean nothing)?",
    };
    int threads = weir_lanes_threads(table->options->threads);
    csv->chunk_count = WEIR_LANES_PIECES * threads;
    csv->chunks = weir_allocate_zero((size_t)csv->chunk_count, sizeof *csv->chunks);
    if (!csv->chunks)
        return weir_fail_memory(error);
    for (int i = 0; i < csv->chunk_count; i++) {
        csv->chunks[i].contradictions = weir_allocate_zero((size_t)count, sizeof(int64_t));
        if (!csv->chunks[i].contradictions)
            return weir_fail_memory(error);
    }
    const struct weir_lanes_work lanes_work = { csv, fill, work };
    return weir_lanes_new(&csv->lanes, &lanes_work, csv->chunks, sizeof *csv->chunks, csv->chunk_count, threads, error);
}

static void csv_close(struct weir_table *table)
{
    struct weir_csv *csv = table->state;
    if (!csv)
        return;
    weir_lanes_free(csv->lanes);
    for (int i = 0; csv->chunks && i < csv->chunk_count; i++) {
        struct weir_csv_chunk *chunk = &csv->chunks[i];
        weir_passage_release(&chunk->text);
        free(chunk->contradictions);
        free(chunk->drop);
        free(chunk->flags);
        weir_csv_index_release(&chunk->index);
        weir_buffer_release(&chunk->scratch);
        weir_buffer_release(&chunk->repaired);
        weir_batch_release(&chunk->batch);
    }
    free(csv->chunks);
    for (int i = 0; i < csv->layout.wanted_count; i++)
        weir_type_release(&csv->layout.wanted[i].type);
    free(csv->layout.wanted);
    for (int i = 0; csv->names && i < csv->layout.columns; i++)
        free(csv->names[i]);
    free(csv->names);
    free(csv->known);
    weir_passages_release(&csv->passages);
    free(csv);
}

static bool csv_sniff(const uint8_t *head, size_t size)
{
    (void)head;
    (void)size;
    return true;
}

static const char *const csv_endings[] = { ".csv", NULL };
static const char *const tsv_endings[] = { ".tsv", ".tab", NULL };

const struct weir_format weir_format_csv = {
    .name = "csv",
    .endings = csv_endings,
    .text = true,
    .sniff = csv_sniff,
    .open = weir_csv_open,
    .start = csv_start,
    .next = csv_next,
    .close = csv_close,
    .create = weir_csv_create,
    .write = weir_csv_write,
    .destroy = weir_csv_destroy,
};

const struct weir_format weir_format_tsv = {
    .name = "tsv",
    .endings = tsv_endings,
    .text = true,
    .open = weir_csv_open,
    .start = csv_start,
    .next = csv_next,
    .close = csv_close,
    .create = weir_csv_create,
    .write = weir_csv_write,
    .destroy = weir_csv_destroy,
};
