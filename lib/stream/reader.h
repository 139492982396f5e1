/* Reading an Arrow IPC stream (metadata V5, little-endian; https://arrow.apache.org/docs/format/Columnar.html).
 * Everything read is hostile until checked; the limits stand in weir-stream(5). */
#ifndef WEIR_STREAM_READER_H
#define WEIR_STREAM_READER_H

#include "stream/batch.h"

struct weir_reader;

struct weir_reader_options {
    const char *name;    /* for messages: "users.arrows" or "standard input" */
    bool accept_unended; /* a stream of another program's ends without weir:end: accepted when it carries no weir: key
                            at all (a foreign stream must then end with its end-of-stream marker); always so. true
                            accepts also a Weir stream without it (for `show` on a broken file) */
    /* A column of a type that nothing here handles is there, with all values missing (weir_type.refused), so that it
     * can be left out. Without it, it is an error. */
    bool accept_refused;
    /* Is given every byte that is read from the descriptor, once and in order, before it is used (to keep a stream that
     * cannot seek); NULL: nobody. Where they stand in a block, who keeps a reference to it has no need to copy them. 0,
     * or -1 with the message, which ends the reading. */
    int (*copy)(void *context, const struct weir_slice *bytes, struct weir_error *error);
    void *copy_context;
    /* [head_count] What was kept so: it is read before the descriptor, which may be -1 when that is all. Borrowed for
     * the reader's life. */
    const struct weir_slice *head;
    size_t head_count;
    int stop;     /* another descriptor: once it can be read from, a reading that waits fails; 0: none */
    bool checked; /* the stream is a copy of our own of one that was read to its end: its checksums were found right */
};

/* Takes over nothing: the descriptor stays the caller's. Reads up to the schema. An empty input is an error ("no input
 * at all"). A schema of a failed stage gives its error with error->upstream set. 0, or -1. */
int weir_reader_open(struct weir_reader **reader, int descriptor, const struct weir_reader_options *options,
                     struct weir_error *error);
/* A stream in memory that the caller keeps (a mapped file): columns point into it, no body is copied. It must outlive
 * every column. */
int weir_reader_open_memory(struct weir_reader **reader, const void *bytes, size_t size,
                            const struct weir_reader_options *options, struct weir_error *error);

/* Owned by the reader, unchanged for its whole life. */
const struct weir_schema *weir_reader_schema(const struct weir_reader *reader);

/* The next batch, of 0 rows or more. `batch` must be { 0 } or an earlier batch of this reader, which is released first.
 * Streams that follow one another on the descriptor are read as one when their schemas agree. 1 got one, 0 the clean
 * end (the end-of-stream marker, and for a Weir stream weir:end with the right count and checksum, were seen; at the
 * end of the descriptor), -1 error: cut, damaged, or weir:error from upstream. */
int weir_reader_next(struct weir_reader *reader, struct weir_batch *batch, struct weir_error *error);

int64_t weir_reader_rows(const struct weir_reader *reader);  /* handed out so far */
int64_t weir_reader_bytes(const struct weir_reader *reader); /* read so far */
void weir_reader_free(struct weir_reader *reader);           /* NULL is accepted; batches handed out stay valid */

#endif
