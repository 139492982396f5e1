#include "base/memory.h"
#include "eval/predictions.h"
#include <string.h>

static int make_room(struct weir_predictions *slice, struct weir_error *error)
{
    size_t width = (size_t)slice->width, count = (size_t)slice->rows;
    bool failed;
    if (slice->numbers) {
        slice->actual = weir_allocate(count, sizeof(double));
        slice->estimate = weir_allocate(count, sizeof(double));
        failed = !slice->actual || !slice->estimate;
    } else {
        slice->label = weir_allocate(count, sizeof(int32_t));
        slice->predicted = weir_allocate(count, sizeof(int32_t));
        slice->probability = width ? weir_allocate(count, width * sizeof(double)) : NULL;
        failed = !slice->label || !slice->predicted || (width && !slice->probability);
    }
    if (!failed)
        return 0;
    weir_predictions_release(slice, true);
    return weir_fail_memory(error);
}

int weir_predictions_slice(struct weir_predictions *slice, const struct weir_predictions *from, const uint32_t *rows,
                           int64_t count, struct weir_error *error)
{
    size_t width = (size_t)from->width;
    *slice = (struct weir_predictions){ .numbers = from->numbers,
                                        .rows = count,
                                        .read = count,
                                        .classes = from->classes,
                                        .known = from->known,
                                        .width = from->width };
    if (make_room(slice, error))
        return -1;
    for (int64_t i = 0; i < count; i++) {
        size_t row = rows[i];
        if (from->numbers) {
            slice->actual[i] = from->actual[row];
            slice->estimate[i] = from->estimate[row];
            continue;
        }
        slice->label[i] = from->label[row];
        slice->predicted[i] = from->predicted[row];
        if (width)
            memcpy(slice->probability + (size_t)i * width, from->probability + row * width, width * sizeof(double));
    }
    return 0;
}
