/* File descriptors: whole reads and writes (short ones and EINTR are handled), and files that appear complete or not at
 * all. */
#ifndef WEIR_BASE_DESCRIPTOR_H
#define WEIR_BASE_DESCRIPTOR_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads up to size bytes, fewer only at the end of the file: the number read, or -1 (errno is set). */
ssize_t weir_read_full(int descriptor, void *bytes, size_t size);
/* The same of a descriptor that may let one wait: -1 with ECANCELED as soon as `stop` can be read from. */
ssize_t weir_read_full_unless(int descriptor, void *bytes, size_t size, int stop);
/* One read, EINTR handled: the number read (0 at the end), or -1 (errno is set). */
ssize_t weir_read_some(int descriptor, void *bytes, size_t size);
/* Writes all size bytes: 0, or -1 (errno is set). */
int weir_write_full(int descriptor, const void *bytes, size_t size);
/* Both at a place of the file, without moving the descriptor's own. */
ssize_t weir_read_at(int descriptor, void *bytes, size_t size, off_t offset);
int weir_write_at(int descriptor, const void *bytes, size_t size, off_t offset);

/* openat (folder AT_FDCWD: open) and fsync, made again when they are interrupted. */
int weir_open_at(int folder, const char *path, int flags, mode_t mode);
int weir_sync(int descriptor);

/* After a call on the descriptor failed: true when it is to be made again. EINTR; or EAGAIN, which one meets when
 * whoever shares the descriptor has set it not to block: then this waits until it is ready. */
bool weir_try_again(int descriptor, bool writing);

/* Locks the file (flock): 0, or -1, with EWOULDBLOCK when another process holds it. That one is given a moment to end:
 * what a killed process was about to start holds its lock until it has started. */
int weir_lock(int descriptor);

/* The whole file as bytes (a NUL follows them), at most `limit`; the caller frees *bytes. 0, or -1 with the message. */
int weir_read_file(const char *path, size_t limit, char **bytes, size_t *size, struct weir_error *error);
/* The same from where the descriptor stands, which stays open; `path` is for the message. */
int weir_read_whole(int descriptor, const char *path, size_t limit, char **bytes, size_t *size,
                    struct weir_error *error);

/* A file that replaces `path` when complete. weir_output_open writes beside the target (a hidden ".NAME." and six
 * characters; mode of the old file kept, links followed); weir_output_commit syncs and renames; weir_output_abandon
 * removes what was written. A target that exists and is not a regular file (a device, a FIFO) is written to directly.
 * Returns 0 or -1 with the message. */
struct weir_output {
    int descriptor;
    char *path;      /* the target, links resolved */
    char *temporary; /* NULL: written to directly */
};
int weir_output_open(struct weir_output *output, const char *path, struct weir_error *error);
int weir_output_commit(struct weir_output *output, struct weir_error *error);
void weir_output_abandon(struct weir_output *output);
/* Whether two that are open will be one file, however it is named; never of those that are written to directly. */
bool weir_output_same(const struct weir_output *a, const struct weir_output *b);
/* Removes every file that is still open as an output: async-signal-safe, for a handler of SIGINT and SIGTERM. */
void weir_output_abandon_all(void);

/* Where temporary files go: what $TMPDIR names, or /var/tmp. */
const char *weir_temporary_folder(void);
/* An unlinked file of mode 0600 in $TMPDIR (/var/tmp when unset): its descriptor, or -1 with the message. */
int weir_temporary_file(struct weir_error *error);

#endif
