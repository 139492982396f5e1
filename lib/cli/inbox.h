/* An inbox: each new file of a folder is worked on once, and its result appears whole in another folder. For programs
 * that run from cron.
 *
 *   OUT/NAME.arrows     the result of IN/NAME; made under OUT/.work and renamed, never replaced
 *   OUT/failed/NAME     a file that is bad data, moved there, with the message in OUT/failed/NAME.reason
 *   OUT/.scored/NAME    size, time and XXH3 of the input as it was when its result was made
 *   OUT/.lock           held (flock) during a run
 *
 * The record is written before the result appears, so a kill at any moment leaves either no result (the next run does
 * the work again) or a result with its record. Files whose names begin with a dot or end in .tmp or .part, and files
 * that changed less than `settle` seconds ago, wait. A file that changes after its result was made is reported and
 * left. */
#ifndef WEIR_CLI_INBOX_H
#define WEIR_CLI_INBOX_H

#include "cli/program.h"

struct weir_inbox_options {
    const char *in, *out; /* folders; `out` is made when absent, and must be another than `in` */
    int64_t settle;       /* seconds */
    void *context;
    /* Makes output_path from input_path, complete or not at all. A WEIR_BAD_DATA error sets the input aside; every
     * other leaves it for the next run. */
    int (*work)(void *context, const char *input_path, const char *output_path, struct weir_error *error);
};

/* Works through the folder once, in the order of names. 0: all is well. -1: WEIR_TRY_AGAIN when another run holds the
 * lock, WEIR_BAD_DATA when files were set aside in this run, or the first other failure; the other files have been
 * worked on all the same. */
int weir_inbox_run(struct weir_run *run, const struct weir_inbox_options *options, struct weir_error *error);

#endif
