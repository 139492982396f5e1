/* Odd sketches (Mitzenmacher, Pagh and Pham, "Efficient estimation for high similarities using odd sketches", WWW
 * 2014): in how many items two sets differ.
 *
 * Each item of a set turns over one bit, chosen by its hash. Where two sketches differ, the sets differ in an odd
 * number of items that choose the bit: so in no more bits than the sets differ in items. Of sets that differ in many
 * items only those are taken whose hash begins with `level` zeros, one in 2^level. When the sets differ in d items,
 * each bit differs with the probability q = (1 - exp(-2 d / 2^level / 512)) / 2, near enough. */
#ifndef WEIR_MATH_ODD_SKETCH_H
#define WEIR_MATH_ODD_SKETCH_H

#include <stddef.h>
#include <stdint.h>

enum { WEIR_ODD_BITS = 512, WEIR_ODD_LEVELS = 23, WEIR_ODD_LIMITS = 1024 };

struct weir_odd_sketch {
    uint64_t bits[WEIR_ODD_BITS / 64];
};

/* hashes[count], each item's once. */
void weir_odd_sketch(const uint64_t *hashes, size_t count, int level, struct weir_odd_sketch *sketch);
/* In how many bits they differ; both of one level. */
int weir_odd_difference(const struct weir_odd_sketch *a, const struct weir_odd_sketch *b);

/* The level, below WEIR_ODD_LEVELS, that tells best whether sets differ in about so many items. */
int weir_odd_level(double different);

/* The difference that sketches of sets which differ in `different` items at most exceed once in 10^5 or less: the mean
 * 512 q and five deviations; and at level 0 never more than the items. */
struct weir_odd_limits {
    uint16_t limits[WEIR_ODD_LIMITS]; /* by the number of items that are taken */
};
void weir_odd_limits_init(struct weir_odd_limits *limits);
int weir_odd_limit(const struct weir_odd_limits *limits, double different, int level);

#endif
