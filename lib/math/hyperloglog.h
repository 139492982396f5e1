/* How many different values a run has, in constant memory, from 64-bit hashes of them.
 *
 * HyperLogLog (P. Flajolet, E. Fusy, O. Gandouet, F. Meunier, "HyperLogLog: the analysis of a near-optimal cardinality
 * estimation algorithm", 2007): 2^14 registers, each the greatest number of leading zeros, and one more, among the
 * hashes that fall to it. Few values are kept as in HLL++ (S. Heule, M. Nunkesser, A. Hall, "HyperLogLog in practice",
 * 2013, section 5.3): as the set of places among 2^25 registers, counted by linear counting, where an error of one is
 * unlikely below some 1,000 values. The registers are read by the estimator of O. Ertl, "New cardinality estimation
 * algorithms for HyperLogLog sketches", 2017 (algorithm 6), which has no bias at any number and needs no table.
 *
 * The standard error is 1.04 / sqrt(2^14) = 0.81 %. The sketch of two runs together is the join of their sketches, bit
 * for bit, and does not depend on the order of the values. */
#ifndef WEIR_MATH_HYPERLOGLOG_H
#define WEIR_MATH_HYPERLOGLOG_H

#include "base/buffer.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEIR_HYPERLOGLOG_BITS = 14,
    WEIR_HYPERLOGLOG_REGISTERS = 1 << WEIR_HYPERLOGLOG_BITS,
    WEIR_HYPERLOGLOG_SPARSE = 3072, /* values kept as a set, at most */
};

/* Starts as { 0 }, which is the empty set. */
struct weir_hyperloglog {
    uint8_t *registers; /* [WEIR_HYPERLOGLOG_REGISTERS]; NULL: the set */
    uint32_t *set;      /* [slots] open addressing: place << 6 | rank, 0: free */
    uint32_t count, slots;
};

void weir_hyperloglog_release(struct weir_hyperloglog *sketch); /* back to { 0 } */
/* Takes a hash whose bits are all well mixed. 0, or -1 when out of memory. */
int weir_hyperloglog_add(struct weir_hyperloglog *sketch, uint64_t hash);
/* The same of hashes[count]. */
int weir_hyperloglog_add_all(struct weir_hyperloglog *sketch, const uint64_t *hashes, size_t count);
/* `into` becomes the sketch of both runs. 0 or -1. */
int weir_hyperloglog_merge(struct weir_hyperloglog *into, const struct weir_hyperloglog *from);
double weir_hyperloglog_estimate(const struct weir_hyperloglog *sketch);

/* The sketch as text of printable ASCII, the same for the same set of values: "s" and eight hexadecimal digits a
 * value in ascending order, or "d" and a character a register. */
void weir_hyperloglog_text(const struct weir_hyperloglog *sketch, struct weir_buffer *out);
/* Back; `sketch` is { 0 }. Everything is checked: -1 with the message (WEIR_BAD_DATA), or out of memory. */
int weir_hyperloglog_parse(struct weir_hyperloglog *sketch, const char *text, size_t length, struct weir_error *error);

/* A hash of a 64-bit number with all bits well mixed (the step and the finalizer of SplitMix64: G. Steele, D. Lea, C.
 * Flood, "Fast splittable pseudorandom number generators", 2014): one to one, so that numbers that differ never meet.
 */
static inline uint64_t weir_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

#endif
