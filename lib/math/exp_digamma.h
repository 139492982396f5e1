/* exp of the digamma function, the derivative of ln Gamma: what expectations under Dirichlet distributions are made of.
 *
 *     exp(psi(x)) = exp(psi(x + 6) - sum of 1 / (x + i), i = 0 .. 5)
 *     exp(psi(y + 1/2)) = y + 1 / (24 y) - 37 / (5760 y^3) + 10313 / (2903040 y^5) - ...
 *
 * (M. Abramowitz, I. Stegun, 6.3.6 and 6.3.18, the series of the exponential.) */
#ifndef WEIR_MATH_EXP_DIGAMMA_H
#define WEIR_MATH_EXP_DIGAMMA_H

#include <stdint.h>

/* out[i] = exp(psi(x[i])), x > 0, to a relative 2e-5 (of what float32 can hold: below x = 0.0115 it is 0). The same
 * bits on every machine. The arrays may be the same. */
void weir_exp_digamma(const float *x, float *out, int64_t n);

/* The sum in the formula above, of x > 0: what makes exp(psi(x)) vanish. */
float weir_digamma_sum(float x);
/* out[i] = exp(psi(x[i]) + by), x < 1e5, for `by` not above weir_digamma_sum of any x: with that of the greatest, what
 * they are to each other is seen however small all are. */
void weir_exp_digamma_raised(const float *x, float *out, int64_t n, float by);

#endif
