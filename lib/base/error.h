/* Errors: one vocabulary for the whole library.
 *
 * A function that can fail returns int: 0 done, negative an error; a reader returns 1 got one, 0 clean end, negative an
 * error. The message goes into a struct weir_error that the caller owns. Nothing below lib/cli prints or exits. */
#ifndef WEIR_BASE_ERROR_H
#define WEIR_BASE_ERROR_H

#include <stdbool.h>

/* Exit statuses, as in sysexits.h. 1 is kept for a check that did not hold. */
enum weir_status {
    WEIR_OK = 0,
    WEIR_CHECK_FAILED = 1,
    WEIR_USAGE = 64,
    WEIR_BAD_DATA = 65,
    WEIR_NO_INPUT = 66,
    WEIR_BUG = 70,
    WEIR_NO_MEMORY = 71,
    WEIR_CANNOT_CREATE = 73,
    WEIR_IO = 74,
    WEIR_TRY_AGAIN = 75,
    WEIR_INTERRUPTED = 130,
};

/* Starts as { 0 }. `text` is one line without the program's name, in lower case: what failed, the subject quoted, where
 * (file, line, column). `upstream` says that a stage before this one failed and has already printed its own message:
 * then `stage` names that stage and `text` is what it said, to be told downstream but not printed again. */
struct weir_error {
    enum weir_status status;
    bool upstream;
    char stage[32]; /* "load"; only with upstream */
    char text[1024];
};

/* Sets the message (error may be NULL) and returns -1, so that `return weir_fail(...)` reads well. */
int weir_fail(struct weir_error *error, enum weir_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": strerror(errno)" appended. ENOMEM is WEIR_NO_MEMORY; ENOSPC, EIO and the like keep `status`. */
int weir_fail_errno(struct weir_error *error, enum weir_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "out of memory", WEIR_NO_MEMORY; returns -1. */
int weir_fail_memory(struct weir_error *error);

/* Puts "prefix: " in front of the message that stands in `error` (to add where it happened); returns -1. */
int weir_fail_in(struct weir_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
