/* Writing an Arrow IPC stream with Weir's marks: a checksum in each message, weir:end at the end, weir:error when it
 * fails. */
#ifndef WEIR_STREAM_WRITER_H
#define WEIR_STREAM_WRITER_H

#include "stream/batch.h"

struct weir_writer;

enum weir_compression { WEIR_UNCOMPRESSED, WEIR_LZ4, WEIR_ZSTD };

struct weir_writer_options {
    enum weir_compression compression; /* of the buffers, as Arrow has it */
};

/* Writes nothing yet; copies the schema. The descriptor stays the caller's. options may be NULL. */
int weir_writer_open(struct weir_writer **writer, int descriptor, const struct weir_schema *schema,
                     const struct weir_writer_options *options, struct weir_error *error);

/* Writes the schema now (otherwise the first batch does), so that a reader can go on. */
int weir_writer_start(struct weir_writer *writer, struct weir_error *error);

/* One batch becomes one or more record batches (a batch of more than 2^31 - 1 bytes in a column cannot be);
 * dictionaries are sent when they are new or have grown. A write error is WEIR_IO with errno's text; EPIPE too. */
int weir_writer_write(struct weir_writer *writer, const struct weir_batch *batch, struct weir_error *error);

/* weir:end and the end-of-stream marker. A writer that is freed without it leaves a stream that every Weir reader
 * refuses. */
int weir_writer_finish(struct weir_writer *writer, struct weir_error *error);

void weir_writer_free(struct weir_writer *writer); /* NULL is accepted */

/* Tells downstream that this stage failed, as weir-stream(5) says: an empty batch with weir:error (stage and message),
 * then bytes at which other readers fail. writer NULL or nothing yet written: a schema of no columns with the text goes
 * first. Best effort: errors of writing are left. `stage` is the stage that failed first. */
void weir_writer_fail(struct weir_writer *writer, int descriptor, const char *stage, const char *message);

#endif
