#include "base/descriptor.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool weir_try_again(int descriptor, bool writing)
{
    if (errno == EINTR)
        return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return false;
    struct pollfd ready = { .fd = descriptor, .events = writing ? POLLOUT : POLLIN };
    return poll(&ready, 1, -1) >= 0 || errno == EINTR;
}

ssize_t weir_read_some(int descriptor, void *bytes, size_t size)
{
    ssize_t got;
    do
        got = read(descriptor, bytes, size);
    while (got < 0 && weir_try_again(descriptor, false));
    return got;
}

ssize_t weir_read_full(int descriptor, void *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = weir_read_some(descriptor, (char *)bytes + done, size - done);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

ssize_t weir_read_full_unless(int descriptor, void *bytes, size_t size, int stop)
{
    size_t done = 0;
    while (done < size) {
        struct pollfd ready[] = { { .fd = descriptor, .events = POLLIN }, { .fd = stop, .events = POLLIN } };
        int found = poll(ready, 2, -1);
        if (found < 0 && errno == EINTR)
            continue;
        if (found < 0)
            return -1;
        if (ready[1].revents != 0) {
            errno = ECANCELED;
            return -1;
        }
        ssize_t got = weir_read_some(descriptor, (char *)bytes + done, size - done);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

int weir_write_full(int descriptor, const void *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t put = write(descriptor, (const char *)bytes + done, size - done);
        if (put < 0 && weir_try_again(descriptor, true))
            continue;
        if (put < 0)
            return -1;
        if (put == 0) {
            errno = EIO;
            return -1;
        }
        done += (size_t)put;
    }
    return 0;
}

ssize_t weir_read_at(int descriptor, void *bytes, size_t size, off_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(descriptor, (char *)bytes + done, size - done, offset + (off_t)done);
        if (got < 0 && weir_try_again(descriptor, false))
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

int weir_write_at(int descriptor, const void *bytes, size_t size, off_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t put = pwrite(descriptor, (const char *)bytes + done, size - done, offset + (off_t)done);
        if (put < 0 && weir_try_again(descriptor, true))
            continue;
        if (put <= 0) {
            errno = put == 0 ? EIO : errno;
            return -1;
        }
        done += (size_t)put;
    }
    return 0;
}

int weir_open_at(int folder, const char *path, int flags, mode_t mode)
{
    int descriptor;
    do
        descriptor = openat(folder, path, flags, mode);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

int weir_sync(int descriptor)
{
    int result;
    do
        result = fsync(descriptor);
    while (result < 0 && errno == EINTR);
    return result;
}

int weir_lock(int descriptor)
{
    enum { PAUSES = 20 };
    const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
    for (int paused = 0; flock(descriptor, LOCK_EX | LOCK_NB) != 0;) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK || paused++ == PAUSES)
            return -1;
        nanosleep(&pause, NULL);
    }
    return 0;
}

int weir_read_whole(int descriptor, const char *path, size_t limit, char **bytes, size_t *size,
                    struct weir_error *error)
{
    char *room = NULL;
    size_t used = 0, capacity = 0;
    int result = -1;
    struct stat status;
    size_t wanted = 65536;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= 0 &&
        (uint64_t)status.st_size < SIZE_MAX - 2) {
        if ((uint64_t)status.st_size > limit) {
            weir_fail(error, WEIR_BAD_DATA, "'%s' is larger than %zu bytes", path, limit);
            goto cleanup;
        }
        wanted = (size_t)status.st_size + 2; /* the NUL, and one byte that shows the end was reached */
    }
    for (;;) {
        void *array = room;
        if (weir_grow(&array, &capacity, wanted, 1)) {
            weir_fail_memory(error);
            goto cleanup;
        }
        room = array;
        ssize_t got = weir_read_full(descriptor, room + used, capacity - 1 - used);
        if (got < 0) {
            weir_fail_errno(error, WEIR_IO, "'%s'", path);
            goto cleanup;
        }
        used += (size_t)got;
        if (used > limit) {
            weir_fail(error, WEIR_BAD_DATA, "'%s' is larger than %zu bytes", path, limit);
            goto cleanup;
        }
        if (used < capacity - 1)
            break;
        wanted = capacity + 1;
    }
    room[used] = 0;
    *bytes = room;
    *size = used;
    room = NULL;
    result = 0;
cleanup:
    free(room);
    return result;
}

int weir_read_file(const char *path, size_t limit, char **bytes, size_t *size, struct weir_error *error)
{
    int descriptor = weir_open_at(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (descriptor < 0)
        return weir_fail_errno(error, WEIR_NO_INPUT, "'%s'", path);
    int result = weir_read_whole(descriptor, path, limit, bytes, size, error);
    close(descriptor);
    return result;
}

const char *weir_temporary_folder(void)
{
    const char *named = getenv("TMPDIR");
    return named && *named ? named : "/var/tmp";
}

int weir_temporary_file(struct weir_error *error)
{
    const char *directory = weir_temporary_folder();
    int descriptor = weir_open_at(AT_FDCWD, directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0)
        return descriptor;

    /* Not every file system makes files without a name: make one with a name, and take the name away. */
    size_t room = strlen(directory) + sizeof "/weir.XXXXXX";
    char *path = weir_allocate(room, 1);
    if (!path)
        return weir_fail_memory(error);
    memcpy(path, directory, strlen(directory));
    memcpy(path + strlen(directory), "/weir.XXXXXX", sizeof "/weir.XXXXXX");
    descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor < 0)
        weir_fail_errno(error, WEIR_CANNOT_CREATE, "a temporary file in '%s'", directory);
    else
        unlink(path);
    free(path);
    return descriptor;
}
