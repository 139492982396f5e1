/* Within lib/format: members from a folder and from an archive, for members.c. */
#ifndef WEIR_FORMAT_MEMBERS_PRIVATE_H
#define WEIR_FORMAT_MEMBERS_PRIVATE_H

#include "base/buffer.h"
#include "format/members.h"

struct weir_members {
    struct weir_feed *feed; /* borrowed */
    struct weir_folder *folder;
    struct weir_archive *archive;
    bool done; /* a single file */
    struct weir_buffer path, bytes;
    int64_t links, others;
};

/* Both give the next file's path and bytes in members->path and members->bytes; *fault as in struct weir_member. 1, 0,
 * -1. */
int weir_folder_open(struct weir_folder **folder, struct weir_members *members, const struct stat *leave_out,
                     struct weir_error *error);
int weir_folder_next(struct weir_members *members, const char **fault, struct weir_error *error);
void weir_folder_free(struct weir_folder *folder);
int weir_archive_open(struct weir_archive **archive, struct weir_members *members, struct weir_error *error);
int weir_archive_next(struct weir_members *members, const char **fault, struct weir_error *error);
void weir_archive_free(struct weir_archive *archive);

#define WEIR_MEMBER_TOO_LARGE "it is larger than 64 MiB"
/* True for names that systems leave behind: hidden files, __MACOSX. */
bool weir_member_is_hidden(const char *name, size_t length);

#endif
