/* Members: the files of a folder or of an archive (tar, zip, 7z), one after the other, or a single file as the only
 * one. Nothing is ever written, no link is followed, and what a header claims allocates nothing. */
#ifndef WEIR_FORMAT_MEMBERS_H
#define WEIR_FORMAT_MEMBERS_H

#include "format/feed.h"
#include <sys/stat.h>

enum {
    WEIR_MEMBER_LIMIT = 64 << 20,       /* bytes of one member, unpacked */
    WEIR_MEMBER_COUNT = 10000000,       /* members of an archive, files of one folder */
    WEIR_MEMBER_PATH = 4096,            /* bytes of a member's path */
    WEIR_MEMBER_DEPTH = 64,             /* folders within folders */
    WEIR_MEMBER_RATIO = 200,            /* an archive that unpacks to more than so many times its size ... */
    WEIR_MEMBER_RATIO_FROM = 256 << 20, /* ... and more than so many bytes is refused */
};

struct weir_member {
    const char *path; /* UTF-8, relative, without '..'; a folder's in byte order; what is no UTF-8 is escaped */
    size_t path_length;
    const uint8_t *bytes;
    size_t size;
    const char *fault; /* why there are no bytes ("it is encrypted"), or NULL */
};

struct weir_members;

/* True when the first bytes are those of an archive. */
bool weir_members_sniff(const uint8_t *head, size_t size);
/* The feed is borrowed. A folder is one by its descriptor; `leave_out`, or NULL: this file is passed
 * over in it. */
int weir_members_open(struct weir_members **members, struct weir_feed *feed, const struct stat *leave_out,
                      struct weir_error *error);
/* 1: *member, valid until the next call; 0: the end, reached as it should be; -1. */
int weir_members_next(struct weir_members *members, struct weir_member *member, struct weir_error *error);
/* Links so far, which were passed over, and what else was (hidden files, devices). */
int64_t weir_members_links(const struct weir_members *members);
int64_t weir_members_others(const struct weir_members *members);
void weir_members_free(struct weir_members *members); /* NULL is accepted */

#endif
