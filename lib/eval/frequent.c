#include "eval/frequent.h"

int weir_choose_frequent(const int64_t *rows, int32_t values, int most, int32_t *chosen)
{
    int count = 0;
    for (int32_t value = 0; value < values; value++) {
        int place = count < most ? count++ : most;
        for (; place > 0 && rows[value] > rows[chosen[place - 1]]; place--)
            if (place < most)
                chosen[place] = chosen[place - 1];
        if (place < most)
            chosen[place] = value;
    }
    for (int i = 1; i < count; i++)
        for (int j = i; j > 0 && chosen[j] < chosen[j - 1]; j--) {
            int32_t swapped = chosen[j];
            chosen[j] = chosen[j - 1];
            chosen[j - 1] = swapped;
        }
    return count;
}
