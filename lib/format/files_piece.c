#include "format/fault.h"
#include "format/files_private.h"
#include "format/image.h"
#include "stream/utf8.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool weir_files_ends_with(const char *path, size_t length, const char *const *endings)
{
    for (; *endings; endings++) {
        size_t size = strlen(*endings);
        if (length > size && strncasecmp(path + length - size, *endings, size) == 0)
            return true;
    }
    return false;
}

bool weir_files_is_picture(const struct weir_member *member)
{
    static const char *const endings[] = { ".jpg", ".jpeg", ".jpe",  ".jfif", ".png",  ".gif", ".webp", ".bmp",
                                           ".tif", ".tiff", ".heic", ".heif", ".avif", ".jxl", ".jp2",  NULL };
    return weir_image_sniff(member->bytes, member->size) || weir_image_foreign(member->bytes, member->size) ||
           weir_files_ends_with(member->path, member->path_length, endings);
}

static int next_member(struct weir_files *files, struct weir_member *member, struct weir_error *error)
{
    if (files->held_at < files->held_count) {
        if (files->held_at) {
            free(files->held[files->held_at - 1].block);
            files->held[files->held_at - 1].block = NULL;
        }
        *member = files->held[files->held_at++].member;
        return 1;
    }
    return weir_members_next(files->members, member, error);
}

int weir_files_fill(void *context, void *target, struct weir_error *error)
{
    struct weir_files *files = context;
    struct weir_files_piece *piece = target;
    weir_buffer_clear(&piece->bytes);
    weir_buffer_clear(&piece->messages);
    piece->count = 0;
    while (piece->count < files->piece_rows && piece->bytes.size < WEIR_FILES_PIECE_BYTES) {
        struct weir_member member;
        int code = next_member(files, &member, error);
        if (code < 0)
            return -1;
        if (code == 0)
            break;
        if (files->images && !files->single && !weir_files_is_picture(&member)) {
            files->passed_over++;
            continue;
        }
        struct weir_files_row *row = &piece->rows[piece->count++];
        *row = (struct weir_files_row){ .path = piece->bytes.size,
                                        .path_length = member.path_length,
                                        .fault = member.fault };
        weir_buffer_append(&piece->bytes, member.path, member.path_length);
        row->at = piece->bytes.size;
        row->size = member.size;
        weir_buffer_append(&piece->bytes, member.bytes, member.size);
        if (weir_buffer_check(&piece->bytes, error))
            return -1;
    }
    return piece->count > 0;
}

static void fail_row(struct weir_files_piece *piece, struct weir_files_row *row, const char *text)
{
    row->failed = true;
    row->message = piece->messages.size;
    weir_buffer_append(&piece->messages, text, strlen(text) + 1);
}

static void check_text(struct weir_files_piece *piece, struct weir_files_row *row)
{
    const char *text = piece->bytes.bytes + row->at;
    const char *wide = weir_format_wide_text((const uint8_t *)text, row->size);
    if (row->size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
        row->at += 3;
        row->size -= 3;
        text += 3;
    }
    if (wide)
        fail_row(piece, row, wide);
    else if (memchr(text, 0, row->size))
        fail_row(piece, row, "it holds a NUL byte");
    else if (!weir_is_utf8(text, row->size))
        fail_row(piece, row, "it " WEIR_NOT_UTF8);
}

void weir_files_work(void *context, void *target)
{
    const struct weir_files *files = context;
    struct weir_files_piece *piece = target;
    if (files->place[WEIR_FILES_CONTENT] < 0)
        return;
    for (int i = 0; i < piece->count; i++) {
        struct weir_files_row *row = &piece->rows[i];
        struct weir_error error = { 0 };
        if (row->fault)
            fail_row(piece, row, row->fault);
        else if (!files->images)
            check_text(piece, row);
        else if (weir_image_decode(piece->decoder, &files->reading, (uint8_t *)piece->bytes.bytes + row->at, row->size,
                                   piece->images + (size_t)i * files->image_bytes, &error)) {
            fail_row(piece, row, error.text);
            piece->messages.failed |= error.status == WEIR_NO_MEMORY; /* no fault of the picture's */
        }
    }
}
