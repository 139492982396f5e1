/* The table of `enrich`: from batches, into a plan and out of one, from beside it.
 *
 *   {"table": {"blob": N}, "whole": true}
 *
 * The blob is an Arrow stream: of all rows, or ("whole" false) of none, for its columns. */
#include "base/descriptor.h"
#include "stage/enrich_private.h"
#include "stage/options.h"
#include "stream/reader.h"
#include "stream/writer.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a plan may bring, unpacked: more than any table that is put into one. */
enum { RESTORED_LIMIT = 16 * WEIR_ENRICH_EMBEDDED };

void weir_enrich_forget_table(struct enrich *self)
{
    weir_join_free(self->join);
    self->join = NULL;
    weir_batch_release(&self->rows);
    weir_schema_release(&self->schema);
    for (size_t i = 0; self->left && i < weir_option_items(self->on); i++)
        free(self->left[i]);
    free(self->left);
    free(self->keys);
    free(self->left_time);
    self->left = NULL;
    self->keys = NULL;
    self->left_time = NULL;
    self->known = self->present = self->given = false;
}

/* NAME on both sides, or STREAM=TABLE: the first sign that has a column of the table behind it. The table's column, and
 * the name in the stream. */
static int split(const struct weir_schema *table, const char *text, char **left, struct weir_error *error)
{
    int column = weir_schema_find(table, text);
    size_t length = strlen(text);
    for (const char *sign = strchr(text, '='); column < 0 && sign; sign = strchr(sign + 1, '=')) {
        column = weir_schema_find(table, sign + 1);
        length = (size_t)(sign - text);
    }
    if (column < 0) {
        const char *sign = strchr(text, '=');
        weir_schema_require(table, sign ? sign + 1 : text, error);
        return weir_fail_in(error, "the table");
    }
    *left = weir_duplicate_bytes(text, length);
    return *left ? column : weir_fail_memory(error);
}

/* Finds the key columns and the time of the table. */
static int resolve(struct enrich *self, struct weir_error *error)
{
    size_t count = weir_option_items(self->on);
    self->keys = weir_allocate(count, sizeof *self->keys);
    self->left = weir_allocate_zero(count, sizeof *self->left);
    if (!self->keys || !self->left)
        return weir_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        self->keys[i] = split(&self->schema, weir_option_item(self->on, i), &self->left[i], error);
        if (self->keys[i] < 0)
            return weir_fail_in(error, "--on");
        for (size_t j = 0; j < i; j++)
            if (self->keys[j] == self->keys[i])
                return weir_fail(error, WEIR_USAGE, "--on names the table's column %s twice",
                                 WEIR_SHOW(self->schema.fields[self->keys[i]].name));
    }
    self->side = (struct weir_join_side){ &self->schema, self->keys, (int)count, -1 };
    if (self->as_of) {
        self->side.time = split(&self->schema, self->as_of, &self->left_time, error);
        if (self->side.time < 0)
            return weir_fail_in(error, "--as-of");
    }
    self->known = weir_join_check_table(&self->side, error) == 0;
    return self->known ? 0 : -1;
}

static int make_index(struct enrich *self, struct weir_error *error)
{
    const struct weir_join_options options = { self->keep, self->numbers, self->no_values };
    return weir_join_new(&self->join, &self->side, &self->rows, &options, error);
}

static int take_columns(struct enrich *self, const struct weir_schema *schema, struct weir_error *error)
{
    weir_enrich_forget_table(self);
    for (int i = 0; i < schema->count; i++)
        if (!weir_schema_add_copy(&self->schema, &schema->fields[i]))
            return weir_fail_memory(error);
    return resolve(self, error);
}

int weir_enrich_give_columns(struct weir_stage *stage, const struct weir_schema *schema, struct weir_error *error)
{
    return take_columns(stage->state, schema, error);
}

int weir_enrich_give(struct weir_stage *stage, const struct weir_schema *schema, struct weir_batch *parts, size_t count,
                     bool no_values, struct weir_error *error)
{
    struct enrich *self = stage->state;
    int result = take_columns(self, schema, error);
    if (result == 0)
        result = weir_batch_concatenate(&self->rows, parts, (int)count, &self->schema, error);
    for (size_t i = 0; i < count; i++)
        weir_batch_release(&parts[i]);
    self->no_values = no_values;
    self->present = result == 0;
    return result == 0 ? make_index(self, error) : -1;
}

/* ---- Into the plan and back --------------------------------------------------------------------------------- */

bool weir_enrich_is_whole(const struct enrich *self)
{
    return self->present && !self->given && weir_batch_bytes(&self->rows) <= WEIR_ENRICH_EMBEDDED;
}

static int write_table(const struct enrich *self, int descriptor, struct weir_error *error)
{
    struct weir_writer *writer = NULL;
    int result = weir_writer_open(&writer, descriptor, &self->schema, NULL, error);
    if (result == 0)
        result = weir_writer_start(writer, error);
    if (result == 0 && weir_enrich_is_whole(self) && self->rows.rows > 0)
        result = weir_writer_write(writer, &self->rows, error);
    if (result == 0)
        result = weir_writer_finish(writer, error);
    weir_writer_free(writer);
    return result;
}

/* What a plan holds is small: it is written in memory, and no folder for temporary files need be there. */
static int table_bytes(const struct enrich *self, struct weir_buffer *out, struct weir_error *error)
{
    int descriptor = memfd_create("weir", MFD_CLOEXEC);
    if (descriptor < 0)
        descriptor = weir_temporary_file(error); /* a kernel that has none */
    if (descriptor < 0)
        return -1;
    int result = write_table(self, descriptor, error);
    off_t size = result == 0 ? lseek(descriptor, 0, SEEK_CUR) : 0;
    if (result == 0 && (weir_buffer_reserve(out, (size_t)size) < 0 || size < 0))
        result = weir_fail_memory(error);
    if (result == 0 && weir_read_at(descriptor, out->bytes, (size_t)size, 0) != size)
        result = weir_fail_errno(error, WEIR_IO, "a temporary file");
    out->size = result == 0 ? (size_t)size : 0;
    close(descriptor);
    return result;
}

int weir_enrich_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    const struct enrich *self = stage->state;
    struct weir_buffer bytes = { 0 };
    if (!self->known)
        return weir_fail(error, WEIR_BUG, "'enrich' has no table");
    if (table_bytes(self, &bytes, error) < 0) {
        weir_buffer_release(&bytes);
        return -1;
    }
    json_t *reference = weir_blobs_add(blobs, bytes.bytes, bytes.size);
    weir_buffer_release(&bytes);
    *state = reference ? json_pack("{s:o, s:b}", "table", reference, "whole", weir_enrich_is_whole(self)) : NULL;
    return *state ? 0 : weir_fail_memory(error);
}

struct parts {
    struct weir_batch *items;
    size_t count, capacity, bytes;
};

static int read_parts(struct weir_reader *reader, struct parts *parts, struct weir_error *error)
{
    struct weir_batch batch = { 0 };
    int got;
    while ((got = weir_reader_next(reader, &batch, error)) > 0) {
        void *items = parts->items;
        if (weir_grow(&items, &parts->capacity, parts->count + 1, sizeof *parts->items) < 0) {
            got = weir_fail_memory(error);
            break;
        }
        parts->items = items;
        /* A row counts for more than its values: a column of nulls is without bytes on the way. */
        parts->bytes += weir_batch_bytes(&batch) + (size_t)batch.rows * 8;
        parts->items[parts->count++] = batch;
        batch = (struct weir_batch){ 0 };
        if (parts->bytes > RESTORED_LIMIT) {
            got = weir_fail(error, WEIR_BAD_DATA, "its table is larger than any that a plan holds");
            break;
        }
    }
    weir_batch_release(&batch);
    return got;
}

static int restore_rows(struct enrich *self, const struct weir_buffer *blob, bool whole, struct weir_error *error)
{
    const struct weir_reader_options options = { .name = "its table" };
    struct weir_reader *reader = NULL;
    struct parts parts = { 0 };
    int result = weir_reader_open_memory(&reader, blob->bytes ? blob->bytes : "", blob->size, &options, error);
    if (result == 0)
        result = take_columns(self, weir_reader_schema(reader), error);
    if (result == 0)
        result = read_parts(reader, &parts, error);
    /* Joining copies: nothing points into the blob afterwards. */
    if (result == 0 && whole) {
        result = weir_batch_concatenate(&self->rows, parts.items, (int)parts.count, &self->schema, error);
        self->present = result == 0;
    } else if (result == 0 && parts.count > 0) {
        result = weir_fail(error, WEIR_BAD_DATA, "its table has rows where it should have none");
    }
    for (size_t i = 0; i < parts.count; i++)
        weir_batch_release(&parts.items[i]);
    free(parts.items);
    weir_reader_free(reader);
    return result == 0 && whole ? make_index(self, error) : result;
}

int weir_enrich_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                        struct weir_error *error)
{
    struct enrich *self = stage->state;
    const json_t *whole = json_object_get(state, "whole");
    const struct weir_buffer *blob = weir_blobs_find(blobs, json_object_get(state, "table"), error);
    if (!blob)
        return -1;
    if (!json_is_boolean(whole))
        return weir_fail(error, WEIR_BAD_DATA, "it does not say whether its table is whole");
    int result = restore_rows(self, blob, json_is_true(whole), error);
    if (result < 0 && error && error->status == WEIR_USAGE)
        error->status = WEIR_BAD_DATA;
    return result;
}

/* ---- Beside the plan ---------------------------------------------------------------------------------------- */

static bool same_type(const struct weir_type *a, const struct weir_type *b)
{
    const struct weir_type *x = a->kind == WEIR_DICTIONARY ? &a->children[0].type : a;
    const struct weir_type *y = b->kind == WEIR_DICTIONARY ? &b->children[0].type : b;
    return weir_type_equal(x, y);
}

/* The columns that were there before, in their order, and with their types. */
static int align(const struct enrich *self, const struct weir_named_table *table, struct weir_batch *rows,
                 struct weir_error *error)
{
    if (weir_batch_init(rows, self->schema.count, table->rows.rows) < 0)
        return weir_fail_memory(error);
    for (int i = 0; i < self->schema.count; i++) {
        const struct weir_field *field = &self->schema.fields[i];
        int at = weir_schema_require(&table->schema, field->name, error);
        if (at < 0)
            return weir_fail_in(error, "the table %s", WEIR_SHOW(self->name));
        const struct weir_type *type = &table->schema.fields[at].type;
        if (!same_type(&field->type, type)) {
            struct weir_buffer text = { 0 };
            weir_type_describe(type, &text);
            weir_buffer_string(&text, " here and was ");
            weir_type_describe(&field->type, &text);
            weir_fail(error, WEIR_BAD_DATA, "the table %s: column %s is %s", WEIR_SHOW(self->name),
                      WEIR_SHOW(field->name), text.failed ? "of another type" : text.bytes);
            weir_buffer_release(&text);
            return -1;
        }
    }
    return 0;
}

static int fill(struct enrich *self, const struct weir_named_table *table, struct weir_batch *rows,
                struct weir_error *error)
{
    for (int i = 0; i < self->schema.count; i++) {
        struct weir_field *field = &self->schema.fields[i];
        int at = weir_schema_find(&table->schema, field->name);
        struct weir_type type = { 0 };
        if (weir_column_share(&rows->columns[i], &table->rows.columns[at]) < 0 ||
            weir_type_copy(&type, &table->schema.fields[at].type) < 0)
            return weir_fail_memory(error);
        weir_type_release(&field->type);
        field->type = type;
    }
    return 0;
}

int weir_enrich_supply(struct weir_stage *stage, const struct weir_named_tables *tables, struct weir_error *error)
{
    struct enrich *self = stage->state;
    const struct weir_named_table *table = NULL;
    for (size_t i = 0; i < tables->count && !table; i++)
        if (strcmp(tables->items[i].name, self->name) == 0)
            table = &tables->items[i];
    if (!table)
        return 0;
    struct weir_batch rows = { 0 };
    if (align(self, table, &rows, error) < 0 || fill(self, table, &rows, error) < 0) {
        weir_batch_release(&rows);
        return -1;
    }
    weir_join_free(self->join);
    self->join = NULL;
    weir_batch_release(&self->rows);
    self->rows = rows;
    self->present = self->given = true;
    self->no_values = tables->no_values;
    return make_index(self, error);
}

int weir_enrich_wanted(const struct weir_plan *plan, const char *name, struct weir_schema *columns,
                       struct weir_buffer *names, struct weir_error *error)
{
    int result = 0;
    for (size_t i = 0; i < plan->count && result >= 0; i++) {
        if (strcmp(plan->steps[i].name, "enrich") != 0)
            continue;
        struct weir_stage *stage;
        if (weir_plan_stage(plan, i, &stage, error) < 0)
            return -1;
        const struct enrich *self = stage->state;
        weir_buffer_string(names, names->size ? ", " : "");
        weir_buffer_string(names, WEIR_SHOW(self->name));
        if (strcmp(self->name, name) == 0 && result == 1)
            result = weir_fail(error, WEIR_USAGE, "two steps of the plan have a table of the name %s", WEIR_SHOW(name));
        else if (strcmp(self->name, name) == 0)
            result = weir_schema_copy(columns, &self->schema) < 0 ? weir_fail_memory(error) : 1;
        weir_stage_free(stage);
    }
    return result;
}
