/* Within lib/cli: what an operand is, and what it begins with. */
#ifndef WEIR_CLI_OPERAND_PRIVATE_H
#define WEIR_CLI_OPERAND_PRIVATE_H

#include "cli/stream_io.h"

enum weir_operand_form {
    WEIR_OPERAND_EMPTY, /* not a byte */
    WEIR_OPERAND_ARROW, /* begins as an Arrow stream does, or is too short to tell */
    WEIR_OPERAND_OTHER, /* or cannot be looked at without reading it */
};

/* Looks at the first bytes from where the descriptor stands, without consuming any; waits for them on a pipe. -1: the
 * message names the operand. */
int weir_operand_form(int descriptor, const char *name, enum weir_operand_form *form, struct weir_error *error);

bool weir_operand_is_folder(int descriptor);

/* True for `-` and for names of standard input. */
bool weir_operand_is_stdin(const char *operand);

#endif
