/* A folder and the folders in it, in the byte order of the paths: the names of one folder are sorted as if those of
 * folders ended with a slash. Only the names of the folders on the way are held. */
#include "base/descriptor.h"
#include "format/members_private.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct level {
    int descriptor;
    char **names; /* sorted; folders end with a slash */
    size_t count, capacity, at;
    size_t path_length; /* of the folder's own path, with the slash */
};

struct weir_folder {
    struct level levels[WEIR_MEMBER_DEPTH];
    int depth;
    struct weir_buffer path;
    const struct stat *leave_out; /* borrowed */
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int fail_at(const struct weir_members *members, const char *path, struct weir_error *error)
{
    struct weir_buffer shown = { 0 };
    int reason = errno;
    weir_buffer_escaped(&shown, path, strlen(path));
    errno = reason;
    weir_fail_errno(error, WEIR_NO_INPUT, "%s: cannot read '%s'", weir_feed_name(members->feed),
                    shown.failed || !shown.bytes ? "" : shown.bytes);
    weir_buffer_release(&shown);
    return -1;
}

static int add_name(struct level *level, const char *name, bool folder)
{
    size_t length = strlen(name);
    if (weir_grow((void **)&level->names, &level->capacity, level->count + 1, sizeof *level->names))
        return -1;
    char *copy = weir_allocate(length + 2, 1);
    if (!copy)
        return -1;
    memcpy(copy, name, length);
    copy[length] = '/';
    copy[length + folder] = 0;
    level->names[level->count++] = copy;
    return 0;
}

static void close_level(struct level *level)
{
    for (size_t i = 0; i < level->count; i++)
        free(level->names[i]);
    free(level->names);
    if (level->descriptor >= 0)
        close(level->descriptor);
    *level = (struct level){ .descriptor = -1 };
}

static int open_in(int folder, const char *name, int flags)
{
    return weir_open_at(folder, name, flags | O_RDONLY | O_CLOEXEC, 0);
}

/* What an entry is: 'f' a file, 'd' a folder, 'l' a link, 'o' something else; 0 and errno. */
static char kind_of(int folder, const struct dirent *entry)
{
    mode_t mode;
    struct stat status;
    if (entry->d_type == DT_UNKNOWN) {
        if (fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW))
            return 0;
        mode = status.st_mode;
    } else
        mode = DTTOIF(entry->d_type);
    return S_ISREG(mode) ? 'f' : S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : 'o';
}

/* Reads the names of the folder `descriptor`, which is taken over. */
static int enter(struct weir_members *members, struct weir_folder *folder, int descriptor, struct weir_error *error)
{
    const char *feed = weir_feed_name(members->feed);
    if (folder->depth == WEIR_MEMBER_DEPTH) {
        close(descriptor);
        return weir_fail(error, WEIR_BAD_DATA, "%s: more than %d folders within each other", feed, WEIR_MEMBER_DEPTH);
    }
    struct level *level = &folder->levels[folder->depth++];
    *level = (struct level){ .descriptor = descriptor, .path_length = folder->path.size };
    int again = open_in(descriptor, ".", O_DIRECTORY);
    DIR *directory = again >= 0 ? fdopendir(again) : NULL;
    if (!directory) {
        fail_at(members, folder->path.size ? folder->path.bytes : ".", error);
        if (again >= 0)
            close(again);
        return -1;
    }
    int code = 0;
    struct dirent *entry;
    while (code == 0 && (errno = 0, entry = readdir(directory))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        char kind = kind_of(descriptor, entry);
        if (kind == 'l')
            members->links++;
        else if (weir_member_is_hidden(name, strlen(name)) || kind == 'o' || !kind)
            members->others++;
        else if (level->count == WEIR_MEMBER_COUNT)
            code = weir_fail(error, WEIR_BAD_DATA, "%s: a folder holds more than %d files", feed, WEIR_MEMBER_COUNT);
        else if (add_name(level, name, kind == 'd'))
            code = weir_fail_memory(error);
    }
    if (code == 0 && errno)
        code = fail_at(members, folder->path.size ? folder->path.bytes : ".", error);
    closedir(directory);
    if (level->count)
        qsort(level->names, level->count, sizeof *level->names, compare_names);
    return code;
}

int weir_folder_open(struct weir_folder **folder_out, struct weir_members *members, const struct stat *leave_out,
                     struct weir_error *error)
{
    struct weir_folder *folder = *folder_out = weir_allocate_zero(1, sizeof *folder);
    if (!folder)
        return weir_fail_memory(error);
    folder->leave_out = leave_out;
    int descriptor = fcntl(weir_feed_folder(members->feed), F_DUPFD_CLOEXEC, 3);
    return descriptor < 0 ? fail_at(members, ".", error) : enter(members, folder, descriptor, error);
}

/* The bytes of an open file. */
static int read_file(struct weir_members *members, int descriptor, size_t size, const char **fault,
                     struct weir_error *error)
{
    struct weir_buffer *bytes = &members->bytes;
    if (size > WEIR_MEMBER_LIMIT) {
        *fault = WEIR_MEMBER_TOO_LARGE;
        return 0;
    }
    for (;;) { /* one byte more than it was, to see its end */
        if (weir_buffer_reserve(bytes, size + 1))
            return weir_fail_memory(error);
        ssize_t got = weir_read_full(descriptor, bytes->bytes + bytes->size, size + 1);
        if (got < 0)
            return fail_at(members, members->path.bytes, error);
        bytes->size += (size_t)got;
        if ((size_t)got <= size)
            return 0;
        if (bytes->size > WEIR_MEMBER_LIMIT) {
            *fault = WEIR_MEMBER_TOO_LARGE;
            return 0;
        }
    }
}

int weir_folder_next(struct weir_members *members, const char **fault, struct weir_error *error)
{
    struct weir_folder *folder = members->folder;
    while (folder->depth) {
        struct level *level = &folder->levels[folder->depth - 1];
        folder->path.size = level->path_length;
        if (level->at == level->count) {
            close_level(level);
            folder->depth--;
            continue;
        }
        char *name = level->names[level->at++];
        size_t length = strlen(name);
        bool is_folder = name[length - 1] == '/';
        weir_buffer_append(&folder->path, name, length);
        if (weir_buffer_check(&folder->path, error))
            return -1;
        if (folder->path.size > WEIR_MEMBER_PATH)
            return weir_fail(error, WEIR_BAD_DATA, "%s: a path in it is longer than %d bytes",
                             weir_feed_name(members->feed), WEIR_MEMBER_PATH);
        if (is_folder)
            name[length - 1] = 0;
        int descriptor =
            open_in(level->descriptor, name, O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | (is_folder ? O_DIRECTORY : 0));
        struct stat status;
        if (descriptor < 0 || fstat(descriptor, &status)) {
            fail_at(members, folder->path.bytes, error);
            if (descriptor >= 0)
                close(descriptor);
            return -1;
        }
        if (is_folder) {
            if (enter(members, folder, descriptor, error))
                return -1;
            continue;
        }
        const struct stat *out = folder->leave_out;
        bool left_out = out && status.st_dev == out->st_dev && status.st_ino == out->st_ino;
        if (left_out || !S_ISREG(status.st_mode)) { /* or what has become another thing since the names were read */
            members->others += !left_out;
            close(descriptor);
            continue;
        }
        weir_buffer_append(&members->path, folder->path.bytes, folder->path.size);
        int code = weir_buffer_check(&members->path, error) ||
                   read_file(members, descriptor, (size_t)status.st_size, fault, error);
        close(descriptor);
        return code ? -1 : 1;
    }
    return 0;
}

void weir_folder_free(struct weir_folder *folder)
{
    if (!folder)
        return;
    while (folder->depth)
        close_level(&folder->levels[--folder->depth]);
    weir_buffer_release(&folder->path);
    free(folder);
}
