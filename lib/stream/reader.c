#include "stream/reader.h"

#include "base/bytes.h"
#include "stream/message.h"
#include "stream/pipe.h"
#include "stream/wire.h"
#include <stdlib.h>

struct weir_reader {
    struct weir_source source;
    struct weir_frame frame;
    struct weir_decoder decoder; /* of the stream that is being read */
    struct weir_schema schema;   /* of the first one */
    struct weir_hasher *message, *stream;
    struct weir_hasher *before; /* the stream's hash before the message that was checked last */
    char *name;
    bool accept_unended, accept_refused, checked;
    bool marked;         /* this stream is one of Weir's: it has checksums and must end with weir:end */
    bool ended;          /* weir:end was seen */
    bool finished;       /* the clean end was seen */
    bool failed;         /* an error was told; there is no going on */
    int64_t rows;        /* handed out */
    int64_t stream_rows; /* of this stream */
};

/* ---- the marks of a Weir stream ---- */

/* "load: cannot open ..." came from the stage `load`, and is told in its words, so that it can be passed on as it is.
 */
static int fail_upstream(const char *value, size_t length, struct weir_error *error)
{
    char stage[sizeof error->stage] = "";
    const char *colon = length ? memchr(value, ':', length) : NULL;
    size_t name = colon ? (size_t)(colon - value) : 0;
    if (colon && name < sizeof stage) {
        memcpy(stage, value, name);
        name++;
        name += name < length && value[name] == ' ';
        value += name;
        length -= name;
    }
    weir_fail(error, WEIR_BAD_DATA, "%.*s", (int)(length < sizeof error->text ? length : sizeof error->text), value);
    if (error) {
        error->upstream = true;
        memcpy(error->stage, stage, sizeof stage);
    }
    return -1;
}

static int check_marks(struct weir_reader *reader, struct weir_error *error)
{
    const struct weir_frame *frame = &reader->frame;
    if (reader->marked != frame->marked || (frame->marked && !frame->digits))
        return weir_fail(error, WEIR_BAD_DATA, "the stream is damaged: a message without its checksum");
    if (reader->checked)
        return 0;
    weir_hasher_copy(reader->before, reader->stream);
    /* The hash in weir:end is of what came before it. */
    if (frame->digits && !weir_frame_check(frame, reader->message, frame->end ? NULL : reader->stream))
        return weir_fail(error, WEIR_BAD_DATA, "the stream is damaged: a message does not agree with its checksum");
    return 0;
}

/* "rows=N xxh3=HHHHHHHHHHHHHHHH" against what was read. */
static int check_end(struct weir_reader *reader, struct weir_error *error)
{
    if (reader->checked)
        return 0;
    struct weir_buffer expected = { 0 };
    char hex[WEIR_DIGITS + 1];
    weir_hash_hex(weir_hasher_digest(reader->stream), hex);
    weir_buffer_format(&expected, "rows=%lld xxh3=%s", (long long)reader->stream_rows, hex);
    int result = 0;
    if (expected.failed)
        result = weir_fail_memory(error);
    else if (expected.size != reader->frame.end_length || memcmp(expected.bytes, reader->frame.end, expected.size) != 0)
        result = weir_fail(error, WEIR_BAD_DATA, "the stream is damaged: its end does not agree with its %lld rows",
                           (long long)reader->stream_rows);
    weir_buffer_release(&expected);
    return result;
}

/* ---- opening ---- */

/* The schema message is in reader->frame. */
static int begin_stream(struct weir_reader *reader, struct weir_error *error)
{
    reader->marked = reader->frame.marked;
    reader->ended = false;
    reader->stream_rows = 0;
    if (reader->frame.header != WEIR_HEADER_SCHEMA)
        return weir_fail(error, WEIR_BAD_DATA, "the stream does not begin with a schema");
    weir_hasher_reset(reader->stream);
    if (check_marks(reader, error))
        return -1;
    weir_decoder_release(&reader->decoder);
    if (weir_decode_schema(&reader->decoder, &reader->frame, reader->accept_refused, error))
        return -1;
    const char *failure = weir_metadata_get(&reader->decoder.schema.metadata, "weir:error");
    return failure ? fail_upstream(failure, strlen(failure), error) : 0;
}

static int fail_named(struct weir_reader *reader, struct weir_error *error)
{
    reader->failed = true;
    if (error && !error->upstream && reader->name)
        weir_fail_in(error, "%s", reader->name);
    return -1;
}

static int read_first(struct weir_reader *reader, struct weir_error *error)
{
    reader->frame.first = true;
    int result = weir_frame_read(&reader->frame, &reader->source, error);
    if (result == WEIR_FRAME_CLOSED)
        return weir_fail(error, WEIR_NO_INPUT, "no input at all");
    if (result == 0)
        return weir_fail(error, WEIR_BAD_DATA, "the stream does not begin with a schema");
    if (result < 0 || begin_stream(reader, error))
        return -1;
    return weir_schema_copy(&reader->schema, &reader->decoder.schema) ? weir_fail_memory(error) : 0;
}

static int open_source(struct weir_reader **out, const struct weir_source *source,
                       const struct weir_reader_options *options, struct weir_error *error)
{
    struct weir_reader *reader = weir_allocate_zero(1, sizeof *reader);
    *out = NULL;
    if (!reader)
        return weir_fail_memory(error);
    reader->source = *source;
    reader->accept_unended = options && options->accept_unended;
    reader->accept_refused = options && options->accept_refused;
    reader->checked = options && options->checked;
    if (options && options->name && !(reader->name = weir_duplicate_string(options->name)))
        goto out_of_memory;
    if (!(reader->message = weir_hasher_new()) || !(reader->stream = weir_hasher_new()) ||
        !(reader->before = weir_hasher_new()))
        goto out_of_memory;
    if (read_first(reader, error)) {
        fail_named(reader, error);
        weir_reader_free(reader);
        return -1;
    }
    *out = reader;
    return 0;
out_of_memory:
    weir_reader_free(reader);
    return weir_fail_memory(error);
}

int weir_reader_open(struct weir_reader **reader, int descriptor, const struct weir_reader_options *options,
                     struct weir_error *error)
{
    struct weir_source source = { .descriptor = descriptor };
    if (options) {
        source.copy = options->copy;
        source.copy_context = options->copy_context;
        source.stop = options->stop;
        source.head = options->head;
        source.head_count = options->head_count;
    }
    weir_pipe_enlarge(descriptor);
    return open_source(reader, &source, options, error);
}

int weir_reader_open_memory(struct weir_reader **reader, const void *bytes, size_t size,
                            const struct weir_reader_options *options, struct weir_error *error)
{
    const struct weir_source source = { .descriptor = -1, .memory = bytes, .size = size };
    return open_source(reader, &source, options, error);
}

/* ---- reading on ---- */

/* After Arrow's file format comes its footer, which says nothing new: it must end with its length and the magic, and be
 * all there is, for what stands between it and the mark of the end would not be read. */
static int skip_footer(struct weir_reader *reader, struct weir_error *error)
{
    static const char MAGIC[6] = { 'A', 'R', 'R', 'O', 'W', '1' };
    enum { STEP = 4096, TAIL = 4 + sizeof MAGIC, PADDING = 64 };
    char bytes[TAIL + STEP] = { 0 };
    int64_t got, rest = -TAIL;
    do {
        got = weir_source_read(&reader->source, bytes + TAIL, STEP, error);
        if (got < 0)
            return -1;
        memmove(bytes, bytes + got, TAIL);
        rest += got;
    } while (got == STEP);
    int64_t footer = weir_load_u32(bytes);
    if (memcmp(bytes + 4, MAGIC, sizeof MAGIC) != 0 || footer > rest)
        return weir_fail(error, WEIR_BAD_DATA, "the file is cut: it does not end as an Arrow file");
    if (rest - footer > PADDING)
        return weir_fail(error, WEIR_BAD_DATA,
                         "more follows the Arrow file: files of this format do not follow one another; `load FILE "
                         "FILE` reads both");
    return 0;
}

/* The end-of-stream marker was read: 1 when another stream follows and its schema has been read, 0 at the end. */
static int next_stream(struct weir_reader *reader, struct weir_error *error)
{
    if (reader->marked && !reader->ended && !reader->accept_unended)
        return weir_fail(error, WEIR_BAD_DATA, "the stream ends without weir:end: the program that wrote it stopped");
    if (reader->frame.file)
        return skip_footer(reader, error);
    reader->frame.first = true;
    int result = weir_frame_read(&reader->frame, &reader->source, error);
    if (result == WEIR_FRAME_CLOSED)
        return 0;
    if (result == 0)
        return weir_fail(error, WEIR_BAD_DATA, "a second end-of-stream marker");
    if (result < 0 || begin_stream(reader, error))
        return -1;
    return weir_schema_agree(&reader->schema, &reader->decoder.schema, error) ? 1 : -1;
}

/* Takes in the message in reader->frame: 1 when it gave a batch, 0 when it did not. */
static int take_message(struct weir_reader *reader, struct weir_batch *batch, struct weir_error *error)
{
    struct weir_frame *frame = &reader->frame;
    if (check_marks(reader, error))
        return -1;
    if (frame->failure)
        return fail_upstream(frame->failure, frame->failure_length, error);
    if (reader->ended || frame->header == WEIR_HEADER_SCHEMA)
        return weir_fail(error, WEIR_BAD_DATA, "the stream is damaged: a message out of its place");
    if (frame->end) {
        reader->ended = true;
        return check_end(reader, error);
    }
    if (frame->header == WEIR_HEADER_DICTIONARY)
        return weir_decode_dictionary(&reader->decoder, frame, &reader->source, error);
    if (weir_decode_batch(&reader->decoder, frame, &reader->source, batch, error))
        return -1;
    if (!reader->checked && weir_message_keep(&batch->message, frame, reader->before, reader->stream))
        return weir_fail_memory(error);
    reader->rows += batch->rows;
    reader->stream_rows += batch->rows;
    return 1;
}

static int read_next(struct weir_reader *reader, struct weir_batch *batch, struct weir_error *error)
{
    for (;;) {
        int result = weir_frame_read(&reader->frame, &reader->source, error);
        if (result < 0)
            return -1;
        if (result == WEIR_FRAME_CLOSED) {
            if (reader->accept_unended)
                return 0;
            return weir_fail(error, WEIR_BAD_DATA, "the stream is cut: it ends without its end-of-stream marker");
        }
        if (result == 0) {
            result = next_stream(reader, error);
            if (result != 1)
                return result;
        } else {
            result = take_message(reader, batch, error);
            if (result != 0)
                return result;
        }
    }
}

int weir_reader_next(struct weir_reader *reader, struct weir_batch *batch, struct weir_error *error)
{
    weir_batch_release(batch);
    if (reader->finished)
        return 0;
    if (reader->failed)
        return weir_fail(error, WEIR_BAD_DATA, "the stream was damaged before this place");
    int result = read_next(reader, batch, error);
    if (result < 0)
        return fail_named(reader, error);
    reader->finished = result == 0;
    return result;
}

const struct weir_schema *weir_reader_schema(const struct weir_reader *reader)
{
    return &reader->schema;
}

int64_t weir_reader_rows(const struct weir_reader *reader)
{
    return reader->rows;
}

int64_t weir_reader_bytes(const struct weir_reader *reader)
{
    return reader->source.bytes;
}

void weir_reader_free(struct weir_reader *reader)
{
    if (!reader)
        return;
    weir_frame_release(&reader->frame);
    weir_decoder_release(&reader->decoder);
    weir_source_release(&reader->source);
    weir_schema_release(&reader->schema);
    weir_hasher_free(reader->message);
    weir_hasher_free(reader->stream);
    weir_hasher_free(reader->before);
    free(reader->name);
    free(reader);
}
