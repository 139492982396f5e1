/* Within lib/cli: an inbox under way, for inbox.c and inbox_files.c. */
#ifndef WEIR_CLI_INBOX_PRIVATE_H
#define WEIR_CLI_INBOX_PRIVATE_H

#include "cli/inbox.h"

/* What a file was when it was looked at. */
struct weir_inbox_identity {
    int64_t size, modified; /* bytes, nanoseconds */
    uint64_t hash;
};

struct weir_inbox {
    struct weir_run *run;
    const struct weir_inbox_options *options;
    int in, out, work, scored, failed, lock; /* folders; -1 when not open */
    int64_t made, earlier, waiting, changed, set_aside, left;
    struct weir_error first; /* the first failure that is not the data's */
};

/* Opens the folders, takes the lock and clears what a killed run left half done. weir_inbox_close is due also after a
 * failure. */
int weir_inbox_open(struct weir_inbox *box, struct weir_error *error);
void weir_inbox_close(struct weir_inbox *box);
/* Names in an open folder, sorted; path: for messages. */
int weir_inbox_list(int folder, const char *path, struct weir_strings *names, struct weir_error *error);

/* The XXH3 of a file of IN. */
int weir_inbox_hash(struct weir_inbox *box, const char *name, uint64_t *hash, struct weir_error *error);
/* What the input was when its result was made; false: there is no record. */
bool weir_inbox_read_record(struct weir_inbox *box, const char *name, struct weir_inbox_identity *was);
int weir_inbox_write_record(struct weir_inbox *box, const char *name, const struct weir_inbox_identity *is,
                            struct weir_error *error);
/* Moves a bad file to OUT/failed with its reason; a name taken there gets a number. */
int weir_inbox_set_aside(struct weir_inbox *box, const char *name, const struct weir_error *why,
                         struct weir_error *error);

#endif
