/* Within lib/cli: the `load` that a program starts in front of itself when its input is no Arrow stream. */
#ifndef WEIR_CLI_LOAD_PROCESS_PRIVATE_H
#define WEIR_CLI_LOAD_PROCESS_PRIVATE_H

#include "cli/child.h"
#include "cli/stream_io.h"

/* options: what is said there of load. operands: as load is to see them. inherited[count]: descriptors that are passed
 * on under their own numbers. */
int weir_load_start(struct weir_child *load, const struct weir_run *run, const struct weir_input_options *options,
                    const struct weir_strings *operands, const int *inherited, size_t count, struct weir_error *error);

/* Closes the stream and waits. `ended`: the stream came to its end, clean or not; otherwise load is ended first, and
 * how it ends is no error. -1: it failed; when it left by itself it has printed why, and error->upstream is set. */
int weir_load_wait(struct weir_child *load, bool ended, struct weir_error *error);

#endif
