/* Fields to columns. Whole numbers, decimals and text, which are nearly everything, go straight from the text's bytes
 * into one block of memory that all columns of the batch share; all other types go through a builder. */
#include "format/csv_private.h"
#include "format/fast_number.h"
#include "format/text.h"
#include "stream/utf8.h"
#include <stdlib.h>
#include <string.h>

struct job {
    const struct weir_csv_layout *layout;
    struct weir_csv_chunk *chunk;
    const struct weir_csv_column *column;
    int number; /* of the wanted columns */
    bool check; /* the chunk holds bytes that are no valid UTF-8 */
    struct weir_block *block;
    size_t *used; /* bytes of the block */
};

static inline size_t align(size_t size)
{
    return (size + 63) & ~(size_t)63;
}

/* The field of a row, plain ones without a call. */
static inline struct weir_csv_field take(const struct job *job, int64_t row)
{
    const struct weir_csv_chunk *chunk = job->chunk;
    const uint32_t *at = chunk->index.starts + (size_t)row * (size_t)job->layout->columns + (size_t)job->column->index;
    const char *begin = chunk->text.bytes + at[0], *end = chunk->text.bytes + at[1] - 1;
    if (begin < end && (unsigned char)*begin > ' ' && *begin != job->layout->marks.quote &&
        (unsigned char)end[-1] > ' ')
        return (struct weir_csv_field){ begin, (size_t)(end - begin), false, false };
    if (begin == end)
        return (struct weir_csv_field){ begin, 0, false, false };
    return weir_csv_field(begin, end, job->layout->marks, &job->chunk->scratch);
}

/* The field of a row with its blanks, which belong to a text where no quotes could hold them. */
static struct weir_csv_field take_whole(const struct job *job, int64_t row)
{
    const struct weir_csv_chunk *chunk = job->chunk;
    const uint32_t *at = chunk->index.starts + (size_t)row * (size_t)job->layout->columns + (size_t)job->column->index;
    const char *begin = chunk->text.bytes + at[0], *end = chunk->text.bytes + at[1] - 1;
    end -= *end == '\n' && end > begin && end[-1] == '\r';
    return (struct weir_csv_field){ begin, (size_t)(end - begin), false, false };
}

/* A column of text or binary keeps what is quoted; in all others quotes mean nothing, and an empty or marked field is
 * missing. */
static inline bool is_missing(const struct job *job, const struct weir_csv_field *field, bool text)
{
    if (field->quoted && text)
        return false;
    return field->length == 0 ||
           (job->layout->missing.count && weir_is_missing(&job->layout->missing, field->text, field->length));
}

int weir_csv_flag(struct weir_csv_chunk *chunk, int64_t row, int column)
{
    if (!chunk->flags)
        chunk->flags = weir_allocate_zero((size_t)chunk->index.rows, sizeof *chunk->flags);
    if (!chunk->flags)
        return -1;
    if (chunk->flags[row] == 0)
        chunk->flags[row] = column < 0 ? -1 : column + 1;
    return 0;
}

/* Notes a wrong value. True: go on (it becomes null), false: the column is given up. */
static bool refuse(const struct job *job, int64_t row, enum weir_csv_wrong wrong)
{
    struct weir_csv_chunk *chunk = job->chunk;
    if (chunk->scratch.failed) { /* the field only seems to be wrong */
        chunk->wrong = WEIR_CSV_MEMORY;
        return false;
    }
    if (job->layout->bad != WEIR_BAD_ERROR && wrong != WEIR_CSV_OPEN) {
        chunk->contradictions[job->number]++;
        if (job->layout->bad == WEIR_BAD_DROP)
            chunk->drop[row] = 1;
        if (job->layout->bad != WEIR_BAD_FLAG || weir_csv_flag(chunk, row, job->number) == 0)
            return true;
        chunk->wrong = WEIR_CSV_MEMORY;
        return false;
    }
    if (chunk->wrong == WEIR_CSV_RIGHT || row < chunk->wrong_row ||
        (row == chunk->wrong_row && job->number < chunk->wrong_column)) {
        chunk->wrong = wrong;
        chunk->wrong_row = row;
        chunk->wrong_column = job->number;
    }
    return false;
}

static enum weir_csv_wrong broken(const struct job *job, int64_t row)
{
    const struct weir_csv_index *index = &job->chunk->index;
    bool last = index->open && row == index->rows - 1 && job->column->index == job->layout->columns - 1;
    return last ? WEIR_CSV_OPEN : WEIR_CSV_QUOTE;
}

static struct weir_slice slice_of(const struct job *job, size_t offset, size_t size)
{
    return (struct weir_slice){ weir_block_ref(job->block), job->block->bytes + offset, size };
}

/* Puts the bitmap into the column when it has nulls. */
static void finish(const struct job *job, struct weir_column *column, size_t bitmap, int64_t nulls)
{
    column->rows = job->chunk->index.rows;
    column->null_count = nulls;
    if (nulls)
        column->validity = slice_of(job, bitmap, (size_t)(column->rows + 7) / 8);
}

/* Eight bytes a row: int64 or float64. */
static inline __attribute__((always_inline)) void parse_wide(const struct job *job, struct weir_column *column,
                                                             bool decimal)
{
    int64_t rows = job->chunk->index.rows, nulls = 0;
    size_t bitmap = *job->used;
    uint8_t *bits = job->block->bytes + bitmap;
    size_t values = bitmap + align((size_t)(rows + 7) / 8);
    int64_t *integers = (int64_t *)(void *)(job->block->bytes + values);
    double *decimals = (double *)(void *)integers;
    bool lenient = job->column->lenient;
    memset(bits, 0xff, (size_t)(rows + 7) / 8);
    for (int64_t row = 0; row < rows; row++) {
        struct weir_csv_field field = take(job, row);
        bool right;
        if (field.length == 0 || job->layout->missing.count) {
            if (is_missing(job, &field, false)) {
                weir_bit_clear(bits, row);
                integers[row] = 0;
                nulls++;
                continue;
            }
        }
        if (decimal)
            right = weir_fast_double(field.text, field.length, &decimals[row]);
        else
            right = weir_fast_int64(field.text, field.length, &integers[row]) &&
                    (lenient || ((unsigned char)*field.text > '0' && *field.text != '-') ||
                     !weir_text_is_code(field.text, field.length));
        if (field.broken || !right) {
            if (!refuse(job, row, field.broken ? broken(job, row) : WEIR_CSV_VALUE))
                return;
            weir_bit_clear(bits, row);
            integers[row] = 0;
            nulls++;
        }
    }
    *job->used = values + align((size_t)rows * 8);
    column->values = slice_of(job, values, (size_t)rows * 8);
    finish(job, column, bitmap, nulls);
}

static void parse_int64(const struct job *job, struct weir_column *column)
{
    parse_wide(job, column, false);
}

static void parse_float64(const struct job *job, struct weir_column *column)
{
    parse_wide(job, column, true);
}

static void parse_utf8(const struct job *job, struct weir_column *column)
{
    int64_t rows = job->chunk->index.rows, nulls = 0;
    bool nul = job->chunk->index.nul, unquoted = !job->layout->marks.quote;
    size_t bitmap = *job->used;
    uint8_t *bits = job->block->bytes + bitmap;
    size_t offsets_at = bitmap + align((size_t)(rows + 7) / 8);
    size_t values_at = offsets_at + align((size_t)(rows + 1) * 4);
    int32_t *offsets = (int32_t *)(void *)(job->block->bytes + offsets_at);
    uint8_t *values = job->block->bytes + values_at;
    size_t size = 0;
    memset(bits, 0xff, (size_t)(rows + 7) / 8);
    offsets[0] = 0;
    for (int64_t row = 0; row < rows; row++) {
        struct weir_csv_field field = take(job, row);
        enum weir_csv_wrong wrong = WEIR_CSV_RIGHT;
        bool missing = is_missing(job, &field, true);
        if (__builtin_expect(unquoted, 0))
            field = take_whole(job, row);
        if (__builtin_expect(field.broken, 0))
            wrong = broken(job, row);
        else if (__builtin_expect(job->check, 0) && !weir_is_utf8(field.text, field.length))
            wrong = WEIR_CSV_ENCODING;
        else if (__builtin_expect(nul, 0) && memchr(field.text, 0, field.length))
            wrong = WEIR_CSV_NUL;
        if (wrong != WEIR_CSV_RIGHT && !refuse(job, row, wrong))
            return;
        if (missing || wrong != WEIR_CSV_RIGHT) {
            weir_bit_clear(bits, row);
            nulls++;
        } else {
            /* Sixteen bytes at once: what is too much is written over by the next, and both sides have the room. */
            if (field.length <= 16 && field.text != job->chunk->scratch.bytes)
                memcpy(values + size, field.text, 16);
            else
                memcpy(values + size, field.text, field.length);
            size += field.length;
        }
        offsets[row + 1] = (int32_t)size;
    }
    *job->used = values_at + align(size);
    column->offsets = slice_of(job, offsets_at, (size_t)(rows + 1) * 4);
    column->values = slice_of(job, values_at, size);
    finish(job, column, bitmap, nulls);
}

static void parse_any(const struct job *job, struct weir_column *column)
{
    struct weir_builder builder;
    if (weir_builder_init(&builder, &job->column->type)) {
        job->chunk->wrong = WEIR_CSV_MEMORY;
        return;
    }
    bool binary = job->column->type.kind == WEIR_BINARY;
    for (int64_t row = 0; row < job->chunk->index.rows; row++) {
        struct weir_csv_field field = take(job, row);
        if (!field.broken && is_missing(job, &field, binary)) {
            weir_builder_null(&builder);
        } else if (field.broken || !weir_text_append(&builder, field.text, field.length, job->column->lenient)) {
            if (!refuse(job, row, field.broken ? broken(job, row) : WEIR_CSV_VALUE))
                break;
            weir_builder_null(&builder);
        }
    }
    if (job->chunk->wrong == WEIR_CSV_RIGHT && weir_builder_finish(&builder, column, NULL))
        job->chunk->wrong = WEIR_CSV_MEMORY;
    weir_builder_release(&builder);
}

/* What a column of the kind needs of the block, its text aside; 0 when it goes through a builder. */
static size_t room(enum weir_kind kind, int64_t rows)
{
    size_t bitmap = align((size_t)(rows + 7) / 8);
    if (kind == WEIR_INT64 || kind == WEIR_FLOAT64)
        return bitmap + align((size_t)rows * 8);
    if (kind == WEIR_UTF8)
        return bitmap + align((size_t)(rows + 1) * 4) + 64;
    return 0;
}

void weir_csv_parse(const struct weir_csv_layout *layout, struct weir_csv_chunk *chunk)
{
    int64_t rows = chunk->index.rows;
    size_t capacity = 64 + align(chunk->text.size), used = 0;
    for (int i = 0; i < layout->wanted_count; i++)
        capacity += room(layout->wanted[i].type.kind, rows);
    struct weir_block *block = weir_block_new(capacity);
    bool dropping = layout->bad == WEIR_BAD_DROP;
    if (dropping) {
        free(chunk->drop);
        chunk->drop = weir_allocate_zero((size_t)rows, 1);
    }
    if (!block || (dropping && !chunk->drop) || weir_batch_init(&chunk->batch, layout->wanted_count, rows)) {
        weir_block_unref(block);
        chunk->wrong = WEIR_CSV_MEMORY;
        return;
    }
    struct job job = { layout, chunk, NULL, 0, false, block, &used };
    job.check = !chunk->index.plain && !weir_is_utf8(chunk->text.bytes, chunk->text.size);
    for (int i = 0; i < layout->wanted_count && chunk->wrong != WEIR_CSV_MEMORY; i++) {
        job.column = &layout->wanted[i];
        job.number = i;
        struct weir_column *column = &chunk->batch.columns[i];
        switch (job.column->type.kind) {
        case WEIR_INT64:
            parse_int64(&job, column);
            break;
        case WEIR_FLOAT64:
            parse_float64(&job, column);
            break;
        case WEIR_UTF8:
            parse_utf8(&job, column);
            break;
        default:
            parse_any(&job, column);
        }
    }
    weir_block_unref(block);
    if (dropping && chunk->wrong == WEIR_CSV_RIGHT &&
        weir_format_drop(&chunk->batch, layout->schema, chunk->drop, &chunk->dropped, NULL))
        chunk->wrong = WEIR_CSV_MEMORY;
}
