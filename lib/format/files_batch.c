#include "format/files_private.h"
#include <stdlib.h>
#include <string.h>

/* What is to become of a value that is not there. 1: the row is kept, 0: it is left out, -1: the message. */
static int judge(struct weir_table *table, const struct weir_files_piece *piece, const struct weir_files_row *row,
                 int column, const char *text, struct weir_error *error)
{
    const struct weir_files *files = table->state;
    const char *name = weir_feed_name(table->feed);
    int place = files->place[column];
    if (table->options->bad == WEIR_BAD_ERROR) {
        struct weir_buffer where = { 0 };
        if (table->options->no_values && !files->single)
            weir_buffer_format(&where, ": file %lld", (long long)table->rows_read + 1);
        else if (!files->single) {
            weir_buffer_string(&where, ": '");
            weir_buffer_escaped(&where, piece->bytes.bytes + row->path, row->path_length);
            weir_buffer_byte(&where, '\'');
        }
        weir_fail(error, WEIR_BAD_DATA, "%s%s: %s; --bad null or --bad drop would let it through", name,
                  where.bytes ? where.bytes : "", text);
        weir_buffer_release(&where);
        return -1;
    }
    table->contradictions[place]++;
    if (table->options->bad == WEIR_BAD_FLAG && table->flags[files->rows] == 0) {
        table->flags[files->rows] = place + 1;
        weir_buffer_append(&table->flag_words, text, strlen(text) + 1);
    }
    return table->options->bad != WEIR_BAD_DROP;
}

/* The row's label; as judge. */
static int take_label(struct weir_table *table, const struct weir_files_piece *piece, const struct weir_files_row *row,
                      struct weir_error *error)
{
    struct weir_files *files = table->state;
    const struct weir_label_from *from = table->options->label_from;
    const struct weir_type *type;
    const char *path = piece->bytes.bytes + row->path, *label = NULL;
    size_t length = 0;
    int64_t *found = &files->label_rows[files->rows];
    bool has_table = weir_label_from_column(from, &type);
    *found = has_table ? weir_label_from_row(from, path, row->path_length)
             : weir_label_from_find(from, path, row->path_length, &label, &length) ? 0
                                                                                   : -1;
    int kept = 1;
    if (*found < 0 && !files->no_label_needed)
        kept = judge(table, piece, row, WEIR_FILES_LABEL,
                     has_table ? "it has no label in the table of --label-from"
                               : "its path has no part that --label-from takes the label from",
                     error);
    if (kept <= 0 || has_table)
        return kept;
    if (*found < 0)
        weir_builder_null(&files->label);
    else
        weir_builder_text(&files->label, label, length);
    return 1;
}

static void take_content(struct weir_files *files, const struct weir_files_piece *piece, int index)
{
    const struct weir_files_row *row = &piece->rows[index];
    if (files->images) {
        uint8_t *pixels = files->pixels.block->bytes + (size_t)files->rows * files->image_bytes;
        if (row->failed)
            memset(pixels, 0, files->image_bytes);
        else
            memcpy(pixels, piece->images + (size_t)index * files->image_bytes, files->image_bytes);
        return;
    }
    if (row->failed)
        weir_builder_null(&files->text);
    else
        weir_builder_text(&files->text, piece->bytes.bytes + row->at, row->size);
    files->text_bytes += row->size;
}

int weir_files_take_row(struct weir_table *table, const struct weir_files_piece *piece, int index,
                        struct weir_error *error)
{
    struct weir_files *files = table->state;
    const struct weir_files_row *row = &piece->rows[index];
    int kept = 1;
    if (table->flags)
        table->flags[files->rows] = 0;
    if (row->failed)
        kept = judge(table, piece, row, WEIR_FILES_CONTENT, piece->messages.bytes + row->message, error);
    if (kept > 0 && files->place[WEIR_FILES_LABEL] >= 0)
        kept = take_label(table, piece, row, error);
    if (kept < 0)
        return -1;
    table->rows_read++;
    if (!kept) {
        table->rows_dropped++;
        return 0;
    }
    weir_builder_text(&files->path, piece->bytes.bytes + row->path, row->path_length);
    if (files->place[WEIR_FILES_CONTENT] >= 0)
        take_content(files, piece, index);
    files->present[files->rows++] = !row->failed;
    files->absent += row->failed;
    return 0;
}

int weir_files_begin_batch(struct weir_table *table, struct weir_error *error)
{
    struct weir_files *files = table->state;
    files->rows = files->absent = 0;
    files->text_bytes = 0;
    weir_buffer_clear(&table->flag_words);
    if (table->options->bad == WEIR_BAD_FLAG && !table->flags &&
        !(table->flags = weir_allocate_zero((size_t)files->capacity, sizeof *table->flags)))
        return weir_fail_memory(error);
    if (files->images && files->place[WEIR_FILES_CONTENT] >= 0 &&
        !weir_slice_new(&files->pixels, (size_t)files->capacity, files->image_bytes))
        return weir_fail_memory(error);
    return 0;
}

static int finish_image(struct weir_files *files, struct weir_column *column)
{
    if (weir_column_add_children(column, 1))
        return -1;
    column->rows = files->rows;
    if (files->absent) {
        uint8_t *bits = weir_slice_new(&column->validity, (size_t)(files->rows + 7) / 8, 1);
        if (!bits)
            return -1;
        memset(bits, 0, (size_t)(files->rows + 7) / 8);
        for (int64_t i = 0; i < files->rows; i++)
            bits[i / 8] |= (uint8_t)(files->present[i] << i % 8);
        column->null_count = files->absent;
    }
    files->pixels.size = (size_t)files->rows * files->image_bytes;
    column->children[0].rows = (int64_t)files->pixels.size;
    column->children[0].values = files->pixels;
    files->pixels = (struct weir_slice){ 0 };
    return 0;
}

int weir_files_finish_batch(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct weir_files *files = table->state;
    weir_batch_release(batch);
    if (weir_buffer_check(&table->flag_words, error))
        return -1;
    if (weir_batch_init(batch, table->schema.count, files->rows))
        return weir_fail_memory(error);
    struct weir_column all[WEIR_FILES_COLUMNS] = { 0 };
    int code = weir_builder_finish(&files->path, &all[WEIR_FILES_PATH], error);
    if (code == 0 && files->place[WEIR_FILES_LABEL] >= 0) {
        const struct weir_type *type;
        const struct weir_column *from = weir_label_from_column(table->options->label_from, &type);
        code = from ? weir_column_take(&all[WEIR_FILES_LABEL], from, type, files->label_rows, files->rows, error)
                    : weir_builder_finish(&files->label, &all[WEIR_FILES_LABEL], error);
    }
    if (code == 0 && files->place[WEIR_FILES_CONTENT] >= 0)
        code = !files->images ? weir_builder_finish(&files->text, &all[WEIR_FILES_CONTENT], error)
               : finish_image(files, &all[WEIR_FILES_CONTENT]) ? weir_fail_memory(error)
                                                               : 0;
    for (int i = 0; i < WEIR_FILES_COLUMNS; i++) {
        if (files->place[i] >= 0) {
            batch->columns[files->place[i]] = all[i];
            all[i] = (struct weir_column){ 0 };
        }
        weir_column_release(&all[i]);
    }
    return code;
}
