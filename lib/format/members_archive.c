/* tar, zip and 7z by libarchive, which reads through the feed: what compresses the whole (gzip, xz, zstd, bzip2) is the
 * feed's business. */
#include "format/members_private.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 18, TAR_BLOCK = 512 };

struct weir_archive {
    struct archive *libarchive;
    struct weir_members *members;
    struct weir_error pulled; /* what went wrong in the feed, while libarchive was calling it */
    locale_t utf8;
    int64_t position, taken, unpacked, count; /* place in the feed, bytes taken from it, unpacked ones, members */
    size_t zeros;                             /* at the end of what was taken so far */
    bool tar, zip, ended;
    bool marked;     /* zip: the mark of the end has been seen */
    uint8_t last[3]; /* bytes of the block before: the mark may lie across */
    uint8_t block[BLOCK];
};

/* Looks for the record that ends every zip. */
static void look_for_mark(struct weir_archive *archive, size_t size)
{
    static const uint8_t mark[] = { 'P', 'K', 5, 6 };
    uint8_t seam[6];
    size_t some = size < 3 ? size : 3;
    memcpy(seam, archive->last, 3);
    memcpy(seam + 3, archive->block, some);
    archive->marked |= memmem(seam, 3 + some, mark, sizeof mark) || memmem(archive->block, size, mark, sizeof mark);
    memmove(archive->last, archive->last + some, 3 - some);
    memcpy(archive->last + 3 - some, archive->block + size - some, some);
}

static la_ssize_t give(struct archive *libarchive, void *context, const void **bytes)
{
    struct weir_archive *archive = context;
    ssize_t got = weir_feed_read(archive->members->feed, archive->block, BLOCK, &archive->pulled);
    if (got < 0)
        archive_set_error(libarchive, ARCHIVE_FATAL, "%s", archive->pulled.text);
    *bytes = archive->block;
    if (got <= 0)
        return got;
    archive->position += got;
    archive->taken += got;
    if (archive->zip && !archive->marked)
        look_for_mark(archive, (size_t)got);
    size_t zeros = 0;
    while (zeros < (size_t)got && archive->block[(size_t)got - 1 - zeros] == 0)
        zeros++;
    archive->zeros = zeros < (size_t)got ? zeros : archive->zeros + zeros;
    return got;
}

static la_int64_t seek(struct archive *libarchive, void *context, la_int64_t offset, int whence)
{
    struct weir_archive *archive = context;
    struct weir_feed *feed = archive->members->feed;
    if (!weir_feed_seekable(feed))
        return ARCHIVE_FATAL;
    int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? archive->position : weir_feed_size(feed);
    int64_t place;
    if (__builtin_add_overflow(base, offset, &place) || place < 0)
        return ARCHIVE_FATAL;
    if (weir_feed_seek(feed, place, &archive->pulled)) {
        archive_set_error(libarchive, ARCHIVE_FATAL, "%s", archive->pulled.text);
        return ARCHIVE_FATAL;
    }
    return archive->position = place;
}

static int failed(const struct weir_archive *archive, struct weir_error *error)
{
    if (archive->pulled.text[0]) {
        if (error)
            *error = archive->pulled;
        return -1;
    }
    if (archive_errno(archive->libarchive) == ENOMEM)
        return weir_fail_memory(error);
    struct weir_buffer text = { 0 };
    const char *reason = archive_error_string(archive->libarchive);
    reason = reason ? reason : "no reason given";
    weir_buffer_escaped(&text, reason, strlen(reason));
    weir_fail(error, WEIR_BAD_DATA, "%s: the archive is cut or damaged%s: %s", weir_feed_name(archive->members->feed),
              archive->count ? " behind the members read so far" : "", text.failed ? "" : text.bytes);
    weir_buffer_release(&text);
    return -1;
}

static int open_archive(struct weir_archive *archive, struct weir_error *error)
{
    struct weir_feed *feed = archive->members->feed;
    const uint8_t *head;
    size_t size;
    if (weir_feed_peek(feed, 6, &head, &size, error))
        return -1;
    if (size && head[0] == '7' && !weir_feed_seekable(feed))
        return weir_fail(error, WEIR_BAD_DATA,
                         "%s: a 7z archive is read from a file only, not from a pipe or compressed",
                         weir_feed_name(feed));
    archive->zip = size && head[0] == 'P' && head[1] == 'K';
    archive->tar = size && head[0] != '7' && !archive->zip;
    /* names become UTF-8 by the locale, and must be the same in any */
    archive->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    struct archive *libarchive = archive->libarchive = archive_read_new();
    if (!libarchive)
        return weir_fail_memory(error);
    archive_read_support_format_tar(libarchive);
    archive_read_support_format_zip(libarchive);
    archive_read_support_format_7zip(libarchive);
    archive_read_set_callback_data(libarchive, archive);
    archive_read_set_read_callback(libarchive, give);
    if (weir_feed_seekable(feed)) {
        archive_read_set_seek_callback(libarchive, seek);
        if (weir_feed_seek(feed, 0, error))
            return -1;
    }
    return archive_read_open1(libarchive) == ARCHIVE_OK ? 0 : failed(archive, error);
}

/* libarchive asks the thread's locale how to read names. */
static locale_t use_utf8(const struct weir_archive *archive)
{
    return archive->utf8 ? uselocale(archive->utf8) : (locale_t)0;
}

static void use_again(locale_t before)
{
    if (before)
        uselocale(before);
}

int weir_archive_open(struct weir_archive **archive_out, struct weir_members *members, struct weir_error *error)
{
    struct weir_archive *archive = *archive_out = weir_allocate_zero(1, sizeof *archive);
    if (!archive)
        return weir_fail_memory(error);
    archive->members = members;
    return open_archive(archive, error);
}

/* Every tar ends with blocks of zeros, every zip with a record; what follows must be readable too (a checksum of what
 * compresses it). */
static int check_end(struct weir_archive *archive, struct weir_error *error)
{
    const char *name = weir_feed_name(archive->members->feed);
    if (!archive->tar && !archive->zip)
        return 0;
    ssize_t got;
    do {
        const void *bytes;
        got = give(archive->libarchive, archive, &bytes);
    } while (got > 0);
    if (got < 0)
        return failed(archive, error);
    if (archive->zip ? !archive->marked : archive->zeros < TAR_BLOCK)
        return weir_fail(error, WEIR_BAD_DATA, "%s: the archive is cut: it ends without the mark of its end", name);
    return 0;
}

/* The path as it is named from now on; 0 when the member is to be passed over. */
static int take_path(struct weir_archive *archive, struct archive_entry *entry, struct weir_error *error)
{
    struct weir_members *members = archive->members;
    const char *path = archive_entry_pathname_utf8(entry), *feed = weir_feed_name(members->feed);
    if (!path)
        path = archive_entry_pathname(entry);
    if (!path || !*path)
        return weir_fail(error, WEIR_BAD_DATA, "%s: its member %lld has no name", feed, (long long)archive->count);
    while (path[0] == '.' && path[1] == '/') {
        path += 2;
        while (*path == '/')
            path++;
    }
    size_t length = strlen(path);
    if (length > WEIR_MEMBER_PATH)
        return weir_fail(error, WEIR_BAD_DATA, "%s: a path in it is longer than %d bytes", feed, WEIR_MEMBER_PATH);
    weir_buffer_append(&members->path, path, length);
    if (weir_buffer_check(&members->path, error))
        return -1;
    bool hidden = length == 0, leaves = *path == '/';
    for (const char *part = path; *part;) {
        size_t size = strcspn(part, "/\\");
        if (size == 2 && part[0] == '.' && part[1] == '.')
            leaves = true;
        hidden |= weir_member_is_hidden(part, size);
        part += size + (part[size] != 0);
    }
    if (leaves) {
        struct weir_buffer shown = { 0 };
        weir_buffer_escaped(&shown, path, length);
        weir_fail(error, WEIR_BAD_DATA,
                  "%s: its member '%s' has a path that leads out of it; archives with such are refused", feed,
                  shown.failed || !shown.bytes ? "" : shown.bytes);
        weir_buffer_release(&shown);
        return -1;
    }
    return !hidden;
}

/* Bytes of the file that what was unpacked came from. */
static int64_t stored(const struct weir_archive *archive)
{
    const struct weir_feed *feed = archive->members->feed;
    return weir_feed_seekable(feed) ? archive->taken : weir_feed_position(feed);
}

/* The member's bytes, no more than the limit. */
static int take_bytes(struct weir_archive *archive, const char **fault, struct weir_error *error)
{
    struct weir_buffer *bytes = &archive->members->bytes;
    for (;;) {
        if (weir_buffer_reserve(bytes, BLOCK))
            return weir_fail_memory(error);
        la_ssize_t got = archive_read_data(archive->libarchive, bytes->bytes + bytes->size, BLOCK);
        if (got == ARCHIVE_RETRY)
            continue;
        if (got == ARCHIVE_WARN || got == ARCHIVE_FAILED) {
            *fault = "its data in the archive is damaged";
            return archive->pulled.text[0] ? failed(archive, error) : 1;
        }
        if (got < 0)
            return failed(archive, error);
        archive->unpacked += got;
        if (archive->unpacked > WEIR_MEMBER_RATIO_FROM && archive->unpacked / WEIR_MEMBER_RATIO > stored(archive))
            return weir_fail(error, WEIR_BAD_DATA,
                             "%s: it unpacks to more than %d times its size, as archives do that are made to do harm",
                             weir_feed_name(archive->members->feed), WEIR_MEMBER_RATIO);
        if (got == 0)
            return 1;
        bytes->size += (size_t)got;
        if (bytes->size > WEIR_MEMBER_LIMIT) { /* the rest is read, and counted, too */
            *fault = WEIR_MEMBER_TOO_LARGE;
            bytes->size = 0;
        }
    }
}

static int next_member(struct weir_archive *archive, const char **fault, struct weir_error *error)
{
    struct weir_members *members = archive->members;
    while (!archive->ended) {
        struct archive_entry *entry;
        int code = archive_read_next_header(archive->libarchive, &entry);
        if (code == ARCHIVE_EOF) {
            archive->ended = true;
            return check_end(archive, error);
        }
        if (code == ARCHIVE_RETRY)
            continue;
        if (code < ARCHIVE_WARN)
            return failed(archive, error);
        if (++archive->count > WEIR_MEMBER_COUNT)
            return weir_fail(error, WEIR_BAD_DATA, "%s: it has more than %d members", weir_feed_name(members->feed),
                             WEIR_MEMBER_COUNT);
        weir_buffer_clear(&members->path);
        int taken = take_path(archive, entry, error);
        if (taken < 0)
            return -1;
        unsigned kind = archive_entry_filetype(entry);
        if (kind == AE_IFDIR)
            continue;
        if (!taken) {
            members->others++;
            continue;
        }
        if (archive_entry_hardlink(entry) || archive_entry_hardlink_utf8(entry) || kind == AE_IFLNK) {
            members->links++;
            continue;
        }
        if (kind != AE_IFREG) {
            members->others++;
            continue;
        }
        if (archive_entry_is_data_encrypted(entry)) {
            *fault = "it is encrypted";
            return 1;
        }
        return take_bytes(archive, fault, error);
    }
    return 0;
}

int weir_archive_next(struct weir_members *members, const char **fault, struct weir_error *error)
{
    struct weir_archive *archive = members->archive;
    locale_t before = use_utf8(archive);
    int code = next_member(archive, fault, error);
    use_again(before);
    return code;
}

void weir_archive_free(struct weir_archive *archive)
{
    if (!archive)
        return;
    if (archive->libarchive)
        archive_read_free(archive->libarchive);
    if (archive->utf8)
        freelocale(archive->utf8);
    free(archive);
}
