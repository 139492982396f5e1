/* Random numbers: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * Counter-based: a seed and a stream name a sequence, and any place in it can be reached at once, so that a result does
 * not depend on how many threads drew from it. The same seed gives the same numbers on every machine. */
#ifndef WEIR_BASE_RANDOM_H
#define WEIR_BASE_RANDOM_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

struct weir_random {
    uint64_t seed;    /* the key */
    uint64_t stream;  /* which sequence of that seed */
    uint64_t counter; /* the next block of four words: saving these three saves the generator */
    uint32_t words[4];
    int left; /* words not yet handed out */
};

void weir_random_init(struct weir_random *random, uint64_t seed, uint64_t stream);
uint32_t weir_random_u32(struct weir_random *random);
uint64_t weir_random_u64(struct weir_random *random);
uint64_t weir_random_below(struct weir_random *random, uint64_t bound); /* 0 .. bound - 1, without bias; bound > 0 */
double weir_random_uniform(struct weir_random *random);                 /* [0, 1), 53 bits */
double weir_random_normal(struct weir_random *random);                  /* mean 0, deviation 1 (Box and Muller) */

/* bytes[size] (256 at most) from the system, other ones each time: what nobody can foresee. */
int weir_random_secret(void *bytes, size_t size, struct weir_error *error);

#endif
