#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "model/training_data.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* `count` of the rows, chosen at random: Floyd's choice would do, a shuffle is plainer. side[rows] becomes 1. */
static int choose(uint8_t *side, int64_t rows, int64_t count, uint64_t seed)
{
    int64_t *order = weir_allocate((size_t)rows, sizeof *order);
    if (!order)
        return -1;
    struct weir_random random;
    weir_random_init(&random, seed, UINT64_MAX);
    for (int64_t i = 0; i < rows; i++)
        order[i] = i;
    for (int64_t i = 0; i < count; i++) {
        int64_t j = i + (int64_t)weir_random_below(&random, (uint64_t)(rows - i));
        int64_t row = order[j];
        order[j] = order[i];
        side[row] = 1;
    }
    free(order);
    return 0;
}

int weir_training_data_divide(struct weir_training_data *data, double share, uint64_t seed, struct weir_error *error)
{
    int64_t rows = data->rows;
    uint8_t *side = weir_allocate_zero((size_t)rows, 1);
    data->train = weir_allocate((size_t)rows, sizeof *data->train);
    data->validation = weir_allocate((size_t)rows, sizeof *data->validation);
    int result = side && data->train && data->validation ? 0 : weir_fail_memory(error);
    if (result == 0 && data->splits) {
        memcpy(side, data->splits, (size_t)rows);
    } else if (result == 0 && share > 0 && data->groups) {
        for (int64_t row = 0; row < rows; row++)
            side[row] = (double)(weir_hash(&data->groups[row], sizeof data->groups[row], seed) >> 11) * 0x1p-53 < share;
    } else if (result == 0 && share > 0) {
        int64_t count = (int64_t)llround(share * (double)rows);
        if (choose(side, rows, count, seed))
            result = weir_fail_memory(error);
    }
    for (int64_t row = 0; result == 0 && data->made && row < rows; row++)
        if (data->made[row] && side[row] == WEIR_SPLIT_VALIDATION) {
            side[row] = WEIR_SPLIT_TEST;
            data->left_out++;
        }
    for (int64_t row = 0; result == 0 && row < rows; row++)
        if (side[row] == WEIR_SPLIT_TRAIN)
            data->train[data->train_count++] = row;
        else if (side[row] == WEIR_SPLIT_VALIDATION)
            data->validation[data->validation_count++] = row;
    free(side);
    if (result == 0 && data->train_count == 0)
        result = weir_fail(error, WEIR_BAD_DATA, "no row is left to learn from: all are for validation or test");
    if (result == 0 && share > 0 && !data->splits && data->validation_count == 0)
        result = weir_fail(error, WEIR_BAD_DATA, "a share of %g of %lld rows leaves none for validation%s", share,
                           (long long)rows, data->left_out ? ", where made rows have no place" : "");
    return result;
}
