/* gzip is read with zlib and not with libarchive, which does not compare its checksum. */
#include "format/unpacker.h"
#include "base/memory.h"
#include <archive.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { INPUT_SIZE = 1 << 18 };

struct weir_unpacker {
    const char *compression;
    weir_pull *pull;
    void *context;
    struct weir_error pulled; /* what went wrong in pull, while a library was calling it */
    struct archive *archive;  /* all but gzip */
    int64_t taken;            /* bytes that libarchive has been given, the last of them input[size] */
    size_t size;
    z_stream zlib; /* gzip */
    bool zlib_open, in_member, ended;
    uint8_t input[INPUT_SIZE];
};

struct magic {
    const char *compression;
    uint8_t bytes[6];
    size_t size;
};

static const struct magic magics[] = {
    { "gzip", { 0x1f, 0x8b }, 2 },
    { "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6 },
    { "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4 },
    { "bzip2", { 'B', 'Z', 'h' }, 3 },
};

const char *weir_unpacker_sniff(const uint8_t *head, size_t size)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (size >= magics[i].size && memcmp(head, magics[i].bytes, magics[i].size) == 0) {
            /* "BZh" could begin a text: bzip2 goes on with the level and a block, or the end, which have marks. */
            if (magics[i].bytes[0] == 'B' && (size < 5 || head[3] < '1' || head[3] > '9' ||
                                              !((head[4] == 0x31 && (size < 6 || head[5] == 0x41)) ||
                                                (head[4] == 0x17 && (size < 6 || head[5] == 0x72)))))
                continue;
            return magics[i].compression;
        }
    return NULL;
}

static la_ssize_t archive_pull(struct archive *archive, void *context, const void **bytes)
{
    struct weir_unpacker *unpacker = context;
    ssize_t got = unpacker->pull(unpacker->context, unpacker->input, sizeof unpacker->input, &unpacker->pulled);
    if (got < 0)
        archive_set_error(archive, ARCHIVE_FATAL, "%s", unpacker->pulled.text);
    *bytes = unpacker->input;
    if (got > 0) {
        unpacker->size = (size_t)got;
        unpacker->taken += got;
    }
    return got;
}

static int archive_failed(struct weir_unpacker *unpacker, struct weir_error *error)
{
    if (unpacker->pulled.text[0]) {
        if (error)
            *error = unpacker->pulled;
        return -1;
    }
    const char *text = archive_error_string(unpacker->archive);
    return weir_fail(error, WEIR_BAD_DATA, "its %s data is cut or damaged: %s", unpacker->compression,
                     text ? text : "no reason given");
}

static int open_archive(struct weir_unpacker *unpacker, struct weir_error *error)
{
    struct archive *archive = unpacker->archive = archive_read_new();
    if (!archive)
        return weir_fail_memory(error);
    archive_read_support_format_raw(archive);
    archive_read_support_format_empty(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_filter_bzip2(archive);
    struct archive_entry *entry;
    if (archive_read_open(archive, unpacker, NULL, archive_pull, NULL) != ARCHIVE_OK)
        return archive_failed(unpacker, error);
    int code = archive_read_next_header(archive, &entry);
    if (code == ARCHIVE_EOF)
        unpacker->ended = true; /* compressed nothing */
    else if (code != ARCHIVE_OK)
        return archive_failed(unpacker, error);
    if (archive_filter_count(archive) != 2)
        return weir_fail(error, WEIR_BAD_DATA, "its %s data is damaged, or compressed twice", unpacker->compression);
    return 0;
}

int weir_unpacker_new(struct weir_unpacker **unpacker_out, const char *compression, weir_pull *pull, void *context,
                      struct weir_error *error)
{
    *unpacker_out = NULL;
    struct weir_unpacker *unpacker = weir_allocate_zero(1, sizeof *unpacker);
    if (!unpacker)
        return weir_fail_memory(error);
    unpacker->compression = compression;
    unpacker->pull = pull;
    unpacker->context = context;
    if (strcmp(compression, "gzip") == 0) {
        if (inflateInit2(&unpacker->zlib, 15 + 16) != Z_OK) {
            weir_fail_memory(error);
            goto failed;
        }
        unpacker->zlib_open = true;
    } else if (open_archive(unpacker, error))
        goto failed;
    *unpacker_out = unpacker;
    return 0;
failed:
    weir_unpacker_free(unpacker);
    return -1;
}

void weir_unpacker_free(struct weir_unpacker *unpacker)
{
    if (!unpacker)
        return;
    if (unpacker->archive)
        archive_read_free(unpacker->archive);
    if (unpacker->zlib_open)
        inflateEnd(&unpacker->zlib);
    free(unpacker);
}

/* More input for zlib: 1 there is some, 0 the end. */
static int refill(struct weir_unpacker *unpacker, struct weir_error *error)
{
    if (unpacker->zlib.avail_in)
        return 1;
    ssize_t got = unpacker->pull(unpacker->context, unpacker->input, sizeof unpacker->input, error);
    if (got <= 0)
        return (int)got;
    unpacker->zlib.next_in = unpacker->input;
    unpacker->zlib.avail_in = (uInt)got;
    return 1;
}

/* Members may follow one another (as `cat a.gz b.gz` makes them); after a member zeros may fill up the rest. */
static ssize_t read_gzip(struct weir_unpacker *unpacker, void *bytes, size_t size, struct weir_error *error)
{
    z_stream *zlib = &unpacker->zlib;
    zlib->next_out = bytes;
    zlib->avail_out = (uInt)(size < 1 << 30 ? size : 1 << 30);
    uInt room = zlib->avail_out;
    while (zlib->avail_out == room) {
        int more = refill(unpacker, error);
        if (more < 0)
            return -1;
        if (more == 0) {
            if (unpacker->in_member)
                return weir_fail(error, WEIR_BAD_DATA, "its gzip data is cut: the end is missing");
            unpacker->ended = true;
            return 0;
        }
        if (!unpacker->in_member) {
            if (zlib->total_in && *zlib->next_in == 0) {
                zlib->next_in++, zlib->avail_in--;
                continue;
            }
            unpacker->in_member = true;
        }
        int code = inflate(zlib, Z_NO_FLUSH);
        if (code == Z_STREAM_END) {
            unpacker->in_member = false;
            uLong total = zlib->total_in;
            inflateReset(zlib);
            zlib->total_in = total;
        } else if (code == Z_MEM_ERROR)
            return weir_fail_memory(error);
        else if (code != Z_OK && code != Z_BUF_ERROR)
            return weir_fail(error, WEIR_BAD_DATA, "its gzip data is damaged: %s", zlib->msg ? zlib->msg : "no reason");
    }
    return (ssize_t)(room - zlib->avail_out);
}

/* Behind the last member that libarchive knows as one only zeros may stand: a damaged member of bzip2 is none to it. */
static int check_end(struct weir_unpacker *unpacker, struct weir_error *error)
{
    int64_t unused = unpacker->taken - archive_filter_bytes(unpacker->archive, -1);
    size_t size = unused < (int64_t)unpacker->size ? (size_t)unused : unpacker->size;
    const uint8_t *bytes = unpacker->input + unpacker->size - size;
    for (;;) {
        for (size_t i = 0; i < size; i++)
            if (bytes[i])
                return weir_fail(error, WEIR_BAD_DATA, "its %s data is cut or damaged: other bytes follow it",
                                 unpacker->compression);
        bytes = unpacker->input;
        ssize_t got = unpacker->pull(unpacker->context, unpacker->input, sizeof unpacker->input, error);
        if (got <= 0)
            return (int)got;
        size = (size_t)got;
    }
}

ssize_t weir_unpacker_read(struct weir_unpacker *unpacker, void *bytes, size_t size, struct weir_error *error)
{
    if (unpacker->ended)
        return 0;
    if (unpacker->zlib_open)
        return read_gzip(unpacker, bytes, size, error);
    la_ssize_t got = archive_read_data(unpacker->archive, bytes, size);
    if (got < 0)
        return archive_failed(unpacker, error);
    if (got == 0) {
        unpacker->ended = true;
        return check_end(unpacker, error);
    }
    return got;
}
