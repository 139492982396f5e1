/* Files as rows: the pictures or the texts of a folder or of an archive, or a single picture. Columns: path, label when
 * it is asked for, and image, a tensor of uint8, or text. */
#include "format/files_private.h"
#include <stdlib.h>
#include <string.h>

enum {
    LOOK_FILES = 100,      /* the first files decide what there is ... */
    LOOK_BYTES = 16 << 20, /* ... or those within so many bytes */
};

static bool files_sniff(const uint8_t *head, size_t size)
{
    return weir_members_sniff(head, size) || weir_image_sniff(head, size);
}

/* What reads as text and is meant as something else. */
static int refuse_tables(const struct weir_table *table, const struct weir_member *member, struct weir_error *error)
{
    static const char *const endings[] = { ".csv",     ".tsv",     ".jsonl", ".ndjson", ".npy",  ".arrow", ".arrows",
                                           ".parquet", ".feather", ".db",    ".sqlite", ".xlsx", NULL };
    const char *file = weir_feed_name(table->feed);
    if (strcmp(member->path, "[Content_Types].xml") == 0 || strcmp(member->path, "mimetype") == 0)
        return weir_fail(error, WEIR_BAD_DATA, "%s: this is an Office file: save the sheet as CSV", file);
    if (!weir_files_ends_with(member->path, member->path_length, endings))
        return 0;
    struct weir_buffer shown = { 0 };
    weir_buffer_escaped(&shown, member->path, member->path_length);
    weir_fail(error, WEIR_BAD_DATA, "%s: it holds '%s', and is read for pictures and texts: %s", file,
              shown.failed || !shown.bytes ? "" : shown.bytes,
              weir_feed_folder(table->feed) < 0 ? "unpack it, and load that" : "name the tables themselves");
    weir_buffer_release(&shown);
    return -1;
}

/* ---- Looking at the first files ---- */

static int hold(struct weir_files *files, const struct weir_member *member)
{
    if (weir_grow((void **)&files->held, &files->held_capacity, files->held_count + 1, sizeof *files->held))
        return -1;
    struct weir_files_held *held = &files->held[files->held_count];
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

/* The size that --size, --like or else the first picture says. 1: it is known now, 0: it is not, -1: out of memory. */
static int settle_size(struct weir_files *files, const struct weir_member *member, struct weir_error *error)
{
    struct weir_image_reading *reading = &files->reading;
    struct weir_error why = { 0 };
    if (reading->width == 0 && member) {
        reading->exact = weir_image_look(member->bytes, member->size, &reading->width, &reading->height, &why) == 0;
        if (why.status == WEIR_NO_MEMORY)
            return weir_fail_memory(error);
    }
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
static void like_known(struct weir_files *files, const struct weir_known *known)
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

static int look(struct weir_table *table, struct weir_files *files, struct weir_error *error)
{
    struct weir_member member;
    size_t bytes = 0;
    int code = 1;
    const struct weir_known *image = find_known(table, "image");
    if (image)
        like_known(files, image);
    files->images = files->single || image;
    bool texts = !files->images && find_known(table, "text");
    int sized = settle_size(files, NULL, error);
    while (files->held_count < LOOK_FILES && bytes < LOOK_BYTES && !(texts && files->held_count) &&
           !(files->images && sized && files->held_count)) {
        if ((code = weir_members_next(files->members, &member, error)) <= 0)
            break;
        if (hold(files, &member))
            return weir_fail_memory(error);
        bytes += member.size;
        if (!texts && weir_files_is_picture(&member)) {
            files->images = true;
            if ((sized = settle_size(files, &member, error)) < 0)
                return -1;
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

static int add_content(struct weir_table *table, struct weir_files *files, struct weir_error *error)
{
    const struct weir_image_reading *reading = &files->reading;
    struct weir_field *field = weir_schema_add(&table->schema, files->images ? "image" : "text", WEIR_UTF8);
    if (!field)
        return weir_fail_memory(error);
    if (!files->images && table->options->of_pictures)
        return weir_fail(error, WEIR_USAGE, "%s goes with pictures, and %s holds texts", table->options->of_pictures,
                         weir_feed_name(table->feed));
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

static int files_open(struct weir_table *table, struct weir_error *error)
{
    const struct weir_format_options *options = table->options;
    const uint8_t *head;
    size_t size;
    struct weir_files *files = table->state = weir_allocate_zero(1, sizeof *files);
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
    return add_content(table, files, error) || weir_known_check(table, error) ? -1 : 0;
}

/* ---- Reading ---- */

static int files_start(struct weir_table *table, const int *wanted, struct weir_error *error)
{
    struct weir_files *files = table->state;
    int label = table->options->label_from ? 1 : -1;
    for (int i = 0; i < WEIR_FILES_COLUMNS; i++)
        files->place[i] = -1;
    const struct weir_type utf8 = { .kind = WEIR_UTF8 };
    for (int i = 0; i < table->schema.count; i++)
        files->place[wanted[i] == 0 ? WEIR_FILES_PATH : wanted[i] == label ? WEIR_FILES_LABEL : WEIR_FILES_CONTENT] = i;
    files->piece_rows = WEIR_FILES_PIECE_ROWS;
    files->batch_rows = WEIR_BATCH_BYTES / 64;
    if (files->images) {
        size_t rows = WEIR_FILES_PIECE_PIXELS / files->image_bytes;
        files->piece_rows = rows < 1 ? 1 : rows < WEIR_FILES_PIECE_ROWS ? (int)rows : WEIR_FILES_PIECE_ROWS;
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
    const struct weir_lanes_work lanes = { files, weir_files_fill, weir_files_work };
    return weir_lanes_new(&files->lanes, &lanes, files->pieces, sizeof *files->pieces, files->piece_count, threads,
                          error);
}

static int files_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct weir_files *files = table->state;
    int code = weir_files_begin_batch(table, error) ? -1 : 1;
    while (code > 0 && files->rows < files->batch_rows && files->text_bytes < WEIR_BATCH_BYTES) {
        void *target;
        if ((code = weir_lanes_next(files->lanes, &target, error)) <= 0)
            break;
        struct weir_files_piece *piece = target;
        if (weir_buffer_check(&piece->messages, error))
            code = -1;
        for (int i = 0; i < piece->count && code > 0; i++)
            if (weir_files_take_row(table, piece, i, error))
                code = -1;
    }
    if (code >= 0 && files->rows)
        return weir_files_finish_batch(table, batch, error) ? -1 : 1;
    if (code == 0) {
        table->links = weir_members_links(files->members);
        table->passed_over = weir_members_others(files->members) + files->passed_over;
    }
    return code;
}

static void files_close(struct weir_table *table)
{
    struct weir_files *files = table->state;
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
