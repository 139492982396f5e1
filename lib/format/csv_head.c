/* The first rows of CSV: the marks, the names, the types. */
#include "format/csv_private.h"
#include "format/fault.h"
#include "format/head.h"
#include "format/text.h"
#include "stream/utf8.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* How often the delimiter stands outside quotes in each of the first records: the number in the first one, and whether
 * it is the same in all. */
static int64_t count_delimiter(const char *text, size_t size, struct weir_csv_marks marks, bool *same)
{
    enum { RECORDS = 64 };
    const char *p = text, *end = text + size;
    int64_t first = 0, fields;
    *same = true;
    for (int i = 0; i < RECORDS && p < end; i++) {
        const char *next = weir_csv_record(p, end, marks, &fields);
        if (i == 0)
            first = fields - 1;
        else if (fields - 1 != first && next < end) /* the last one may be cut */
            *same = false;
        p = next;
    }
    return first;
}

static char guess_delimiter(const char *text, size_t size, char quote)
{
    static const char candidates[] = ",;\t|";
    char best = ',';
    int64_t most = 0;
    bool best_same = false;
    for (const char *c = candidates; *c; c++) {
        bool same;
        if (*c == quote)
            continue;
        int64_t count = count_delimiter(text, size, (struct weir_csv_marks){ *c, quote }, &same);
        if (count && (most == 0 || same > best_same || (same == best_same && count > most))) {
            best = *c;
            most = count;
            best_same = same;
        }
    }
    return best;
}

/* A name that --like knows. */
struct like_name {
    const char *text;
    size_t length;
    bool required;
};

static int compare_names(const void *a, const void *b)
{
    const struct like_name *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->length < y->length ? x->length : y->length);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* All such names in order: of the columns, and of the fields that were left out. NULL: out of memory. */
static struct like_name *sort_names(const struct weir_format_options *options, size_t *count)
{
    struct like_name *names = weir_allocate(options->known->count + options->names.count + 1, sizeof *names);
    *count = 0;
    for (size_t i = 0; names && i < options->known->count; i++) {
        const struct weir_known *known = &options->known->items[i];
        names[(*count)++] = (struct like_name){ known->name, strlen(known->name), known->required };
    }
    size_t columns = *count;
    if (names)
        qsort(names, columns, sizeof *names, compare_names);
    for (size_t i = 0; names && i < options->names.count; i++) {
        struct like_name name = { options->names.items[i], strlen(options->names.items[i]), false };
        if (!bsearch(&name, names, columns, sizeof name, compare_names))
            names[(*count)++] = name;
    }
    if (names)
        qsort(names, *count, sizeof *names, compare_names);
    return names;
}

/* True when the first record is a header with all columns that --like asks for; `only`: and with none it does not know.
 */
static bool is_header_like(const struct weir_format_options *options, const char *text, size_t size,
                           struct weir_csv_marks marks, bool only)
{
    int64_t fields;
    size_t record = (size_t)(weir_csv_record(text, text + size, marks, &fields) - text), count, asked = 0, found = 0;
    struct weir_csv_index index = { 0 };
    struct weir_buffer scratch = { 0 };
    struct like_name *names = sort_names(options, &count);
    bool all = true;
    if (!names || record == 0 || text[record - 1] != '\n' || weir_csv_index(&index, text, record, marks, 0))
        goto done;
    for (size_t i = 0; i < count; i++)
        asked += names[i].required;
    for (size_t i = 0; i < index.fields && all; i++) {
        const char *end = text + index.starts[i + 1] - 1;
        struct weir_csv_field field = weir_csv_field(text + index.starts[i], end, marks, &scratch);
        struct like_name wanted = { field.text, field.length, false }, *name;
        name = bsearch(&wanted, names, count, sizeof *names, compare_names);
        found += name && name->required;
        all = !only || name;
    }
done:
    free(names);
    weir_csv_index_release(&index);
    weir_buffer_release(&scratch);
    return all && asked && found == asked;
}

/* What --like says of the text's form holds for raw text. Where it does not find the columns, and a header in the form
 * that `save` writes would name them, that is the form. */
static void settle_form(struct weir_csv *csv, const char *text, size_t size)
{
    const struct weir_format_options *options = csv->table->options;
    bool header = csv->table->header;
    if (!options->like_form || !options->known ||
        (header && is_header_like(options, text, size, csv->layout.marks, false)))
        return;
    bool tabs = strcmp(csv->table->format->name, "tsv") == 0;
    struct weir_csv_marks plain = { tabs ? '\t' : guess_delimiter(text, size, '"'), '"' };
    if (is_header_like(options, text, size, plain, !header)) {
        csv->layout.marks = plain;
        csv->table->header = true;
    }
}

/* A first line `sep=;`, which spreadsheets write and heed, names the delimiter. It is passed over. */
static void take_separator_line(struct weir_csv *csv, struct weir_head *head)
{
    const struct weir_format_options *options = csv->table->options;
    const char *text = head->bytes + head->at;
    size_t size = head->size - head->at;
    if (size < 6 || strncasecmp(text, "sep=", 4) != 0)
        return;
    size_t end = 5 + (text[5] == '\r');
    if (text[end] != '\n' || !text[4] || !strchr(WEIR_CSV_NAMED_SEPARATORS, text[4]) ||
        text[4] == csv->layout.marks.quote)
        return;
    if (!options->delimiter || options->like_form)
        csv->layout.marks.delimiter = text[4];
    head->at += end + 1;
    csv->line++;
}

/* Reads as many rows as the inference wants; *index: of the whole records from head->at on. */
static int read_head(struct weir_csv *csv, struct weir_head *head, struct weir_csv_index *index,
                     struct weir_error *error)
{
    struct weir_feed *feed = csv->table->feed;
    for (size_t wanted = WEIR_CSV_CHUNK;; wanted *= 2) {
        bool first = head->size == 0;
        if (weir_head_read(head, feed, wanted, error))
            return -1;
        while (first && head->bytes[head->at + (head->bytes[head->at] == '\r')] == '\n') { /* empty lines */
            head->at += 1 + (head->bytes[head->at] == '\r');
            csv->line++;
        }
        if (first)
            take_separator_line(csv, head);
        const char *text = head->bytes + head->at;
        size_t size = head->size - head->at;
        if (first)
            settle_form(csv, text, size);
        if (first && !csv->layout.marks.delimiter)
            csv->layout.marks.delimiter = guess_delimiter(text, size, csv->layout.marks.quote);
        size_t whole = head->ended ? size : weir_csv_whole(text, size, csv->layout.marks);
        if (weir_csv_index(index, text, whole, csv->layout.marks, 0))
            return weir_fail_memory(error);
        if (head->ended || index->rows > WEIR_INFER_ROWS || (whole && head->size >= WEIR_INFER_BYTES))
            return 0;
        if (head->size >= WEIR_RECORD_LIMIT)
            return weir_fail(
                error, WEIR_BAD_DATA,
                "%s: its first record is longer than %d bytes; is this CSV, or is a quote left open (with --quote "
                "none quotes mean nothing)?",
                weir_feed_name(feed), WEIR_RECORD_LIMIT);
    }
}

static int refuse_name(const struct weir_csv *csv, const struct weir_csv_field *field, size_t number,
                       struct weir_error *error)
{
    enum { SHOWN = 60 };
    struct weir_buffer name = { 0 };
    weir_buffer_escaped(&name, field->text, field->length < SHOWN ? field->length : SHOWN);
    weir_fail(error, WEIR_BAD_DATA, "%s:%lld: the header's column %zu, '%s', " WEIR_NOT_UTF8,
              weir_feed_name(csv->table->feed), (long long)csv->line, number, name.bytes ? name.bytes : "");
    weir_buffer_release(&name);
    return -1;
}

/* Why a field of the header is no name; 0: it is one. */
static int check_name(const struct weir_csv *csv, const struct weir_csv_field *field, size_t number, bool open,
                      struct weir_error *error)
{
    const char *file = weir_feed_name(csv->table->feed);
    long long line = csv->line;
    if (field->broken)
        return weir_fail(error, WEIR_BAD_DATA,
                         "%s:%lld: the header's column %zu has a quote that is not %s; with --quote none quotes mean "
                         "nothing",
                         file, line, number, open ? "closed" : "followed by a separator");
    if (field->length == 0)
        return weir_fail(error, WEIR_BAD_DATA, "%s:%lld: column %zu has no name in the header; --columns would name it",
                         file, line, number);
    if (memchr(field->text, 0, field->length))
        return weir_fail(error, WEIR_BAD_DATA, "%s:%lld: the header is no text; is this CSV? (`file` tells what it is)",
                         file, line);
    if (!field->quoted && memchr(field->text, '\r', field->length))
        return weir_fail(error, WEIR_BAD_DATA,
                         "%s:%lld: its lines end with a carriage return alone; `tr '\\r' '\\n'` makes it readable",
                         file, line);
    return weir_is_utf8(field->text, field->length) ? 0 : refuse_name(csv, field, number, error);
}

/* The name of column i: as given, or by its number, or of the header. NULL: the message. */
static char *make_name(struct weir_csv *csv, const struct weir_texts *given, const char *text,
                       const struct weir_csv_index *index, size_t i, struct weir_error *error)
{
    struct weir_buffer scratch = { 0 };
    char *name = NULL;
    int code = 0;
    if (given->count)
        name = weir_duplicate_string(given->items[i]);
    else if (!csv->table->header) {
        weir_buffer_format(&scratch, "column%zu", i + 1);
        name = scratch.failed ? NULL : weir_duplicate_string(scratch.bytes);
    } else {
        struct weir_csv_field field =
            weir_csv_field(text + index->starts[i], text + index->starts[i + 1] - 1, csv->layout.marks, &scratch);
        code = scratch.failed ? 0 : check_name(csv, &field, i + 1, index->open, error);
        name = scratch.failed || code ? NULL : weir_duplicate_bytes(field.text, field.length);
    }
    weir_buffer_release(&scratch);
    if (!name && code == 0)
        weir_fail_memory(error);
    return name;
}

/* How many fields the first record has. */
static size_t count_fields(const char *text, const struct weir_csv_index *index)
{
    size_t count = 0;
    while (count < index->fields && text[index->starts[count + 1] - 1] != '\n')
        count++;
    return count + (index->fields > 0);
}

/* The columns' names. Where they are the first record's fields, it is then behind us: *first_field. */
static int read_names(struct weir_csv *csv, const char *text, const struct weir_csv_index *index, size_t *first_field,
                      struct weir_error *error)
{
    const struct weir_format_options *options = csv->table->options;
    bool header = csv->table->header;
    struct weir_texts given = header && options->no_header ? (struct weir_texts){ NULL, 0 } : options->names;
    size_t count = count_fields(text, index);
    if (count > WEIR_COLUMN_LIMIT)
        return weir_fail(error, WEIR_BAD_DATA, "%s: %zu columns, more than the limit of %d",
                         weir_feed_name(csv->table->feed), count, WEIR_COLUMN_LIMIT);
    if (given.count && given.count != count)
        return weir_fail(error, WEIR_BAD_DATA, "%s: it has %zu columns, --columns names %zu",
                         weir_feed_name(csv->table->feed), count, given.count);
    csv->layout.columns = (int)count;
    csv->names = weir_allocate_zero(count, sizeof *csv->names);
    if (!csv->names)
        return weir_fail_memory(error);
    for (size_t i = 0; i < count; i++)
        if (!(csv->names[i] = make_name(csv, &given, text, index, i, error)))
            return -1;
    *first_field = header ? count : 0;
    if (header)
        csv->line += weir_count_lines(text, text + index->starts[count]);
    return 0;
}

static int infer(struct weir_csv *csv, const char *text, const struct weir_csv_index *index, size_t first_field,
                 struct weir_error *error)
{
    int columns = csv->layout.columns;
    struct weir_csv_evidence *evidence = weir_allocate_zero((size_t)columns, sizeof *evidence);
    if (!evidence)
        return weir_fail_memory(error);
    struct weir_buffer scratch = { 0 };
    int64_t rows = 0;
    int column = 0;
    for (size_t i = first_field; i < index->fields && rows < WEIR_INFER_ROWS; i++) {
        const char *end = text + index->starts[i + 1] - 1;
        if (column < columns && !csv->known[column]) {
            struct weir_csv_field field = weir_csv_field(text + index->starts[i], end, csv->layout.marks, &scratch);
            if (!field.broken && field.length && !weir_is_missing(&csv->layout.missing, field.text, field.length))
                weir_csv_observe(&evidence[column], &field);
        }
        column++;
        if (*end == '\n') {
            column = 0;
            rows++;
        }
    }
    int code = weir_buffer_check(&scratch, error);
    weir_buffer_release(&scratch);
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

/* Batches of very many columns get more text, so that they have some rows. */
static size_t chunk_for(int columns)
{
    size_t size = (size_t)columns * 512;
    return size < WEIR_CSV_CHUNK ? WEIR_CSV_CHUNK : size > WEIR_CSV_CHUNK_MOST ? WEIR_CSV_CHUNK_MOST : size;
}

int weir_delimiter_parse(const char *text, char *delimiter)
{
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
        *delimiter = '\t';
    else if (strlen(text) == 1 && !strchr("\"\n\r ", *text) && (unsigned char)*text < 0x80)
        *delimiter = *text;
    else
        return -1;
    return 0;
}

int weir_quote_parse(const char *text, struct weir_format_options *options)
{
    options->unquoted = strcmp(text, "none") == 0;
    options->quote = options->unquoted ? 0 : text[0];
    bool right = strlen(text) == 1 && !strchr(" \t\r\n", *text) && (unsigned char)*text < 0x80;
    return options->unquoted || right ? 0 : -1;
}

int weir_csv_open(struct weir_table *table, struct weir_error *error)
{
    const struct weir_format_options *options = table->options;
    struct weir_csv *csv = table->state = weir_allocate_zero(1, sizeof *csv);
    if (!csv)
        return weir_fail_memory(error);
    csv->table = table;
    table->header = !options->no_header;
    csv->line = 1;
    csv->chunk_size = table->options->chunk ? table->options->chunk : WEIR_CSV_CHUNK;
    csv->layout.marks.delimiter = options->delimiter;
    if (!options->delimiter && strcmp(table->format->name, "tsv") == 0)
        csv->layout.marks.delimiter = '\t';
    csv->layout.marks.quote = options->unquoted ? 0 : options->quote ? options->quote : '"';
    if (csv->layout.marks.delimiter && csv->layout.marks.quote == csv->layout.marks.delimiter)
        return weir_fail(error, WEIR_USAGE, "the quote and the delimiter are the same character");
    csv->layout.bad = options->bad;
    csv->layout.missing = options->missing;
    struct weir_csv_index index = { 0 };
    struct weir_head head = { 0 };
    size_t first_field = 0;
    int code = read_head(csv, &head, &index, error);
    if (code == 0 && index.fields == 0)
        code = weir_fail(error, WEIR_BAD_DATA, "%s: it is empty: no header, no rows", weir_feed_name(csv->table->feed));
    table->marks = csv->layout.marks;
    const char *text = head.bytes + head.at;
    if (code == 0)
        code = read_names(csv, text, &index, &first_field, error);
    int columns = csv->layout.columns;
    for (int i = 0; i < columns && code == 0; i++)
        if (!weir_schema_add(&table->schema, csv->names[i], WEIR_UTF8))
            code = weir_fail_memory(error);
    if (code == 0) {
        csv->known = weir_allocate_zero((size_t)columns, sizeof *csv->known);
        code = csv->known ? weir_known_match(table, csv->known, error) : weir_fail_memory(error);
    }
    if (code == 0)
        code = infer(csv, text, &index, first_field, error);
    if (code == 0) {
        head.at += index.starts[first_field];
        weir_head_push(&head, table->feed);
    }
    weir_head_release(&head);
    weir_csv_index_release(&index);
    if (!table->options->chunk)
        csv->chunk_size = chunk_for(columns);
    return code;
}
