/* Sketches of sets: MinHash (Broder, "On the resemblance and containment of documents", 1997) and locality-sensitive
 * hashing by bands (Indyk and Motwani, STOC 1998; the S-curve after Leskovec, Rajaraman and Ullman, "Mining of Massive
 * Datasets", 3.4).
 *
 * Value i of a set's sketch is the least multiply[i] * x + add[i] (mod 2^32, multiply[i] odd) over the set's items x,
 * which are hashes themselves: two sketches agree in a value with about the Jaccard similarity s of the sets as
 * probability, |A and B| / |A or B|. Of `rows` values a band is made; sets are candidates when all values of some band
 * agree, which they do with the probability 1 - (1 - s^rows)^bands. */
#ifndef WEIR_MATH_MINHASH_H
#define WEIR_MATH_MINHASH_H

#include <stddef.h>
#include <stdint.h>

enum { WEIR_MINHASH_VALUES = 128 };

struct weir_minhash {
    uint32_t multiply[WEIR_MINHASH_VALUES], add[WEIR_MINHASH_VALUES];
};

void weir_minhash_init(struct weir_minhash *minhash, uint64_t seed);
/* sketch: [WEIR_MINHASH_VALUES]; items: [count], repeated ones change nothing. Of no items: all values are 2^32 - 1. */
void weir_minhash_sketch(const struct weir_minhash *minhash, const uint32_t *items, size_t count, uint32_t *sketch);

/* How likely sets of the similarity become candidates. */
double weir_minhash_recall(double similarity, int bands, int rows);
/* The most rows a band (16 at most; the more, the fewer candidates in vain) with which as many bands as there are
 * values for have a recall of at least 0.95 at the threshold. -1: the threshold is too low for any (below 0.0232). */
int weir_minhash_bands(double threshold, int *bands, int *rows);

#endif
