/* L-BFGS: minimizes a smooth function of many variables from its gradient.
 *
 * Nocedal and Wright, Numerical Optimization (2nd edition, 2006): algorithms 7.4 (two-loop recursion) and 7.5, with the
 * line search of algorithms 3.5 and 3.6 (strong Wolfe conditions, c1 = 1e-4, c2 = 0.9). All in double, in one order. */
#ifndef WEIR_MATH_LBFGS_H
#define WEIR_MATH_LBFGS_H

#include <stdbool.h>
#include <stdint.h>

struct weir_lbfgs_problem {
    void *context;
    /* The function at x[n]; fills gradient[n]. A value that is not finite is taken for a step too far. */
    double (*evaluate)(void *context, const double *x, double *gradient);
    /* After each iteration; true stops. May be NULL. */
    bool (*progress)(void *context, int iteration, double value, double largest);
};

struct weir_lbfgs_options {
    int history;        /* pairs kept; 10 when 0 */
    int max_iterations; /* 100 when 0 */
    double tolerance;   /* ends when no component of the gradient is larger; 1e-6 when 0 */
};

enum weir_lbfgs_end {
    WEIR_LBFGS_CONVERGED,
    WEIR_LBFGS_ITERATIONS, /* the limit was reached */
    WEIR_LBFGS_STALLED,    /* no step along the last direction makes it smaller: as good as the arithmetic allows */
    WEIR_LBFGS_STOPPED,    /* progress said so */
    WEIR_LBFGS_NOT_FINITE, /* the function is not finite at the start */
};

struct weir_lbfgs_result {
    enum weir_lbfgs_end end;
    int iterations;
    double value;
};

/* x[n]: the start, and then the best point found. 0, or -1 when out of memory. */
int weir_lbfgs(double *x, int64_t n, const struct weir_lbfgs_problem *problem, const struct weir_lbfgs_options *options,
               struct weir_lbfgs_result *result);

#endif
