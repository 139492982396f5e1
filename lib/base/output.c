/* Files that appear complete or not at all: written beside the target, synced, renamed. */
#include "base/descriptor.h"
#include "base/memory.h"
#include "base/random.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The names of the files that are open as outputs, where a signal handler can read them: the one state of the process
 * in this room, because signals are the process's too. A slot is written only by the thread that took it (FREE to
 * TAKEN), and its name is only read in the state OPEN. A slot that the handler has emptied is never used again. */
enum slot_state { FREE, TAKEN, OPEN, REMOVED };
enum { SLOTS = 272 }; /* partition's 256 files, and some */
static struct slot {
    atomic_int state;
    char name[PATH_MAX];
} slots[SLOTS];

static struct slot *take_slot(void)
{
    for (int i = 0; i < SLOTS; i++) {
        int state = FREE;
        if (atomic_compare_exchange_strong(&slots[i].state, &state, TAKEN))
            return &slots[i];
    }
    return NULL;
}

static void give_back(struct slot *slot)
{
    int state = OPEN;
    if (atomic_compare_exchange_strong(&slot->state, &state, TAKEN))
        atomic_store(&slot->state, FREE);
}

static struct slot *find_slot(const char *name)
{
    for (int i = 0; i < SLOTS; i++)
        if (atomic_load(&slots[i].state) == OPEN && strcmp(slots[i].name, name) == 0)
            return &slots[i];
    return NULL;
}

void weir_output_abandon_all(void)
{
    int kept = errno;
    for (int i = 0; i < SLOTS; i++) {
        int state = OPEN;
        if (atomic_compare_exchange_strong(&slots[i].state, &state, REMOVED))
            unlink(slots[i].name);
    }
    errno = kept;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The directory part of path ("." when there is none), to be freed; *name is the rest, within path. */
static char *directory_of(const char *path, const char **name)
{
    *name = last_name(path);
    size_t before = (size_t)(*name - path);
    if (before == 0)
        return weir_duplicate_string(".");
    return weir_duplicate_bytes(path, before == 1 ? 1 : before - 1);
}

/* Where a link that leads nowhere yet points to, one step: a new path, or NULL with errno (EINVAL: not a link). */
static char *follow_once(const char *path)
{
    char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0)
        return NULL;
    target[length] = 0;
    const char *slash = strrchr(path, '/');
    size_t before = target[0] == '/' || !slash ? 0 : (size_t)(slash - path) + 1;
    char *joined = weir_allocate(before + (size_t)length + 1, 1);
    if (!joined)
        return NULL;
    memcpy(joined, path, before);
    memcpy(joined + before, target, (size_t)length + 1);
    return joined;
}

/* The path with every link followed, the last one too, even when the file does not exist yet. NULL with errno. */
static char *resolve(const char *path)
{
    char *current = weir_duplicate_string(path);
    for (int steps = 0; current && steps < 40; steps++) {
        char *real = realpath(current, NULL);
        if (real || errno != ENOENT) {
            free(current);
            return real;
        }
        char *next = follow_once(current);
        if (!next) {
            if (errno == EINVAL || errno == ENOENT)
                return current; /* nothing there: the file will be made */
            free(current);
            return NULL;
        }
        free(current);
        current = next;
    }
    if (current) {
        free(current);
        errno = ELOOP;
    }
    return NULL;
}

/* Six letters from the kernel's generator; the clock would do no harm, but two runs may share it. */
static int random_letters(char out[6])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char raw[6];
    if (weir_random_secret(raw, sizeof raw, NULL) < 0)
        return -1;
    for (int i = 0; i < 6; i++)
        out[i] = letters[raw[i] & 31];
    return 0;
}

/* ".NAME.XXXXXX" in the folder of the target, to be freed. NULL with the message. */
static char *name_beside(const char *path, struct weir_error *error)
{
    const char *name;
    char *directory = directory_of(path, &name), *beside = NULL;
    size_t head = directory ? strlen(directory) : 0, tail = strlen(name);
    if (tail > NAME_MAX - 8)
        tail = NAME_MAX - 8; /* room for the dot in front and the ".XXXXXX" behind */
    size_t room = head + 2 + tail + 8;
    if (directory && (tail == 0 || room > sizeof slots[0].name)) {
        errno = tail > 0 ? ENAMETOOLONG : head > 1 ? EISDIR : ENOENT;
        weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s'", path);
    } else if (!directory || !(beside = weir_allocate(room, 1))) {
        weir_fail_memory(error);
    } else {
        memcpy(beside, directory, head);
        memcpy(beside + head, "/.", 2);
        memcpy(beside + head + 2, name, tail);
        memcpy(beside + head + 2 + tail, ".XXXXXX", 8);
    }
    free(directory);
    return beside;
}

/* Makes the file of that name, with other letters in the place of the last six, and puts it into the slot, where the
 * handler finds it: its descriptor, or -1 with errno. */
static int create(char *name, struct slot *slot, mode_t mode)
{
    size_t size = strlen(name) + 1;
    sigset_t all, before;
    sigfillset(&all);
    for (int attempt = 0; attempt < 100; attempt++) {
        if (random_letters(name + size - 7))
            return -1;
        memcpy(slot->name, name, size);
        /* No signal of this thread may fall between the file and its name in the slot. */
        pthread_sigmask(SIG_SETMASK, &all, &before);
        int descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode), reason = errno;
        if (descriptor >= 0)
            atomic_store(&slot->state, OPEN);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        errno = reason;
        if (descriptor >= 0 || (errno != EEXIST && errno != EINTR))
            return descriptor;
    }
    return -1;
}

/* The owner first, for the mode's sake; that a user may not give files away is no error. */
static int take_over(const struct weir_output *output, const struct stat *old, struct weir_error *error)
{
    bool owned = fchown(output->descriptor, old->st_uid, old->st_gid) == 0 || errno == EPERM || errno == EINVAL;
    if (owned && fchmod(output->descriptor, old->st_mode & 0777) == 0)
        return 0;
    return weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s'", output->path);
}

/* Opens the file beside the target. */
static int open_beside(struct weir_output *output, const struct stat *old, struct weir_error *error)
{
    char *beside = name_beside(output->path, error);
    struct slot *slot = beside ? take_slot() : NULL;
    if (!beside)
        return -1;
    if (!slot)
        weir_fail(error, WEIR_CANNOT_CREATE, "'%s': more than %d files are being written", output->path, SLOTS);
    else if ((output->descriptor = create(beside, slot, old ? 0600 : 0666)) < 0)
        weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s'", output->path);
    else
        output->temporary = beside;
    if (output->temporary)
        return old ? take_over(output, old, error) : 0;
    if (slot)
        atomic_store(&slot->state, FREE);
    free(beside);
    return -1;
}

int weir_output_open(struct weir_output *output, const char *path, struct weir_error *error)
{
    *output = (struct weir_output){ .descriptor = -1 };
    struct stat status;
    bool exists = stat(path, &status) == 0;
    if (!exists && errno != ENOENT)
        return weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s'", path);
    if (exists && !S_ISREG(status.st_mode)) {
        output->path = weir_duplicate_string(path);
        if (!output->path)
            return weir_fail_memory(error);
        output->descriptor = weir_open_at(AT_FDCWD, path, O_WRONLY | O_CLOEXEC | O_NOCTTY, 0);
        if (output->descriptor < 0) {
            weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s'", path);
            weir_output_abandon(output);
            return -1;
        }
        return 0;
    }
    output->path = resolve(path);
    if (!output->path)
        return errno == ENOMEM ? weir_fail_memory(error) : weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s'", path);
    if (exists && access(output->path, W_OK) != 0) {
        /* A file that may not be written must not be replaced either, though the directory would allow it. */
        weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s'", path);
        weir_output_abandon(output);
        return -1;
    }
    if (open_beside(output, exists ? &status : NULL, error)) {
        weir_output_abandon(output);
        return -1;
    }
    return 0;
}

/* The folder that the file will be in. */
static bool find_folder(const struct weir_output *output, struct stat *folder)
{
    char path[PATH_MAX];
    size_t length = (size_t)(strrchr(output->temporary, '/') - output->temporary);
    memcpy(path, output->temporary, length);
    path[length] = 0;
    return stat(path, folder) == 0;
}

bool weir_output_same(const struct weir_output *a, const struct weir_output *b)
{
    struct stat in_a, in_b;
    return a->temporary && b->temporary && strcmp(last_name(a->path), last_name(b->path)) == 0 &&
           find_folder(a, &in_a) && find_folder(b, &in_b) && in_a.st_dev == in_b.st_dev && in_a.st_ino == in_b.st_ino;
}

/* Forgets the name, closes and frees; the file itself stays as it is. */
static void release(struct weir_output *output)
{
    if (output->temporary) {
        struct slot *slot = find_slot(output->temporary);
        if (slot)
            give_back(slot);
    }
    if (output->path && output->descriptor >= 0)
        close(output->descriptor);
    free(output->temporary);
    free(output->path);
    *output = (struct weir_output){ .descriptor = -1 };
}

/* The new name is on the disk when the directory is. A directory that cannot be read or synced is no error. */
static int sync_directory(const char *directory)
{
    int descriptor = weir_open_at(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (descriptor < 0)
        return 0;
    int result = weir_sync(descriptor);
    if (result && errno != EIO && errno != ENOSPC && errno != EDQUOT)
        result = 0;
    int reason = errno;
    close(descriptor);
    errno = reason;
    return result;
}

int weir_output_commit(struct weir_output *output, struct weir_error *error)
{
    const char *name;
    char *directory = directory_of(output->path, &name); /* now: behind the rename nothing may fail but the disk */
    if (!directory)
        goto failed;
    int synced = weir_sync(output->descriptor);
    if (synced && !output->temporary && errno != EIO && errno != ENOSPC && errno != EDQUOT)
        synced = 0; /* pipes and terminals have nothing to sync */
    if (synced)
        goto failed;
    int closed = close(output->descriptor);
    output->descriptor = -1;
    if (closed && errno != EINTR)
        goto failed;
    if (output->temporary && (rename(output->temporary, output->path) || sync_directory(directory)))
        goto failed;
    free(directory);
    release(output);
    return 0;
failed:
    weir_fail_errno(error, WEIR_IO, "'%s'", output->path);
    free(directory);
    weir_output_abandon(output);
    return -1;
}

void weir_output_abandon(struct weir_output *output)
{
    if (output->temporary)
        unlink(output->temporary);
    release(output);
}
