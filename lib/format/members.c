#include "format/members.h"
#include "format/members_private.h"
#include "stream/utf8.h"
#include <stdlib.h>
#include <string.h>

bool weir_members_sniff(const uint8_t *head, size_t size)
{
    static const struct {
        size_t at;
        const char *bytes;
        size_t size;
    } magics[] = {
        { 0, "PK\3\4", 4 },
        { 0, "PK\5\6", 4 },
        { 0, "7z\xbc\xaf\x27\x1c", 6 },
        { 257, "ustar", 5 },
    };
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (size >= magics[i].at + magics[i].size && memcmp(head + magics[i].at, magics[i].bytes, magics[i].size) == 0)
            return true;
    return false;
}

bool weir_member_is_hidden(const char *name, size_t length)
{
    static const char *const left_behind[] = { "__MACOSX", "Thumbs.db", "desktop.ini" };
    for (size_t i = 0; i < sizeof left_behind / sizeof *left_behind; i++)
        if (strlen(left_behind[i]) == length && memcmp(left_behind[i], name, length) == 0)
            return true;
    return length && name[0] == '.';
}

int weir_members_open(struct weir_members **members_out, struct weir_feed *feed, const struct stat *leave_out,
                      struct weir_error *error)
{
    const uint8_t *head;
    size_t size;
    struct weir_members *members = *members_out = weir_allocate_zero(1, sizeof *members);
    if (!members)
        return weir_fail_memory(error);
    members->feed = feed;
    int code = weir_feed_peek(feed, 512, &head, &size, error);
    if (code == 0 && weir_feed_folder(feed) >= 0)
        code = weir_folder_open(&members->folder, members, leave_out, error);
    else if (code == 0 && weir_members_sniff(head, size))
        code = weir_archive_open(&members->archive, members, error);
    if (code) {
        weir_members_free(members);
        *members_out = NULL;
    }
    return code;
}

static int read_single(struct weir_members *members, const char **fault, struct weir_error *error)
{
    enum { STEP = 1 << 20 };
    const char *name = weir_feed_name(members->feed);
    if (members->done)
        return 0;
    members->done = true;
    weir_buffer_string(&members->path, name);
    ssize_t got = STEP;
    while (got == STEP && members->bytes.size <= WEIR_MEMBER_LIMIT) {
        if (weir_buffer_reserve(&members->bytes, STEP))
            return weir_fail_memory(error);
        got = weir_feed_read(members->feed, members->bytes.bytes + members->bytes.size, STEP, error);
        if (got < 0)
            return -1;
        members->bytes.size += (size_t)got;
    }
    if (members->bytes.size > WEIR_MEMBER_LIMIT)
        *fault = WEIR_MEMBER_TOO_LARGE;
    return 1;
}

int weir_members_next(struct weir_members *members, struct weir_member *member, struct weir_error *error)
{
    *member = (struct weir_member){ 0 };
    weir_buffer_clear(&members->path);
    weir_buffer_clear(&members->bytes);
    int code = members->folder    ? weir_folder_next(members, &member->fault, error)
               : members->archive ? weir_archive_next(members, &member->fault, error)
                                  : read_single(members, &member->fault, error);
    if (code <= 0)
        return code;
    if (!weir_is_utf8(members->path.bytes, members->path.size)) {
        struct weir_buffer escaped = { 0 };
        weir_buffer_escaped(&escaped, members->path.bytes, members->path.size);
        weir_buffer_release(&members->path);
        members->path = escaped;
    }
    if (weir_buffer_check(&members->path, error) || weir_buffer_check(&members->bytes, error))
        return -1;
    member->path = members->path.bytes;
    member->path_length = members->path.size;
    if (member->fault)
        weir_buffer_clear(&members->bytes);
    member->bytes = (const uint8_t *)(members->bytes.bytes ? members->bytes.bytes : "");
    member->size = members->bytes.size;
    return 1;
}

int64_t weir_members_links(const struct weir_members *members)
{
    return members->links;
}

int64_t weir_members_others(const struct weir_members *members)
{
    return members->others;
}

void weir_members_free(struct weir_members *members)
{
    if (!members)
        return;
    weir_folder_free(members->folder);
    weir_archive_free(members->archive);
    weir_buffer_release(&members->path);
    weir_buffer_release(&members->bytes);
    free(members);
}
