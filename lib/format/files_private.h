/* Within lib/format: files as rows, for files.c, files_piece.c and files_batch.c.
 *
 * Members are read one after the other into pieces, several threads make pictures or texts of them, and their rows are
 * handed out in order. */
#ifndef WEIR_FORMAT_FILES_PRIVATE_H
#define WEIR_FORMAT_FILES_PRIVATE_H

#include "base/lanes.h"
#include "format/format.h"
#include "format/label_from.h"
#include "format/members.h"

enum {
    WEIR_FILES_PIECE_ROWS = 16,        /* of work for one thread */
    WEIR_FILES_PIECE_BYTES = 1 << 20,  /* of files in it, or one more file */
    WEIR_FILES_PIECE_PIXELS = 4 << 20, /* bytes of pictures in it */
};

/* The columns that there may be. */
enum { WEIR_FILES_PATH, WEIR_FILES_LABEL, WEIR_FILES_CONTENT, WEIR_FILES_COLUMNS };

struct weir_files_row {
    size_t path, path_length, at, size; /* places in the piece's bytes */
    const char *fault;                  /* why nothing is there to be decoded; a literal */
    bool failed;
    size_t message; /* in the piece's messages, when it failed */
};

/* Some files, and what one thread has made of them. */
struct weir_files_piece {
    struct weir_buffer bytes, messages;
    struct weir_files_row rows[WEIR_FILES_PIECE_ROWS];
    int count;
    uint8_t *images;
    struct weir_image_decoder *decoder;
};

struct weir_files_held {
    struct weir_member member; /* a copy, in one block that begins with the path */
    char *block;
};

struct weir_files {
    struct weir_members *members;
    bool images, single;
    struct weir_image_reading reading;
    size_t image_bytes;
    int piece_rows;
    int64_t batch_rows;
    struct weir_files_held *held; /* what was looked at before reading began */
    size_t held_count, held_capacity, held_at;
    int64_t passed_over; /* not of the kind that is read */
    struct weir_files_piece *pieces;
    int piece_count;
    struct weir_lanes *lanes;
    int place[WEIR_FILES_COLUMNS]; /* in the settled schema, or -1 */
    bool no_label_needed;
    /* the batch under way */
    struct weir_builder path, label, text;
    int64_t *label_rows;
    struct weir_slice pixels;
    bool *present; /* [capacity] of content */
    int64_t rows, capacity, absent;
    size_t text_bytes;
};

/* Whether a path has one of the endings (NULL-ended), in any case of the letters. */
bool weir_files_ends_with(const char *path, size_t length, const char *const *endings);
/* By its content, or by its name. */
bool weir_files_is_picture(const struct weir_member *member);

/* files_piece.c: the next members into a piece, and what one thread makes of them (base/lanes.h). */
int weir_files_fill(void *context, void *piece, struct weir_error *error);
void weir_files_work(void *context, void *piece);

/* files_batch.c: pieces' rows into a batch of files->capacity at most. */
int weir_files_begin_batch(struct weir_table *table, struct weir_error *error);
int weir_files_take_row(struct weir_table *table, const struct weir_files_piece *piece, int index,
                        struct weir_error *error);
int weir_files_finish_batch(struct weir_table *table, struct weir_batch *batch, struct weir_error *error);

#endif
