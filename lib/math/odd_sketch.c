#include "math/odd_sketch.h"
#include "math/clones.h"
#include <math.h>
#include <string.h>

/* TAKEN: items that differ and are taken, at the least level that has no more. A bit is chosen by the last nine of the
 * hash's first 32 bits, the level by those before them. */
enum { TAKEN = 128, PLACE_SHIFT = 32, WORDS = WEIR_ODD_BITS / 64 };
static const double DEVIATIONS = 5;

void weir_odd_sketch(const uint64_t *hashes, size_t count, int level, struct weir_odd_sketch *sketch)
{
    *sketch = (struct weir_odd_sketch){ { 0 } };
    for (size_t i = 0; i < count; i++) {
        if (level > 0 && hashes[i] >> (64 - level) != 0)
            continue;
        unsigned place = (unsigned)(hashes[i] >> PLACE_SHIFT) % WEIR_ODD_BITS;
        sketch->bits[place / 64] ^= (uint64_t)1 << place % 64;
    }
}

WEIR_CLONES
int weir_odd_difference(const struct weir_odd_sketch *a, const struct weir_odd_sketch *b)
{
    int difference = 0;
    for (int i = 0; i < WORDS; i++)
        difference += __builtin_popcountll(a->bits[i] ^ b->bits[i]);
    return difference;
}

int weir_odd_level(double different)
{
    int level = 0;
    for (; level + 1 < WEIR_ODD_LEVELS && different > TAKEN; level++)
        different /= 2;
    return level;
}

void weir_odd_limits_init(struct weir_odd_limits *limits)
{
    for (int taken = 0; taken < WEIR_ODD_LIMITS; taken++) {
        double q = (1 - exp(-2.0 * taken / WEIR_ODD_BITS)) / 2;
        double limit = WEIR_ODD_BITS * q + DEVIATIONS * sqrt(WEIR_ODD_BITS * q * (1 - q));
        limits->limits[taken] = (uint16_t)(limit < WEIR_ODD_BITS ? limit : WEIR_ODD_BITS);
    }
}

int weir_odd_limit(const struct weir_odd_limits *limits, double different, int level)
{
    double taken = different / (double)((uint32_t)1 << level) + 1; /* rounded up below */
    int limit = taken < WEIR_ODD_LIMITS ? limits->limits[(int)taken] : WEIR_ODD_BITS;
    return level == 0 && different < limit ? (int)different : limit;
}
