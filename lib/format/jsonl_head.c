/* JSON lines: the first rows, which settle names and types. */
#include "format/fault.h"
#include "format/head.h"
#include "format/jsonl_private.h"
#include <stdlib.h>
#include <string.h>

struct discovery {
    struct weir_table *table;
    json_t *names; /* name: number */
    struct weir_json_shape *shapes;
    size_t capacity;
    bool crowded;
    bool object; /* there is one, if only {} */
    bool record; /* there is one, if only a damaged one */
};

static int discover(void *context, const char *name, const json_t *value)
{
    struct discovery *found = context;
    struct weir_schema *schema = &found->table->schema;
    const json_t *number = json_object_get(found->names, name);
    size_t at = number ? (size_t)json_integer_value(number) : (size_t)schema->count;
    if (!number) {
        if (schema->count == WEIR_COLUMN_LIMIT) {
            found->crowded = true;
            return 1;
        }
        if (weir_grow((void **)&found->shapes, &found->capacity, at + 1, sizeof *found->shapes) ||
            json_object_set_new(found->names, name, json_integer((json_int_t)at)) ||
            !weir_schema_add(schema, name, WEIR_NULL))
            return 1;
        found->shapes[at] = (struct weir_json_shape){ 0 };
    }
    if (json_is_string(value) &&
        weir_is_missing(&found->table->options->missing, json_string_value(value), json_string_length(value)))
        return 0;
    return weir_json_observe(&found->shapes[at], value) ? 1 : 0;
}

/* Goes through some records, until there have been WEIR_INFER_ROWS. */
static int look_at(struct weir_jsonl *jsonl, const struct weir_head *head, struct weir_json_records *records,
                   struct weir_json_visitor *visitor, int64_t *rows, struct weir_error *error)
{
    struct weir_table *table = jsonl->table;
    struct discovery *found = visitor->context;
    const char *file = weir_feed_name(table->feed);
    int code = 0;
    while (code == 0 && *rows < WEIR_INFER_ROWS) {
        json_t *object;
        const char *begin;
        char what[WEIR_JSON_WHAT];
        int got = weir_json_record(records, &object, &begin, what);
        if (got == 0)
            break;
        ++*rows;
        found->object |= got > 0;
        found->record = true;
        if (got == -2)
            code = weir_fail_memory(error);
        else if (got < 0 && (jsonl->array || table->options->bad == WEIR_BAD_ERROR)) {
            struct weir_buffer text = { 0 };
            weir_buffer_escaped(&text, what, strlen(what));
            code = weir_fail(error, WEIR_BAD_DATA, "%s:%lld: %s", file,
                             (long long)(jsonl->line + weir_count_lines(head->bytes + head->at, begin)),
                             text.failed || table->options->no_values ? "this is not JSON" : text.bytes);
            weir_buffer_release(&text);
        } else if (got > 0) {
            int visited = weir_json_visit(visitor, object);
            if (visited < 0 && !visitor->name.failed) /* too deep: told when it is read */
                visited = 0;
            if (found->crowded)
                code = weir_fail(error, WEIR_BAD_DATA, "%s: more than %d columns", file, WEIR_COLUMN_LIMIT);
            else if (visited)
                code = weir_fail_memory(error);
        }
        json_decref(object);
    }
    return code;
}

/* Goes through the first records. */
static int look(struct weir_jsonl *jsonl, struct weir_head *head, struct discovery *found, struct weir_error *error)
{
    struct weir_feed *feed = jsonl->table->feed;
    struct weir_json_visitor visitor = { found, NULL, discover, { 0 } };
    struct weir_json_records records = { .first = true };
    size_t done = 0;
    int64_t rows = 0;
    int code = 0;
    for (size_t wanted = WEIR_JSON_CHUNK; code == 0; wanted *= 2) {
        bool first = head->size == 0;
        if ((code = weir_head_read(head, feed, wanted, error)))
            break;
        if (first) {
            size_t at = head->at;
            while (at < head->size && strchr(" \t\r\n", head->bytes[at]) && head->bytes[at])
                at++;
            records.array = jsonl->array = head->bytes[at] == '[';
            done = jsonl->array ? at + 1 : head->at;
            jsonl->line += weir_count_lines(head->bytes + head->at, head->bytes + done);
            head->at = done;
        }
        bool closed = false;
        size_t size = head->size - done;
        size_t whole = head->ended    ? size
                       : jsonl->array ? weir_json_whole_elements(head->bytes + done, size, INT64_MAX, &closed)
                                      : weir_json_whole_lines(head->bytes + done, size, INT64_MAX);
        records.at = head->bytes + done;
        records.end = records.at + whole;
        code = look_at(jsonl, head, &records, &visitor, &rows, error);
        done += whole;
        if (head->ended || rows >= WEIR_INFER_ROWS || (rows && head->size >= WEIR_INFER_BYTES))
            break;
        if (code == 0 && head->size >= WEIR_RECORD_LIMIT)
            code = weir_fail(error, WEIR_BAD_DATA, "%s: its first record is longer than %d bytes", weir_feed_name(feed),
                             WEIR_RECORD_LIMIT);
    }
    weir_buffer_release(&visitor.name);
    return code;
}

/* Columns of --types that no row has shown so far. Those of --like are to be there, except where no row could show
 * them: a table of no rows is an empty file here. */
static int add_given(struct weir_jsonl *jsonl, bool no_rows, struct weir_error *error)
{
    const struct weir_known_list *known = jsonl->table->options->known;
    struct weir_schema *schema = &jsonl->table->schema;
    for (size_t i = 0; known && i < known->count; i++) {
        const struct weir_known *item = &known->items[i];
        if (!(item->like ? no_rows : item->given) || json_object_get(jsonl->names, item->name))
            continue;
        if (json_object_set_new(jsonl->names, item->name, json_integer(schema->count)) ||
            !weir_schema_add(schema, item->name, WEIR_NULL))
            return weir_fail_memory(error);
    }
    return 0;
}

static int settle_types(struct weir_jsonl *jsonl, const struct discovery *found, struct weir_error *error)
{
    struct weir_schema *schema = &jsonl->table->schema;
    struct weir_known **known = weir_allocate_zero((size_t)schema->count, sizeof *known);
    int code = known ? weir_known_match(jsonl->table, known, error) : weir_fail_memory(error);
    for (int i = 0; i < schema->count && code == 0; i++) {
        struct weir_type *type = &schema->fields[i].type;
        if (known[i] ? weir_type_copy(type, &known[i]->type) : weir_json_conclude(&found->shapes[i], type))
            code = weir_fail_memory(error);
    }
    free(known);
    return code;
}

int weir_jsonl_open(struct weir_table *table, struct weir_error *error)
{
    struct weir_jsonl *jsonl = table->state = weir_allocate_zero(1, sizeof *jsonl);
    if (!jsonl)
        return weir_fail_memory(error);
    jsonl->table = table;
    jsonl->line = 1;
    jsonl->chunk_size = table->options->chunk ? table->options->chunk : WEIR_JSON_CHUNK;
    jsonl->names = json_object();
    struct discovery found = { .table = table, .names = jsonl->names };
    struct weir_head head = { 0 };
    int code = jsonl->names ? look(jsonl, &head, &found, error) : weir_fail_memory(error);
    int shapes = table->schema.count;
    if (code == 0)
        code = add_given(jsonl, !found.record, error);
    if (code == 0)
        code = settle_types(jsonl, &found, error);
    if (code == 0 && table->schema.count == 0 && !found.object)
        code = weir_fail(error, WEIR_BAD_DATA, "%s: there is no object: no columns, no rows",
                         weir_feed_name(jsonl->table->feed));
    if (code == 0)
        weir_head_push(&head, table->feed);
    weir_head_release(&head);
    for (int i = 0; i < shapes && found.shapes; i++)
        weir_json_shape_release(&found.shapes[i]);
    free(found.shapes);
    return code;
}
