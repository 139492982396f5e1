/* Passages: a text cut into pieces of whole records, read one after the other. */
#ifndef WEIR_FORMAT_PASSAGE_H
#define WEIR_FORMAT_PASSAGE_H

#include "base/buffer.h"
#include "format/feed.h"

/* Whole records, the last with its newline, followed by WEIR_TEXT_PADDING bytes of 0. Starts as { 0 }. */
struct weir_passage {
    char *bytes;
    size_t size, capacity;
};
/* Room for `size` bytes, a newline and the padding. -1: out of memory. */
int weir_passage_reserve(struct weir_passage *passage, size_t size);
void weir_passage_release(struct weir_passage *passage);

/* What is the same for all passages of a text. */
struct weir_passages {
    struct weir_feed *feed; /* borrowed */
    void *context;
    /* How many of the first *size bytes are whole records; 0: there is none so far. When the text has ended there will
     * be no more: a newline may be added to it, bytes at its end left out (*size says how many there are), and what is
     * not counted as whole comes again with the next passage. */
    size_t (*whole)(void *context, char *text, size_t *size, bool ended);
    const char *advice;       /* stands behind the message about a record that is too long */
    struct weir_buffer carry; /* the unfinished record at the end of the passage before; owned */
};
/* The next passage, of `wanted` bytes unless a record is longer (up to WEIR_RECORD_LIMIT). 1 got one, 0 the end, -1. */
int weir_passages_next(struct weir_passages *passages, struct weir_passage *passage, size_t wanted,
                       struct weir_error *error);
void weir_passages_release(struct weir_passages *passages);

#endif
