#include "format/head.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

static int look_for_mark(struct weir_head *head, const struct weir_feed *feed, struct weir_error *error)
{
    const uint8_t *bytes = (const uint8_t *)head->bytes;
    if (head->size >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
        return weir_fail(error, WEIR_BAD_DATA, "%s: this is UTF-16 text; `iconv -f utf-16 -t utf-8` makes it readable",
                         weir_feed_name(feed));
    if (head->size >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf)
        head->at = 3;
    return 0;
}

int weir_head_read(struct weir_head *head, struct weir_feed *feed, size_t wanted, struct weir_error *error)
{
    char *bigger = weir_reallocate(head->bytes, wanted + 1 + WEIR_TEXT_PADDING, 1);
    if (!bigger)
        return weir_fail_memory(error);
    head->bytes = bigger;
    ssize_t got = weir_feed_read(feed, head->bytes + head->size, wanted - head->size, error);
    if (got < 0)
        return -1;
    bool first = head->size == 0;
    head->ended = (size_t)got < wanted - head->size;
    head->size += (size_t)got;
    if (first && look_for_mark(head, feed, error))
        return -1;
    if (head->ended && head->size > head->at && head->bytes[head->size - 1] != '\n')
        head->bytes[head->size++] = '\n';
    memset(head->bytes + head->size, 0, WEIR_TEXT_PADDING);
    return 0;
}

void weir_head_push(struct weir_head *head, struct weir_feed *feed)
{
    weir_feed_push(feed, head->bytes, head->at, head->size);
    *head = (struct weir_head){ 0 };
}

void weir_head_release(struct weir_head *head)
{
    free(head->bytes);
    *head = (struct weir_head){ 0 };
}
