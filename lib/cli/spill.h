/* Within lib/cli: what is read from a descriptor that cannot seek is kept in a temporary file, for a second reading. */
#ifndef WEIR_CLI_SPILL_H
#define WEIR_CLI_SPILL_H

#include "base/buffer.h"

/* Starts with weir_spill_init. Small pieces are gathered; large ones go to the file straight from the reader's memory.
 * The file is made when the first piece is written to it. */
struct weir_spill {
    int descriptor;  /* -1: no file yet */
    bool off;        /* nothing is kept any more */
    int64_t dropped; /* bytes from the file's begin that the system has back */
    struct weir_buffer gathered;
};

void weir_spill_init(struct weir_spill *spill);
/* struct weir_reader_options.copy; context: the spill. */
int weir_spill_copy(void *spill, const void *bytes, size_t size, struct weir_error *error);
/* Everything is in the file, which stands at its begin. */
int weir_spill_rewind(struct weir_spill *spill, struct weir_error *error);
/* The file's first `bytes` bytes were read for the last time: the system may have their room back, in memory and on the
 * disk. */
void weir_spill_drop(struct weir_spill *spill, int64_t bytes);
void weir_spill_forget(struct weir_spill *spill);
void weir_spill_release(struct weir_spill *spill);

#endif
