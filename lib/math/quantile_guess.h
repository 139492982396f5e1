/* Exact quantiles in one pass, when the values come in no particular order; when they do, it says so, and the collector
 * of quantile.h does it in two.
 *
 * The first limit / 4 values are sorted. Around the place of each wanted quantile a bracket of 6 standard errors of its
 * rank (sqrt(q (1 - q) n)) is laid; from then on values below and above it are counted, and only those inside are
 * kept: about 6 sqrt(n / limit) in a thousand. When they become too many, the bracket is narrowed by the same rule, now
 * with the larger n. At the end the wanted place lies within the bracket, and the value is exact, or it does not, and
 * there is none. (The guess of R. Floyd and R. Rivest, "Expected time bounds for selection", 1975, put to a stream.)
 * No result depends on how the run was cut into calls. */
#ifndef WEIR_MATH_QUANTILE_GUESS_H
#define WEIR_MATH_QUANTILE_GUESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEIR_GUESSES = 3 };

struct weir_quantile_guess;

/* For `count` (1 to WEIR_GUESSES) quantiles, each from 0 to 1; memory: 8 bytes for each of `limit` values (256 or
 * more) for each quantile and twice more for sorting. NULL when out of memory. */
struct weir_quantile_guess *weir_quantile_guess_new(const double *wanted, int count, int limit);
void weir_quantile_guess_free(struct weir_quantile_guess *guess); /* NULL is accepted */

/* NaN is left out. 0, or -1 when out of memory. */
int weir_quantile_guess_add(struct weir_quantile_guess *guess, const double *values, size_t count);

int64_t weir_quantile_guess_count(const struct weir_quantile_guess *guess); /* values taken, without NaN */
/* The wanted quantiles by numpy's default, when there is a value and every guess was right: true. */
bool weir_quantile_guess_values(struct weir_quantile_guess *guess, double *values);

#endif
