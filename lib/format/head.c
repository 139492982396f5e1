#include "format/head.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

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
    if (first && head->size >= 3 && memcmp(head->bytes, "\xef\xbb\xbf", 3) == 0)
        head->at = 3;
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
