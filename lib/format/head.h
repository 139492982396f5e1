/* The head of a text: what is read of it to learn its form before it is read in earnest. */
#ifndef WEIR_FORMAT_HEAD_H
#define WEIR_FORMAT_HEAD_H

#include "format/feed.h"

/* Bytes that may be read behind a text that is parsed many bytes at a time. */
enum { WEIR_TEXT_PADDING = 64 };

/* Starts as { 0 }. */
struct weir_head {
    char *bytes;     /* [size], followed by WEIR_TEXT_PADDING zeros */
    size_t size, at; /* at: the first byte that counts, behind a byte order mark */
    bool ended;      /* nothing follows; then the text ends with a newline, or is empty */
};

/* Reads on until there are `wanted` bytes or the end. */
int weir_head_read(struct weir_head *head, struct weir_feed *feed, size_t wanted, struct weir_error *error);
/* Gives the bytes from `at` on back to the feed. */
void weir_head_push(struct weir_head *head, struct weir_feed *feed);
void weir_head_release(struct weir_head *head);

#endif
