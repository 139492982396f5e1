/* Means and sums of products of deviations, of all pairs of columns, from parts of the rows:
 *
 *     count n, mean_i, products_ij = sum of (x_i - mean_i) (x_j - mean_j)
 *
 * Two parts are joined by T. Chan, G. Golub and R. LeVeque, "Updating formulae and a pairwise algorithm for computing
 * sample variances", 1979, equation 2.1, in its form for pairs. */
#ifndef WEIR_MATH_COVARIANCE_H
#define WEIR_MATH_COVARIANCE_H

#include "math/gram.h"

struct weir_covariance {
    int64_t width, count;
    double *mean;     /* [width] */
    double *products; /* [width][width], symmetric */
};

int weir_covariance_init(struct weir_covariance *covariance, int64_t width); /* of no rows; -1: out of memory */
void weir_covariance_release(struct weir_covariance *covariance);            /* back to { 0 } */

/* Joins the rows that `gram` has taken, as deviations from center[width], and begins it anew. scratch: [width +
 * 1][width].
 */
void weir_covariance_take(struct weir_covariance *covariance, struct weir_gram *gram, const double *center,
                          double *scratch, struct weir_pool *pool);
/* Joins other rows. */
void weir_covariance_merge(struct weir_covariance *into, const struct weir_covariance *from);

/* products / (count - 1), the sample's covariances; zeros of fewer than two rows. out: [width][width] */
void weir_covariance_values(const struct weir_covariance *covariance, double *out);

#endif
