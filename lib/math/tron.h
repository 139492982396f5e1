/* A trust region Newton method: minimizes a convex function of many variables whose Hessian is known by its products.
 *
 * C.-J. Lin, R. C. Weng and S. S. Keerthi, Trust region Newton method for large-scale logistic regression (JMLR 9,
 * 2008), algorithms 1 and 2, with the constants of its section 3; the conjugate gradients are preconditioned by the
 * root of the Hessian's diagonal, and end by the rule of S. G. Nash and A. Sofer, Assessing a search direction within a
 * truncated-Newton method (Operations Research Letters 9, 1990). All in double, in one order. */
#ifndef WEIR_MATH_TRON_H
#define WEIR_MATH_TRON_H

#include <stdbool.h>
#include <stdint.h>

struct weir_tron_problem {
    void *context;
    /* The function at x[n]. */
    double (*value)(void *context, const double *x);
    /* The gradient[n] and the Hessian's diagonal[n] at the x that `value` was asked of last; further products are those
     * of the Hessian there. */
    void (*derive)(void *context, const double *x, double *gradient, double *diagonal);
    /* out[n] = H v[n] */
    void (*product)(void *context, const double *v, double *out);
    /* After each iteration; true stops. May be NULL. */
    bool (*progress)(void *context, int iteration, double value);
};

struct weir_tron_options {
    int max_iterations; /* 100 when 0 */
    /* Ends when a whole Newton step promises to make the value smaller by less than this share of it, or the norm of
     * the gradient is below this share of the first one; 1e-6 when 0. */
    double tolerance;
};

struct weir_tron_result {
    bool converged, stopped, finite; /* finite: the function was, at the start */
    int iterations, products;        /* products: with the Hessian */
    double value;
};

/* x[n]: the start, and then the best point found. 0, or -1 when out of memory. */
int weir_tron(double *x, int64_t n, const struct weir_tron_problem *problem, const struct weir_tron_options *options,
              struct weir_tron_result *result);

#endif
