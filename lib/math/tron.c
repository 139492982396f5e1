#include "math/tron.h"
#include "base/memory.h"
#include "math/clones.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 8, MAX_PRODUCTS = 500 };

struct tron {
    const struct weir_tron_problem *problem;
    int64_t n;
    double *x, *trial, *gradient, *diagonal;     /* diagonal: of the preconditioner */
    double *step, *residual, *direction, *image; /* image: H direction */
    int products;
};

/* Sums run in lanes, so that they are vectors. */
WEIR_CLONES static double dot(const double *a, const double *b, int64_t n)
{
    double lanes[LANES] = { 0 }, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            lanes[l] += a[i + l] * b[i + l];
    for (; i < n; i++)
        sum += a[i] * b[i];
    for (int l = 0; l < LANES; l++)
        sum += lanes[l];
    return sum;
}

/* sum of a b m */
WEIR_CLONES static double dot_scaled(const double *a, const double *b, const double *m, int64_t n)
{
    double lanes[LANES] = { 0 }, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            lanes[l] += a[i + l] * b[i + l] * m[i + l];
    for (; i < n; i++)
        sum += a[i] * b[i] * m[i];
    for (int l = 0; l < LANES; l++)
        sum += lanes[l];
    return sum;
}

/* y += factor x */
WEIR_CLONES static void add(double factor, const double *restrict x, double *restrict y, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        y[i] += factor * x[i];
}

/* sum of r^2 / m */
WEIR_CLONES static double dot_inverse(const double *r, const double *m, int64_t n)
{
    double lanes[LANES] = { 0 }, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            lanes[l] += r[i + l] * r[i + l] / m[i + l];
    for (; i < n; i++)
        sum += r[i] * r[i] / m[i];
    for (int l = 0; l < LANES; l++)
        sum += lanes[l];
    return sum;
}

/* direction = r / m + beta direction */
WEIR_CLONES static void turn(const double *restrict r, const double *restrict m, double beta,
                             double *restrict direction, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        direction[i] = r[i] / m[i] + beta * direction[i];
}

/* How far along `direction` from `step` the sphere of that radius is: the larger root of |step + t direction| = radius,
 * in the norm of the preconditioner. */
static double to_boundary(const struct tron *t, double radius)
{
    double sd = dot_scaled(t->step, t->direction, t->diagonal, t->n);
    double dd = dot_scaled(t->direction, t->direction, t->diagonal, t->n);
    double room = radius * radius - dot_scaled(t->step, t->step, t->diagonal, t->n);
    double root = sqrt(sd * sd + dd * (room > 0 ? room : 0));
    return sd >= 0 ? (room > 0 ? room : 0) / (sd + root) : (root - sd) / dd;
}

/* Steihaug's conjugate gradients: step with H step = -gradient within the radius, residual = -gradient - H step. True
 * when the boundary was reached. A step that may be short ends when more products gain little; one that tells whether
 * the end is reached is whole, as long as it promises no more than `negligible`: of columns of different units the
 * first products show those of large numbers alone. */
static bool conjugate_gradients(struct tron *t, double radius, bool whole, double negligible)
{
    const double share = whole ? 1e-3 : 0.1;
    int64_t n = t->n;
    memset(t->step, 0, (size_t)n * sizeof *t->step);
    memset(t->direction, 0, (size_t)n * sizeof *t->direction);
    for (int64_t i = 0; i < n; i++)
        t->residual[i] = -t->gradient[i];
    double size = dot_inverse(t->residual, t->diagonal, n), enough = share * share * size, before = 0;
    turn(t->residual, t->diagonal, 0, t->direction, n);
    for (int i = 0; i < MAX_PRODUCTS && size > enough; i++) {
        t->problem->product(t->problem->context, t->direction, t->image);
        t->products++;
        double curvature = dot(t->direction, t->image, n);
        double along = curvature > 0 ? size / curvature : INFINITY;
        if (isfinite(along))
            add(along, t->direction, t->step, n);
        if (!isfinite(along) || !(dot_scaled(t->step, t->step, t->diagonal, n) <= radius * radius)) {
            if (isfinite(along))
                add(-along, t->direction, t->step, n);
            along = to_boundary(t, radius);
            add(along, t->direction, t->step, n);
            add(-along, t->image, t->residual, n);
            return true;
        }
        add(-along, t->image, t->residual, n);
        double next = dot_inverse(t->residual, t->diagonal, n);
        /* The model's value is -(g + r) step / 2 up to sign: Nash and Sofer's rule ends when one more product gains
         * less than half of what one has gained on average. */
        double reached = -0.5 * (dot(t->gradient, t->step, n) - dot(t->residual, t->step, n));
        if (!(whole && reached <= negligible) && (i + 1) * (reached - before) <= 0.5 * reached)
            break;
        before = reached;
        turn(t->residual, t->diagonal, next / size, t->direction, n);
        size = next;
    }
    return false;
}

/* The next radius: section 2 of the paper, rule (8), where the step's own length is known. `best` is the length along
 * the step at which the interpolated function is least. */
static double next_radius(double radius, double length, double best, double ratio, bool boundary)
{
    const double low = 0.25, high = 0.75, least = 0.25, half = 0.5, most = 4;
    if (ratio < 1e-4)
        return fmin(fmax(best, least) * length, half * radius);
    if (ratio < low)
        return fmax(least * radius, fmin(best * length, half * radius));
    if (ratio < high)
        return fmax(least * radius, fmin(best * length, most * radius));
    return boundary ? most * radius : fmax(radius, fmin(best * length, most * radius));
}

static int make_room(struct tron *t)
{
    enum { VECTORS = 7 };
    size_t total, padded = ((size_t)t->n + LANES - 1) / LANES * LANES;
    double *memory = weir_multiply(padded, VECTORS, &total) ? weir_allocate_aligned(total, sizeof *memory) : NULL;
    double **vectors[VECTORS] = { &t->trial,    &t->gradient,  &t->diagonal, &t->step,
                                  &t->residual, &t->direction, &t->image };
    for (int i = 0; memory && i < VECTORS; i++)
        *vectors[i] = memory + (size_t)i * padded;
    return memory ? 0 : -1;
}

/* The preconditioner is the diagonal's root: it needs half as many products on counts of words as the diagonal itself
 * or none (measured), and still evens out columns of different units. */
static void derive(struct tron *t)
{
    t->problem->derive(t->problem->context, t->x, t->gradient, t->diagonal);
    for (int64_t i = 0; i < t->n; i++)
        t->diagonal[i] = sqrt(t->diagonal[i]);
}

static void iterate(struct tron *t, const struct weir_tron_options *options, struct weir_tron_result *result)
{
    const struct weir_tron_problem *problem = t->problem;
    int most = options->max_iterations ? options->max_iterations : 100;
    double tolerance = options->tolerance > 0 ? options->tolerance : 1e-6;
    derive(t);
    double first = sqrt(dot(t->gradient, t->gradient, t->n));
    double radius = sqrt(dot_inverse(t->gradient, t->diagonal, t->n));
    if (!isfinite(first) || !isfinite(radius)) {
        result->finite = false;
        return;
    }
    result->converged = first == 0;
    bool whole = false;
    while (!result->converged && result->iterations < most) {
        double negligible = tolerance * fabs(result->value);
        bool boundary = conjugate_gradients(t, radius, whole, negligible);
        double slope = dot(t->gradient, t->step, t->n);
        double promised = -0.5 * (slope - dot(t->step, t->residual, t->n));
        double length = sqrt(dot_scaled(t->step, t->step, t->diagonal, t->n));
        memcpy(t->trial, t->x, (size_t)t->n * sizeof *t->x);
        add(1, t->step, t->trial, t->n);
        double value = problem->value(problem->context, t->trial), gain = result->value - value;
        if (!isfinite(value))
            gain = -INFINITY;
        /* What rounding leaves is no failure of a step that promises next to nothing. */
        bool little = !boundary && promised <= negligible, done = whole && little;
        if (!(promised > 1e-15 * fabs(result->value))) {
            if (whole) {
                result->converged = true;
                break;
            }
            whole = true;
            continue;
        }
        whole = little;
        double bend = -gain - slope;
        double best = !isfinite(gain) ? 0 : bend <= 0 ? 4 : fmax(0.25, -0.5 * slope / bend);
        if (result->iterations == 0)
            radius = fmin(radius, length);
        radius = next_radius(radius, length, best, gain / promised, boundary);
        if (!(gain > 1e-4 * promised)) {
            if (done || !(radius > 0)) { /* it gets no better in this arithmetic */
                result->converged = true;
                break;
            }
            continue;
        }
        memcpy(t->x, t->trial, (size_t)t->n * sizeof *t->x);
        result->value = value;
        result->iterations++;
        if (problem->progress && problem->progress(problem->context, result->iterations, value)) {
            result->stopped = true;
            break;
        }
        if (done || result->iterations >= most) {
            result->converged = done;
            break;
        }
        derive(t);
        double steepness = sqrt(dot(t->gradient, t->gradient, t->n));
        result->converged = steepness == 0;
        whole |= steepness <= tolerance * first;
    }
}

int weir_tron(double *x, int64_t n, const struct weir_tron_problem *problem, const struct weir_tron_options *options,
              struct weir_tron_result *result)
{
    struct tron t = { .problem = problem, .n = n, .x = x };
    *result = (struct weir_tron_result){ .finite = true };
    if (make_room(&t))
        return -1;
    result->value = problem->value(problem->context, x);
    if (isfinite(result->value))
        iterate(&t, options, result);
    else
        result->finite = false;
    result->products = t.products;
    free(t.trial);
    return 0;
}
