#include "format/feed.h"
#include "base/buffer.h"
#include "base/descriptor.h"
#include "format/unpacker.h"
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes come from `read_raw`: what was looked at of the stored bytes (`head`), then the descriptor or the memory.
 * Above it stands the unpacker, if any, and above that what was looked at of the plain bytes (`ahead`). */
struct weir_feed {
    struct weir_buffer name;
    int descriptor; /* -1: memory */
    int stop;       /* an eventfd that ends waiting; -1: reading never waits */
    bool rereadable;
    bool folder;
    int64_t start; /* of a regular file: where it stood when it came */
    const uint8_t *memory;
    size_t memory_left;
    atomic_llong position; /* asked for while another thread reads */
    int64_t size;
    uint8_t head[16];
    size_t head_begin, head_end;
    struct weir_unpacker *unpacker;
    uint8_t *ahead; /* WEIR_FEED_PEEK bytes once asked for, or what was given back */
    size_t ahead_begin, ahead_end;
    bool ended;
};

/* Until there is something to read, or the feed is stopped. */
static int wait_for_bytes(struct weir_feed *feed, struct weir_error *error)
{
    struct pollfd wanted[2] = { { feed->descriptor, POLLIN, 0 }, { feed->stop, POLLIN, 0 } };
    while (poll(wanted, 2, -1) < 0)
        if (errno != EINTR)
            return weir_fail_errno(error, WEIR_IO, "%s: cannot wait for it", feed->name.bytes);
    if (wanted[1].revents)
        return weir_fail(error, WEIR_IO, "%s: reading was stopped", feed->name.bytes);
    return 0;
}

void weir_feed_stop(struct weir_feed *feed)
{
    if (feed->stop >= 0)
        weir_write_full(feed->stop, &(uint64_t){ 1 }, sizeof(uint64_t));
}

static ssize_t read_raw(void *context, void *bytes, size_t size, struct weir_error *error)
{
    struct weir_feed *feed = context;
    if (feed->head_begin < feed->head_end) {
        size_t some = feed->head_end - feed->head_begin;
        if (some > size)
            some = size;
        memcpy(bytes, feed->head + feed->head_begin, some);
        feed->head_begin += some;
        return (ssize_t)some;
    }
    ssize_t got;
    if (feed->folder)
        return 0;
    if (feed->descriptor < 0) {
        got = (ssize_t)(size < feed->memory_left ? size : feed->memory_left);
        if (got)
            memcpy(bytes, feed->memory, (size_t)got);
        feed->memory += got;
        feed->memory_left -= (size_t)got;
    } else {
        if (feed->stop >= 0 && wait_for_bytes(feed, error))
            return -1;
        got = weir_read_some(feed->descriptor, bytes, size);
        if (got < 0)
            return weir_fail_errno(error, WEIR_IO, "%s: cannot read", feed->name.bytes);
    }
    feed->position += got;
    return got;
}

/* As read_raw, but fewer than `size` only at the end; an unpacker's error gets the feed's name. */
static ssize_t read_plain(struct weir_feed *feed, void *bytes, size_t size, struct weir_error *error)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got;
        if (feed->unpacker) {
            struct weir_error inner = { 0 };
            got = weir_unpacker_read(feed->unpacker, (char *)bytes + done, size - done, &inner);
            if (got < 0 && error) {
                *error = inner;
                if (inner.status == WEIR_BAD_DATA)
                    weir_fail_in(error, "%s", feed->name.bytes);
            }
        } else
            got = read_raw(feed, (char *)bytes + done, size - done, error);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* Looks at the first bytes and puts the unpacker in place. */
static int begin(struct weir_feed *feed, struct weir_error *error)
{
    while (feed->head_end < 6) {
        size_t end = feed->head_end;
        feed->head_end = 0;
        ssize_t got = read_raw(feed, feed->head + end, 6 - end, error);
        if (got < 0)
            return -1;
        feed->head_end = end + (size_t)got;
        if (got == 0)
            break;
    }
    const char *compression = weir_unpacker_sniff(feed->head, feed->head_end);
    if (!compression)
        return 0;
    if (weir_unpacker_new(&feed->unpacker, compression, read_raw, feed, error)) {
        if (error && error->status == WEIR_BAD_DATA)
            weir_fail_in(error, "%s", feed->name.bytes);
        return -1;
    }
    return 0;
}

static struct weir_feed *new_feed(const char *name)
{
    struct weir_feed *feed = weir_allocate_zero(1, sizeof *feed);
    if (!feed)
        return NULL;
    feed->descriptor = feed->stop = -1;
    feed->size = -1;
    weir_buffer_escaped(&feed->name, name, strlen(name));
    weir_buffer_byte(&feed->name, 0);
    if (feed->name.failed) {
        weir_feed_free(feed);
        return NULL;
    }
    return feed;
}

int weir_feed_open(struct weir_feed **feed_out, int descriptor, const char *name, struct weir_error *error)
{
    bool standard = strcmp(name, "-") == 0;
    struct weir_feed *feed = *feed_out = new_feed(standard ? "standard input" : name);
    if (!feed) {
        close(descriptor);
        return weir_fail_memory(error);
    }
    feed->descriptor = descriptor;
    struct stat status;
    if (fstat(descriptor, &status)) {
        weir_fail_errno(error, WEIR_NO_INPUT, "cannot read '%s'", feed->name.bytes);
        goto failed;
    }
    if (S_ISREG(status.st_mode)) {
        feed->size = status.st_size;
        feed->start = lseek(descriptor, 0, SEEK_CUR);
        feed->rereadable = !standard && feed->start == 0;
    } else if (S_ISDIR(status.st_mode)) {
        feed->folder = true;
        feed->rereadable = !standard;
    } else if ((feed->stop = eventfd(0, EFD_CLOEXEC)) < 0) {
        weir_fail_errno(error, WEIR_IO, "%s: cannot wait for it", feed->name.bytes);
        goto failed;
    }
    if (begin(feed, error) == 0)
        return 0;
failed:
    weir_feed_free(feed);
    *feed_out = NULL;
    return -1;
}

int weir_feed_open_memory(struct weir_feed **feed_out, const void *bytes, size_t size, const char *name,
                          struct weir_error *error)
{
    struct weir_feed *feed = *feed_out = new_feed(name);
    if (!feed)
        return weir_fail_memory(error);
    feed->memory = bytes;
    feed->memory_left = size;
    feed->size = (int64_t)size;
    if (begin(feed, error) == 0)
        return 0;
    weir_feed_free(feed);
    *feed_out = NULL;
    return -1;
}

void weir_feed_free(struct weir_feed *feed)
{
    if (!feed)
        return;
    weir_unpacker_free(feed->unpacker);
    if (feed->descriptor >= 0)
        close(feed->descriptor);
    if (feed->stop >= 0)
        close(feed->stop);
    weir_buffer_release(&feed->name);
    free(feed->ahead);
    free(feed);
}

const char *weir_feed_name(const struct weir_feed *feed)
{
    return feed->name.bytes;
}

bool weir_feed_rereadable(const struct weir_feed *feed)
{
    return feed->rereadable;
}

int weir_feed_take_descriptor(struct weir_feed *feed)
{
    if (feed->unpacker || feed->descriptor < 0 || feed->size < 0)
        return -1;
    off_t unread = (off_t)(feed->head_end - feed->head_begin + feed->ahead_end - feed->ahead_begin);
    if (unread && lseek(feed->descriptor, -unread, SEEK_CUR) < 0)
        return -1;
    feed->head_begin = feed->head_end = feed->ahead_begin = feed->ahead_end = 0;
    feed->position -= unread;
    return feed->descriptor;
}

int weir_feed_folder(const struct weir_feed *feed)
{
    return feed->folder ? feed->descriptor : -1;
}

bool weir_feed_seekable(const struct weir_feed *feed)
{
    return !feed->unpacker && (feed->descriptor < 0 || (feed->size >= 0 && feed->start >= 0));
}

int weir_feed_seek(struct weir_feed *feed, int64_t offset, struct weir_error *error)
{
    if (feed->descriptor < 0) {
        int64_t most = feed->size < offset ? feed->size : offset;
        feed->memory += most - (feed->size - (int64_t)feed->memory_left);
        feed->memory_left = (size_t)(feed->size - most);
    } else if (lseek(feed->descriptor, feed->start + offset, SEEK_SET) < 0)
        return weir_fail_errno(error, WEIR_IO, "%s: cannot go to its byte %lld", feed->name.bytes, (long long)offset);
    feed->head_begin = feed->head_end = feed->ahead_begin = feed->ahead_end = 0;
    feed->position = offset;
    feed->ended = false;
    return 0;
}

int64_t weir_feed_position(const struct weir_feed *feed)
{
    return feed->position;
}

int64_t weir_feed_size(const struct weir_feed *feed)
{
    return feed->size;
}

int weir_feed_peek(struct weir_feed *feed, size_t size, const uint8_t **bytes, size_t *got, struct weir_error *error)
{
    if (size > WEIR_FEED_PEEK)
        size = WEIR_FEED_PEEK;
    if (!feed->ahead && !(feed->ahead = weir_allocate(WEIR_FEED_PEEK, 1)))
        return weir_fail_memory(error);
    size_t have = feed->ahead_end - feed->ahead_begin;
    if (have < size) {
        memmove(feed->ahead, feed->ahead + feed->ahead_begin, have);
        feed->ahead_begin = 0;
        feed->ahead_end = have;
        ssize_t more = read_plain(feed, feed->ahead + have, size - have, error);
        if (more < 0)
            return -1;
        feed->ahead_end += (size_t)more;
        have += (size_t)more;
    }
    *bytes = feed->ahead + feed->ahead_begin;
    *got = have;
    return 0;
}

void weir_feed_push(struct weir_feed *feed, void *bytes, size_t begin, size_t end)
{
    free(feed->ahead);
    feed->ahead = bytes;
    feed->ahead_begin = begin;
    feed->ahead_end = end;
}

ssize_t weir_feed_read(struct weir_feed *feed, void *bytes, size_t size, struct weir_error *error)
{
    size_t have = feed->ahead_end - feed->ahead_begin;
    if (have > size)
        have = size;
    if (have) {
        memcpy(bytes, feed->ahead + feed->ahead_begin, have);
        feed->ahead_begin += have;
    }
    if (feed->ahead && feed->ahead_begin == feed->ahead_end) {
        free(feed->ahead);
        feed->ahead = NULL;
        feed->ahead_begin = feed->ahead_end = 0;
    }
    if (have == size || feed->ended)
        return (ssize_t)have;
    ssize_t more = read_plain(feed, (char *)bytes + have, size - have, error);
    if (more < 0)
        return -1;
    feed->ended = (size_t)more < size - have; /* a terminal would give more after its end */
    return (ssize_t)have + more;
}
