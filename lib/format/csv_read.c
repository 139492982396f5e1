/* Reading CSV: the header and the types from the first rows, then chunks side by side. */
#include "base/bytes.h"
#include "base/number.h"
#include "base/thread.h"
#include "format/csv.h"
#include "format/lanes.h"
#include "format/text.h"
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 1 << 20, /* text of one batch, unless a record is longer or there are very many columns */
    CHUNK_MOST = 8 << 20,
    CHUNKS_A_THREAD = 3,
    THREADS_MOST = 8,
    KEPT_CHUNK = 4 << 20, /* a larger chunk's memory is given back after use */
    SHOWN = 60            /* bytes of a value in a message */
};

struct csv {
    struct weir_table *table;
    struct weir_csv_layout layout;
    char **names;              /* [layout.columns]: as in the file or by --columns */
    struct weir_known **known; /* [layout.columns]: NULL where the type is inferred */
    int *schema_columns;       /* [schema.count as opened]: the record's field */
    /* What was read for the inference and is read again; `head_at` is the next byte. */
    char *head;
    size_t head_size, head_at;
    bool feed_ended;
    int64_t line; /* of the next record to be handed out, from 1 */
    /* The unfinished record at the end of the chunk before. */
    struct weir_buffer carry;
    size_t chunk_size;
    struct weir_lanes *lanes;
    struct weir_csv_chunk *chunks;
    int chunk_count;
};

static const char *name_of(const struct csv *csv)
{
    return weir_feed_name(csv->table->feed);
}

/* Up to `size` bytes from the head, then from the feed; fewer only at the end. */
static ssize_t read_bytes(struct csv *csv, char *bytes, size_t size, struct weir_error *error)
{
    size_t some = csv->head_size - csv->head_at;
    if (some > size)
        some = size;
    if (some) {
        memcpy(bytes, csv->head + csv->head_at, some);
        csv->head_at += some;
        if (csv->head_at == csv->head_size) {
            free(csv->head);
            csv->head = NULL;
            csv->head_size = csv->head_at = 0;
        }
    }
    if (some == size || csv->feed_ended)
        return (ssize_t)some;
    ssize_t got = weir_feed_read(csv->table->feed, bytes + some, size - some, error);
    if (got < 0)
        return -1;
    csv->feed_ended = (size_t)got < size - some;
    return (ssize_t)some + got;
}

/* The length of `text` without the empty lines at its end. With one column a line with a blank in it is no empty one.
 */
static size_t without_empty_lines(const struct csv *csv, const char *text, size_t size)
{
    size_t end = size;
    for (;;) {
        size_t p = end;
        if (p == 0 || text[p - 1] != '\n')
            return end;
        p--; /* the last line's newline */
        while (p > 0 && (text[p - 1] == '\r' || (csv->layout.columns > 1 && csv->layout.delimiter != text[p - 1] &&
                                                 (text[p - 1] == ' ' || text[p - 1] == '\t'))))
            p--;
        if (p > 0 && text[p - 1] != '\n')
            return end;
        end = p;
    }
}

static int grow_text(struct weir_csv_chunk *chunk, size_t needed)
{
    needed += WEIR_CSV_PADDING;
    if (needed <= chunk->capacity)
        return 0;
    char *bigger = weir_reallocate(chunk->text, needed, 1);
    if (!bigger)
        return -1;
    chunk->text = bigger;
    chunk->capacity = needed;
    return 0;
}

static int fill(void *context, void *piece, struct weir_error *error)
{
    struct csv *csv = context;
    struct weir_csv_chunk *chunk = piece;
    size_t have = csv->carry.size, wanted = csv->chunk_size > 2 * have ? csv->chunk_size : 2 * have, whole = 0;
    if (chunk->capacity > KEPT_CHUNK && chunk->capacity > 2 * csv->chunk_size) {
        free(chunk->text);
        chunk->text = NULL;
        chunk->capacity = 0;
    }
    if (grow_text(chunk, wanted + 1))
        return weir_fail_memory(error);
    if (have)
        memcpy(chunk->text, csv->carry.bytes, have);
    for (;;) {
        ssize_t got = read_bytes(csv, chunk->text + have, wanted - have, error);
        if (got < 0)
            return -1;
        bool ended = (size_t)got < wanted - have;
        have += (size_t)got;
        if (ended) {
            if (have && chunk->text[have - 1] != '\n')
                chunk->text[have++] = '\n';
            have = whole = without_empty_lines(csv, chunk->text, have);
            break;
        }
        whole = weir_csv_whole(chunk->text, have, csv->layout.delimiter);
        whole = without_empty_lines(csv, chunk->text, whole);
        if (whole)
            break;
        if (have >= WEIR_RECORD_LIMIT)
            return weir_fail(
                error, WEIR_BAD_DATA,
                "%s: a record is longer than %d bytes; is a quote left open in it or in the record before?",
                name_of(csv), WEIR_RECORD_LIMIT);
        wanted = 2 * have;
        if (grow_text(chunk, wanted + 1))
            return weir_fail_memory(error);
    }
    weir_buffer_clear(&csv->carry);
    weir_buffer_append(&csv->carry, chunk->text + whole, have - whole);
    if (weir_buffer_check(&csv->carry, error))
        return -1;
    chunk->size = whole;
    memset(chunk->text + whole, 0, WEIR_CSV_PADDING);
    return whole > 0;
}

/* Writes the chunk's records anew, those with too few fields filled up, those with too many cut (or either left out),
 * and indexes it again. */
static int repair(struct csv *csv, struct weir_csv_chunk *chunk)
{
    const struct weir_csv_layout *layout = &csv->layout;
    struct weir_buffer *out = &chunk->repaired;
    weir_buffer_clear(out);
    const char *end = chunk->text + chunk->size;
    for (const char *p = chunk->text; p < end;) {
        int64_t fields;
        const char *next = weir_csv_record(p, end, layout->delimiter, &fields);
        if (fields == layout->columns) {
            weir_buffer_append(out, p, (size_t)(next - p));
        } else {
            chunk->ragged++;
            if (layout->bad == WEIR_BAD_DROP)
                chunk->dropped++;
            else {
                const char *stop = next - (next[-1] == '\n');
                stop -= stop > p && stop[-1] == '\r';
                if (fields > layout->columns) {
                    /* the end of the last field that has a column: the record's first `columns` fields, counted */
                    struct weir_csv_index index = { 0 };
                    if (weir_csv_index(&index, p, (size_t)(next - p), layout->delimiter, 0))
                        return -1;
                    stop = p + index.starts[layout->columns] - 1;
                    weir_csv_index_release(&index);
                }
                weir_buffer_append(out, p, (size_t)(stop - p));
                for (; fields < layout->columns; fields++)
                    weir_buffer_byte(out, (uint8_t)layout->delimiter);
                weir_buffer_byte(out, '\n');
            }
        }
        p = next;
    }
    if (out->failed || grow_text(chunk, out->size))
        return -1;
    if (out->size)
        memcpy(chunk->text, out->bytes, out->size);
    chunk->size = out->size;
    memset(chunk->text + chunk->size, 0, WEIR_CSV_PADDING);
    return weir_csv_index(&chunk->index, chunk->text, chunk->size, layout->delimiter, layout->columns);
}

static void work(void *context, void *piece)
{
    struct csv *csv = context;
    struct weir_csv_chunk *chunk = piece;
    chunk->wrong = WEIR_CSV_RIGHT;
    chunk->rows_read = chunk->dropped = chunk->ragged = 0;
    memset(chunk->contradictions, 0, (size_t)csv->layout.wanted_count * sizeof *chunk->contradictions);
    weir_batch_release(&chunk->batch);
    if (weir_csv_index(&chunk->index, chunk->text, chunk->size, csv->layout.delimiter, csv->layout.columns)) {
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

static const char *what_is_wrong(const struct weir_type *type, const char *text, size_t length, const char **better)
{
    double number;
    *better = "utf8";
    switch (type->kind) {
    case WEIR_BOOL:
        return "is neither true nor false";
    case WEIR_FLOAT32:
    case WEIR_FLOAT64:
        return "is not a number";
    case WEIR_DATE32:
    case WEIR_DATE64:
        return "is not a date (YYYY-MM-DD)";
    case WEIR_TIMESTAMP:
        return type->zone ? "is not a time with a zone (YYYY-MM-DDTHH:MM:SSZ)"
                          : "is not a time without a zone (YYYY-MM-DDTHH:MM:SS)";
    case WEIR_BINARY:
        return "is not an even number of hexadecimal digits";
    case WEIR_LIST:
    case WEIR_FIXED_LIST:
    case WEIR_STRUCT:
        return "is not JSON of that type";
    default:
        if (weir_text_is_code(text, length))
            return "is written as a code, not as a whole number";
        if (weir_text_is_whole(text, length))
            return "is out of the type's range";
        if (weir_parse_double(text, length, &number))
            *better = "float64";
        return "is not a whole number";
    }
}

static void append_value(struct weir_buffer *out, const struct csv *csv, const char *text, size_t length)
{
    if (csv->table->options->no_values) {
        weir_buffer_string(out, "a value");
        return;
    }
    size_t shown = length;
    if (shown > SHOWN) {
        shown = SHOWN;
        while (shown > SHOWN - 4 && ((unsigned char)text[shown] & 0xc0) == 0x80)
            shown--;
    }
    weir_buffer_byte(out, '\'');
    weir_buffer_escaped(out, text, shown);
    weir_buffer_string(out, shown < length ? "...'" : "'");
}

static int64_t line_of(const struct csv *csv, const struct weir_csv_chunk *chunk, const char *place)
{
    int64_t line = csv->line;
    for (const char *p = chunk->text; p < place && (p = memchr(p, '\n', (size_t)(place - p))); p++)
        line++;
    return line;
}

/* The error of a chunk, with the line where it stands. */
static int tell(struct csv *csv, struct weir_csv_chunk *chunk, struct weir_error *error)
{
    const struct weir_csv_layout *layout = &csv->layout;
    const char *file = name_of(csv);
    if (chunk->wrong == WEIR_CSV_MEMORY)
        return weir_fail_memory(error);
    if (chunk->wrong == WEIR_CSV_RAGGED || chunk->wrong == WEIR_CSV_OPEN) {
        bool open = chunk->wrong == WEIR_CSV_OPEN;
        const char *p = chunk->text, *end = p + chunk->size, *next;
        int64_t fields;
        while ((next = weir_csv_record(p, end, layout->delimiter, &fields)) < end &&
               (open || fields == layout->columns))
            p = next;
        long long line = line_of(csv, chunk, p);
        if (open)
            return weir_fail(error, WEIR_BAD_DATA, "%s:%lld: a quote is opened in this record and never closed", file,
                             line);
        if (*p == '\n' || (*p == '\r' && p[1] == '\n'))
            return weir_fail(error, WEIR_BAD_DATA,
                             "%s:%lld: an empty line with records after it; --bad drop would let it through", file,
                             line);
        return weir_fail(error, WEIR_BAD_DATA,
                         "%s:%lld: %lld field%s where the %s has %d; --bad null or --bad drop would let it through",
                         file, line, (long long)fields, fields == 1 ? "" : "s",
                         csv->table->options->no_header ? "first record" : "header", layout->columns);
    }
    const struct weir_csv_column *column = &layout->wanted[chunk->wrong_column];
    const uint32_t *at =
        chunk->index.starts + (size_t)chunk->wrong_row * (size_t)layout->columns + (size_t)column->index;
    const char *begin = chunk->text + at[0], *end = chunk->text + at[1] - 1;
    struct weir_csv_field field = weir_csv_field(begin, end, layout->delimiter, &chunk->scratch);
    long long line = line_of(csv, chunk, begin);
    struct weir_buffer name = { 0 }, value = { 0 }, type = { 0 };
    weir_buffer_byte(&name, '\'');
    weir_buffer_escaped(&name, csv->names[column->index], strlen(csv->names[column->index]));
    weir_buffer_byte(&name, '\'');
    append_value(&value, csv, field.text, field.length);
    weir_type_describe(&column->type, &type);
    if (name.failed || value.failed || type.failed)
        weir_fail_memory(error);
    else if (chunk->wrong == WEIR_CSV_QUOTE)
        weir_fail(error, WEIR_BAD_DATA,
                  "%s:%lld: column %s: %s: text stands behind the closing quote; --bad null would let it through", file,
                  line, name.bytes, value.bytes);
    else if (chunk->wrong == WEIR_CSV_NUL)
        weir_fail(error, WEIR_BAD_DATA,
                  "%s:%lld: column %s holds a NUL byte; is the file UTF-16? --bad null would let it through", file,
                  line, name.bytes);
    else if (chunk->wrong == WEIR_CSV_ENCODING)
        weir_fail(error, WEIR_BAD_DATA,
                  "%s:%lld: column %s: %s is not UTF-8; `iconv -f latin1 -t utf-8` may help, or --bad null", file, line,
                  name.bytes, value.bytes);
    else {
        const char *better;
        const char *what = what_is_wrong(&column->type, field.text, field.length, &better);
        const struct weir_known *known = csv->known[column->index];
        struct weir_buffer hint = { 0 };
        if (known)
            weir_buffer_string(&hint, "--bad null");
        else {
            weir_buffer_string(&hint, "--types ");
            weir_buffer_escaped(&hint, csv->names[column->index], strlen(csv->names[column->index]));
            weir_buffer_format(&hint, "=%s or --bad null", better);
        }
        if (hint.failed)
            weir_fail_memory(error);
        else
            weir_fail(error, WEIR_BAD_DATA, "%s:%lld: column %s (%s): %s %s; %s would let it through", file, line,
                      name.bytes, type.bytes, value.bytes, what, hint.bytes);
        weir_buffer_release(&hint);
    }
    weir_buffer_release(&name);
    weir_buffer_release(&value);
    weir_buffer_release(&type);
    return -1;
}

static int csv_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct csv *csv = table->state;
    void *piece;
    int code = weir_lanes_next(csv->lanes, &piece, error);
    if (code <= 0)
        return code;
    struct weir_csv_chunk *chunk = piece;
    if (chunk->wrong != WEIR_CSV_RIGHT)
        return tell(csv, chunk, error);
    csv->line += chunk->index.lines;
    table->rows_read += chunk->rows_read;
    table->rows_dropped += chunk->dropped;
    table->ragged += chunk->ragged;
    for (int i = 0; i < csv->layout.wanted_count; i++)
        table->contradictions[i] += chunk->contradictions[i];
    weir_batch_release(batch);
    *batch = chunk->batch;
    chunk->batch = (struct weir_batch){ 0 };
    return 1;
}

static int csv_start(struct weir_table *table, const int *wanted, struct weir_error *error)
{
    struct csv *csv = table->state;
    struct weir_csv_layout *layout = &csv->layout;
    int count = table->schema.count;
    layout->wanted = weir_allocate_zero((size_t)count, sizeof *layout->wanted);
    if (!layout->wanted)
        return weir_fail_memory(error);
    for (; layout->wanted_count < count; layout->wanted_count++) {
        struct weir_csv_column *column = &layout->wanted[layout->wanted_count];
        column->index = csv->schema_columns[wanted[layout->wanted_count]];
        column->lenient = csv->known[column->index] && csv->known[column->index]->given;
        if (weir_type_copy(&column->type, &table->schema.fields[layout->wanted_count].type))
            return weir_fail_memory(error);
    }
    layout->schema = &table->schema;
    int threads = table->options->threads > 0 ? table->options->threads : weir_processors();
    if (threads > THREADS_MOST)
        threads = THREADS_MOST;
    csv->chunk_count = CHUNKS_A_THREAD * threads;
    csv->chunks = weir_allocate_zero((size_t)csv->chunk_count, sizeof *csv->chunks);
    void **pieces = weir_allocate((size_t)csv->chunk_count, sizeof *pieces);
    int code = -1;
    if (!csv->chunks || !pieces)
        weir_fail_memory(error);
    else {
        code = 0;
        for (int i = 0; i < csv->chunk_count; i++) {
            pieces[i] = &csv->chunks[i];
            csv->chunks[i].contradictions = weir_allocate_zero((size_t)count, sizeof(int64_t));
            if (!csv->chunks[i].contradictions)
                code = weir_fail_memory(error);
        }
        const struct weir_lanes_work lanes_work = { csv, fill, work };
        if (code == 0)
            code = weir_lanes_new(&csv->lanes, &lanes_work, pieces, csv->chunk_count, threads, error);
    }
    free(pieces);
    return code;
}

static void csv_close(struct weir_table *table)
{
    struct csv *csv = table->state;
    if (!csv)
        return;
    weir_lanes_free(csv->lanes);
    for (int i = 0; csv->chunks && i < csv->chunk_count; i++) {
        struct weir_csv_chunk *chunk = &csv->chunks[i];
        free(chunk->text);
        free(chunk->contradictions);
        free(chunk->drop);
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
    free(csv->schema_columns);
    free(csv->head);
    weir_buffer_release(&csv->carry);
    free(csv);
}

/* --- the first rows --- */

/* How often `delimiter` stands outside quotes in each of the first records: the number in the first one, and whether it
 * is the same in all. */
static int64_t count_delimiter(const char *text, size_t size, char delimiter, bool *same)
{
    enum { RECORDS = 64 };
    const char *p = text, *end = text + size;
    int64_t first = 0, fields;
    *same = true;
    for (int i = 0; i < RECORDS && p < end; i++) {
        const char *next = weir_csv_record(p, end, delimiter, &fields);
        if (i == 0)
            first = fields - 1;
        else if (fields - 1 != first && next < end) /* the last one may be cut */
            *same = false;
        p = next;
    }
    return first;
}

static char guess_delimiter(const char *text, size_t size)
{
    static const char candidates[] = ",;\t|";
    char best = ',';
    int64_t most = 0;
    bool best_same = false;
    for (const char *c = candidates; *c; c++) {
        bool same;
        int64_t count = count_delimiter(text, size, *c, &same);
        if (count && (most == 0 || same > best_same || (same == best_same && count > most))) {
            best = *c;
            most = count;
            best_same = same;
        }
    }
    return best;
}

static int check_start(struct csv *csv, struct weir_error *error)
{
    const uint8_t *head = (const uint8_t *)csv->head;
    if (csv->head_size >= 2 && ((head[0] == 0xff && head[1] == 0xfe) || (head[0] == 0xfe && head[1] == 0xff)))
        return weir_fail(error, WEIR_BAD_DATA, "%s: this is UTF-16 text; `iconv -f utf-16 -t utf-8` makes it readable",
                         name_of(csv));
    if (csv->head_size >= 3 && head[0] == 0xef && head[1] == 0xbb && head[2] == 0xbf)
        csv->head_at = 3;
    return 0;
}

/* Reads as many rows as the inference wants. csv->head ends with a newline and WEIR_CSV_PADDING more bytes; *whole: the
 * bytes from head_at on that are whole records; *index: of these. */
static int read_head(struct csv *csv, struct weir_csv_index *index, size_t *whole, struct weir_error *error)
{
    size_t wanted = CHUNK;
    for (;;) {
        char *bigger = weir_reallocate(csv->head, wanted + WEIR_CSV_PADDING + 1, 1);
        if (!bigger)
            return weir_fail_memory(error);
        csv->head = bigger;
        ssize_t got = weir_feed_read(csv->table->feed, csv->head + csv->head_size, wanted - csv->head_size, error);
        if (got < 0)
            return -1;
        csv->feed_ended = (size_t)got < wanted - csv->head_size;
        bool first = csv->head_size == 0;
        csv->head_size += (size_t)got;
        if (first) {
            if (check_start(csv, error))
                return -1;
            while (csv->head_at < csv->head_size &&
                   (csv->head[csv->head_at] == '\n' ||
                    (csv->head[csv->head_at] == '\r' && csv->head_at + 1 < csv->head_size &&
                     csv->head[csv->head_at + 1] == '\n')))
                csv->line += csv->head[csv->head_at++] == '\n';
            if (!csv->layout.delimiter)
                csv->layout.delimiter = guess_delimiter(csv->head + csv->head_at, csv->head_size - csv->head_at);
        }
        if (csv->feed_ended && csv->head_size > csv->head_at && csv->head[csv->head_size - 1] != '\n')
            csv->head[csv->head_size++] = '\n';
        memset(csv->head + csv->head_size, 0, WEIR_CSV_PADDING);
        const char *text = csv->head + csv->head_at;
        size_t size = csv->head_size - csv->head_at;
        *whole = csv->feed_ended ? size : weir_csv_whole(text, size, csv->layout.delimiter);
        if (weir_csv_index(index, text, *whole, csv->layout.delimiter, 0))
            return weir_fail_memory(error);
        if (csv->feed_ended || index->rows > WEIR_INFER_ROWS || (*whole && csv->head_size >= WEIR_INFER_BYTES))
            return 0;
        if (csv->head_size >= WEIR_RECORD_LIMIT)
            return weir_fail(error, WEIR_BAD_DATA,
                             "%s: its first record is longer than %d bytes; is this CSV, or is a quote left open?",
                             name_of(csv), WEIR_RECORD_LIMIT);
        wanted *= 2;
    }
}

/* The first record's fields as the names; the record is then behind us. */
static int read_names(struct csv *csv, const struct weir_csv_index *index, size_t *first_field,
                      struct weir_error *error)
{
    const struct weir_format_options *options = csv->table->options;
    const char *text = csv->head + csv->head_at;
    size_t count = 0;
    while (count < index->fields && text[index->starts[count + 1] - 1] != '\n')
        count++;
    count += index->fields > 0;
    if (count > WEIR_COLUMN_LIMIT)
        return weir_fail(error, WEIR_BAD_DATA, "%s: %zu columns, more than the limit of %d", name_of(csv), count,
                         WEIR_COLUMN_LIMIT);
    if (options->names.count && options->names.count != count)
        return weir_fail(error, WEIR_BAD_DATA, "%s: it has %zu columns, --columns names %zu", name_of(csv), count,
                         options->names.count);
    csv->layout.columns = (int)count;
    csv->names = weir_allocate_zero(count, sizeof *csv->names);
    if (!csv->names)
        return weir_fail_memory(error);
    struct weir_buffer scratch = { 0 };
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        if (options->names.count)
            csv->names[i] = weir_duplicate_string(options->names.items[i]);
        else if (options->no_header) {
            weir_buffer_clear(&scratch);
            weir_buffer_format(&scratch, "column%zu", i + 1);
            csv->names[i] = scratch.failed ? NULL : weir_duplicate_string(scratch.bytes);
        } else {
            struct weir_csv_field field = weir_csv_field(text + index->starts[i], text + index->starts[i + 1] - 1,
                                                         csv->layout.delimiter, &scratch);
            if (field.broken)
                code = weir_fail(error, WEIR_BAD_DATA, "%s:%lld: the header's column %zu has a quote that is not %s",
                                 name_of(csv), (long long)csv->line, i + 1,
                                 index->open ? "closed" : "followed by a separator");
            else if (field.length == 0)
                code = weir_fail(error, WEIR_BAD_DATA,
                                 "%s:%lld: column %zu has no name in the header; --columns would name it", name_of(csv),
                                 (long long)csv->line, i + 1);
            else if (weir_text_invalid(field.text, field.length) || memchr(field.text, 0, field.length))
                code = weir_fail(error, WEIR_BAD_DATA,
                                 "%s:%lld: the header is no UTF-8 text; is this CSV? (`file` tells what it is)",
                                 name_of(csv), (long long)csv->line);
            else
                csv->names[i] = weir_duplicate_bytes(field.text, field.length);
        }
        if (code == 0 && !csv->names[i])
            code = weir_fail_memory(error);
    }
    weir_buffer_release(&scratch);
    *first_field = 0;
    if (code == 0 && !options->no_header) {
        *first_field = count;
        for (const char *p = text, *end = text + index->starts[count];
             (p = memchr(p, '\n', (size_t)(end - p))) && ++csv->line && ++p < end;)
            ;
    }
    return code;
}

static int infer(struct csv *csv, const struct weir_csv_index *index, size_t first_field, struct weir_error *error)
{
    int columns = csv->layout.columns;
    const char *text = csv->head + csv->head_at;
    struct weir_csv_evidence *evidence = weir_allocate_zero((size_t)columns, sizeof *evidence);
    if (!evidence)
        return weir_fail_memory(error);
    struct weir_buffer scratch = { 0 };
    int64_t rows = 0;
    int column = 0;
    for (size_t i = first_field; i < index->fields && rows < WEIR_INFER_ROWS; i++) {
        const char *end = text + index->starts[i + 1] - 1;
        if (column < columns && !csv->known[column]) {
            struct weir_csv_field field = weir_csv_field(text + index->starts[i], end, csv->layout.delimiter, &scratch);
            if (!field.broken && field.length && !weir_csv_is_missing(&csv->layout.missing, field.text, field.length))
                weir_csv_observe(&evidence[column], &field);
        }
        column++;
        if (*end == '\n') {
            column = 0;
            rows++;
        }
    }
    weir_buffer_release(&scratch);
    int code = 0;
    for (int i = 0; i < columns && code == 0; i++) {
        struct weir_field *field = &csv->table->schema.fields[i];
        const struct weir_known *known = csv->known[i];
        bool zoned = false;
        if (known) {
            weir_type_release(&field->type);
            code = weir_type_copy(&field->type, &known->type) ? weir_fail_memory(error) : 0;
            continue;
        }
        field->type.kind = weir_csv_conclude(&evidence[i], &zoned);
        if (field->type.kind == WEIR_TIMESTAMP) {
            field->type.unit = WEIR_MICRO;
            if (zoned && !(field->type.zone = weir_duplicate_string("UTC")))
                code = weir_fail_memory(error);
        }
    }
    free(evidence);
    return code;
}

static int csv_open(struct weir_table *table, struct weir_error *error)
{
    const struct weir_format_options *options = table->options;
    struct csv *csv = table->state = weir_allocate_zero(1, sizeof *csv);
    if (!csv)
        return weir_fail_memory(error);
    csv->table = table;
    csv->line = 1;
    csv->layout.delimiter = options->delimiter;
    csv->layout.bad = options->bad;
    csv->layout.missing = options->missing;
    struct weir_csv_index index = { 0 };
    size_t whole = 0, first_field = 0;
    int code = read_head(csv, &index, &whole, error);
    if (code == 0 && index.fields == 0)
        code = weir_fail(error, WEIR_BAD_DATA, "%s: it is empty: no header, no rows", name_of(csv));
    table->delimiter = csv->layout.delimiter;
    if (code == 0)
        code = read_names(csv, &index, &first_field, error);
    int columns = csv->layout.columns;
    for (int i = 0; i < columns && code == 0; i++)
        if (!weir_schema_add(&table->schema, csv->names[i], WEIR_UTF8))
            code = weir_fail_memory(error);
    if (code == 0) {
        csv->known = weir_allocate_zero((size_t)columns, sizeof *csv->known);
        csv->schema_columns = weir_allocate((size_t)columns, sizeof *csv->schema_columns);
        code =
            !csv->known || !csv->schema_columns ? weir_fail_memory(error) : weir_known_match(table, csv->known, error);
    }
    for (int i = 0; i < columns && code == 0; i++)
        csv->schema_columns[i] = i;
    if (code == 0)
        code = infer(csv, &index, first_field, error);
    if (code == 0)
        csv->head_at += index.starts[first_field];
    weir_csv_index_release(&index);
    size_t chunk = (size_t)columns * 512;
    csv->chunk_size = chunk < CHUNK ? CHUNK : chunk > CHUNK_MOST ? CHUNK_MOST : chunk;
    return code;
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
    .open = csv_open,
    .start = csv_start,
    .next = csv_next,
    .close = csv_close,
    .create = weir_csv_create,
    .write = weir_csv_write,
    .finish = weir_csv_finish,
    .destroy = weir_csv_destroy,
};

const struct weir_format weir_format_tsv = {
    .name = "tsv",
    .endings = tsv_endings,
    .text = true,
    .open = csv_open,
    .start = csv_start,
    .next = csv_next,
    .close = csv_close,
    .create = weir_csv_create,
    .write = weir_csv_write,
    .finish = weir_csv_finish,
    .destroy = weir_csv_destroy,
};
