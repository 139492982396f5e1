#include "format/rows.h"
#include "format/fault.h"
#include "format/text.h"
#include "stream/utf8.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 1 << 16 };

static int settle(struct weir_table *table, struct weir_field *field, const struct weir_type *wanted,
                  struct weir_error *error)
{
    if (weir_type_equal(&field->type, wanted))
        return 0;
    if (!weir_text_can_read(wanted)) {
        struct weir_buffer text = { 0 };
        weir_buffer_escaped(&text, field->name, strlen(field->name));
        weir_buffer_string(&text, "' cannot be read as ");
        weir_type_describe(wanted, &text);
        int code = text.failed
                       ? weir_fail_memory(error)
                       : weir_fail(error, WEIR_BAD_DATA, "%s: column '%s", weir_feed_name(table->feed), text.bytes);
        weir_buffer_release(&text);
        return code;
    }
    weir_type_release(&field->type);
    return weir_type_copy(&field->type, wanted) ? weir_fail_memory(error) : 0;
}

int weir_rows_settle(struct weir_table *table, struct weir_error *error)
{
    int count = table->schema.count;
    struct weir_known **known = weir_allocate_zero((size_t)count, sizeof *known);
    int code = known ? weir_known_match(table, known, error) : weir_fail_memory(error);
    for (int i = 0; i < count && code == 0; i++)
        if (known[i])
            code = settle(table, &table->schema.fields[i], &known[i]->type, error);
    free(known);
    return code;
}

int weir_rows_init(struct weir_rows *rows, struct weir_table *table, struct weir_error *error)
{
    const struct weir_schema *schema = &table->schema;
    const struct weir_known_list *list = table->options->known;
    struct weir_schema_index index;
    rows->table = table;
    rows->builders = weir_allocate_zero((size_t)schema->count, sizeof *rows->builders);
    rows->known = weir_allocate_zero((size_t)schema->count, sizeof *rows->known);
    if (!rows->builders || !rows->known || weir_schema_index_init(&index, schema))
        return weir_fail_memory(error);
    for (size_t i = 0; list && i < list->count; i++) {
        int column = weir_schema_index_find(&index, list->items[i].name);
        if (column >= 0)
            rows->known[column] = &list->items[i];
    }
    weir_schema_index_release(&index);
    for (; rows->count < schema->count; rows->count++)
        if (weir_builder_init(&rows->builders[rows->count], &schema->fields[rows->count].type))
            return weir_fail_memory(error);
    return 0;
}

void weir_rows_release(struct weir_rows *rows)
{
    for (int i = 0; i < rows->count; i++)
        weir_builder_release(&rows->builders[i]);
    free(rows->builders);
    free(rows->known);
    weir_buffer_release(&rows->drop);
    weir_buffer_release(&rows->flags);
    *rows = (struct weir_rows){ 0 };
}

int weir_rows_refuse(struct weir_rows *rows, int column, const char *text, size_t length, const char *what,
                     struct weir_error *error)
{
    struct weir_table *table = rows->table;
    const struct weir_format_options *options = table->options;
    if (options->bad == WEIR_BAD_ERROR) {
        const struct weir_field *field = &table->schema.fields[column];
        const struct weir_fault fault = { .file = weir_feed_name(table->feed),
                                          .line = table->rows_read + rows->rows + 1,
                                          .column = field->name,
                                          .type = &field->type,
                                          .text = text,
                                          .length = length,
                                          .what = what,
                                          .fixed = rows->known[column] && rows->known[column]->like,
                                          .no_value = options->no_values };
        return weir_fault_tell(&fault, error);
    }
    table->contradictions[column]++;
    rows->drop_row = options->bad == WEIR_BAD_DROP;
    if (rows->row_flag == 0)
        rows->row_flag = column + 1;
    weir_builder_null(&rows->builders[column]);
    return 0;
}

int weir_rows_text(struct weir_rows *rows, int column, const char *text, size_t length, struct weir_error *error)
{
    struct weir_builder *builder = &rows->builders[column];
    bool lenient = rows->known[column] && rows->known[column]->given;
    if (weir_is_missing(&rows->table->options->missing, text, length)) {
        weir_builder_null(builder);
        return 0;
    }
    if (builder->type.kind == WEIR_UTF8) {
        const char *what = memchr(text, 0, length)       ? "holds a NUL byte"
                           : !weir_is_utf8(text, length) ? WEIR_NOT_UTF8
                                                         : NULL;
        if (what)
            return weir_rows_refuse(rows, column, text, length, what, error);
        weir_builder_text(builder, text, length);
    } else if (!weir_text_append(builder, text, length, lenient))
        return weir_rows_refuse(rows, column, text, length, NULL, error);
    rows->bytes += length;
    return 0;
}

void weir_rows_end(struct weir_rows *rows)
{
    enum weir_bad bad = rows->table->options->bad;
    if (bad == WEIR_BAD_DROP)
        weir_buffer_byte(&rows->drop, rows->drop_row);
    else if (bad == WEIR_BAD_FLAG)
        weir_buffer_append(&rows->flags, &rows->row_flag, sizeof rows->row_flag);
    rows->drop_row = false;
    rows->row_flag = 0;
    rows->bytes += 8 * (size_t)rows->count;
    rows->rows++;
}

bool weir_rows_full(const struct weir_rows *rows)
{
    size_t wanted = rows->table->options->chunk;
    return rows->bytes >= (wanted ? wanted : WEIR_BATCH_BYTES) || rows->rows >= MOST_ROWS;
}

int weir_rows_finish(struct weir_rows *rows, struct weir_batch *batch, struct weir_error *error)
{
    struct weir_table *table = rows->table;
    weir_batch_release(batch);
    if (rows->rows == 0)
        return 0;
    if (weir_batch_init(batch, rows->count, rows->rows))
        return weir_fail_memory(error);
    for (int i = 0; i < rows->count; i++)
        if (weir_builder_finish(&rows->builders[i], &batch->columns[i], error))
            return -1;
    if (weir_buffer_check(&rows->drop, error) || weir_buffer_check(&rows->flags, error))
        return -1;
    if (rows->drop.size &&
        weir_format_drop(batch, &table->schema, (uint8_t *)rows->drop.bytes, &table->rows_dropped, error))
        return -1;
    weir_buffer_clear(&rows->drop);
    free(table->flags);
    table->flags = (int32_t *)(void *)rows->flags.bytes;
    rows->flags = (struct weir_buffer){ 0 };
    table->rows_read += rows->rows;
    rows->rows = 0;
    rows->bytes = 0;
    return 1;
}
