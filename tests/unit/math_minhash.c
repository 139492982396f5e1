/* Sketches beside a plain loop, and how often sets become candidates beside the formula. */
#include "base/random.h"
#include "check.h"
#include "math/minhash.h"

static void check_plain(void)
{
    struct weir_minhash minhash;
    struct weir_random random;
    uint32_t items[70], sketch[WEIR_MINHASH_VALUES];
    weir_minhash_init(&minhash, 1);
    weir_random_init(&random, 2, 0);
    for (size_t i = 0; i < 70; i++)
        items[i] = weir_random_u32(&random);
    for (size_t count = 0; count <= 70; count++) {
        int wrong = 0;
        weir_minhash_sketch(&minhash, items, count, sketch);
        for (int i = 0; i < WEIR_MINHASH_VALUES; i++) {
            uint32_t least = UINT32_MAX;
            for (size_t k = 0; k < count; k++) {
                uint32_t value = minhash.multiply[i] * items[k] + minhash.add[i];
                least = value < least ? value : least;
            }
            wrong += sketch[i] != least;
        }
        CHECK_INT(wrong, 0);
    }
}

/* `both` items that two sets have in common, `each` that only one has. */
static void check_recall(int both, int each, int bands, int rows)
{
    enum { TRIALS = 4000, MOST = 400 };
    struct weir_minhash minhash;
    struct weir_random random;
    uint32_t items[2][MOST], sketch[2][WEIR_MINHASH_VALUES];
    double similarity = both / (double)(both + 2 * each), agreed = 0, met = 0;
    weir_minhash_init(&minhash, 3);
    weir_random_init(&random, 4, (uint64_t)both);
    for (int trial = 0; trial < TRIALS; trial++) {
        bool candidates = false;
        for (int i = 0; i < both; i++)
            items[0][i] = items[1][i] = weir_random_u32(&random);
        for (int s = 0; s < 2; s++) {
            for (int i = 0; i < each; i++)
                items[s][both + i] = weir_random_u32(&random);
            weir_minhash_sketch(&minhash, items[s], (size_t)(both + each), sketch[s]);
        }
        for (int i = 0; i < WEIR_MINHASH_VALUES; i++)
            agreed += sketch[0][i] == sketch[1][i];
        for (int band = 0; band < bands && !candidates; band++)
            candidates = memcmp(sketch[0] + band * rows, sketch[1] + band * rows, (size_t)rows * 4) == 0;
        met += candidates;
    }
    CHECK_NEAR(agreed / TRIALS / WEIR_MINHASH_VALUES, similarity, 0.01);
    CHECK_NEAR(met / TRIALS, weir_minhash_recall(similarity, bands, rows), 0.025);
}

int main(void)
{
    int bands, rows;
    check_plain();
    check_recall(80, 10, 18, 7);
    check_recall(40, 30, 32, 4);
    check_recall(16, 2, 18, 7);
    check_recall(200, 100, 21, 6);
    for (int percent = 3; percent <= 100; percent++) {
        double threshold = percent / 100.0;
        CHECK(weir_minhash_bands(threshold, &bands, &rows) == 0 && bands * rows <= WEIR_MINHASH_VALUES);
        CHECK(weir_minhash_recall(threshold, bands, rows) >= 0.95);
        CHECK(rows == 16 || weir_minhash_recall(threshold, WEIR_MINHASH_VALUES / (rows + 1), rows + 1) < 0.95);
    }
    CHECK(weir_minhash_bands(0.8, &bands, &rows) == 0);
    CHECK_INT(bands, 18);
    CHECK_INT(rows, 7);
    CHECK(weir_minhash_bands(0.02, &bands, &rows) < 0);
    return check_result();
}
