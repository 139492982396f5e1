/* A program of Weir's that another one starts, to read what it writes. */
#ifndef WEIR_CLI_CHILD_H
#define WEIR_CLI_CHILD_H

#include "base/error.h"
#include <stddef.h>
#include <sys/types.h>

struct weir_child {
    pid_t process;  /* 0: none */
    int descriptor; /* its standard output; -1: closed */
};

/* Starts the program at `path` with `arguments` as those of main, a NULL behind them. inherited[count]: descriptors
 * that are passed on under their own numbers. 0, or -1 (WEIR_IO): "cannot start 'PATH': ...". */
int weir_child_start(struct weir_child *child, const char *path, char *const *arguments, const int *inherited,
                     size_t count, struct weir_error *error);

/* Closes the descriptor and waits for the end, with *status as waitpid gives it. False: there is none, or it is not to
 * be known. */
bool weir_child_wait(struct weir_child *child, int *status);

#endif
