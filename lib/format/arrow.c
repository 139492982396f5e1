/* Arrow streams: read by lib/stream. Where the stream is compressed, or its beginning has been taken from a pipe, a
 * thread passes the plain bytes on through a pair of sockets, since the reader wants a descriptor.
 *
 * Of a file, the thread passes on the pieces that its footer names (arrow_file.c). */
#include "base/bytes.h"
#include "base/descriptor.h"
#include "format/arrow_private.h"
#include "format/drain.h"
#include "format/format.h"
#include "stream/reader.h"
#include "stream/writer.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct arrow {
    struct weir_reader *reader;
    struct weir_feed *feed;
    int file;       /* the file format: where the bytes come from, -1: the feed */
    bool temporary; /* the file is a copy of ours */
    struct weir_arrow_file form;
    size_t piece; /* of the file: the next to be passed on, and how much of it was */
    int64_t done;
    int ends[2]; /* -1: none; the reader's and the pump's */
    bool pumping;
    pthread_t pump;
    struct weir_error pump_error;
    int *wanted;
    int wanted_count;
    struct weir_batch batch; /* as read */
};

static bool is_file(const uint8_t *head, size_t size)
{
    return size >= 8 && memcmp(head, "ARROW1\0\0", 8) == 0;
}

/* A stream from before Arrow 0.15: the metadata's length comes first, without a marker, then the flatbuffer, whose
 * first word points into it. */
static bool is_old_stream(const uint8_t *head, size_t size)
{
    uint32_t length = size >= 8 ? weir_load_u32(head) : 0, root = length ? weir_load_u32(head + 4) : 0;
    return length < 1 << 24 && length % 4 == 0 && root >= 4 && root < length;
}

static bool arrow_sniff(const uint8_t *head, size_t size)
{
    return is_file(head, size) || is_old_stream(head, size) || (size >= 4 && weir_load_u32(head) == 0xffffffff);
}

/* What comes next: of the feed, or of the file's pieces. */
static ssize_t read_some(struct arrow *arrow, void *bytes, size_t size, struct weir_error *error)
{
    if (arrow->file < 0)
        return weir_feed_read(arrow->feed, bytes, size, error);
    while (arrow->piece < arrow->form.count && arrow->form.pieces[arrow->piece].size == arrow->done) {
        arrow->piece++;
        arrow->done = 0;
    }
    if (arrow->piece == arrow->form.count)
        return 0;
    const struct weir_piece *piece = &arrow->form.pieces[arrow->piece];
    if ((int64_t)size > piece->size - arrow->done)
        size = (size_t)(piece->size - arrow->done);
    ssize_t got = weir_read_at(arrow->file, bytes, size, piece->at + arrow->done);
    if (got == 0)
        return weir_fail(error, WEIR_BAD_DATA, "%s: it was cut while it was read", weir_feed_name(arrow->feed));
    if (got < 0)
        return weir_fail_errno(error, WEIR_IO, "%s: cannot read", weir_feed_name(arrow->feed));
    arrow->done += got;
    return got;
}

static bool send_all(struct arrow *arrow, const char *bytes, size_t size)
{
    while (size) {
        ssize_t some = send(arrow->ends[1], bytes, size, MSG_NOSIGNAL);
        if (some < 0 && errno == EINTR)
            continue;
        if (some < 0) /* the reader has gone */
            return false;
        bytes += some;
        size -= (size_t)some;
    }
    return true;
}

static void *pump(void *context)
{
    enum { SIZE = 1 << 18 };
    struct arrow *arrow = context;
    char *bytes = weir_allocate(SIZE, 1);
    ssize_t got = -1;
    if (!bytes)
        weir_fail_memory(&arrow->pump_error);
    send_all(arrow, arrow->form.schema.bytes, arrow->form.schema.size);
    while (bytes && (got = read_some(arrow, bytes, SIZE, &arrow->pump_error)) > 0 &&
           send_all(arrow, bytes, (size_t)got))
        ;
    if (got == 0 && arrow->file >= 0)
        send_all(arrow, "\xff\xff\xff\xff\0\0\0", 8); /* the mark of the end, a zero behind it */
    free(bytes);
    shutdown(arrow->ends[1], SHUT_WR);
    return NULL;
}

/* All plain bytes in a file that can seek. */
static int seekable(struct arrow *arrow, struct weir_error *error)
{
    enum { SIZE = 1 << 18 };
    int descriptor = weir_feed_take_descriptor(arrow->feed);
    if (descriptor >= 0)
        return descriptor;
    char *bytes = weir_allocate(SIZE, 1);
    ssize_t got = -1;
    descriptor = bytes ? weir_temporary_file(error) : weir_fail_memory(error);
    arrow->temporary = descriptor >= 0;
    while (descriptor >= 0 && (got = weir_feed_read(arrow->feed, bytes, SIZE, error)) > 0)
        if (weir_write_full(descriptor, bytes, (size_t)got)) {
            got = weir_fail_errno(error, WEIR_IO, "cannot write the temporary file");
            break;
        }
    free(bytes);
    arrow->file = descriptor;
    return got < 0 ? -1 : descriptor;
}

/* A descriptor that gives the stream's plain bytes. */
static int plain_descriptor(struct arrow *arrow, struct weir_error *error)
{
    const uint8_t *head;
    size_t size;
    if (weir_feed_peek(arrow->feed, 8, &head, &size, error))
        return -1;
    if (is_file(head, size)) {
        int descriptor = seekable(arrow, error);
        if (descriptor < 0)
            return -1;
        arrow->file = descriptor;
        if (weir_arrow_file_read(&arrow->form, arrow->file, error))
            return weir_fail_in(error, "%s", weir_feed_name(arrow->feed));
    } else {
        int descriptor = weir_feed_take_descriptor(arrow->feed);
        if (descriptor >= 0)
            return descriptor;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, arrow->ends) < 0) {
        arrow->ends[0] = arrow->ends[1] = -1;
        return weir_fail_errno(error, WEIR_IO, "%s: cannot pass it on", weir_feed_name(arrow->feed));
    }
    if (pthread_create(&arrow->pump, NULL, pump, arrow))
        return weir_fail(error, WEIR_IO, "%s: cannot start a thread to read it", weir_feed_name(arrow->feed));
    arrow->pumping = true;
    return arrow->ends[0];
}

/* What went wrong in the pump is the cause of what the reader says. */
static int reader_failed(struct arrow *arrow, struct weir_error *error)
{
    if (!arrow->pumping)
        return -1;
    shutdown(arrow->ends[0], SHUT_RDWR);
    weir_feed_stop(arrow->feed);
    pthread_join(arrow->pump, NULL);
    arrow->pumping = false;
    if (arrow->pump_error.text[0] && error && !error->upstream)
        *error = arrow->pump_error;
    return -1;
}

static bool speaks_of_roles(const struct weir_schema *schema)
{
    if (weir_metadata_get(&schema->metadata, "weir:plan"))
        return true;
    for (int i = 0; i < schema->count; i++)
        if (schema->fields[i].role != WEIR_FEATURE)
            return true;
    return false;
}

static int arrow_open(struct weir_table *table, struct weir_error *error)
{
    struct arrow *arrow = table->state = weir_allocate_zero(1, sizeof *arrow);
    if (!arrow)
        return weir_fail_memory(error);
    arrow->feed = table->feed;
    arrow->ends[0] = arrow->ends[1] = arrow->file = -1;
    int descriptor = plain_descriptor(arrow, error);
    const struct weir_reader_options options = { .name = weir_feed_name(table->feed), .accept_refused = true };
    if (descriptor < 0)
        return -1;
    if (weir_reader_open(&arrow->reader, descriptor, &options, error))
        return reader_failed(arrow, error);
    if (weir_schema_copy(&table->schema, weir_reader_schema(arrow->reader)))
        return weir_fail_memory(error);
    table->own_roles = speaks_of_roles(&table->schema);
    return weir_known_check(table, error);
}

static int arrow_start(struct weir_table *table, const int *wanted, struct weir_error *error)
{
    struct arrow *arrow = table->state;
    const struct weir_schema *schema = weir_reader_schema(arrow->reader);
    arrow->wanted_count = table->schema.count;
    arrow->wanted = weir_allocate((size_t)arrow->wanted_count, sizeof *wanted);
    if (!arrow->wanted)
        return weir_fail_memory(error);
    memcpy(arrow->wanted, wanted, (size_t)arrow->wanted_count * sizeof *wanted);
    for (int i = 0; i < arrow->wanted_count; i++)
        if (!weir_type_equal(&schema->fields[wanted[i]].type, &table->schema.fields[i].type))
            return weir_format_refuse_type(table, &schema->fields[wanted[i]], &table->schema.fields[i].type,
                                           WEIR_BAD_DATA, error);
    return 0;
}

static int arrow_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct arrow *arrow = table->state;
    int code = weir_reader_next(arrow->reader, &arrow->batch, error);
    if (code < 0)
        return reader_failed(arrow, error);
    if (code == 0)
        return 0;
    weir_batch_release(batch);
    if (weir_batch_init(batch, arrow->wanted_count, arrow->batch.rows))
        return weir_fail_memory(error);
    for (int i = 0; i < arrow->wanted_count; i++)
        if (weir_column_share(&batch->columns[i], &arrow->batch.columns[arrow->wanted[i]]))
            return weir_fail_memory(error);
    table->rows_read += batch->rows;
    return 1;
}

static void arrow_close(struct weir_table *table)
{
    struct arrow *arrow = table->state;
    if (!arrow)
        return;
    reader_failed(arrow, NULL);
    weir_batch_release(&arrow->batch);
    weir_arrow_file_release(&arrow->form);
    weir_reader_free(arrow->reader);
    for (int i = 0; i < 2; i++)
        if (arrow->ends[i] >= 0)
            close(arrow->ends[i]);
    if (arrow->temporary)
        close(arrow->file);
    free(arrow->wanted);
    free(arrow);
}

static int arrow_create(struct weir_table_out *out, struct weir_error *error)
{
    struct weir_writer *writer;
    if (weir_drain_compresses(out->drain))
        return weir_fail(error, WEIR_USAGE,
                         "an Arrow stream is not compressed as a whole; leave the second ending out");
    if (weir_writer_open(&writer, out->descriptor, &out->schema, NULL, error))
        return -1;
    out->state = writer;
    return weir_writer_start(writer, error);
}

static int arrow_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error)
{
    return weir_writer_write(out->state, batch, error);
}

static int arrow_finish(struct weir_table_out *out, struct weir_error *error)
{
    return weir_writer_finish(out->state, error);
}

static void arrow_destroy(struct weir_table_out *out)
{
    weir_writer_free(out->state);
}

static const char *const arrow_endings[] = { ".arrows", ".arrow", NULL };

const struct weir_format weir_format_arrow = {
    .name = "arrow",
    .endings = arrow_endings,
    .sniff = arrow_sniff,
    .open = arrow_open,
    .start = arrow_start,
    .next = arrow_next,
    .close = arrow_close,
    .create = arrow_create,
    .write = arrow_write,
    .finish = arrow_finish,
    .destroy = arrow_destroy,
};
