#include "math/lbfgs.h"
#include "base/memory.h"
#include "math/vector.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const struct weir_lbfgs_problem *problem;
    int64_t n;
    const double *x, *direction;
    double *trial, *gradient; /* the point tried last, and its gradient */
    double value;             /* there */
    double slope;             /* along the direction, there */
};

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void try_step(struct search *s, double step)
{
    for (int64_t i = 0; i < s->n; i++)
        s->trial[i] = s->x[i] + step * s->direction[i];
    s->value = s->problem->evaluate(s->problem->context, s->trial, s->gradient);
    s->slope = dot(s->gradient, s->direction, s->n);
    if (!isfinite(s->value) || !isfinite(s->slope))
        s->value = INFINITY, s->slope = INFINITY;
}

/* The minimizer of the cubic through two points with slopes (N&W 3.59), kept off the ends of the interval. */
static double between(double a, double fa, double da, double b, double fb, double db)
{
    double low = a < b ? a : b, high = a < b ? b : a, margin = 0.1 * (high - low);
    double d1 = da + db - 3 * (fa - fb) / (a - b);
    double inner = d1 * d1 - da * db;
    double step = NAN;
    if (inner >= 0) {
        double d2 = b > a ? sqrt(inner) : -sqrt(inner);
        step = b - (b - a) * (db + d2 - d1) / (db - da + 2 * d2);
    }
    if (!(step >= low + margin && step <= high - margin))
        step = 0.5 * (low + high);
    return step;
}

enum { SEARCH_STEPS = 40 };
static const double sufficient = 1e-4, curvature = 0.9;

/* N&W algorithm 3.6: [low, high] holds steps that fulfil the conditions; low has the smallest value so far. */
static bool zoom(struct search *s, double f0, double d0, double low, double f_low, double d_low, double high,
                 double f_high, double d_high, int left)
{
    while (left-- > 0) {
        double step = isfinite(f_high) && isfinite(d_high) ? between(low, f_low, d_low, high, f_high, d_high)
                                                           : 0.5 * (low + high);
        if (step == low || step == high)
            break;
        try_step(s, step);
        if (!(s->value <= f0 + sufficient * step * d0) || s->value >= f_low) {
            high = step, f_high = s->value, d_high = s->slope;
            continue;
        }
        if (fabs(s->slope) <= -curvature * d0)
            return true;
        if (s->slope * (high - low) >= 0)
            high = low, f_high = f_low, d_high = d_low;
        low = step, f_low = s->value, d_low = s->slope;
    }
    /* The interval is as short as it gets: what is lower than the start will do. */
    if (low > 0 && f_low < f0) {
        try_step(s, low);
        return true;
    }
    return false;
}

/* N&W algorithm 3.5: leaves the point in trial, gradient and value. */
static bool line_search(struct search *s, double f0, double d0, double step)
{
    double before = 0, f_before = f0, d_before = d0;
    for (int i = 0; i < SEARCH_STEPS; i++) {
        try_step(s, step);
        if (!(s->value <= f0 + sufficient * step * d0) || (i > 0 && s->value >= f_before))
            return zoom(s, f0, d0, before, f_before, d_before, step, s->value, s->slope, SEARCH_STEPS);
        if (fabs(s->slope) <= -curvature * d0)
            return true;
        if (s->slope >= 0)
            return zoom(s, f0, d0, step, s->value, s->slope, before, f_before, d_before, SEARCH_STEPS);
        before = step, f_before = s->value, d_before = s->slope;
        step *= 2;
    }
    return s->value < f0;
}

/* The last pairs s = x' - x, y = g' - g, in a ring. */
struct history {
    int size, count, next;
    double *s, *y; /* [size][n] */
    double *rho, *alpha;
};

/* N&W algorithm 7.4: direction = -H g. */
static void two_loop(const struct history *h, int64_t n, const double *gradient, double *direction)
{
    for (int64_t i = 0; i < n; i++)
        direction[i] = -gradient[i];
    for (int k = 1; k <= h->count; k++) {
        int i = (h->next - k + h->size) % h->size;
        const double *s = h->s + i * n, *y = h->y + i * n;
        h->alpha[i] = h->rho[i] * dot(s, direction, n);
        for (int64_t j = 0; j < n; j++)
            direction[j] -= h->alpha[i] * y[j];
    }
    if (h->count) {
        int newest = (h->next - 1 + h->size) % h->size;
        const double *y = h->y + newest * n;
        double scale = 1 / (h->rho[newest] * dot(y, y, n));
        for (int64_t j = 0; j < n; j++)
            direction[j] *= scale;
    }
    for (int k = h->count; k >= 1; k--) {
        int i = (h->next - k + h->size) % h->size;
        const double *s = h->s + i * n, *y = h->y + i * n;
        double beta = h->rho[i] * dot(y, direction, n);
        for (int64_t j = 0; j < n; j++)
            direction[j] += (h->alpha[i] - beta) * s[j];
    }
}

/* Returns the slope along the direction. */
static double choose_direction(struct history *h, int64_t n, const double *gradient, double *direction)
{
    two_loop(h, n, gradient, direction);
    double slope = dot(gradient, direction, n);
    if (slope < 0)
        return slope;
    h->count = 0; /* rounding spoiled the pairs: begin again with the gradient */
    two_loop(h, n, gradient, direction);
    return dot(gradient, direction, n);
}

/* A pair is kept only when its curvature is positive beyond rounding. */
static void remember(struct history *h, int64_t n, const double *x, const double *trial, const double *g,
                     const double *g_trial)
{
    double *s = h->s + h->next * n, *y = h->y + h->next * n;
    for (int64_t i = 0; i < n; i++) {
        s[i] = trial[i] - x[i];
        y[i] = g_trial[i] - g[i];
    }
    double sy = dot(s, y, n), yy = dot(y, y, n);
    if (!(sy > 1e-14 * yy) || !(sy > 0))
        return;
    h->rho[h->next] = 1 / sy;
    h->next = (h->next + 1) % h->size;
    if (h->count < h->size)
        h->count++;
}

int weir_lbfgs(double *x, int64_t n, const struct weir_lbfgs_problem *problem, const struct weir_lbfgs_options *options,
               struct weir_lbfgs_result *result)
{
    int most = options->max_iterations ? options->max_iterations : 100;
    double tolerance = options->tolerance > 0 ? options->tolerance : 1e-6;
    struct history h = { .size = options->history ? options->history : 10 };
    size_t vectors = 2 * (size_t)h.size + 4, numbers;
    double *memory = weir_multiply(vectors, (size_t)n, &numbers) ? weir_allocate(numbers, sizeof *memory) : NULL;
    h.rho = weir_allocate(2 * (size_t)h.size, sizeof *h.rho);
    if (!memory || !h.rho) {
        free(memory);
        free(h.rho);
        return -1;
    }
    h.alpha = h.rho + h.size;
    h.s = memory;
    h.y = memory + h.size * n;
    double *gradient = memory + 2 * h.size * n, *direction = gradient + n;
    struct search s = { .problem = problem, .n = n, .x = x, .direction = direction };
    s.gradient = direction + n;
    s.trial = s.gradient + n;

    *result = (struct weir_lbfgs_result){ .end = WEIR_LBFGS_ITERATIONS };
    result->value = problem->evaluate(problem->context, x, gradient);
    if (!isfinite(result->value) || !isfinite(weir_vector_magnitude(gradient, n)))
        result->end = WEIR_LBFGS_NOT_FINITE;
    while (result->end == WEIR_LBFGS_ITERATIONS) {
        double gradient_size = weir_vector_magnitude(gradient, n);
        if (gradient_size <= tolerance)
            result->end = WEIR_LBFGS_CONVERGED;
        else if (result->iterations && problem->progress &&
                 problem->progress(problem->context, result->iterations, result->value, gradient_size))
            result->end = WEIR_LBFGS_STOPPED;
        if (result->end != WEIR_LBFGS_ITERATIONS || result->iterations >= most)
            break;
        double slope = choose_direction(&h, n, gradient, direction);
        double step = h.count ? 1 : fmin(1, 1 / sqrt(dot(gradient, gradient, n)));
        if (!line_search(&s, result->value, slope, step)) {
            if (h.count == 0) {
                result->end = WEIR_LBFGS_STALLED;
                break;
            }
            h.count = 0;
            continue;
        }
        remember(&h, n, x, s.trial, gradient, s.gradient);
        memcpy(x, s.trial, (size_t)n * sizeof *x);
        memcpy(gradient, s.gradient, (size_t)n * sizeof *gradient);
        result->value = s.value;
        result->iterations++;
    }
    free(memory);
    free(h.rho);
    return 0;
}
