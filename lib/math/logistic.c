#include "math/logistic.h"
#include "math/clones.h"
#include "math/vector.h"
#include <math.h>
#include <string.h>

/* exp(x) for x <= 0: x = k log 2 + r with |r| <= log(2) / 2, and Taylor's series of exp(r), whose fourteenth term is
 * below 1e-17. What is less than e^-700 is that. NaN stays. */
static inline __attribute__((always_inline)) double exp_negative(double x)
{
    const double log2_high = 0x1.62e42fefa0000p-1, log2_low = 0x1.cf79abc9e3b3ap-40; /* high times k is exact */
    const double to_integer = 0x1.8p52; /* added, it leaves the integer in the lowest bits */
    x = x < -700 ? -700 : x;
    double shifted = x * 0x1.71547652b82fep0 + to_integer, k = shifted - to_integer;
    double r = (x - k * log2_high) - k * log2_low;
    double sum = 1.0 / 6227020800;
    sum = sum * r + 1.0 / 479001600;
    sum = sum * r + 1.0 / 39916800;
    sum = sum * r + 1.0 / 3628800;
    sum = sum * r + 1.0 / 362880;
    sum = sum * r + 1.0 / 40320;
    sum = sum * r + 1.0 / 5040;
    sum = sum * r + 1.0 / 720;
    sum = sum * r + 1.0 / 120;
    sum = sum * r + 1.0 / 24;
    sum = sum * r + 1.0 / 6;
    sum = sum * r + 0.5;
    sum = sum * r + 1;
    sum = sum * r + 1;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52; /* 2^k */
    double power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

/* log(1 + e) for 0 <= e <= 1: 2 artanh(u) with u = e / (2 + e) <= 1/3, whose series of 17 terms is short of it by less
 * than 1e-17. */
static inline __attribute__((always_inline)) double log_one_plus(double e)
{
    double u = e / (2 + e), square = u * u, sum = 1.0 / 33;
    sum = sum * square + 1.0 / 31;
    sum = sum * square + 1.0 / 29;
    sum = sum * square + 1.0 / 27;
    sum = sum * square + 1.0 / 25;
    sum = sum * square + 1.0 / 23;
    sum = sum * square + 1.0 / 21;
    sum = sum * square + 1.0 / 19;
    sum = sum * square + 1.0 / 17;
    sum = sum * square + 1.0 / 15;
    sum = sum * square + 1.0 / 13;
    sum = sum * square + 1.0 / 11;
    sum = sum * square + 1.0 / 9;
    sum = sum * square + 1.0 / 7;
    sum = sum * square + 1.0 / 5;
    sum = sum * square + 1.0 / 3;
    return 2 * u + 2 * u * square * sum;
}

WEIR_CLONES void weir_logistic_loss(double *restrict z, const double *restrict t, double *restrict loss, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double score = z[i], e = exp_negative(-fabs(score));
        loss[i] = (score > 0 ? score : 0) + log_one_plus(e) - t[i] * score;
        z[i] = (score > 0 ? 1 : e) / (1 + e) - t[i];
    }
}

double weir_softmax_loss(double *z, int64_t n, int32_t class, double smoothing)
{
    double most = z[weir_vector_largest(z, n)], sum = 0, mean = 0, own = z[class];
    for (int64_t k = 0; k < n; k++) {
        mean += z[k] / (double)n;
        sum += exp(z[k] - most);
    }
    double loss = most + log(sum) - (1 - smoothing) * own - smoothing * mean;
    for (int64_t k = 0; k < n; k++)
        z[k] = exp(z[k] - most) / sum - smoothing / (double)n - (k == class ? 1 - smoothing : 0);
    return loss;
}
