/* The rows of an audit as the numbers that a model learns from. */
#include "base/memory.h"
#include "math/sort.h"
#include "model/audit_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Texts that get a slot of their own: the most frequent ones, of those that enough rows have. */
enum { MOST_SLOTS = 1000 };

/* slots[texts]: the slot of each text; the returned number of them, and behind them one for all other texts and one for
 * missing. -1: out of memory. */
static int32_t choose_slots(const struct weir_audit_source *source, int32_t *slots)
{
    size_t count = source->texts.count;
    struct weir_keyed *items = weir_allocate(count, 2 * sizeof *items);
    if (!items)
        return -1;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct weir_keyed){ ~(uint64_t)source->counts[i], i };
    weir_sort_keyed(items, items + count, count);
    int32_t kept = 0;
    while ((size_t)kept < count && kept < MOST_SLOTS && source->counts[items[kept].item] >= WEIR_AUDIT_FEW)
        kept++;
    for (size_t i = 0; i < count; i++)
        slots[items[i].item] = (int32_t)i < kept ? (int32_t)i : kept;
    free(items);
    return kept;
}

static int text_to_slots(struct weir_audit_rows *rows, struct weir_audit_source *source, struct weir_error *error)
{
    int32_t *slots = weir_allocate(source->texts.count, sizeof *slots);
    int32_t kept = slots ? choose_slots(source, slots) : -1;
    for (int64_t row = 0; kept >= 0 && row < rows->count; row++) {
        int32_t code = weir_audit_code(rows, source, row);
        int32_t slot = code >= 0 ? slots[code] : code == WEIR_AUDIT_OTHER ? kept : kept + 1;
        memcpy(weir_dataset_record(&rows->dataset, row) + source->offset, &slot, sizeof slot);
    }
    free(slots);
    return kept < 0 ? weir_fail_memory(error)
                    : weir_dataset_add_segment(&rows->dataset, WEIR_STORE_SLOT, source->offset, kept + 2, error);
}

static int fill_numbers(struct weir_audit_rows *rows, struct weir_audit_source *source, struct weir_error *error)
{
    float median = weir_audit_quantile(source, 0.5);
    for (int64_t row = 0; source->missing && row < rows->count; row++) {
        if (!isnan(weir_audit_float(rows, source, row)))
            continue;
        uint8_t *record = weir_dataset_record(&rows->dataset, row);
        memcpy(record + source->offset, &median, sizeof median);
        record[source->flag] = 1;
    }
    return weir_dataset_add_segment(&rows->dataset, WEIR_STORE_FLOAT, source->offset, 1, error);
}

int weir_audit_rows_to_features(struct weir_audit_rows *rows, struct weir_error *error)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < rows->source_count; i++) {
        struct weir_audit_source *source = &rows->sources[i];
        if (!source->feature || source->hardly_recur)
            continue;
        if (source->form == WEIR_AUDIT_TEXT)
            result = text_to_slots(rows, source, error);
        else if (source->form == WEIR_AUDIT_TENSOR)
            result = weir_dataset_add_segment(&rows->dataset, source->storage, source->offset, source->width, error);
        else if (source->sampled)
            result = fill_numbers(rows, source, error);
    }
    for (size_t i = 0; result == 0 && i < rows->source_count; i++) {
        struct weir_audit_source *source = &rows->sources[i];
        if (source->feature && source->sampled && source->missing)
            result = weir_dataset_add_segment(&rows->dataset, WEIR_STORE_UINT8, source->flag, 1, error);
    }
    return result;
}
