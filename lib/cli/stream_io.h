/* What a program reads and writes: operands or standard input, standard output or -o. */
#ifndef WEIR_CLI_STREAM_IO_H
#define WEIR_CLI_STREAM_IO_H

#include "cli/program.h"
#include "stream/reader.h"
#include "stream/writer.h"
#include <sys/types.h>

/* The input: the operands from run->operands[first_operand] on, read one after the other as one stream; none, or `-`:
 * standard input. Input that does not begin with Arrow's FF FF FF FF goes through `load`, which is started in front
 * (found beside this program's own file, with the same prefix), with the role options and `--like LIKE` when that is
 * set. Pipes are peeked at without consuming (tee(2), MSG_PEEK). Files are read, never mapped: what has
 * been checked in a mapping can be changed under the reader by whoever may write the file. Role options
 * (--label ...) are applied to the schema (columns that had the role and are not named become features); --drop removes
 * columns. Nothing at all on standard input is an error (WEIR_NO_INPUT). */
struct weir_input;
struct weir_input_options {
    size_t first_operand;
    const char *like;                 /* passed to load as --like (a model or a stream) with --bad flag; NULL: none */
    const struct weir_strings *types; /* passed to load as --types: NAME=TYPE each; NULL: none */
    bool rewindable;     /* the input will be read more than once: what cannot seek is kept during the first pass, its
                            begin in memory and the rest in a temporary file */
    bool accept_broken;  /* show: hand out what there is of a broken stream */
    bool accept_refused; /* pick: columns of types that nothing here handles are there, without their values. The sink
                            takes none of them */
};
int weir_input_open(struct weir_input **input, struct weir_run *run, const struct weir_input_options *options,
                    struct weir_error *error);
const struct weir_schema *weir_input_schema(const struct weir_input *input);
int weir_input_next(struct weir_input *input, struct weir_batch *batch,
                    struct weir_error *error); /* as weir_reader_next */
int weir_input_rewind(
    struct weir_input *input,
    struct weir_error *error); /* back to the first batch; only when `rewindable`, after the clean end */
/* The input will be read once (more) and not again: nothing (more) is kept of it. To be called before the first batch,
 * or the first after a rewind. */
void weir_input_forget(struct weir_input *input);
int64_t weir_input_rows(const struct weir_input *input);
int64_t weir_input_size(const struct weir_input *input); /* bytes in all, or -1 when it is not known */
int64_t weir_input_bytes(const struct weir_input *input);
/* From another thread than the one that reads, which is to be waited for next: nothing more is wanted, and a reading of
 * a `rewindable` input that waits for a pipe fails. */
void weir_input_stop(struct weir_input *input);
/* The progress of reading: rows, and the share of the bytes where their number is known. */
void weir_input_step(const struct weir_input *input, struct weir_progress *progress, const char *extra);
/* The same of `rows` and `bytes`, where the input itself is already further. */
void weir_input_step_at(const struct weir_input *input, int64_t rows, int64_t bytes, struct weir_progress *progress,
                        const char *extra);
/* No more is wanted of the input. What a writer to our pipe has under way is read for a moment (at most 4 MiB, while
 * more comes within 20 ms), so that one who is just finishing is not ended by SIGPIPE, which `pipefail` would take for
 * a failure. */
void weir_input_leave(struct weir_input *input);
/* Waits for a `load` that was started; its failure is told here if the stream did not. A `load` whose stream was not
 * read to its end is ended. Frees the input; NULL is accepted. */
int weir_input_close(struct weir_input *input, struct weir_error *error);

/* Opens an operand for reading: `-` and /dev/stdin are standard input, /dev/fd/N that descriptor (not a file of that
 * name opened anew, which would wait for a writer that is gone); anything else a path. The descriptor is the caller's.
 * -1: the message (WEIR_NO_INPUT) names the operand. */
int weir_operand_open(const char *operand, struct weir_error *error);
/* The same, and a folder is no error: what becomes of it is load's business. */
int weir_operand_open_any(const char *operand, struct weir_error *error);
/* The run's operand was opened as this descriptor to be looked at, and is to be read as the input: a FIFO, which must
 * not be opened anew, becomes an operand that is the descriptor. 0 or -1. */
int weir_operand_keep(struct weir_run *run, size_t operand, int descriptor, struct weir_error *error);
/* Up to `size` first bytes from where the descriptor stands, which stay to be read; waits for them on a pipe. Their
 * number, 0 also where looking is not possible. */
ssize_t weir_operand_peek(int descriptor, void *bytes, size_t size);

/* The output: -o FILE, a terminal (a table preview instead of bytes) or standard output. Sets run->sink. The schema is
 * copied and sent at once, so that the next stage can begin. */
struct weir_sink;
int weir_sink_open(struct weir_sink **sink, struct weir_run *run, const struct weir_schema *schema,
                   struct weir_error *error);
int weir_sink_write(struct weir_sink *sink, const struct weir_batch *batch, struct weir_error *error);
/* End of stream; with -o sync and rename. Frees the sink. After an error it is weir_program_main that ends it, and
 * tells the failure downstream. */
int weir_sink_finish(struct weir_sink *sink, struct weir_error *error);
/* As weir_sink_open to the file `path`, which appears when it is complete; one of several, so that run->sink is left
 * alone and the caller ends it (weir_sink_finish or weir_sink_fail). `-` is weir_sink_open itself. */
int weir_sink_open_file(struct weir_sink **sink, struct weir_run *run, const char *path,
                        const struct weir_schema *schema, struct weir_error *error);
/* Whether both will be one file, however it is named. */
bool weir_sink_same_file(const struct weir_sink *a, const struct weir_sink *b);
/* The first half of weir_sink_finish: the end of the stream is written and on the disk, the file does not appear yet.
 * Of several outputs all are brought here before one appears. */
int weir_sink_end(struct weir_sink *sink, struct weir_error *error);
int64_t weir_sink_rows(const struct weir_sink *sink);
/* Ends the output as failed: tells downstream (or removes what -o wrote), frees the sink and clears run->sink. The
 * entry calls it for a program that failed; a program that goes on after a failure (score --in) calls it itself. NULL
 * is accepted. */
void weir_sink_fail(struct weir_sink *sink, const struct weir_error *error);

/* Several files that appear together: part[rows] (0 .. count - 1; others are dropped) says where each row goes. Small
 * pieces are joined to batches of the usual size. */
struct weir_parts;
int weir_parts_open(struct weir_parts **parts, struct weir_run *run, const char *const *paths, int count,
                    const struct weir_schema *schema, struct weir_error *error);
int weir_parts_write(struct weir_parts *parts, const struct weir_batch *batch, const uint16_t *part,
                     struct weir_error *error);
int64_t weir_parts_rows(const struct weir_parts *parts, int part);
int weir_parts_finish(struct weir_parts *parts, struct weir_error *error);
/* Frees; what is not finished fails with `error`. NULL is accepted. */
void weir_parts_free(struct weir_parts *parts, const struct weir_error *error);

/* Runs a filter from the input to the output: learning passes, then batch by batch (an output batch for each input
 * batch before the next is read from a pipe; what is learned from is read ahead, and what was learned is applied
 * ahead), the progress line, and the closing line "clean: 1020000 rows in, 1019873 out, 127 dropped (...)". */
int weir_filter_run(struct weir_run *run, const struct weir_filter *filter, struct weir_error *error);
/* The same with input options of the caller's (score: the first operand is the model, and text is read like it);
 * `rewindable` is set by the filter's having something to learn. */
int weir_filter_run_input(struct weir_run *run, const struct weir_filter *filter,
                          const struct weir_input_options *options, struct weir_error *error);

/* A table of the first rows, for a person; width: columns of the terminal, 0 for no limit. Control characters are shown
 * escaped, wide characters counted as wide. total_rows < 0: not known yet, and not said. */
int weir_preview(const struct weir_schema *schema, const struct weir_batch *rows, int64_t total_rows, int width,
                 struct weir_buffer *out);

/* For bytes that are no stream (a model, a CSV, JSON): standard output or -o FILE, complete or not at all with -o. */
struct weir_bytes_out {
    int descriptor; /* to be written to, and not to be closed */
    struct weir_bytes_out_private *private_part;
};
int weir_bytes_open(struct weir_bytes_out *out, struct weir_run *run, struct weir_error *error);
/* With -o the file appears: 0, or -1, and then it does not. */
int weir_bytes_finish(struct weir_bytes_out *out, struct weir_error *error);
/* After a failure: no file. Also due, and harmless, after weir_bytes_finish. */
void weir_bytes_abandon(struct weir_bytes_out *out);
/* All of it in one call. */
int weir_bytes_write(struct weir_run *run, const void *bytes, size_t size, struct weir_error *error);

#endif
