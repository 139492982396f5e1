#include "eval/ranking.h"
#include "base/memory.h"
#include "math/sort.h"
#include <math.h>
#include <stdlib.h>

int weir_ranking_order(const double *scores, int64_t stride, int64_t rows, uint32_t *order)
{
    size_t count = (size_t)rows;
    struct weir_keyed *items = weir_allocate(count, 2 * sizeof *items);
    if (!items)
        return -1;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct weir_keyed){ ~weir_key(scores[(int64_t)i * stride]), i }; /* ~: descending */
    weir_sort_keyed(items, items + count, count);
    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count || items[i].key != items[i + 1].key;
        order[i] = (uint32_t)items[i].item | (uint32_t)last << 31;
    }
    free(items);
    return 0;
}

void weir_ranking_measure(const uint32_t *order, int64_t rows, const int32_t *label, int32_t positive,
                          const uint32_t *times, double *auc, double *precision)
{
    double above[2] = { 0, 0 }, seen[2] = { 0, 0 }; /* negative, positive rows: before these equals, and with them */
    double area = 0, gained = 0;
    for (int64_t i = 0; i < rows; i++) {
        uint32_t row = order[i] & WEIR_RANKING_ROW;
        seen[label[row] == positive] += times ? times[row] : 1;
        if (order[i] == row)
            continue;
        double all = seen[0] + seen[1];
        area += (seen[0] - above[0]) * (seen[1] + above[1]) / 2;
        if (all > 0)
            gained += (seen[1] - above[1]) * (seen[1] / all);
        above[0] = seen[0];
        above[1] = seen[1];
    }
    *auc = seen[0] > 0 && seen[1] > 0 ? area / seen[0] / seen[1] : NAN;
    *precision = seen[1] > 0 ? gained / seen[1] : NAN;
}
