#include "base/random.h"
#include <errno.h>
#include <math.h>
#include <sys/random.h>

/* Ten rounds of Philox 4x32; the constants are those of the paper. */
static void philox(uint64_t key, uint64_t low, uint64_t high, uint32_t out[4])
{
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    uint32_t c0 = (uint32_t)low, c1 = (uint32_t)(low >> 32), c2 = (uint32_t)high, c3 = (uint32_t)(high >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = 0xD2511F53ull * c0, p1 = 0xCD9E8D57ull * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

void weir_random_init(struct weir_random *random, uint64_t seed, uint64_t stream)
{
    *random = (struct weir_random){ .seed = seed, .stream = stream };
}

uint32_t weir_random_u32(struct weir_random *random)
{
    if (random->left == 0) {
        philox(random->seed, random->counter++, random->stream, random->words);
        random->left = 4;
    }
    return random->words[4 - random->left--];
}

uint64_t weir_random_u64(struct weir_random *random)
{
    uint64_t low = weir_random_u32(random);
    return (uint64_t)weir_random_u32(random) << 32 | low;
}

/* Lemire, "Fast random integer generation in an interval", 2019. */
uint64_t weir_random_below(struct weir_random *random, uint64_t bound)
{
    unsigned __int128 product = (unsigned __int128)weir_random_u64(random) * bound;
    if ((uint64_t)product < bound) {
        uint64_t threshold = -bound % bound;
        while ((uint64_t)product < threshold)
            product = (unsigned __int128)weir_random_u64(random) * bound;
    }
    return (uint64_t)(product >> 64);
}

double weir_random_uniform(struct weir_random *random)
{
    return (double)(weir_random_u64(random) >> 11) * 0x1p-53;
}

/* One value for each two uniforms: the generator then has no more state than its counter. */
double weir_random_normal(struct weir_random *random)
{
    double u = 1.0 - weir_random_uniform(random); /* (0, 1] */
    double v = weir_random_uniform(random);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586476925286766559 * v);
}

int weir_random_secret(void *bytes, size_t size, struct weir_error *error)
{
    ssize_t got;
    do
        got = getrandom(bytes, size, 0);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)size ? 0 : weir_fail_errno(error, WEIR_IO, "no random key");
}
