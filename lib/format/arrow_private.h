/* Within lib/format: Arrow's file format, for arrow.c. */
#ifndef WEIR_FORMAT_ARROW_PRIVATE_H
#define WEIR_FORMAT_ARROW_PRIVATE_H

#include "base/buffer.h"
#include "base/error.h"

/* A file as a stream: these pieces of it behind one another, and the mark of the end. */
struct weir_arrow_file {
    struct weir_buffer schema; /* the message that begins the stream, made from the footer */
    struct weir_piece {
        int64_t at, size;
    } * pieces; /* dictionaries, then batches, in the footer's order */
    size_t count;
};

/* Reads the footer of a file that can seek. 0 or -1; weir_arrow_file_release in both cases. */
int weir_arrow_file_read(struct weir_arrow_file *file, int descriptor, struct weir_error *error);
void weir_arrow_file_release(struct weir_arrow_file *file);

#endif
