/* Files as rows: the pictures or the texts of a folder or of an archive, or a single picture. Columns: path, label when
 * it is asked for, and image, a tensor of uint8, or text. */
#include "base/lanes.h"
#include "format/fault.h"
#include "format/format.h"
#include "format/label_from.h"
#include "format/members.h"
#include "stream/utf8.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    LOOK_FILES = 100,       /* the first files decide what there is ... */
    LOOK_BYTES = 16 << 20,  /* ... or those within so many bytes */
    PIECE_ROWS = 16,        /* of work for one thread */
    PIECE_BYTES = 1 << 20,  /* of files in it, or one more file */
    PIECE_PIXELS = 4 << 20, /* bytes of pictures in it */
    PATH = 0,
    LABEL,
    CONTENT,
    COLUMNS
};

struct row {
    size_t path, path_length, at, size; /* places in the piece's bytes */
    const char *fault;                  /* why nothing is there to be decoded; a literal */
    bool failed;
    size_t message; /* in the piece's messages, when it failed */
};

/* Some files, and what one thread has made of them. */
struct piece {
    struct weir_buffer bytes, messages;
    struct row rows[PIECE_ROWS];
    int count;
    uint8_t *images;
    struct weir_image_decoder *decoder;
};

struct held {
    struct weir_member member; /* a copy, in one block that begins with the path */
    char *block;
};

struct files {
    struct weir_members *members;
    bool images, single;
    struct weir_image_reading reading;
    size_t image_bytes;
    int piece_rows;
    int64_t batch_rows;
    struct held *held; /* what was looked at before reading began */
    size_t held_count, held_capacity, held_at;
    int64_t passed_over; /* not of the kind that is read */
    struct piece *pieces;
    int piece_count;
    struct weir_lanes *lanes;
    int place[COLUMNS]; /* in the settled schema, or -1 */
    bool no_label_needed;
    /* the batch under way */
    struct weir_builder path, label, text;
    int64_t *label_rows;
    struct weir_slice pixels;
    bool *present; /* [capacity] of content */
    int64_t rows, capacity, absent;
    size_t text_bytes;
};

static bool files_sniff(const uint8_t *head, size_t size)
{
    return weir_members_sniff(head, size) || weir_image_sniff(head, size);
}

static bool ends_with_one(const char *path, size_t length, const char *const *endings)
{
    for (; *endings; endings++) {
        size_t size = strlen(*endings);
        if (length > size && strncasecmp(path + length - size, *endings, size) == 0)
            return true;
    }
    return false;
}

static bool is_picture(const struct weir_member *member)
{
    static const char *const endings[] = { ".jpg", ".jpeg", ".jpe",  ".jfif", ".png",  ".gif", ".webp", ".bmp",
                                           ".tif", ".tiff", ".heic", ".heif", ".avif", ".jxl", ".jp2",  NULL };
    return weir_image_sniff(member->bytes, member->size) || weir_image_foreign(member->bytes, member->size) ||
           ends_with_one(member->path, member->path_length, endings);
}

/* What reads as text and is meant as something else. */
static int refuse_tables(const struct weir_table *table, const struct weir_member *member, struct weir_error *error)
{
    static const char *const endings[] = { ".csv",     ".tsv",     ".jsonl", ".ndjson", ".npy",  ".arrow", ".arrows",
                                           ".parquet", ".feather", ".db",    ".sqlite", ".xlsx", NULL };
    const char *file = weir_feed_name(table->feed);
    if (strcmp(member->path, "[Content_Types].xml") == 0 || strcmp(member->path, "mimetype") == 0)
        return weir_fail(error, WEIR_BAD_DATA, "%s: this is an Office file: save the sheet as CSV", file);
    if (!ends_with_one(member->path, member->path_length, endings))
        return 0;
    struct weir_buffer shown = { 0 };
    weir_buffer_escaped(&shown, member->path, member->path_length);
    weir_fail(error, WEIR_BAD_DATA, "%s: it holds '%s', and is read for pictures and texts: unpack it, and load that",
              file, shown.failed || !shown.bytes ? "" : shown.bytes);
    weir_buffer_release(&shown);
    return -1;
}

/* ---- Looking at the first files ---- */

static int hold(struct files *files, const struct weir_member *member)
{
    if (weir_grow((void **)&files->held, &files->held_capacity, files->held_count + 1, sizeof *files->held))
        return -1;
    struct held *held = &files->held[files->held_count];
    held->member = *member;
    held->block = weir_allocate(member->path_length + 1 + member->size, 1);
    if (!held->block)
        return -1;
    memcpy(held->block, member->path, member->path_length + 1);
    memcpy(held->block + member->path_length + 1, member->bytes, member->size);
    held->member.path = held->block;
    held->member.bytes = (uint8_t *)held->block + member->path_length + 1;
    files->held_count++;
    return 0;
}

/* The size that --size, --like or else the first picture says. 1: it is known now, 0: it is not. */
static int settle_size(struct files *files, const struct weir_member *member)
{
    struct weir_image_reading *reading = &files->reading;
    if (reading->width == 0 && member &&
        weir_image_look(member->bytes, member->size, &reading->width, &reading->height, NULL) == 0)
        reading->exact = true;
    else if (reading->exact)
        return 1;
    return reading->width != 0;
}

static const struct weir_known *find_known(const struct weir_table *table, const char *name)
{
    const struct weir_known_list *known = table->options->known;
    for (size_t i = 0; known && i < known->count; i++)
        if (strcmp(known->items[i].name, name) == 0)
            return &known->items[i];
    return NULL;
}

/* A picture as the training data had it, where nothing else says how pictures are to be read. */
static void like_known(struct files *files, const struct weir_known *known)
{
    const struct weir_type *type = &known->type;
    if (files->reading.width || type->kind != WEIR_FIXED_LIST || type->rank < 2 || type->rank > 3 ||
        type->shape[0] > WEIR_IMAGE_SIDE || type->shape[1] > WEIR_IMAGE_SIDE || type->shape[0] < 1 ||
        type->shape[1] < 1)
        return;
    files->reading.height = (int)type->shape[0];
    files->reading.width = (int)type->shape[1];
    files->reading.gray |= type->rank == 2;
    files->reading.exact = true;
}

static int look(struct weir_table *table, struct files *files, struct weir_error *error)
{
    struct weir_member member;
    size_t bytes = 0;
    int code = 1;
    const struct weir_known *image = find_known(table, "image");
    if (image)
        like_known(files, image);
    files->images = files->single || image;
    bool texts = !files->images && find_known(table, "text"), sized = settle_size(files, NULL);
    while (files->held_count < LOOK_FILES && bytes < LOOK_BYTES && !(texts && files->held_count) &&
           !(files->images && sized && files->held_count)) {
        if ((code = weir_members_next(files->members, &member, error)) <= 0)
            break;
        if (hold(files, &member))
            return weir_fail_memory(error);
        bytes += member.size;
        if (!texts && is_picture(&member)) {
            files->images = true;
            sized = settle_size(files, &member);
        }
    }
    const char *name = weir_feed_name(table->feed);
    if (code < 0)
        return -1;
    if (files->held_count == 0)
        return weir_fail(error, WEIR_BAD_DATA, "%s: it holds no pictures and no texts", name);
    if (files->images && !sized)
        return weir_fail(error, WEIR_BAD_DATA,
                         "%s: no picture that can be read is there to tell the size; --size would", name);
    return files->images ? 0 : refuse_tables(table, &files->held[0].member, error);
}

/* ---- Opening ---- */

static int add_content(struct weir_table *table, struct files *files, struct weir_error *error)
{
    const struct weir_image_reading *reading = &files->reading;
    struct weir_field *field = weir_schema_add(&table->schema, files->images ? "image" : "text", WEIR_UTF8);
    if (!field)
        return weir_fail_memory(error);
    if (!files->images)
        return 0;
    files->image_bytes = (size_t)reading->width * (size_t)reading->height * (reading->gray ? 1 : 3);
    if (files->image_bytes > WEIR_IMAGE_VALUES)
        return weir_fail(error, WEIR_BAD_DATA,
                         "%s: pictures of %d x %d are larger than a row may be; --size would make them smaller",
                         weir_feed_name(table->feed), reading->width, reading->height);
    const int64_t shape[] = { reading->height, reading->width, 3 };
    return weir_field_make_tensor(field, WEIR_UINT8, (int32_t)files->image_bytes, reading->gray ? 2 : 3, shape)
               ? weir_fail_memory(error)
               : 0;
}

static int check_known(const struct weir_table *table, struct weir_error *error)
{
    struct weir_known *known[COLUMNS] = { 0 };
    if (weir_known_match(table, known, error))
        return -1;
    for (int i = 0; i < table->schema.count; i++)
        if (known[i] && known[i]->given && !weir_type_equal(&known[i]->type, &table->schema.fields[i].type))
            return weir_fail(error, WEIR_USAGE,
                             "option '--types': the column '%s' is made from files, and has its type",
                             table->schema.fields[i].name);
    return 0;
}

static int files_open(struct weir_table *table, struct weir_error *error)
{
    const struct weir_format_options *options = table->options;
    const uint8_t *head;
    size_t size;
    struct files *files = table->state = weir_allocate_zero(1, sizeof *files);
    if (!files)
        return weir_fail_memory(error);
    files->reading = options->image;
    for (size_t i = 0; options->known && i < options->known->count; i++)
        files->no_label_needed |= options->known->items[i].like;
    if (weir_feed_peek(table->feed, 512, &head, &size, error))
        return -1;
    files->single = weir_feed_folder(table->feed) < 0 && !weir_members_sniff(head, size);
    const struct stat *leave_out = options->label_from ? weir_label_from_file(options->label_from) : NULL;
    if (weir_members_open(&files->members, table->feed, leave_out, error) || look(table, files, error))
        return -1;
    struct weir_field *path = weir_schema_add(&table->schema, "path", WEIR_UTF8);
    if (!path)
        return weir_fail_memory(error);
    path->role = WEIR_ID;
    path->nullable = false;
    if (options->label_from) {
        const struct weir_type *type = NULL;
        weir_label_from_column(options->label_from, &type);
        struct weir_field *label = weir_schema_add(&table->schema, "label", WEIR_UTF8);
        if (!label)
            return weir_fail_memory(error);
        label->role = WEIR_LABEL;
        if (type) {
            weir_type_release(&label->type);
            if (weir_type_copy(&label->type, type))
                return weir_fail_memory(error);
        }
    }
    return add_content(table, files, error) || check_known(table, error) ? -1 : 0;
}

/* ---- Reading, side by side ---- */

static int next_member(struct files *files, struct weir_member *member, struct weir_error *error)
{
    if (files->held_at < files->held_count) {
        if (files->held_at)
            free(files->held[files->held_at - 1].block);
        if (files->held_at)
            files->held[files->held_at - 1].block = NULL;
        *member = files->held[files->held_at++].member;
        return 1;
    }
    return weir_members_next(files->members, member, error);
}

static int fill(void *context, void *target, struct weir_error *error)
{
    struct files *files = context;
    struct piece *piece = target;
    weir_buffer_clear(&piece->bytes);
    weir_buffer_clear(&piece->messages);
    piece->count = 0;
    while (piece->count < files->piece_rows && piece->bytes.size < PIECE_BYTES) {
        struct weir_member member;
        int code = next_member(files, &member, error);
        if (code < 0)
            return -1;
        if (code == 0)
            break;
        if (files->images && !files->single && !is_picture(&member)) {
            files->passed_over++;
            continue;
        }
        struct row *row = &piece->rows[piece->count++];
        *row = (struct row){ .path = piece->bytes.size, .path_length = member.path_length, .fault = member.fault };
        weir_buffer_append(&piece->bytes, member.path, member.path_length);
        row->at = piece->bytes.size;
        row->size = member.size;
        weir_buffer_append(&piece->bytes, member.bytes, member.size);
        if (weir_buffer_check(&piece->bytes, error))
            return -1;
    }
    return piece->count > 0;
}

static void fail_row(struct piece *piece, struct row *row, const char *text)
{
    row->failed = true;
    row->message = piece->messages.size;
    weir_buffer_append(&piece->messages, text, strlen(text) + 1);
}

static void check_text(struct piece *piece, struct row *row)
{
    const char *text = piece->bytes.bytes + row->at;
    if (row->size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
        row->at += 3;
        row->size -= 3;
        text += 3;
    }
    if (memchr(text, 0, row->size))
        fail_row(piece, row, "it holds a NUL byte");
    else if (!weir_is_utf8(text, row->size))
        fail_row(piece, row, "it " WEIR_NOT_UTF8);
}

static void work(void *context, void *target)
{
    const struct files *files = context;
    struct piece *piece = target;
    if (files->place[CONTENT] < 0)
        return;
    for (int i = 0; i < piece->count; i++) {
        struct row *row = &piece->rows[i];
        struct weir_error error = { 0 };
        if (row->fault)
            fail_row(piece, row, row->fault);
        else if (!files->images)
            check_text(piece, row);
        else if (weir_image_decode(piece->decoder, &files->reading, (uint8_t *)piece->bytes.bytes + row->at, row->size,
                                   piece->images + (size_t)i * files->image_bytes, &error))
            fail_row(piece, row, error.text);
    }
}

static int files_start(struct weir_table *table, const int *wanted, struct weir_error *error)
{
    struct files *files = table->state;
    int label = table->options->label_from ? 1 : -1;
    for (int i = 0; i < COLUMNS; i++)
        files->place[i] = -1;
    const struct weir_type utf8 = { .kind = WEIR_UTF8 };
    for (int i = 0; i < table->schema.count; i++)
        files->place[wanted[i] == 0 ? PATH : wanted[i] == label ? LABEL : CONTENT] = i;
    files->piece_rows = PIECE_ROWS;
    files->batch_rows = WEIR_BATCH_BYTES / 64;
    if (files->images) {
        size_t rows = PIECE_PIXELS / files->image_bytes;
        files->piece_rows = rows < 1 ? 1 : rows < PIECE_ROWS ? (int)rows : PIECE_ROWS;
        files->batch_rows = WEIR_BATCH_BYTES / (int64_t)files->image_bytes;
        files->batch_rows = files->batch_rows < 1 ? 1 : files->batch_rows;
    }
    files->capacity = files->batch_rows + files->piece_rows;
    files->label_rows = weir_allocate((size_t)files->capacity, sizeof *files->label_rows);
    files->present = weir_allocate((size_t)files->capacity, sizeof *files->present);
    int threads = weir_lanes_threads(table->options->threads);
    files->piece_count = threads * WEIR_LANES_PIECES;
    files->pieces = weir_allocate_zero((size_t)files->piece_count, sizeof *files->pieces);
    if (!files->label_rows || !files->present || !files->pieces || weir_builder_init(&files->path, &utf8) ||
        weir_builder_init(&files->label, &utf8) || weir_builder_init(&files->text, &utf8))
        return weir_fail_memory(error);
    for (int i = 0; i < files->piece_count && files->images; i++) {
        files->pieces[i].decoder = weir_image_decoder_new();
        files->pieces[i].images = weir_allocate((size_t)files->piece_rows, files->image_bytes);
        if (!files->pieces[i].decoder || !files->pieces[i].images)
            return weir_fail_memory(error);
    }
    const struct weir_lanes_work lanes = { files, fill, work };
    return weir_lanes_new(&files->lanes, &lanes, files->pieces, sizeof *files->pieces, files->piece_count, threads,
                          error);
}

/* ---- Handing out, in order ---- */

/* What is to become of a value that is not there. 1: the row is kept, 0: it is left out, -1: the message. */
static int judge(struct weir_table *table, const struct piece *piece, const struct row *row, int column,
                 const char *text, struct weir_error *error)
{
    const struct files *files = table->state;
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
    if (table->options->bad == WEIR_BAD_FLAG)
        table->flags[files->rows] = place + 1;
    return table->options->bad != WEIR_BAD_DROP;
}

/* The row's label; as judge. */
static int take_label(struct weir_table *table, const struct piece *piece, const struct row *row,
                      struct weir_error *error)
{
    struct files *files = table->state;
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
        kept = judge(table, piece, row, LABEL,
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

/* One row into the batch. */
static int take_row(struct weir_table *table, const struct piece *piece, int index, struct weir_error *error)
{
    struct files *files = table->state;
    const struct row *row = &piece->rows[index];
    int kept = 1;
    if (table->flags)
        table->flags[files->rows] = 0;
    if (row->failed)
        kept = judge(table, piece, row, CONTENT, piece->messages.bytes + row->message, error);
    if (kept > 0 && files->place[LABEL] >= 0)
        kept = take_label(table, piece, row, error);
    if (kept < 0)
        return -1;
    table->rows_read++;
    if (!kept) {
        table->rows_dropped++;
        return 0;
    }
    const char *bytes = piece->bytes.bytes;
    weir_builder_text(&files->path, bytes + row->path, row->path_length);
    if (files->images && files->place[CONTENT] >= 0) {
        uint8_t *pixels = files->pixels.block->bytes + (size_t)files->rows * files->image_bytes;
        if (row->failed)
            memset(pixels, 0, files->image_bytes);
        else
            memcpy(pixels, piece->images + (size_t)index * files->image_bytes, files->image_bytes);
    } else if (row->failed)
        weir_builder_null(&files->text);
    else
        weir_builder_text(&files->text, bytes + row->at, row->size);
    files->text_bytes += files->images ? 0 : row->size;
    files->present[files->rows++] = !row->failed;
    files->absent += row->failed;
    return 0;
}

static int begin_batch(struct weir_table *table, struct files *files, struct weir_error *error)
{
    files->rows = files->absent = 0;
    files->text_bytes = 0;
    if (table->options->bad == WEIR_BAD_FLAG && !table->flags &&
        !(table->flags = weir_allocate_zero((size_t)files->capacity, sizeof *table->flags)))
        return weir_fail_memory(error);
    if (files->images && !weir_slice_new(&files->pixels, (size_t)files->capacity, files->image_bytes))
        return weir_fail_memory(error);
    return 0;
}

static int finish_image(struct files *files, struct weir_column *column)
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

static int finish_batch(const struct weir_table *table, struct files *files, struct weir_batch *batch,
                        struct weir_error *error)
{
    weir_batch_release(batch);
    if (weir_batch_init(batch, table->schema.count, files->rows))
        return weir_fail_memory(error);
    struct weir_column all[COLUMNS] = { 0 };
    int code = weir_builder_finish(&files->path, &all[PATH], error);
    if (code == 0 && files->place[LABEL] >= 0) {
        const struct weir_type *type;
        const struct weir_column *from = weir_label_from_column(table->options->label_from, &type);
        code = from ? weir_column_take(&all[LABEL], from, type, files->label_rows, files->rows, error)
                    : weir_builder_finish(&files->label, &all[LABEL], error);
    }
    if (code == 0 && files->images && files->place[CONTENT] >= 0)
        code = finish_image(files, &all[CONTENT]) ? weir_fail_memory(error) : 0;
    else if (code == 0)
        code = weir_builder_finish(&files->text, &all[CONTENT], error);
    for (int i = 0; i < COLUMNS; i++) {
        if (files->place[i] >= 0) {
            batch->columns[files->place[i]] = all[i];
            all[i] = (struct weir_column){ 0 };
        }
        weir_column_release(&all[i]);
    }
    return code;
}

static int files_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct files *files = table->state;
    int code = begin_batch(table, files, error) ? -1 : 1;
    while (code > 0 && files->rows < files->batch_rows && files->text_bytes < WEIR_BATCH_BYTES) {
        void *target;
        if ((code = weir_lanes_next(files->lanes, &target, error)) <= 0)
            break;
        struct piece *piece = target;
        if (weir_buffer_check(&piece->messages, error))
            code = -1;
        for (int i = 0; i < piece->count && code > 0; i++)
            if (take_row(table, piece, i, error))
                code = -1;
    }
    if (code >= 0 && files->rows)
        return finish_batch(table, files, batch, error) ? -1 : 1;
    if (code == 0) {
        table->links = weir_members_links(files->members);
        table->passed_over = weir_members_others(files->members) + files->passed_over;
    }
    return code;
}

static void files_close(struct weir_table *table)
{
    struct files *files = table->state;
    if (!files)
        return;
    weir_lanes_free(files->lanes);
    for (int i = 0; i < files->piece_count && files->pieces; i++) {
        weir_buffer_release(&files->pieces[i].bytes);
        weir_buffer_release(&files->pieces[i].messages);
        weir_image_decoder_free(files->pieces[i].decoder);
        free(files->pieces[i].images);
    }
    free(files->pieces);
    for (size_t i = 0; i < files->held_count; i++)
        free(files->held[i].block);
    free(files->held);
    weir_members_free(files->members);
    weir_builder_release(&files->path);
    weir_builder_release(&files->label);
    weir_builder_release(&files->text);
    weir_block_unref(files->pixels.block);
    free(files->label_rows);
    free(files->present);
    free(files);
}

const struct weir_format weir_format_files = {
    .name = "files",
    .sniff = files_sniff,
    .open = files_open,
    .start = files_start,
    .next = files_next,
    .close = files_close,
};
