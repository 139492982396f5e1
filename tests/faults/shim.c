/* Preloaded into a program by the tests of faults: makes calls of the C library fail on order.
 *
 *   WEIR_FAULT=KIND=N[+][:ERROR],...   the N-th call of the kind fails (with + every one from the N-th on)
 *   WEIR_FAULT_IN=PROGRAM              only in this program; without it in every one
 *   WEIR_FAULT_COUNT=FILE              a line `KIND COUNT` for each kind, appended when the program ends
 *
 * The kinds are those of KIND_NAMES; the errors EIO (without a word), ENOSPC, EINTR, EMFILE, and KILL, which is SIGKILL
 * instead of the call. Of the kinds `short=N` cuts
 * every read and write to a few bytes, `interrupt=N` interrupts every N-th call that can be, and `die=N` is SIGKILL
 * once N bytes have been written. Standard error is left in peace: it has to tell. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLED = -1 }; /* no number of an error */

enum kind { MALLOC, READ, WRITE, OPEN, CLOSE, SYNC, RENAME, THREAD, MAP, SHORT, INTERRUPT, DIE, KINDS };
static const char *const KIND_NAMES[KINDS] = { "malloc", "read",   "write", "open",  "close",     "sync",
                                               "rename", "thread", "map",   "short", "interrupt", "die" };

static struct fault {
    unsigned long at; /* 0: never */
    bool onward;
    int error;
    atomic_ulong calls;
} faults[KINDS];

/* The function of that name behind this one. */
#define NEXT(name)                                                                                                     \
    static __typeof__(name) *next;                                                                                     \
    if (!next)                                                                                                         \
    next = (__typeof__(name) *)(intptr_t)dlsym(RTLD_NEXT, #name)

static int error_of(const char *text)
{
    static const struct {
        const char *name;
        int number;
    } errors[] = { { "ENOSPC", ENOSPC }, { "EINTR", EINTR }, { "EMFILE", EMFILE }, { "KILL", KILLED } };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strncmp(text, errors[i].name, strlen(errors[i].name)) == 0)
            return errors[i].number;
    return EIO;
}

static void take_order(const char *word)
{
    for (int k = 0; k < KINDS; k++) {
        size_t length = strlen(KIND_NAMES[k]);
        if (strncmp(word, KIND_NAMES[k], length) != 0 || word[length] != '=')
            continue;
        char *end;
        faults[k].at = strtoul(word + length + 1, &end, 10);
        faults[k].onward = *end == '+';
        end += *end == '+';
        faults[k].error = error_of(*end == ':' ? end + 1 : "");
    }
}

__attribute__((constructor)) static void take_orders(void)
{
    const char *orders = getenv("WEIR_FAULT"), *only = getenv("WEIR_FAULT_IN");
    if (only && strcmp(only, program_invocation_short_name) != 0)
        return;
    for (; orders && *orders; orders += strcspn(orders, ","), orders += *orders == ',')
        take_order(orders);
}

__attribute__((destructor)) static void write_counts(void)
{
    const char *path = getenv("WEIR_FAULT_COUNT"), *only = getenv("WEIR_FAULT_IN");
    if (!path || (only && strcmp(only, program_invocation_short_name) != 0))
        return;
    long file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    for (int k = 0; k < KINDS && file >= 0; k++) {
        char line[64];
        int length = snprintf(line, sizeof line, "%s %lu\n", KIND_NAMES[k], atomic_load(&faults[k].calls));
        if (syscall(SYS_write, file, line, (size_t)length) < 0)
            return;
    }
}

/* Whether this call of the kind is one that fails, with errno. */
static bool fails(enum kind kind)
{
    struct fault *fault = &faults[kind];
    unsigned long call = atomic_fetch_add(&fault->calls, 1) + 1;
    if (fault->at == 0 || !(fault->onward ? call >= fault->at : call == fault->at))
        return false;
    if (fault->error == KILLED)
        kill(getpid(), SIGKILL);
    errno = fault->error;
    return true;
}

static bool interrupted(void)
{
    unsigned long every = faults[INTERRUPT].at, call = atomic_fetch_add(&faults[INTERRUPT].calls, 1) + 1;
    if (every == 0 || call % every != 0)
        return false;
    errno = EINTR;
    return true;
}

/* How many of the bytes are let through. */
static size_t few(size_t size)
{
    static const unsigned char lengths[] = { 1, 3, 8, 2, 64, 5, 7, 13 };
    unsigned long call = atomic_fetch_add(&faults[SHORT].calls, 1);
    size_t most = lengths[call % sizeof lengths];
    return faults[SHORT].at && size > most ? most : size;
}

/* How many bytes may still be written before the end; at it, this is the end. */
static size_t before_death(size_t size)
{
    struct fault *die = &faults[DIE];
    unsigned long written = atomic_fetch_add(&die->calls, size);
    if (die->at == 0)
        return size;
    if (written >= die->at)
        kill(getpid(), SIGKILL);
    return written + size > die->at ? die->at - written : size;
}

/* ---- Bytes ---- */

ssize_t read(int descriptor, void *bytes, size_t size)
{
    NEXT(read);
    return interrupted() || fails(READ) ? -1 : next(descriptor, bytes, few(size));
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset)
{
    NEXT(pread);
    return interrupted() || fails(READ) ? -1 : next(descriptor, bytes, few(size), offset);
}

ssize_t recv(int descriptor, void *bytes, size_t size, int flags)
{
    NEXT(recv);
    return interrupted() || fails(READ) ? -1 : next(descriptor, bytes, few(size), flags);
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    NEXT(write);
    if (descriptor == STDERR_FILENO)
        return next(descriptor, bytes, size);
    return interrupted() || fails(WRITE) ? -1 : next(descriptor, bytes, before_death(few(size)));
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    NEXT(pwrite);
    return interrupted() || fails(WRITE) ? -1 : next(descriptor, bytes, before_death(few(size)), offset);
}

ssize_t send(int descriptor, const void *bytes, size_t size, int flags)
{
    NEXT(send);
    return interrupted() || fails(WRITE) ? -1 : next(descriptor, bytes, before_death(few(size)), flags);
}

ssize_t writev(int descriptor, const struct iovec *items, int count)
{
    size_t size = 0;
    NEXT(writev);
    for (int i = 0; i < count; i++)
        size += items[i].iov_len;
    if (interrupted() || fails(WRITE))
        return -1;
    size_t most = before_death(few(size)), done = 0;
    if (most == size)
        return next(descriptor, items, count);
    for (int i = 0; i < count && done < most; i++) {
        struct iovec item = items[i];
        if (item.iov_len > most - done)
            item.iov_len = most - done;
        ssize_t put = next(descriptor, &item, 1);
        if (put < 0)
            return done ? (ssize_t)done : -1;
        done += (size_t)put;
        if ((size_t)put < item.iov_len)
            break;
    }
    return (ssize_t)done;
}

int poll(struct pollfd *descriptors, nfds_t count, int timeout)
{
    NEXT(poll);
    return interrupted() ? -1 : next(descriptors, count, timeout);
}

pid_t waitpid(pid_t process, int *status, int options)
{
    NEXT(waitpid);
    return interrupted() ? -1 : next(process, status, options);
}

/* ---- Files ---- */

#define MODE_OF(flags)                                                                                                 \
    mode_t mode = 0;                                                                                                   \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                                           \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode = va_arg(rest, mode_t);                                                                                   \
        va_end(rest);                                                                                                  \
    }

int open(const char *path, int flags, ...)
{
    MODE_OF(flags);
    NEXT(open);
    return interrupted() || fails(OPEN) ? -1 : next(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    MODE_OF(flags);
    NEXT(openat);
    return interrupted() || fails(OPEN) ? -1 : next(folder, path, flags, mode);
}

int mkostemp(char *pattern, int flags)
{
    NEXT(mkostemp);
    return fails(OPEN) ? -1 : next(pattern, flags);
}

/* As Linux does it, a close that fails has closed. */
int close(int descriptor)
{
    NEXT(close);
    int result = next(descriptor);
    return fails(CLOSE) ? -1 : result;
}

int fsync(int descriptor)
{
    NEXT(fsync);
    return interrupted() || fails(SYNC) ? -1 : next(descriptor);
}

int ftruncate(int descriptor, off_t size)
{
    NEXT(ftruncate);
    return fails(WRITE) ? -1 : next(descriptor, size);
}

int rename(const char *from, const char *to)
{
    NEXT(rename);
    return fails(RENAME) ? -1 : next(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    NEXT(renameat);
    return fails(RENAME) ? -1 : next(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    NEXT(renameat2);
    return fails(RENAME) ? -1 : next(from_folder, from, to_folder, to, flags);
}

/* ---- Memory and threads ---- */

void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset)
{
    NEXT(mmap);
    if (!fails(MAP))
        return next(address, size, protection, flags, descriptor, offset);
    errno = ENOMEM;
    return MAP_FAILED;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *context)
{
    NEXT(pthread_create);
    return fails(THREAD) ? EAGAIN : next(thread, attributes, start, context);
}

/* Until the functions behind these are known (dlsym itself, and a sanitizer that wakes up, ask for memory), they take
 * from this, each piece behind its size. None of it is counted, and none comes back. */
enum { PIECE = 64 };
static _Alignas(PIECE) char early[1 << 20];
static size_t early_used;
static bool ready;
static __typeof__(malloc) *next_malloc;
static __typeof__(calloc) *next_calloc;
static __typeof__(realloc) *next_realloc;
static __typeof__(aligned_alloc) *next_aligned_alloc;
static __typeof__(posix_memalign) *next_posix_memalign;
static __typeof__(free) *next_free;

__attribute__((constructor)) static void find_memory(void)
{
    next_malloc = (__typeof__(malloc) *)(intptr_t)dlsym(RTLD_NEXT, "malloc");
    next_calloc = (__typeof__(calloc) *)(intptr_t)dlsym(RTLD_NEXT, "calloc");
    next_realloc = (__typeof__(realloc) *)(intptr_t)dlsym(RTLD_NEXT, "realloc");
    next_aligned_alloc = (__typeof__(aligned_alloc) *)(intptr_t)dlsym(RTLD_NEXT, "aligned_alloc");
    next_posix_memalign = (__typeof__(posix_memalign) *)(intptr_t)dlsym(RTLD_NEXT, "posix_memalign");
    next_free = (__typeof__(free) *)(intptr_t)dlsym(RTLD_NEXT, "free");
    ready = true;
}

static void *early_memory(size_t size)
{
    size_t whole = PIECE + (size + PIECE - 1) / PIECE * PIECE;
    if (size > sizeof early || whole > sizeof early - early_used)
        return NULL;
    char *piece = early + early_used;
    early_used += whole;
    memcpy(piece, &size, sizeof size);
    return piece + PIECE;
}

static bool is_early(const void *memory)
{
    return (const char *)memory >= early && (const char *)memory < early + sizeof early;
}

/* The sanitizer asks for the stack of each thread that begins, and gives up where that finds no memory: its own affair,
 * neither counted nor refused. */
static _Thread_local bool in_sanitizer __attribute__((tls_model("initial-exec")));

int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes)
{
    in_sanitizer = true;
    NEXT(pthread_getattr_np);
    int status = next(thread, attributes);
    in_sanitizer = false;
    return status;
}

static bool no_memory(void)
{
    if (in_sanitizer || !fails(MALLOC))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    if (!ready)
        return early_memory(size);
    return no_memory() ? NULL : next_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (!ready)
        return size && count > sizeof early / size ? NULL : early_memory(count * size);
    return no_memory() ? NULL : next_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    if (ready && !is_early(old))
        return no_memory() ? NULL : next_realloc(old, size);
    void *memory = malloc(size);
    size_t before = 0;
    if (memory && old) {
        memcpy(&before, (char *)old - PIECE, sizeof before);
        memcpy(memory, old, before < size ? before : size);
    }
    return memory;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    if (!ready)
        return alignment <= PIECE ? early_memory(size) : NULL;
    return no_memory() ? NULL : next_aligned_alloc(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    if (ready)
        return no_memory() ? ENOMEM : next_posix_memalign(out, alignment, size);
    *out = alignment <= PIECE ? early_memory(size) : NULL;
    return *out ? 0 : ENOMEM;
}

void free(void *memory)
{
    if (memory && !is_early(memory))
        next_free(memory);
}
