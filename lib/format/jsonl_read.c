/* Reading JSON lines, or one JSON array of objects, in chunks, side by side. */
#include "base/lanes.h"
#include "format/fault.h"
#include "format/jsonl_private.h"
#include "format/text.h"
#include <stdlib.h>
#include <string.h>

enum { CELLS = 1 << 21 }; /* rows times columns of one batch: rows of `{}` cost three bytes each */

enum wrong { RIGHT, WRONG_VALUE, WRONG_RECORD, WRONG_KEY, WRONG_TWICE, WRONG_DEPTH, WRONG_MEMORY };

struct weir_jsonl_chunk {
    struct weir_passage text;
    bool first, closed;            /* array: nothing of it came before, all of it did */
    struct weir_builder *builders; /* [columns] */
    struct weir_json_visitor visitor;
    struct weir_jsonl *jsonl;
    int64_t *contradictions; /* [columns] */
    int64_t rows, misfits, dropped;
    bool drop_row;            /* of the row at hand */
    struct weir_buffer drop;  /* a byte a row, under --bad drop */
    int32_t row_flag;         /* of the row at hand, under --bad flag: as in weir_table */
    struct weir_buffer flags; /* of all rows */
    struct weir_batch batch;
    /* The first that was wrong. */
    enum wrong wrong;
    const char *place; /* the record */
    int column;
    json_t *value;             /* WRONG_VALUE; owned */
    char what[WEIR_JSON_WHAT]; /* WRONG_RECORD: why; WRONG_KEY, WRONG_TWICE: the name */
};

static size_t whole(void *context, char *text, size_t *size, bool ended)
{
    struct weir_jsonl *jsonl = context;
    size_t whole = 0;
    if (ended && !jsonl->array && *size && text[*size - 1] != '\n')
        text[(*size)++] = '\n';
    if (!jsonl->closed)
        whole = jsonl->array ? weir_json_whole_elements(text, *size, jsonl->most_rows, &jsonl->closed)
                             : weir_json_whole_lines(text, *size, jsonl->most_rows);
    /* what follows the array: blanks, or an error; at the end also an element that is cut */
    if (jsonl->closed ? whole == 0 || ended : whole == 0 && ended)
        whole = *size;
    return whole;
}

static int fill(void *context, void *piece, struct weir_error *error)
{
    struct weir_jsonl *jsonl = context;
    struct weir_jsonl_chunk *chunk = piece;
    size_t wanted = jsonl->chunk_size, carried = jsonl->passages.carry.size;
    chunk->first = !jsonl->began;
    chunk->closed = jsonl->closed;
    jsonl->began = true;
    int code = weir_passages_next(&jsonl->passages, &chunk->text, wanted < carried ? carried : wanted, error);
    if (code == 0 && jsonl->array && !jsonl->closed)
        return weir_fail(error, WEIR_BAD_DATA, "%s: it is cut: the array is not closed",
                         weir_feed_name(jsonl->table->feed));
    return code;
}

/* Notes what is wrong with the record at hand: 0 go on (--bad null, drop), 1 the chunk is given up. */
static int refuse(struct weir_jsonl_chunk *chunk, enum wrong wrong, int column, const json_t *value, const char *name)
{
    enum weir_bad bad = chunk->jsonl->table->options->bad;
    if (bad != WEIR_BAD_ERROR && wrong != WRONG_MEMORY) {
        if (column >= 0)
            chunk->contradictions[column]++;
        else
            chunk->misfits++;
        chunk->drop_row = bad == WEIR_BAD_DROP;
        if (chunk->row_flag == 0)
            chunk->row_flag = column >= 0 ? column + 1 : -1;
        return 0;
    }
    chunk->wrong = wrong;
    chunk->column = column;
    chunk->value = json_incref((json_t *)(uintptr_t)value);
    if (name) {
        size_t length = strlen(name);
        if (length >= sizeof chunk->what)
            length = sizeof chunk->what - 1;
        memcpy(chunk->what, name, length);
        chunk->what[length] = 0;
    }
    return 1;
}

static bool wants_whole(void *context, const char *name)
{
    struct weir_jsonl_chunk *chunk = context;
    int column = weir_schema_index_find(&chunk->jsonl->index, name);
    return column >= 0 && chunk->builders[column].type.kind == WEIR_STRUCT;
}

static int visit(void *context, const char *name, const json_t *value)
{
    struct weir_jsonl_chunk *chunk = context;
    struct weir_jsonl *jsonl = chunk->jsonl;
    int column = weir_schema_index_find(&jsonl->index, name);
    if (column < 0) {
        if (json_object_get(jsonl->names, name) || json_is_null(value))
            return 0;
        return refuse(chunk, WRONG_KEY, -1, NULL, name);
    }
    struct weir_builder *builder = &chunk->builders[column];
    if (builder->rows > chunk->rows)
        return refuse(chunk, WRONG_TWICE, column, NULL, name);
    if (json_is_null(value) ||
        (json_is_string(value) &&
         weir_is_missing(&jsonl->table->options->missing, json_string_value(value), json_string_length(value)))) {
        weir_builder_null(builder);
    } else if (!weir_json_append(builder, value)) {
        if (refuse(chunk, WRONG_VALUE, column, value, NULL))
            return 1;
        weir_builder_null(builder);
    }
    return 0;
}

static int add_row(struct weir_jsonl_chunk *chunk, const json_t *object)
{
    int code = weir_json_visit(&chunk->visitor, object);
    if (code < 0)
        code = refuse(chunk, chunk->visitor.name.failed ? WRONG_MEMORY : WRONG_DEPTH, -1, NULL, NULL);
    return code;
}

static void finish(struct weir_jsonl_chunk *chunk)
{
    const struct weir_schema *schema = &chunk->jsonl->table->schema;
    if (weir_batch_init(&chunk->batch, schema->count, chunk->rows)) {
        chunk->wrong = WRONG_MEMORY;
        return;
    }
    for (int i = 0; i < schema->count; i++)
        if (weir_builder_finish(&chunk->builders[i], &chunk->batch.columns[i], NULL)) {
            chunk->wrong = WRONG_MEMORY;
            return;
        }
    if (chunk->drop.failed || (chunk->drop.size && weir_format_drop(&chunk->batch, schema, (uint8_t *)chunk->drop.bytes,
                                                                    &chunk->dropped, NULL)))
        chunk->wrong = WRONG_MEMORY;
}

static void work(void *context, void *piece)
{
    struct weir_jsonl *jsonl = context;
    struct weir_jsonl_chunk *chunk = piece;
    int columns = jsonl->table->schema.count;
    bool dropping = jsonl->table->options->bad == WEIR_BAD_DROP;
    bool flagging = jsonl->table->options->bad == WEIR_BAD_FLAG;
    struct weir_json_records records = { chunk->text.bytes, chunk->text.bytes + chunk->text.size, jsonl->array,
                                         chunk->first, chunk->closed };
    chunk->wrong = RIGHT;
    chunk->rows = chunk->misfits = chunk->dropped = 0;
    memset(chunk->contradictions, 0, (size_t)columns * sizeof *chunk->contradictions);
    weir_buffer_clear(&chunk->drop);
    weir_buffer_clear(&chunk->flags);
    weir_batch_release(&chunk->batch);
    int code = 0;
    while (chunk->wrong == RIGHT) {
        json_t *object;
        code = weir_json_record(&records, &object, &chunk->place, chunk->what);
        if (code == 0)
            break;
        chunk->drop_row = false;
        chunk->row_flag = 0;
        /* A line that is no JSON can be passed over; an array cannot be read on. */
        if (code == -2)
            chunk->wrong = WRONG_MEMORY;
        else if (code < 0 && (jsonl->array || refuse(chunk, WRONG_RECORD, -1, NULL, NULL)))
            chunk->wrong = WRONG_RECORD;
        else if (code > 0)
            add_row(chunk, object);
        json_decref(object);
        chunk->rows++;
        for (int i = 0; i < columns; i++)
            if (chunk->builders[i].rows < chunk->rows)
                weir_builder_null(&chunk->builders[i]);
        if (dropping)
            weir_buffer_byte(&chunk->drop, chunk->drop_row);
        if (flagging)
            weir_buffer_append(&chunk->flags, &chunk->row_flag, sizeof chunk->row_flag);
    }
    if (chunk->wrong == RIGHT)
        finish(chunk);
}

static bool is_like(const struct weir_known_list *known, const char *name)
{
    for (size_t i = 0; known && i < known->count; i++)
        if (strcmp(known->items[i].name, name) == 0)
            return known->items[i].like;
    return false;
}

static int tell(struct weir_jsonl *jsonl, struct weir_jsonl_chunk *chunk, struct weir_error *error)
{
    const struct weir_format_options *options = jsonl->table->options;
    const char *file = weir_feed_name(jsonl->table->feed);
    if (chunk->wrong == WRONG_MEMORY)
        return weir_fail_memory(error);
    long long line = jsonl->line + weir_count_lines(chunk->text.bytes, chunk->place);
    if (chunk->wrong == WRONG_VALUE) {
        const struct weir_field *field = &jsonl->table->schema.fields[chunk->column];
        bool string = json_is_string(chunk->value);
        struct weir_buffer text = { 0 };
        if (string)
            weir_buffer_append(&text, json_string_value(chunk->value), json_string_length(chunk->value));
        else
            weir_json_dump(chunk->value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15), &text, NULL);
        struct weir_fault fault = { .file = file,
                                    .line = line,
                                    .column = field->name,
                                    .type = &field->type,
                                    .text = text.bytes ? text.bytes : "",
                                    .length = text.size,
                                    .fixed = is_like(options->known, field->name),
                                    .no_value = options->no_values,
                                    .string = string };
        weir_fault_tell(&fault, error);
        weir_buffer_release(&text);
        return -1;
    }
    struct weir_buffer what = { 0 };
    weir_buffer_escaped(&what, chunk->what, strlen(chunk->what));
    if (what.failed)
        weir_fail_memory(error);
    else if (chunk->wrong == WRONG_RECORD)
        weir_fail(error, WEIR_BAD_DATA, "%s:%lld: %s", file, line,
                  options->no_values ? "this is not JSON" : what.bytes);
    else if (chunk->wrong == WRONG_KEY)
        weir_fail(error, WEIR_BAD_DATA,
                  "%s:%lld: the key '%s' is new here: the first %d rows have none; --types %s=utf8 would make it a "
                  "column, --bad null leave it out",
                  file, line, what.bytes, WEIR_INFER_ROWS, what.bytes);
    else if (chunk->wrong == WRONG_TWICE)
        weir_fail(error, WEIR_BAD_DATA, "%s:%lld: two values for the column '%s'", file, line, what.bytes);
    else
        weir_fail(error, WEIR_BAD_DATA, "%s:%lld: objects are nested more than %d deep", file, line, WEIR_JSON_NESTING);
    weir_buffer_release(&what);
    return -1;
}

static int jsonl_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct weir_jsonl *jsonl = table->state;
    void *piece;
    int code = weir_lanes_next(jsonl->lanes, &piece, error);
    if (code <= 0)
        return code;
    struct weir_jsonl_chunk *chunk = piece;
    if (chunk->wrong != RIGHT)
        return tell(jsonl, chunk, error);
    jsonl->line += weir_count_lines(chunk->text.bytes, chunk->text.bytes + chunk->text.size);
    table->rows_read += chunk->rows;
    table->rows_dropped += chunk->dropped;
    table->ragged += chunk->misfits;
    for (int i = 0; i < table->schema.count; i++)
        table->contradictions[i] += chunk->contradictions[i];
    free(table->flags);
    table->flags = (int32_t *)(void *)chunk->flags.bytes;
    bool flags_failed = chunk->flags.failed;
    chunk->flags = (struct weir_buffer){ 0 };
    if (flags_failed)
        return weir_fail_memory(error);
    weir_batch_release(batch);
    *batch = chunk->batch;
    chunk->batch = (struct weir_batch){ 0 };
    return 1;
}

static int jsonl_start(struct weir_table *table, const int *wanted, struct weir_error *error)
{
    struct weir_jsonl *jsonl = table->state;
    const struct weir_schema *schema = &table->schema;
    (void)wanted;
    if (weir_schema_index_init(&jsonl->index, schema))
        return weir_fail_memory(error);
    jsonl->most_rows = schema->count ? CELLS / schema->count + 1 : CELLS;
    jsonl->passages = (struct weir_passages){ table->feed, jsonl, whole, "", { 0 } };
    int threads = weir_lanes_threads(table->options->threads), count = WEIR_LANES_PIECES * threads;
    jsonl->chunks = weir_allocate_zero((size_t)count, sizeof *jsonl->chunks);
    int code = jsonl->chunks ? 0 : weir_fail_memory(error);
    for (int i = 0; i < count && code == 0; i++) {
        struct weir_jsonl_chunk *chunk = &jsonl->chunks[i];
        jsonl->chunk_count++;
        chunk->jsonl = jsonl;
        chunk->visitor = (struct weir_json_visitor){ chunk, wants_whole, visit, { 0 } };
        chunk->contradictions = weir_allocate_zero((size_t)schema->count, sizeof *chunk->contradictions);
        chunk->builders = weir_allocate_zero((size_t)schema->count, sizeof *chunk->builders);
        if (!chunk->contradictions || !chunk->builders)
            code = weir_fail_memory(error);
        for (int j = 0; j < schema->count && code == 0; j++)
            if (weir_builder_init(&chunk->builders[j], &schema->fields[j].type))
                code = weir_fail_memory(error);
    }
    const struct weir_lanes_work lanes_work = { jsonl, fill, work };
    if (code == 0)
        code = weir_lanes_new(&jsonl->lanes, &lanes_work, jsonl->chunks, sizeof *jsonl->chunks, count, threads, error);
    return code;
}

static void jsonl_close(struct weir_table *table)
{
    struct weir_jsonl *jsonl = table->state;
    if (!jsonl)
        return;
    weir_lanes_free(jsonl->lanes);
    for (int i = 0; i < jsonl->chunk_count; i++) {
        struct weir_jsonl_chunk *chunk = &jsonl->chunks[i];
        for (int j = 0; chunk->builders && j < table->schema.count; j++)
            weir_builder_release(&chunk->builders[j]);
        free(chunk->builders);
        free(chunk->contradictions);
        weir_passage_release(&chunk->text);
        json_decref(chunk->value);
        weir_buffer_release(&chunk->drop);
        weir_buffer_release(&chunk->flags);
        weir_buffer_release(&chunk->visitor.name);
        weir_batch_release(&chunk->batch);
    }
    free(jsonl->chunks);
    json_decref(jsonl->names);
    weir_schema_index_release(&jsonl->index);
    weir_passages_release(&jsonl->passages);
    free(jsonl);
}

static bool jsonl_sniff(const uint8_t *head, size_t size)
{
    size_t at = size >= 3 && head[0] == 0xef && head[1] == 0xbb && head[2] == 0xbf ? 3 : 0;
    while (at < size && head[at] && strchr(" \t\r\n", head[at]))
        at++;
    return at < size && (head[at] == '{' || head[at] == '[');
}

static const char *const endings[] = { ".jsonl", ".ndjson", NULL };

const struct weir_format weir_format_jsonl = {
    .name = "jsonl",
    .endings = endings,
    .text = true,
    .sniff = jsonl_sniff,
    .open = weir_jsonl_open,
    .start = jsonl_start,
    .next = jsonl_next,
    .close = jsonl_close,
    .create = weir_jsonl_create,
    .write = weir_jsonl_write,
};
