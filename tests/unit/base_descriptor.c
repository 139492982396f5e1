/* Descriptors: whole reads and writes, also where the other end has set them not to block. */
#include "base/descriptor.h"
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 1 << 20 };

static void not_blocking(void)
{
    int ends[2];
    char *sent = malloc(SIZE), *got = malloc(SIZE);
    for (int i = 0; i < SIZE; i++)
        sent[i] = (char)(i * 31 + i / 997);
    CHECK(pipe(ends) == 0);
    CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 && fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
    errno = 0;
    CHECK(read(ends[0], got, 1) < 0 && errno == EAGAIN); /* it really does not block */
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        usleep(20000); /* the reader comes first, and finds nothing */
        _exit(weir_write_full(ends[1], sent, SIZE) == 0 ? 0 : 1);
    }
    close(ends[1]);
    CHECK_INT(weir_read_full(ends[0], got, SIZE), SIZE);
    CHECK(memcmp(sent, got, SIZE) == 0);
    CHECK_INT(weir_read_some(ends[0], got, 1), 0);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(ends[0]);
    free(sent);
    free(got);
}

static void failures(void)
{
    char byte = 0;
    errno = 0;
    CHECK(weir_read_some(-1, &byte, 1) < 0 && errno == EBADF);
    CHECK(weir_write_full(-1, &byte, 1) < 0 && errno == EBADF);
    int full = open("/dev/full", O_WRONLY);
    CHECK(weir_write_full(full, &byte, 1) < 0 && errno == ENOSPC);
    close(full);
}

static int holder;

static void let_go(int signal)
{
    (void)signal;
    close(holder);
}

/* One that is held stays so; one whose holder ends a moment later is had. */
static void locks(void)
{
    char path[] = "/tmp/weir-lock-XXXXXX";
    holder = mkstemp(path);
    int other = open(path, O_RDWR | O_CLOEXEC);
    CHECK(holder >= 0 && other >= 0 && weir_lock(holder) == 0);
    errno = 0;
    CHECK(weir_lock(other) < 0 && errno == EWOULDBLOCK);
    const struct itimerval soon = { .it_value.tv_usec = 1000 };
    CHECK(signal(SIGALRM, let_go) != SIG_ERR && setitimer(ITIMER_REAL, &soon, NULL) == 0);
    CHECK_INT(weir_lock(other), 0);
    close(other);
    CHECK(weir_lock(-1) < 0 && errno == EBADF);
    unlink(path);
}

int main(void)
{
    not_blocking();
    locks();
    failures();
    return check_result();
}
