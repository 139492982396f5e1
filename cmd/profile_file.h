/* The file of a profile as an operand, of the programs that take one. */
#ifndef WEIR_CMD_PROFILE_FILE_H
#define WEIR_CMD_PROFILE_FILE_H

#include "base/descriptor.h"
#include "cli/stream_io.h"
#include "eval/profile.h"
#include <string.h>

enum { PROFILE_FILE_LIMIT = 1 << 28, PROFILE_FILE_TOP = 10 };

/* Whether what the descriptor is about to give begins as a profile does. */
static inline bool profile_file_is(int descriptor)
{
    char first[sizeof WEIR_PROFILE_MAGIC - 1];
    return weir_operand_peek(descriptor, first, sizeof first) == (ssize_t)sizeof first &&
           memcmp(first, WEIR_PROFILE_MAGIC, sizeof first) == 0;
}

/* Reads all of it; `name` is for messages. *profile: to be freed by the caller. */
static inline int profile_file_read(int descriptor, const char *name, struct weir_profile **profile,
                                    struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    ssize_t got = 0;
    int result = -1;
    do {
        if (weir_buffer_reserve(&text, 1 << 16)) {
            weir_fail_memory(error);
            goto cleanup;
        }
        got = weir_read_some(descriptor, text.bytes + text.size, 1 << 16);
        text.size += got > 0 ? (size_t)got : 0;
    } while (got > 0 && text.size <= PROFILE_FILE_LIMIT);
    if (got < 0)
        weir_fail_errno(error, WEIR_IO, "'%s'", name);
    else if (text.size > PROFILE_FILE_LIMIT)
        weir_fail(error, WEIR_BAD_DATA, "'%s': more than 256 MiB, which is no profile", name);
    else if (weir_profile_read(profile, text.bytes, text.size, error))
        weir_fail_in(error, "'%s'", name);
    else
        result = 0;
cleanup:
    weir_buffer_release(&text);
    return result;
}

#endif
