#include "format/source.h"
#include "base/buffer.h"
#include "base/descriptor.h"
#include "format/decoder.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes come from `read_raw`: what was looked at of the stored bytes (`head`), then the descriptor or the memory.
 * Above it stands the decoder, if any, and above that what was looked at of the plain bytes (`ahead`). */
struct weir_source {
    struct weir_buffer name;
    int descriptor; /* -1: memory */
    int stop;       /* an eventfd that ends waiting; -1: reading never waits */
    bool rereadable;
    const uint8_t *memory;
    size_t memory_left;
    int64_t position, size;
    uint8_t head[16];
    size_t head_begin, head_end;
    struct weir_decoder *decoder;
    uint8_t *ahead; /* WEIR_SOURCE_PEEK bytes, once asked for */
    size_t ahead_begin, ahead_end;
};

/* Until there is something to read, or the source is stopped. */
static int wait_for_bytes(struct weir_source *source, struct weir_error *error)
{
    struct pollfd wanted[2] = { { source->descriptor, POLLIN, 0 }, { source->stop, POLLIN, 0 } };
    while (poll(wanted, 2, -1) < 0)
        if (errno != EINTR)
            return weir_fail_errno(error, WEIR_IO, "%s: cannot wait for it", source->name.bytes);
    if (wanted[1].revents)
        return weir_fail(error, WEIR_IO, "%s: reading was stopped", source->name.bytes);
    return 0;
}

void weir_source_stop(struct weir_source *source)
{
    if (source->stop >= 0)
        weir_write_full(source->stop, &(uint64_t){ 1 }, sizeof(uint64_t));
}

static ssize_t read_raw(void *context, void *bytes, size_t size, struct weir_error *error)
{
    struct weir_source *source = context;
    if (source->head_begin < source->head_end) {
        size_t some = source->head_end - source->head_begin;
        if (some > size)
            some = size;
        memcpy(bytes, source->head + source->head_begin, some);
        source->head_begin += some;
        return (ssize_t)some;
    }
    ssize_t got;
    if (source->descriptor < 0) {
        got = (ssize_t)(size < source->memory_left ? size : source->memory_left);
        if (got)
            memcpy(bytes, source->memory, (size_t)got);
        source->memory += got;
        source->memory_left -= (size_t)got;
    } else {
        if (source->stop >= 0 && wait_for_bytes(source, error))
            return -1;
        got = weir_read_some(source->descriptor, bytes, size);
        if (got < 0)
            return weir_fail_errno(error, WEIR_IO, "%s: cannot read", source->name.bytes);
    }
    source->position += got;
    return got;
}

/* As read_raw, but fewer than `size` only at the end; a decoder's error gets the source's name. */
static ssize_t read_plain(struct weir_source *source, void *bytes, size_t size, struct weir_error *error)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got;
        if (source->decoder) {
            struct weir_error inner = { 0 };
            got = weir_decoder_read(source->decoder, (char *)bytes + done, size - done, &inner);
            if (got < 0 && error) {
                *error = inner;
                if (inner.status == WEIR_BAD_DATA)
                    weir_fail_in(error, "%s", source->name.bytes);
            }
        } else
            got = read_raw(source, (char *)bytes + done, size - done, error);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* Looks at the first bytes and puts the decoder in place. */
static int begin(struct weir_source *source, struct weir_error *error)
{
    while (source->head_end < 6) {
        size_t end = source->head_end;
        source->head_end = 0;
        ssize_t got = read_raw(source, source->head + end, 6 - end, error);
        if (got < 0)
            return -1;
        source->head_end = end + (size_t)got;
        if (got == 0)
            break;
    }
    const char *compression = weir_decoder_sniff(source->head, source->head_end);
    if (!compression)
        return 0;
    if (weir_decoder_new(&source->decoder, compression, read_raw, source, error)) {
        if (error && error->status == WEIR_BAD_DATA)
            weir_fail_in(error, "%s", source->name.bytes);
        return -1;
    }
    return 0;
}

static struct weir_source *new_source(const char *name)
{
    struct weir_source *source = weir_allocate_zero(1, sizeof *source);
    if (!source)
        return NULL;
    source->descriptor = source->stop = -1;
    source->size = -1;
    weir_buffer_escaped(&source->name, name, strlen(name));
    weir_buffer_byte(&source->name, 0);
    if (source->name.failed) {
        weir_source_free(source);
        return NULL;
    }
    return source;
}

int weir_source_open(struct weir_source **source_out, int descriptor, const char *name, struct weir_error *error)
{
    bool standard = strcmp(name, "-") == 0;
    struct weir_source *source = *source_out = new_source(standard ? "standard input" : name);
    if (!source) {
        close(descriptor);
        return weir_fail_memory(error);
    }
    source->descriptor = descriptor;
    struct stat status;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
        source->size = status.st_size;
        source->rereadable = !standard && lseek(descriptor, 0, SEEK_CUR) == 0;
    } else if ((source->stop = eventfd(0, EFD_CLOEXEC)) < 0) {
        weir_fail_errno(error, WEIR_IO, "%s: cannot wait for it", source->name.bytes);
        goto failed;
    }
    if (begin(source, error) == 0)
        return 0;
failed:
    weir_source_free(source);
    *source_out = NULL;
    return -1;
}

int weir_source_open_memory(struct weir_source **source_out, const void *bytes, size_t size, const char *name,
                            struct weir_error *error)
{
    struct weir_source *source = *source_out = new_source(name);
    if (!source)
        return weir_fail_memory(error);
    source->memory = bytes;
    source->memory_left = size;
    source->size = (int64_t)size;
    if (begin(source, error) == 0)
        return 0;
    weir_source_free(source);
    *source_out = NULL;
    return -1;
}

void weir_source_free(struct weir_source *source)
{
    if (!source)
        return;
    weir_decoder_free(source->decoder);
    if (source->descriptor >= 0)
        close(source->descriptor);
    if (source->stop >= 0)
        close(source->stop);
    weir_buffer_release(&source->name);
    free(source->ahead);
    free(source);
}

const char *weir_source_name(const struct weir_source *source)
{
    return source->name.bytes;
}

bool weir_source_rereadable(const struct weir_source *source)
{
    return source->rereadable;
}

int weir_source_take_descriptor(struct weir_source *source)
{
    if (source->decoder || source->descriptor < 0 || source->size < 0)
        return -1;
    off_t unread = (off_t)(source->head_end - source->head_begin + source->ahead_end - source->ahead_begin);
    if (unread && lseek(source->descriptor, -unread, SEEK_CUR) < 0)
        return -1;
    source->head_begin = source->head_end = source->ahead_begin = source->ahead_end = 0;
    source->position -= unread;
    return source->descriptor;
}

int64_t weir_source_position(const struct weir_source *source)
{
    return source->position;
}

int64_t weir_source_size(const struct weir_source *source)
{
    return source->size;
}

int weir_source_peek(struct weir_source *source, size_t size, const uint8_t **bytes, size_t *got,
                     struct weir_error *error)
{
    if (size > WEIR_SOURCE_PEEK)
        size = WEIR_SOURCE_PEEK;
    if (!source->ahead && !(source->ahead = weir_allocate(WEIR_SOURCE_PEEK, 1)))
        return weir_fail_memory(error);
    size_t have = source->ahead_end - source->ahead_begin;
    if (have < size) {
        memmove(source->ahead, source->ahead + source->ahead_begin, have);
        source->ahead_begin = 0;
        source->ahead_end = have;
        ssize_t more = read_plain(source, source->ahead + have, size - have, error);
        if (more < 0)
            return -1;
        source->ahead_end += (size_t)more;
        have += (size_t)more;
    }
    *bytes = source->ahead + source->ahead_begin;
    *got = have;
    return 0;
}

ssize_t weir_source_read(struct weir_source *source, void *bytes, size_t size, struct weir_error *error)
{
    size_t have = source->ahead_end - source->ahead_begin;
    if (have > size)
        have = size;
    if (have) {
        memcpy(bytes, source->ahead + source->ahead_begin, have);
        source->ahead_begin += have;
    }
    ssize_t more = read_plain(source, (char *)bytes + have, size - have, error);
    return more < 0 ? -1 : (ssize_t)have + more;
}
