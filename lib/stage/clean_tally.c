#include "stage/clean_private.h"
#include "stage/options.h"

enum { COLUMNS_SHOWN = 6 };

bool weir_clean_tally_add(struct clean_tally *tally, const char *column, int64_t count)
{
    if (count == 0)
        return false;
    tally->total += count;
    if (tally->columns++ >= COLUMNS_SHOWN)
        return false;
    weir_buffer_format(&tally->list, "%s%lld in %s", tally->columns > 1 ? ", " : "", (long long)count,
                       WEIR_SHOW(column));
    return true;
}

void weir_clean_tally_end(struct clean_tally *tally, const char *what, struct weir_buffer *out)
{
    if (tally->columns > COLUMNS_SHOWN)
        weir_buffer_format(&tally->list, ", and in %d more columns", tally->columns - COLUMNS_SHOWN);
    if (tally->total > 0)
        weir_buffer_format(out, "%s%s %lld (%s)", out->size > 0 ? ", " : "", what, (long long)tally->total,
                           tally->list.bytes ? tally->list.bytes : "");
    weir_buffer_release(&tally->list);
}
