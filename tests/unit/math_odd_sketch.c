/* Odd sketches beside a plain count, and how often their limit is passed beside what it promises. */
#include "base/random.h"
#include "check.h"
#include "math/odd_sketch.h"
#include <string.h>

enum { MOST = 9000 };

static void draw(struct weir_random *random, uint64_t *hashes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hashes[i] = weir_random_u64(random);
}

/* Bits by a table of counts; sets that share items differ as their other items do. */
static void check_plain(int level)
{
    enum { SHARED = 3000, OWN = 500 };
    static uint64_t left[SHARED + OWN], right[SHARED + OWN];
    struct weir_random random;
    struct weir_odd_sketch a, b, others[2];
    int counts[WEIR_ODD_BITS] = { 0 }, difference = 0;
    weir_random_init(&random, 1, (uint64_t)level);
    draw(&random, left, SHARED + OWN);
    memcpy(right, left, SHARED * sizeof *left);
    draw(&random, right + SHARED, OWN);
    weir_odd_sketch(left, SHARED + OWN, level, &a);
    weir_odd_sketch(right, SHARED + OWN, level, &b);
    for (int side = 0; side < 2; side++)
        for (int i = SHARED; i < SHARED + OWN; i++) {
            uint64_t hash = side ? right[i] : left[i];
            bool taken = true;
            for (int bit = 0; bit < level; bit++)
                taken &= !(hash >> (63 - bit) & 1);
            counts[hash >> 32 & (WEIR_ODD_BITS - 1)] += taken;
        }
    for (int i = 0; i < WEIR_ODD_BITS; i++)
        difference += counts[i] % 2;
    CHECK_INT(weir_odd_difference(&a, &b), difference);
    CHECK_INT(weir_odd_difference(&a, &a), 0);
    weir_odd_sketch(left + SHARED, OWN, level, &others[0]);
    weir_odd_sketch(right + SHARED, OWN, level, &others[1]);
    CHECK_INT(weir_odd_difference(&others[0], &others[1]), difference);
}

/* Sets that differ in as many items as the limit is for pass it hardly ever, those that differ in three times as many
 * nearly always do. */
static void check_limit(int different)
{
    enum { TRIALS = 20000 };
    static uint64_t hashes[MOST];
    static const struct weir_odd_sketch empty;
    struct weir_odd_limits limits;
    struct weir_odd_sketch sketch;
    struct weir_random random;
    int level = weir_odd_level(different), over = 0, told = 0;
    weir_odd_limits_init(&limits);
    int limit = weir_odd_limit(&limits, different, level);
    CHECK(level == 0 ? limit <= different : different >> level <= 128 && different >> (level - 1) > 128);
    for (int trial = 0; trial < TRIALS; trial++) {
        weir_random_init(&random, 2, (uint64_t)trial);
        draw(&random, hashes, 3 * (size_t)different);
        weir_odd_sketch(hashes, (size_t)different, level, &sketch);
        over += weir_odd_difference(&sketch, &empty) > limit;
        weir_odd_sketch(hashes, 3 * (size_t)different, level, &sketch);
        told += weir_odd_difference(&sketch, &empty) > limit;
    }
    CHECK(over <= 1);
    CHECK(told >= TRIALS * 98 / 100);
}

int main(void)
{
    static const int different[] = { 1, 5, 22, 60, 128, 129, 200, 600, 3000 };
    struct weir_odd_limits limits;
    for (int level = 0; level < 5; level++)
        check_plain(level);
    for (size_t i = 0; i < sizeof different / sizeof *different; i++)
        check_limit(different[i]);
    CHECK_INT(weir_odd_level(1e300), WEIR_ODD_LEVELS - 1);
    weir_odd_limits_init(&limits);
    CHECK_INT(weir_odd_limit(&limits, 0, 0), 0);
    CHECK_INT(weir_odd_limit(&limits, 1e300, WEIR_ODD_LEVELS - 1), WEIR_ODD_BITS);
    return check_result();
}
