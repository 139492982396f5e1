#include "math/minhash.h"
#include "base/random.h"
#include "math/clones.h"
#include <math.h>

enum { MOST_ROWS = 16, STREAM = 0x6d696e };
static const double LEAST_RECALL = 0.95;

void weir_minhash_init(struct weir_minhash *minhash, uint64_t seed)
{
    struct weir_random random;
    weir_random_init(&random, seed, STREAM);
    for (int i = 0; i < WEIR_MINHASH_VALUES; i++) {
        minhash->multiply[i] = weir_random_u32(&random) | 1;
        minhash->add[i] = weir_random_u32(&random);
    }
}

static inline uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Four items a pass, so that the sketch is loaded and stored a quarter as often. */
WEIR_CLONES
void weir_minhash_sketch(const struct weir_minhash *minhash, const uint32_t *items, size_t count, uint32_t *sketch)
{
    const uint32_t *multiply = minhash->multiply, *add = minhash->add;
    size_t k = 0;
    for (int i = 0; i < WEIR_MINHASH_VALUES; i++)
        sketch[i] = UINT32_MAX;
    for (; k + 4 <= count; k += 4) {
        uint32_t x0 = items[k], x1 = items[k + 1], x2 = items[k + 2], x3 = items[k + 3];
        for (int i = 0; i < WEIR_MINHASH_VALUES; i++) {
            uint32_t a = multiply[i], b = add[i];
            uint32_t left = least(a * x0 + b, a * x1 + b), right = least(a * x2 + b, a * x3 + b);
            sketch[i] = least(sketch[i], least(left, right));
        }
    }
    for (; k < count; k++)
        for (int i = 0; i < WEIR_MINHASH_VALUES; i++)
            sketch[i] = least(sketch[i], multiply[i] * items[k] + add[i]);
}

double weir_minhash_recall(double similarity, int bands, int rows)
{
    return 1 - pow(1 - pow(similarity, rows), bands);
}

int weir_minhash_bands(double threshold, int *bands, int *rows)
{
    for (int r = MOST_ROWS; r >= 1; r--) {
        if (weir_minhash_recall(threshold, WEIR_MINHASH_VALUES / r, r) >= LEAST_RECALL) {
            *bands = WEIR_MINHASH_VALUES / r;
            *rows = r;
            return 0;
        }
    }
    return -1;
}
