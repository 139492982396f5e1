/* Lines on standard error. */
#ifndef WEIR_CLI_MESSAGE_H
#define WEIR_CLI_MESSAGE_H

#include "cli/program.h"
#include "stream/writer.h"

/* "NAME: TEXT" and a newline, with everything in the text escaped that must not reach a terminal. */
void weir_message(const char *name, const char *text);

/* True when standard error is a terminal on which a line can be drawn again. */
bool weir_terminal_lines(void);

/* Writes the failure into the stream on standard output, for the stages behind. writer NULL: no stream has begun. */
void weir_tell_failure(const struct weir_run *run, struct weir_writer *writer, const struct weir_error *error);

#endif
