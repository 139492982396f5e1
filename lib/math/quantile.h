/* Quantiles of a run of any length in bounded memory: exact while the run is short, then a sketch whose rank error is
 * known with certainty, and exact again after a second pass over the data:
 *
 *     struct weir_quantiles *quantiles = weir_quantiles_new(WEIR_QUANTILES_EXACT);
 *     first pass:  weir_quantiles_add(quantiles, values, count) ...
 *     if (weir_quantiles_are_exact(quantiles))
 *         weir_quantiles_value(quantiles, 0.5, &median);
 *     else {
 *         struct weir_refinement *median = weir_refinement_new(quantiles, 0.5, WEIR_QUANTILES_EXACT);
 *         second pass: weir_refinement_add(median, values, count) ...
 *         weir_refinement_value(median, &value);
 *     }
 *
 * A quantile is numpy's default: linear between the two values beside place q * (count - 1) of the sorted run. NaN is
 * left out and counted, -0 counts as 0. No result depends on how the run was cut into calls.
 *
 * The sketch keeps at most one sorted buffer of k = limit / 16 values for each weight 2^h; two of one weight become one
 * of twice the weight by merging them and keeping every other value. The choice between the odd and the even ones is a
 * coin of a fixed seed for every first, and the opposite for every second of a level (Z. Karnin, K. Lang, E. Liberty,
 * "Optimal quantile approximation in streams", 2016, section 4; the buffers of equal size are those of P. Agarwal et
 * al., "Mergeable summaries", 2012). Keeping the odd ones of weight w can only lower an estimated rank, by w at most;
 * the even ones can only raise it: the two sums are kept, and the greater is the certain error. Both are about
 * count * log2(count / k) / (4 k): 0.04 % of the ranks for 10^6 values at the default limit, 0.07 % for 10^7; the error
 * that is seen is some ten times smaller. */
#ifndef WEIR_MATH_QUANTILE_H
#define WEIR_MATH_QUANTILE_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEIR_QUANTILES_EXACT = 65536 };

struct weir_quantiles;

/* A collector that keeps up to `limit` values (a power of two, 256 to 65,536) as they are; memory: 8 bytes for each of
 * these, then 8 * limit / 16 bytes for each doubling of the count. NULL when out of memory. */
struct weir_quantiles *weir_quantiles_new(int limit);
void weir_quantiles_free(struct weir_quantiles *quantiles); /* NULL is accepted */

/* 0, or -1 when out of memory. */
int weir_quantiles_add(struct weir_quantiles *quantiles, const double *values, size_t count);
/* `into` becomes the collector of both runs; `from` stays as it is. Both must have the same limit. 0 or -1. */
int weir_quantiles_merge(struct weir_quantiles *into, const struct weir_quantiles *from, struct weir_error *error);

int64_t weir_quantiles_count(const struct weir_quantiles *quantiles); /* values taken, without NaN */
int64_t weir_quantiles_nans(const struct weir_quantiles *quantiles);
bool weir_quantiles_are_exact(const struct weir_quantiles *quantiles);
/* How far, as a share of the count, the rank of any answer may be from the wanted one, with certainty; 0 when exact. */
double weir_quantiles_rank_error(const struct weir_quantiles *quantiles);
/* The value at q (0 to 1): 0; -1 when there is no value. Sorts within, hence not const. */
int weir_quantiles_value(struct weir_quantiles *quantiles, double q, double *value);

/* The state as *length doubles, an array that the caller frees, and back. Loading checks everything. */
int weir_quantiles_save(struct weir_quantiles *quantiles, double **state, size_t *length, struct weir_error *error);
int weir_quantiles_load(struct weir_quantiles **quantiles, const double *state, size_t length,
                        struct weir_error *error);

/* One quantile on its way to being exact: a bracket [low, high] that holds the wanted place with certainty, and what
 * the second pass found below it, at its ends and within. Within are fewer than 4 * (certain error) + 2 values,
 * whatever repeats in the data; they are kept in a collector of `limit`. So one more pass makes the result exact while
 * count * log2(count / k) <= limit * k: up to 2 * 10^7 values at the default limit. Beyond that the result may again be
 * a sketch, of those within; narrowing and another pass come closer each time. NULL when out of memory or when there is
 * no value. */
struct weir_refinement;
struct weir_refinement *weir_refinement_new(struct weir_quantiles *quantiles, double q, int limit);
void weir_refinement_free(struct weir_refinement *refinement); /* NULL is accepted */
/* Takes the same values as the collector did, in any order and cut: 0, or -1 when out of memory. */
int weir_refinement_add(struct weir_refinement *refinement, const double *values, size_t count);
bool weir_refinement_is_exact(const struct weir_refinement *refinement);
/* Forgets what was counted and narrows the bracket for another pass, when the last was not exact. 0 or -1. */
int weir_refinement_narrow(struct weir_refinement *refinement);
/* 0; -1 with a message (WEIR_BAD_DATA) when the second pass did not see the values of the first. */
int weir_refinement_value(struct weir_refinement *refinement, double *value, struct weir_error *error);

/* The places (0 .. count - 1) in ascending order beside the quantile q of `count` values, and how far behind the first
 * it lies; what lies there, by linear interpolation: numpy's default, type 7 of Hyndman and Fan, "Sample quantiles in
 * statistical packages", The American Statistician 50, 1996. */
void weir_quantile_places(double q, int64_t count, int64_t *first, int64_t *last, double *fraction);
double weir_quantile_between(double first, double last, double fraction);

#endif
