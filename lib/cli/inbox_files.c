/* The folders of an inbox: opening and locking them, records of what was done, files that are set aside. */
#include "cli/inbox_private.h"

#include "base/descriptor.h"
#include "base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HASH_BLOCK = 1 << 18, RECORD_SIZE = 128 };

static int open_folder(int parent, const char *name, bool make, struct weir_error *error)
{
    if (make && mkdirat(parent, name, 0777) != 0 && errno != EEXIST)
        return weir_fail_errno(error, WEIR_CANNOT_CREATE, "folder '%s'", name);
    int folder = weir_open_at(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return folder >= 0 ? folder
                       : weir_fail_errno(error, make ? WEIR_CANNOT_CREATE : WEIR_NO_INPUT, "folder '%s'", name);
}

static int take_lock(struct weir_inbox *box, struct weir_error *error)
{
    box->lock = weir_open_at(box->out, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (box->lock < 0)
        return weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s/.lock'", box->options->out);
    if (weir_lock(box->lock) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return weir_fail(error, WEIR_TRY_AGAIN, "another run holds '%s/.lock'; try again when it is done",
                         box->options->out);
    return weir_fail_errno(error, WEIR_IO, "'%s/.lock'", box->options->out);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int weir_inbox_list(int folder, const char *path, struct weir_strings *names, struct weir_error *error)
{
    int again = weir_open_at(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    DIR *directory = again >= 0 ? fdopendir(again) : NULL;
    if (!directory) {
        weir_fail_errno(error, WEIR_IO, "folder '%s'", path);
        if (again >= 0)
            close(again);
        return -1;
    }
    int result = 0;
    struct dirent *entry;
    errno = 0;
    while (result == 0 && (entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            weir_strings_add(names, entry->d_name, strlen(entry->d_name)) != 0)
            result = weir_fail_memory(error);
        errno = 0;
    }
    if (result == 0 && errno != 0)
        result = weir_fail_errno(error, WEIR_IO, "folder '%s'", path);
    closedir(directory);
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    return result;
}

/* Whatever a killed run left half done. */
static int clear_work(struct weir_inbox *box, struct weir_error *error)
{
    struct weir_strings names = { 0 };
    int result = weir_inbox_list(box->work, ".work", &names, error);
    for (size_t i = 0; i < names.count && result == 0; i++)
        if (unlinkat(box->work, names.items[i], 0) != 0)
            result = weir_fail_errno(error, WEIR_IO, "'%s/.work/%s'", box->options->out, names.items[i]);
    weir_strings_release(&names);
    return result;
}

int weir_inbox_open(struct weir_inbox *box, struct weir_error *error)
{
    struct stat in, out;
    if ((box->in = open_folder(AT_FDCWD, box->options->in, false, error)) < 0 ||
        (box->out = open_folder(AT_FDCWD, box->options->out, true, error)) < 0)
        return -1;
    if (fstat(box->in, &in) != 0 || fstat(box->out, &out) != 0)
        return weir_fail_errno(error, WEIR_IO, "folders '%s' and '%s'", box->options->in, box->options->out);
    if (in.st_dev == out.st_dev && in.st_ino == out.st_ino)
        return weir_fail(error, WEIR_USAGE, "the folders --in and --out are the same, '%s'", box->options->in);
    if (take_lock(box, error) != 0)
        return -1;
    if ((box->work = open_folder(box->out, ".work", true, error)) < 0 ||
        (box->scored = open_folder(box->out, ".scored", true, error)) < 0 ||
        (box->failed = open_folder(box->out, "failed", true, error)) < 0)
        return -1;
    return clear_work(box, error);
}

void weir_inbox_close(struct weir_inbox *box)
{
    int folders[] = { box->in, box->work, box->scored, box->failed, box->out, box->lock };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (folders[i] >= 0)
            close(folders[i]);
}

int weir_inbox_hash(struct weir_inbox *box, const char *name, uint64_t *hash, struct weir_error *error)
{
    int result = -1;
    int descriptor = weir_open_at(box->in, name, O_RDONLY | O_CLOEXEC, 0);
    struct weir_hasher *hasher = weir_hasher_new();
    char *block = weir_allocate(HASH_BLOCK, 1);
    ssize_t got;
    if (descriptor < 0) {
        weir_fail_errno(error, WEIR_NO_INPUT, "'%s/%s'", box->options->in, name);
        goto cleanup;
    }
    if (!hasher || !block) {
        weir_fail_memory(error);
        goto cleanup;
    }
    while ((got = weir_read_some(descriptor, block, HASH_BLOCK)) > 0)
        weir_hasher_add(hasher, block, (size_t)got);
    if (got < 0) {
        weir_fail_errno(error, WEIR_IO, "'%s/%s'", box->options->in, name);
        goto cleanup;
    }
    *hash = weir_hasher_digest(hasher);
    result = 0;
cleanup:
    free(block);
    weir_hasher_free(hasher);
    if (descriptor >= 0)
        close(descriptor);
    return result;
}

bool weir_inbox_read_record(struct weir_inbox *box, const char *name, struct weir_inbox_identity *was)
{
    char text[RECORD_SIZE + 1];
    int descriptor = weir_open_at(box->scored, name, O_RDONLY | O_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    ssize_t got = weir_read_full(descriptor, text, RECORD_SIZE);
    close(descriptor);
    text[got > 0 ? got : 0] = 0;
    return sscanf(text, "%" SCNd64 " %" SCNd64 " %" SCNx64, &was->size, &was->modified, &was->hash) == 3;
}

/* A small file that appears complete: written under .work, synced and renamed. */
static int put_file(struct weir_inbox *box, int folder, const char *name, const char *text, size_t length,
                    struct weir_error *error)
{
    int descriptor = weir_open_at(box->work, ".record", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good = descriptor >= 0 && weir_write_full(descriptor, text, length) == 0 && weir_sync(descriptor) == 0;
    if (descriptor >= 0)
        good = close(descriptor) == 0 && good;
    good = good && renameat(box->work, ".record", folder, name) == 0 && weir_sync(folder) == 0;
    return good ? 0 : weir_fail_errno(error, WEIR_IO, "a record of '%s' in '%s'", name, box->options->out);
}

int weir_inbox_write_record(struct weir_inbox *box, const char *name, const struct weir_inbox_identity *is,
                            struct weir_error *error)
{
    char text[RECORD_SIZE];
    int length =
        snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %016" PRIx64 "\n", is->size, is->modified, is->hash);
    return put_file(box, box->scored, name, text, (size_t)length, error);
}

/* Another file system cannot take a rename: copy, sync, then remove. */
static int copy_aside(struct weir_inbox *box, const char *name, const char *aside)
{
    int from = weir_open_at(box->in, name, O_RDONLY | O_CLOEXEC, 0);
    int to = weir_open_at(box->work, ".aside", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    char *block = weir_allocate(HASH_BLOCK, 1);
    ssize_t got = -1;
    if (from >= 0 && to >= 0 && block)
        while ((got = weir_read_some(from, block, HASH_BLOCK)) > 0)
            if (weir_write_full(to, block, (size_t)got) != 0) {
                got = -1;
                break;
            }
    bool good = got == 0 && weir_sync(to) == 0 && renameat(box->work, ".aside", box->failed, aside) == 0 &&
                unlinkat(box->in, name, 0) == 0;
    free(block);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return good ? 0 : -1;
}

int weir_inbox_set_aside(struct weir_inbox *box, const char *name, const struct weir_error *why,
                         struct weir_error *error)
{
    char aside[NAME_MAX + 1], reason[NAME_MAX + 1];
    struct stat there;
    int n = 0, length;
    do {
        length = n == 0 ? snprintf(aside, sizeof aside, "%s", name) : snprintf(aside, sizeof aside, "%s.%d", name, n);
        n++;
    } while (length < (int)sizeof aside && fstatat(box->failed, aside, &there, AT_SYMLINK_NOFOLLOW) == 0);
    int reason_length = snprintf(reason, sizeof reason, "%s.reason", aside);
    if (length >= (int)sizeof aside || reason_length >= (int)sizeof reason)
        return weir_fail(error, WEIR_CANNOT_CREATE, "'%s': the name is too long to set the file aside", name);
    struct weir_buffer text = { 0 };
    weir_buffer_format(&text, "%s\n", why->text);
    int result = weir_buffer_check(&text, error);
    if (result == 0)
        result = put_file(box, box->failed, reason, text.bytes, text.size, error);
    weir_buffer_release(&text);
    if (result == 0 && renameat(box->in, name, box->failed, aside) != 0 &&
        (errno != EXDEV || copy_aside(box, name, aside) != 0))
        return weir_fail_errno(error, WEIR_IO, "cannot move '%s/%s' to '%s/failed'", box->options->in, name,
                               box->options->out);
    return result;
}
