#include "math/exp_digamma.h"
#include "math/clones.h"
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* exp(z) for z <= 0, without branches: 2^n exp(r), r within ln(2) / 2 of 0. */
INLINE float exp_negative(float z)
{
    const float magic = 12582912.0f; /* 1.5 2^23: adding it rounds to a whole number */
    float clipped = z < -86.0f ? -86.0f : z;
    float n = (clipped * 1.44269504f + magic) - magic;
    float r = (clipped - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.98756915e-4f;
    p = p * r + 1.39819995e-3f;
    p = p * r + 8.33345190e-3f;
    p = p * r + 4.16657960e-2f;
    p = p * r + 1.66666655e-1f;
    p = p * r + 0.5f;
    p = (p * r) * r + r + 1;
    int32_t bits = (int32_t)((uint32_t)((int32_t)n + 127) << 23);
    float power;
    memcpy(&power, &bits, sizeof power);
    return z < -86.0f ? 0 : p * power;
}

/* With t = x (x + 5) the six shares of the sum are three pairs over t, t + 4 and t + 6. */
INLINE float sum_at(float x)
{
    float t = x * (x + 5), u = t + 4, v = t + 6;
    return (2 * x + 5) * (u * v + t * (u + v)) / (t * u * v);
}

/* exp(psi(x + 6)) */
INLINE float series_at(float x)
{
    float y = x + 5.5f, inverse = 1 / y, square = inverse * inverse;
    return y + inverse * (4.1666668e-2f + square * (-6.4236112e-3f + square * 3.5524936e-3f));
}

float weir_digamma_sum(float x)
{
    return sum_at(x);
}

/* Beyond 1e5 the sum is below what a float shows, and its products would overflow. */
WEIR_CLONES void weir_exp_digamma(const float *x, float *out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float at = x[i] < 1e5f ? x[i] : 1e5f;
        float shifted = series_at(at) * exp_negative(-sum_at(at));
        out[i] = x[i] < 1e5f ? shifted : x[i] - 0.5f;
    }
}

WEIR_CLONES void weir_exp_digamma_raised(const float *x, float *out, int64_t n, float by)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = series_at(x[i]) * exp_negative(by - sum_at(x[i]));
}
