#include "base/descriptor.h"
#include "base/number.h"
#include "cli/operand_private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

enum { MARK = 4 }; /* an Arrow stream begins with FF FF FF FF */

bool weir_operand_is_stdin(const char *operand)
{
    return strcmp(operand, "-") == 0 || strcmp(operand, "/dev/stdin") == 0 || strcmp(operand, "/dev/fd/0") == 0;
}

int weir_operand_open_any(const char *operand, struct weir_error *error)
{
    static const char numbered[] = "/dev/fd/";
    int64_t number;
    int descriptor;
    if (strstr(operand, "://") || strncmp(operand, "sqlite:", 7) == 0) /* unnamed: an address may hold a password */
        return weir_fail(error, WEIR_USAGE, "a database is read by load alone: `load DATABASE --table NAME | ...`");
    if (weir_operand_is_stdin(operand)) {
        descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    } else if (strncmp(operand, numbered, sizeof numbered - 1) == 0 &&
               weir_parse_int64(operand + sizeof numbered - 1, strlen(operand) - sizeof numbered + 1, &number) &&
               number >= 0 && number < 1 << 30) {
        descriptor = fcntl((int)number, F_DUPFD_CLOEXEC, 3);
    } else {
        descriptor = weir_open_at(AT_FDCWD, operand, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
    }
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) < 0) {
        weir_fail_errno(error, WEIR_NO_INPUT, "cannot read '%s'", operand);
        if (descriptor >= 0)
            close(descriptor);
        return -1;
    }
    return descriptor;
}

bool weir_operand_is_folder(int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}

int weir_operand_open(const char *operand, struct weir_error *error)
{
    int descriptor = weir_operand_open_any(operand, error);
    if (descriptor < 0 || !weir_operand_is_folder(descriptor))
        return descriptor;
    close(descriptor);
    return weir_fail(error, WEIR_NO_INPUT, "cannot read '%s': it is a directory", operand);
}

/* The first bytes of a pipe, left in it: waits until it holds `size` of them, or has ended, or a byte that is not FF
 * stands first and decides (`impatient`). The number seen, or -1. */
static ssize_t peek_pipe(int descriptor, unsigned char *bytes, size_t size, bool impatient)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    ssize_t seen = 0;
    for (;;) {
        struct pollfd ready = { .fd = descriptor, .events = POLLIN };
        if (poll(&ready, 1, -1) < 0 && errno != EINTR) {
            seen = -1;
            break;
        }
        int before = 0;
        bool writers_gone = ready.revents & POLLHUP;
        ioctl(descriptor, FIONREAD, &before);
        seen = tee(descriptor, ends[1], size, 0);
        if (seen < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (seen > 0)
            seen = weir_read_full(ends[0], bytes, (size_t)seen);
        if (seen <= 0 || (size_t)seen == size || (impatient && bytes[0] != 0xFF) || (writers_gone && before <= seen))
            break;
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    int reason = errno;
    close(ends[0]);
    close(ends[1]);
    errno = reason;
    return seen;
}

static ssize_t peek_socket(int descriptor, unsigned char *bytes, size_t size)
{
    ssize_t seen;
    do
        seen = recv(descriptor, bytes, size, MSG_PEEK | MSG_WAITALL);
    while (seen < 0 && errno == EINTR);
    return seen;
}

int weir_operand_keep(struct weir_run *run, size_t operand, int descriptor, struct weir_error *error)
{
    struct stat status;
    if (run->operands.count <= operand || fstat(descriptor, &status) < 0 || !S_ISFIFO(status.st_mode))
        return 0;
    struct weir_buffer name = { 0 };
    weir_buffer_format(&name, "/dev/fd/%d", descriptor);
    if (weir_buffer_check(&name, error) < 0)
        return -1;
    free(run->operands.items[operand]);
    run->operands.items[operand] = name.bytes;
    return 0;
}

/* -2: it cannot be looked at without being read. */
static ssize_t peek(int descriptor, unsigned char *bytes, size_t size, bool impatient)
{
    struct stat status;
    if (fstat(descriptor, &status) < 0)
        return -1;
    off_t here = lseek(descriptor, 0, SEEK_CUR);
    if (here >= 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)))
        return weir_read_at(descriptor, bytes, size, here);
    if (S_ISFIFO(status.st_mode))
        return peek_pipe(descriptor, bytes, size, impatient);
    if (S_ISSOCK(status.st_mode))
        return peek_socket(descriptor, bytes, size);
    if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) /* /dev/null, always empty */
        return 0;
    return -2;
}

ssize_t weir_operand_peek(int descriptor, void *bytes, size_t size)
{
    ssize_t seen = peek(descriptor, bytes, size, false);
    return seen > 0 ? seen : 0;
}

int weir_operand_form(int descriptor, const char *name, enum weir_operand_form *form, struct weir_error *error)
{
    static const unsigned char mark[MARK] = { 0xFF, 0xFF, 0xFF, 0xFF };
    unsigned char bytes[MARK];
    ssize_t seen = peek(descriptor, bytes, MARK, true);
    if (seen == -1)
        return weir_fail_errno(error, WEIR_NO_INPUT, "cannot read '%s'", name);
    if (seen == -2)
        *form = WEIR_OPERAND_OTHER;
    else if (seen == 0)
        *form = WEIR_OPERAND_EMPTY;
    else
        *form = memcmp(bytes, mark, (size_t)seen) == 0 ? WEIR_OPERAND_ARROW : WEIR_OPERAND_OTHER;
    return 0;
}
