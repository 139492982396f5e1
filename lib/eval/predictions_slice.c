#include "base/memory.h"
#include "eval/predictions.h"
#include <string.h>

int weir_predictions_slice(struct weir_predictions *slice, const struct weir_predictions *from, int slicing,
                           int32_t value, struct weir_error *error)
{
    const int32_t *slices = from->slicings[slicing].slices;
    int64_t rows = 0;
    for (int64_t i = 0; i < from->rows; i++)
        rows += slices[i] == value;
    *slice = (struct weir_predictions){ .numbers = from->numbers,
                                        .rows = rows,
                                        .read = rows,
                                        .classes = from->classes,
                                        .known = from->known,
                                        .width = from->width };
    size_t width = (size_t)from->width, count = (size_t)rows;
    bool failed;
    if (from->numbers) {
        slice->actual = weir_allocate(count, sizeof(double));
        slice->estimate = weir_allocate(count, sizeof(double));
        failed = !slice->actual || !slice->estimate;
    } else {
        slice->label = weir_allocate(count, sizeof(int32_t));
        slice->predicted = weir_allocate(count, sizeof(int32_t));
        slice->probability = width ? weir_allocate(count, width * sizeof(double)) : NULL;
        failed = !slice->label || !slice->predicted || (width && !slice->probability);
    }
    if (failed) {
        weir_predictions_release(slice, true);
        return weir_fail_memory(error);
    }
    size_t place = 0;
    for (int64_t i = 0; i < from->rows; i++) {
        if (slices[i] != value)
            continue;
        if (from->numbers) {
            slice->actual[place] = from->actual[i];
            slice->estimate[place] = from->estimate[i];
        } else {
            slice->label[place] = from->label[i];
            slice->predicted[place] = from->predicted[i];
            if (width)
                memcpy(slice->probability + place * width, from->probability + (size_t)i * width,
                       width * sizeof(double));
        }
        place++;
    }
    return 0;
}
