/* lib/base/random and lib/base/hash: known answers, ranges, the same from any place. */
#include "base/hash.h"
#include "base/random.h"
#include "check.h"

static void test_known_answers(void)
{
    /* The answers for Philox 4x32-10 that its authors publish: all bits 0, and digits of pi. */
    struct weir_random random;
    weir_random_init(&random, 0, 0);
    CHECK_INT(weir_random_u32(&random), 0x6627e8d5);
    CHECK_INT(weir_random_u32(&random), 0xe169c58d);
    CHECK_INT(weir_random_u32(&random), 0xbc57ac4c);
    CHECK_INT(weir_random_u32(&random), 0x9b00dbd8);
    weir_random_init(&random, 0x299f31d0a4093822, 0x0370734413198a2e);
    random.counter = 0x85a308d3243f6a88;
    CHECK_INT(weir_random_u32(&random), 0xd16cfe09);
    CHECK_INT(weir_random_u32(&random), 0x94fdcceb);
    CHECK_INT(weir_random_u32(&random), 0x5001e420);
    CHECK_INT(weir_random_u32(&random), 0x24126ea1);
}

static void test_distributions(void)
{
    enum { DRAWS = 200000, SIDES = 6 };
    struct weir_random random, other;
    int counts[SIDES] = { 0 };
    double sum = 0, squares = 0, low = 1, high = 0, normal_sum = 0, normal_squares = 0;
    weir_random_init(&random, 3, 4);
    for (int i = 0; i < DRAWS; i++) {
        counts[weir_random_below(&random, SIDES)]++;
        double u = weir_random_uniform(&random), n = weir_random_normal(&random);
        sum += u;
        squares += u * u;
        low = u < low ? u : low;
        high = u > high ? u : high;
        normal_sum += n;
        normal_squares += n * n;
    }
    for (int i = 0; i < SIDES; i++)
        CHECK_NEAR(counts[i], (double)DRAWS / SIDES, 800); /* five deviations */
    CHECK(low >= 0 && high < 1);
    CHECK_NEAR(sum / DRAWS, 0.5, 0.004);
    CHECK_NEAR(squares / DRAWS, 1.0 / 3, 0.004);
    CHECK_NEAR(normal_sum / DRAWS, 0, 0.012);
    CHECK_NEAR(normal_squares / DRAWS, 1, 0.02);
    CHECK_INT((long long)weir_random_below(&random, 1), 0);

    /* Seed, stream and counter are the whole state at the beginning of a block. */
    weir_random_init(&random, 5, 6);
    for (int i = 0; i < 8; i++)
        weir_random_u32(&random);
    weir_random_init(&other, 5, 6);
    other.counter = random.counter;
    CHECK(weir_random_u64(&random) == weir_random_u64(&other));
    weir_random_init(&other, 5, 7);
    weir_random_init(&random, 5, 6);
    CHECK(weir_random_u64(&random) != weir_random_u64(&other));
}

static void test_hashes(void)
{
    char hex[33], data[5000];
    weir_hash_hex(weir_hash("", 0, 0), hex);
    CHECK_TEXT(hex, "2d06800538d394c2");
    weir_hash128_hex(weir_hash128("", 0), hex);
    CHECK_TEXT(hex, "99aa06d3014798d86001c324468d497f");
    CHECK(weir_hash("a", 1, 0) != weir_hash("a", 1, 1));
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 31);
    struct weir_hasher *hasher = weir_hasher_new();
    for (int round = 0; round < 2; round++) {
        weir_hasher_reset(hasher);
        for (size_t done = 0, step = 1; done < sizeof data; step = step * 3 + 1) {
            size_t n = step < sizeof data - done ? step : sizeof data - done;
            weir_hasher_add(hasher, data + done, n);
            weir_hasher_add(hasher, NULL, 0);
            done += n;
        }
        struct weir_hash128 whole = weir_hash128(data, sizeof data), parts = weir_hasher_digest128(hasher);
        CHECK(weir_hasher_digest(hasher) == weir_hash(data, sizeof data, 0));
        CHECK(whole.low == parts.low && whole.high == parts.high);
    }
    weir_hasher_free(hasher);
    weir_hasher_free(NULL);
}

int main(void)
{
    test_known_answers();
    test_distributions();
    test_hashes();
    return check_result();
}
