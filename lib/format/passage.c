#include "format/passage.h"
#include "base/memory.h"
#include "format/format.h"
#include "format/head.h"
#include <stdlib.h>
#include <string.h>

enum { KEPT = 4 << 20 }; /* a larger passage's memory is given back after use */

int weir_passage_reserve(struct weir_passage *passage, size_t size)
{
    size_t needed = size + 1 + WEIR_TEXT_PADDING;
    if (needed <= passage->capacity)
        return 0;
    char *bigger = weir_reallocate(passage->bytes, needed, 1);
    if (!bigger)
        return -1;
    passage->bytes = bigger;
    passage->capacity = needed;
    return 0;
}

void weir_passage_release(struct weir_passage *passage)
{
    free(passage->bytes);
    *passage = (struct weir_passage){ 0 };
}

int weir_passages_next(struct weir_passages *passages, struct weir_passage *passage, size_t wanted,
                       struct weir_error *error)
{
    size_t have = passages->carry.size, whole = 0;
    bool ended = false;
    if (passage->capacity > KEPT && passage->capacity > 2 * wanted)
        weir_passage_release(passage);
    if (weir_passage_reserve(passage, wanted))
        return weir_fail_memory(error);
    if (have)
        memcpy(passage->bytes, passages->carry.bytes, have);
    for (;;) {
        ssize_t got = weir_feed_read(passages->feed, passage->bytes + have, wanted - have, error);
        if (got < 0)
            return -1;
        ended = (size_t)got < wanted - have;
        have += (size_t)got;
        whole = passages->whole(passages->context, passage->bytes, &have, ended);
        if (whole || ended)
            break;
        if (have >= WEIR_RECORD_LIMIT)
            return weir_fail(error, WEIR_BAD_DATA, "%s: a record is longer than %d bytes%s",
                             weir_feed_name(passages->feed), WEIR_RECORD_LIMIT, passages->advice);
        wanted = 2 * have < WEIR_RECORD_LIMIT ? 2 * have : WEIR_RECORD_LIMIT;
        if (weir_passage_reserve(passage, wanted))
            return weir_fail_memory(error);
    }
    weir_buffer_clear(&passages->carry);
    weir_buffer_append(&passages->carry, passage->bytes + whole, have - whole);
    if (weir_buffer_check(&passages->carry, error))
        return -1;
    passage->size = whole;
    memset(passage->bytes + whole, 0, WEIR_TEXT_PADDING);
    return whole > 0;
}

void weir_passages_release(struct weir_passages *passages)
{
    weir_buffer_release(&passages->carry);
}
