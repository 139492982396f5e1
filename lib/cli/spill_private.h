/* Within lib/cli: what is read from a descriptor that cannot seek is kept for a second reading: its begin in memory, as
 * the very blocks that it was read into, and the rest in a temporary file. */
#ifndef WEIR_CLI_SPILL_PRIVATE_H
#define WEIR_CLI_SPILL_PRIVATE_H

#include "base/buffer.h"

/* Starts with weir_spill_init. The file is made when the first byte is written to it. */
struct weir_spill {
    struct weir_slice *head; /* [head_count] */
    size_t head_count, head_capacity;
    struct weir_block *copies; /* where its small pieces lie, `copied` bytes so far */
    size_t copied;
    size_t held;                 /* bytes of memory that it holds */
    int64_t head_size;           /* bytes of the stream in it */
    bool full;                   /* what comes now goes to the file */
    int descriptor;              /* of the file; -1: there is none */
    struct weir_buffer gathered; /* small pieces for it */
    int64_t dropped;             /* bytes from its begin that the system has back */
    bool off;                    /* nothing is kept any more */
};

void weir_spill_init(struct weir_spill *spill);
/* struct weir_reader_options.copy; context: the spill. */
int weir_spill_copy(void *spill, const struct weir_slice *bytes, struct weir_error *error);
/* Everything is in the head and in the file, which stands at its begin. */
int weir_spill_rewind(struct weir_spill *spill, struct weir_error *error);
/* The first `bytes` bytes were read for the last time: the system may have the room of those in the file back, in
 * memory and on the disk. */
void weir_spill_drop(struct weir_spill *spill, int64_t bytes);
void weir_spill_forget(struct weir_spill *spill);
void weir_spill_release(struct weir_spill *spill);

#endif
