/* Fingerprints of rows: 128 bits of what some columns hold, under a secret key.
 *
 * Each cell becomes a word or two, w, and a tag for what it is (null, integer, real, text ...), so that different cells
 * differ in them: numbers by their value whatever the column's width (5 and 5.0 are equal, as are -0 and 0, and all
 * NaN), texts of utf8, binary and dictionary columns by their bytes. A row is the two sums
 *
 *     s_j = sum over its words of k_ij * w_i   (mod 2^128, j = 1, 2)
 *
 * with random 64-bit k, the multilinear family of Carter and Wegman ("Universal classes of hash functions", JCSS 18,
 * 1979; for such words Lemire and Kaser, "Strongly universal string hashing is fast", 2014): two rows whose words
 * differ agree in both sums for at most one key in 2^128, whoever chose the rows, as long as he did not know the key.
 * The 256 bits are brought to 128 by XXH3, and texts become two words each by XXH3 in 128 bits with a seed of the key.
 * So with n distinct rows two are taken for equal by chance once in 2^129 / n^2 runs (a billion rows: once in 10^20),
 * which is why no content is kept to compare. The same key, the same fingerprint, on every machine and however rows are
 * batched. */
#ifndef WEIR_STAGE_FINGERPRINT_H
#define WEIR_STAGE_FINGERPRINT_H

#include "base/hash.h"
#include "stream/batch.h"

enum { WEIR_FINGERPRINT_KEY = 16 };

struct weir_fingerprint;

/* columns[count] of the schema, which must outlive it; the order of the columns counts. */
int weir_fingerprint_new(struct weir_fingerprint **fingerprint, const struct weir_schema *schema, const int *columns,
                         int count, const uint8_t key[WEIR_FINGERPRINT_KEY], struct weir_error *error);
/* out[rows of the batch]. */
int weir_fingerprint_rows(struct weir_fingerprint *fingerprint, const struct weir_batch *batch,
                          struct weir_hash128 *out, struct weir_error *error);
void weir_fingerprint_free(struct weir_fingerprint *fingerprint); /* NULL is accepted */

#endif
