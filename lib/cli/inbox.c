#include "cli/inbox.h"

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
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HASH_BLOCK = 1 << 18, RECORD_SIZE = 128 };

/* What a file was when it was looked at. */
struct identity {
    int64_t size, modified; /* bytes, nanoseconds */
    uint64_t hash;
};

struct inbox {
    struct weir_run *run;
    const struct weir_inbox_options *options;
    int in, out, work, scored, failed, lock; /* folders; -1 when not open */
    int64_t made, earlier, waiting, changed, set_aside, left;
    struct weir_error first; /* the first failure that is not the data's */
};

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

static int64_t modified_at(const struct stat *status)
{
    return (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

/* ---- Folders ------------------------------------------------------------------------------------------------ */

static int open_folder(int parent, const char *name, bool make, struct weir_error *error)
{
    if (make && mkdirat(parent, name, 0777) != 0 && errno != EEXIST)
        return weir_fail_errno(error, WEIR_CANNOT_CREATE, "folder '%s'", name);
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder >= 0 ? folder
                       : weir_fail_errno(error, make ? WEIR_CANNOT_CREATE : WEIR_NO_INPUT, "folder '%s'", name);
}

static int take_lock(struct inbox *box, struct weir_error *error)
{
    box->lock = openat(box->out, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (box->lock < 0)
        return weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s/.lock'", box->options->out);
    if (flock(box->lock, LOCK_EX | LOCK_NB) == 0)
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

/* Names in a folder, sorted. */
static int list_folder(int folder, const char *path, struct weir_strings *names, struct weir_error *error)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
static int clear_work(struct inbox *box, struct weir_error *error)
{
    struct weir_strings names = { 0 };
    int result = list_folder(box->work, ".work", &names, error);
    for (size_t i = 0; i < names.count && result == 0; i++)
        if (unlinkat(box->work, names.items[i], 0) != 0)
            result = weir_fail_errno(error, WEIR_IO, "'%s/.work/%s'", box->options->out, names.items[i]);
    weir_strings_release(&names);
    return result;
}

static int open_folders(struct inbox *box, struct weir_error *error)
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

static void close_folders(struct inbox *box)
{
    int folders[] = { box->in, box->work, box->scored, box->failed, box->out, box->lock };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (folders[i] >= 0)
            close(folders[i]);
}

/* ---- Records ------------------------------------------------------------------------------------------------ */

static int hash_file(struct inbox *box, const char *name, uint64_t *hash, struct weir_error *error)
{
    int result = -1;
    int descriptor = openat(box->in, name, O_RDONLY | O_CLOEXEC);
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

static bool read_record(struct inbox *box, const char *name, struct identity *was)
{
    char text[RECORD_SIZE + 1];
    int descriptor = openat(box->scored, name, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    ssize_t got = weir_read_full(descriptor, text, RECORD_SIZE);
    close(descriptor);
    text[got > 0 ? got : 0] = 0;
    return sscanf(text, "%" SCNd64 " %" SCNd64 " %" SCNx64, &was->size, &was->modified, &was->hash) == 3;
}

/* A small file that appears complete: written under .work, synced and renamed. */
static int put_file(struct inbox *box, int folder, const char *name, const char *text, size_t length,
                    struct weir_error *error)
{
    int descriptor = openat(box->work, ".record", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good = descriptor >= 0 && weir_write_full(descriptor, text, length) == 0 && fsync(descriptor) == 0;
    if (descriptor >= 0)
        good = close(descriptor) == 0 && good;
    good = good && renameat(box->work, ".record", folder, name) == 0 && fsync(folder) == 0;
    return good ? 0 : weir_fail_errno(error, WEIR_IO, "a record of '%s' in '%s'", name, box->options->out);
}

static int write_record(struct inbox *box, const char *name, const struct identity *is, struct weir_error *error)
{
    char text[RECORD_SIZE];
    int length =
        snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %016" PRIx64 "\n", is->size, is->modified, is->hash);
    return put_file(box, box->scored, name, text, (size_t)length, error);
}

/* ---- One file ----------------------------------------------------------------------------------------------- */

static void warn_about(struct inbox *box, const char *name, const char *text)
{
    struct weir_buffer line = { 0 };
    weir_buffer_escaped(&line, box->options->in, strlen(box->options->in));
    weir_buffer_byte(&line, '/');
    weir_buffer_escaped(&line, name, strlen(name));
    weir_buffer_format(&line, ": %s", text);
    weir_warn(box->run, "%s", line.bytes ? line.bytes : text);
    weir_buffer_release(&line);
}

/* 1: the result stands already (and the input's change since then, if any, was reported); 0: no result yet. */
static int made_before(struct inbox *box, const char *name, const char *result_name, const struct stat *status,
                       struct weir_error *error)
{
    struct stat there;
    struct identity was, is = { status->st_size, modified_at(status), 0 };
    if (fstatat(box->out, result_name, &there, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : weir_fail_errno(error, WEIR_IO, "'%s/%s'", box->options->out, result_name);
    bool known = read_record(box, name, &was);
    if (known && was.size == is.size && was.modified == is.modified) {
        box->earlier++;
        return 1;
    }
    if (hash_file(box, name, &is.hash, error) != 0)
        return -1;
    if (known && (was.size != is.size || was.hash != is.hash)) {
        box->changed++;
        struct weir_buffer text = { 0 };
        weir_buffer_string(&text, "changed after it was scored; to score it again, move '");
        weir_buffer_escaped(&text, box->options->out, strlen(box->options->out));
        weir_buffer_byte(&text, '/');
        weir_buffer_escaped(&text, result_name, strlen(result_name));
        weir_buffer_string(&text, "' away");
        warn_about(box, name, text.bytes ? text.bytes : "changed after it was scored");
        weir_buffer_release(&text);
        return 1;
    }
    box->earlier++;
    return write_record(box, name, &is, error) == 0 ? 1 : -1;
}

/* Another file system cannot take a rename: copy, sync, then remove. */
static int copy_aside(struct inbox *box, const char *name, const char *aside)
{
    int from = openat(box->in, name, O_RDONLY | O_CLOEXEC);
    int to = openat(box->work, ".aside", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    char *block = weir_allocate(HASH_BLOCK, 1);
    ssize_t got = -1;
    if (from >= 0 && to >= 0 && block)
        while ((got = weir_read_some(from, block, HASH_BLOCK)) > 0)
            if (weir_write_full(to, block, (size_t)got) != 0) {
                got = -1;
                break;
            }
    bool good = got == 0 && fsync(to) == 0 && renameat(box->work, ".aside", box->failed, aside) == 0 &&
                unlinkat(box->in, name, 0) == 0;
    free(block);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return good ? 0 : -1;
}

/* Moves a bad file to OUT/failed with its reason; a name taken there gets a number. */
static int set_aside(struct inbox *box, const char *name, const struct weir_error *why, struct weir_error *error)
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

static bool same_file(struct inbox *box, const char *name, const struct identity *was)
{
    struct stat now;
    return fstatat(box->in, name, &now, 0) == 0 && now.st_size == was->size && modified_at(&now) == was->modified;
}

static int publish(struct inbox *box, const char *name, const char *result_name, const struct identity *is,
                   struct weir_error *error)
{
    if (write_record(box, name, is, error) != 0)
        return -1;
    if (renameat2(box->work, result_name, box->out, result_name, RENAME_NOREPLACE) != 0 &&
        (errno != EINVAL || renameat(box->work, result_name, box->out, result_name) != 0))
        return weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s/%s'", box->options->out, result_name);
    return fsync(box->out) == 0 ? 0 : weir_fail_errno(error, WEIR_IO, "folder '%s'", box->options->out);
}

static int make_result(struct inbox *box, const char *name, const char *result_name, const struct identity *is,
                       struct weir_error *error)
{
    struct weir_buffer input = { 0 }, output = { 0 };
    weir_buffer_format(&input, "%s/%s", box->options->in, name);
    weir_buffer_format(&output, "%s/.work/%s", box->options->out, result_name);
    int result = weir_buffer_check(&input, error);
    if (result == 0)
        result = weir_buffer_check(&output, error);
    if (result == 0)
        result = box->options->work(box->options->context, input.bytes, output.bytes, error);
    weir_buffer_release(&input);
    weir_buffer_release(&output);
    if (!same_file(box, name, is)) {
        unlinkat(box->work, result_name, 0);
        box->waiting++;
        warn_about(box, name, "changed while it was read; left for the next run");
        return 0;
    }
    if (result == 0)
        result = publish(box, name, result_name, is, error);
    if (result == 0)
        box->made++;
    return result;
}

static int take_file(struct inbox *box, const char *name, const struct stat *status, struct weir_error *error)
{
    char result_name[NAME_MAX + 1];
    struct identity is = { status->st_size, modified_at(status), 0 };
    if (snprintf(result_name, sizeof result_name, "%s.arrows", name) >= (int)sizeof result_name)
        return weir_fail(error, WEIR_CANNOT_CREATE, "the name is too long for a result beside it");
    int before = made_before(box, name, result_name, status, error);
    if (before != 0)
        return before < 0 ? -1 : 0;
    if (hash_file(box, name, &is.hash, error) != 0)
        return -1;
    return make_result(box, name, result_name, &is, error);
}

/* A file that waits: hidden, unfinished by its name, or changed a moment ago. */
static bool must_wait(struct inbox *box, const char *name, const struct stat *status)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - modified_at(status);
    return ends_with(name, ".tmp") || ends_with(name, ".part") || age < box->options->settle * 1000000000;
}

static void visit(struct inbox *box, const char *name)
{
    struct stat status;
    struct weir_error error = { 0 }, aside = { 0 };
    if (name[0] == '.' || fstatat(box->in, name, &status, 0) != 0 || !S_ISREG(status.st_mode))
        return;
    if (must_wait(box, name, &status)) {
        box->waiting++;
        return;
    }
    if (take_file(box, name, &status, &error) == 0)
        return;
    warn_about(box, name, error.text);
    if (error.status == WEIR_BAD_DATA && set_aside(box, name, &error, &aside) == 0) {
        box->set_aside++;
        return;
    }
    if (error.status == WEIR_BAD_DATA) {
        warn_about(box, name, aside.text);
        error = aside;
    }
    box->left++;
    if (box->first.status == WEIR_OK)
        box->first = error;
}

static void summarize(struct inbox *box)
{
    struct weir_buffer line = { 0 };
    const struct {
        int64_t count;
        const char *what;
    } parts[] = {
        { box->earlier, "scored before" },
        { box->waiting, "waiting" },
        { box->changed, "changed since they were scored" },
        { box->set_aside, "set aside in failed" },
        { box->left, "left for the next run" },
    };
    weir_buffer_format(&line, "%" PRId64 " file%s scored", box->made, box->made == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].count > 0)
            weir_buffer_format(&line, ", %" PRId64 " %s", parts[i].count, parts[i].what);
    if (!line.failed)
        weir_note(box->run, "%s", line.bytes);
    weir_buffer_release(&line);
}

int weir_inbox_run(struct weir_run *run, const struct weir_inbox_options *options, struct weir_error *error)
{
    struct inbox box = {
        .run = run, .options = options, .in = -1, .out = -1, .work = -1, .scored = -1, .failed = -1, .lock = -1
    };
    struct weir_strings names = { 0 };
    run->sink_opened = true; /* results go to files: no failure is told on standard output */
    int result = open_folders(&box, error);
    if (result == 0)
        result = list_folder(box.in, options->in, &names, error);
    for (size_t i = 0; i < names.count && result == 0; i++)
        visit(&box, names.items[i]);
    if (result == 0) {
        summarize(&box);
        if (box.first.status != WEIR_OK)
            result = weir_fail(error, box.first.status, "%" PRId64 " file%s could not be scored", box.left,
                               box.left == 1 ? "" : "s");
        else if (box.set_aside > 0)
            result = weir_fail(error, WEIR_BAD_DATA, "%" PRId64 " bad file%s set aside in '%s/failed'", box.set_aside,
                               box.set_aside == 1 ? "" : "s", options->out);
    }
    weir_strings_release(&names);
    close_folders(&box);
    return result;
}
