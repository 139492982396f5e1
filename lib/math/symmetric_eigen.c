#include "math/symmetric_eigen.h"
#include "base/memory.h"
#include "math/clones.h"
#include "math/vector.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STRIPE = 16, LANES = 4, ROTATIONS = 1 << 16, MOST_STEPS = 100 };

/* Of rows i and i + 1 of the eigenvectors: z_i = c z_i - s z_(i+1), z_(i+1) = s z_i + c z_(i+1). */
struct rotation {
    int64_t row;
    double c, s;
};

struct eigen {
    int64_t n, stride;         /* stride: n rounded up to whole stripes */
    double *matrix;            /* row k from column k + 1 on: the reflector of step k, once it is done */
    double *diagonal, *beside; /* [n] of the tridiagonal matrix; beside[k] between k and k + 1 */
    double *factor;            /* [n] the reflection is I - factor v v' */
    double *vectors;           /* [n][stride] eigenvectors of the tridiagonal matrix, as rows */
    struct rotation *rotations;
    int64_t rotation_count;
    struct weir_pool *pool;
};

/* ---- To a tridiagonal matrix -------------------------------------------------------------------------------- */

/* row -= v_i w + w_i v, then sum += next_i row: the update of one step and the product of the following one. */
WEIR_CLONES static void update_row(double *row, int64_t n, double v_i, double w_i, const double *v, const double *w,
                                   double next_i, double *sum)
{
    for (int64_t j = 0; j < n; j++) {
        row[j] -= v_i * w[j] + w_i * v[j];
        sum[j] += next_i * row[j];
    }
}

static double dot(const double *x, const double *y, int64_t n)
{
    double sums[4] = { 0 };
    int64_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (int64_t l = 0; l < 4; l++)
            sums[l] += x[i + l] * y[i + l];
    for (; i < n; i++)
        sums[0] += x[i] * y[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* Makes the reflector of x[n] in its place: it maps x onto the first axis. Returns its factor, 0: nothing to do. */
static double make_reflector(double *x, int64_t n, double *image)
{
    double rest = dot(x + 1, x + 1, n - 1);
    *image = x[0];
    if (!(rest > 0))
        return 0;
    double length = sqrt(x[0] * x[0] + rest);
    *image = x[0] > 0 ? -length : length;
    x[0] -= *image;
    return 2 / (x[0] * x[0] + rest);
}

/* w = p - (factor / 2) (p . v) v with p = factor A v, which stands in w without its factor. */
static void finish_product(double *w, const double *v, int64_t n, double factor)
{
    for (int64_t j = 0; j < n; j++)
        w[j] *= factor;
    double half = factor / 2 * dot(w, v, n);
    for (int64_t j = 0; j < n; j++)
        w[j] -= half * v[j];
}

/* All rows from `first` on; v, w (NULL: no update before the first step) and next, sum begin there. */
static void update_rows(struct eigen *self, int64_t first, const double *v, const double *w, const double *next,
                        double *sum)
{
    int64_t n = self->n;
    for (int64_t i = first; i < n; i++)
        update_row(self->matrix + i * n + first, n - first, v[i - first], w[i - first], v, w, next[i - first], sum);
}

/* scratch: [4 n + 4], zeros. */
static void make_tridiagonal(struct eigen *self, double *scratch)
{
    int64_t n = self->n;
    double *w = scratch, *other = scratch + n, *no_v = scratch + 2 * n;
    const double *v = no_v; /* of the step before, from row k on */
    for (int64_t k = 0; k < n; k++) {
        double *row = self->matrix + k * n;
        update_row(row + k, n - k, v[0], w[0], v, w, 0, no_v + n);
        self->diagonal[k] = row[k];
        if (k + 1 == n)
            break;
        if (k + 2 == n) {
            self->beside[k] = row[k + 1];
            self->factor[k] = 0;
            row[k + 1] = 0;
        } else {
            self->factor[k] = make_reflector(row + k + 1, n - k - 1, &self->beside[k]);
        }
        memset(other, 0, (size_t)(n - k - 1) * sizeof *other);
        update_rows(self, k + 1, v + 1, w + 1, row + k + 1, other);
        finish_product(other, row + k + 1, n - k - 1, self->factor[k]);
        double *swap = w;
        w = other;
        other = swap;
        v = row + k + 1;
    }
}

/* ---- QL ----------------------------------------------------------------------------------------------------- */

typedef double doubles __attribute__((vector_size(8 * LANES)));

/* The rotations so far on a stripe of the vectors. One works on rows i and i + 1 and the next, mostly, on i - 1 and i:
 * row i stays in registers. */
WEIR_CLONES static void rotate(double *vectors, int64_t stride, const struct rotation *rotations, int64_t count)
{
    doubles held[STRIPE / LANES];
    for (int64_t r = 0; r < count; r++) {
        int64_t row = rotations[r].row;
        double *z = vectors + row * stride;
        if (r == 0 || rotations[r - 1].row != row + 1)
            memcpy(held, z + stride, sizeof held);
        double c = rotations[r].c, s = rotations[r].s;
        for (int v = 0; v < STRIPE / LANES; v++) {
            doubles lower, upper;
            memcpy(&lower, z + v * LANES, sizeof lower);
            upper = s * lower + c * held[v];
            held[v] = c * lower - s * held[v];
            memcpy(z + stride + v * LANES, &upper, sizeof upper);
        }
        if (r + 1 == count || rotations[r + 1].row != row - 1)
            memcpy(z, held, sizeof held);
    }
}

static void rotate_stripe(void *context, int index, int thread)
{
    (void)thread;
    struct eigen *self = context;
    rotate(self->vectors + (int64_t)index * STRIPE, self->stride, self->rotations, self->rotation_count);
}

static void flush(struct eigen *self)
{
    int stripes = (int)(self->stride / STRIPE);
    if (self->pool)
        weir_pool_run(self->pool, stripes, rotate_stripe, self);
    for (int i = 0; !self->pool && i < stripes; i++)
        rotate_stripe(self, i, 0);
    self->rotation_count = 0;
}

static void add_rotation(struct eigen *self, int64_t row, double c, double s)
{
    self->rotations[self->rotation_count++] = (struct rotation){ row, c, s };
    if (self->rotation_count == ROTATIONS)
        flush(self);
}

/* One step with the shift of Wilkinson, from row `end` up to `first`. */
static void step(struct eigen *self, int64_t first, int64_t end)
{
    double *d = self->diagonal, *e = self->beside;
    double g = (d[first + 1] - d[first]) / (2 * e[first]), r = hypot(g, 1);
    g = d[end] - d[first] + e[first] / (g + copysign(r, g));
    double s = 1, c = 1, p = 0;
    for (int64_t i = end - 1; i >= first; i--) {
        double f = s * e[i], b = c * e[i];
        r = hypot(f, g);
        e[i + 1] = r;
        if (r == 0) { /* the matrix falls apart here */
            d[i + 1] -= p;
            e[end] = 0;
            return;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        add_rotation(self, i, c, s);
    }
    d[first] -= p;
    e[first] = g;
    e[end] = 0;
}

static int find_values(struct eigen *self, struct weir_error *error)
{
    int64_t n = self->n;
    const double *d = self->diagonal;
    self->beside[n - 1] = 0;
    for (int64_t first = 0; first < n; first++)
        for (int steps = 0;; steps++) {
            int64_t end = first;
            while (end + 1 < n && fabs(self->beside[end]) > DBL_EPSILON * (fabs(d[end]) + fabs(d[end + 1])))
                end++;
            if (end == first)
                break;
            if (steps == MOST_STEPS)
                return weir_fail(error, WEIR_BAD_DATA, "the eigenvalues of a matrix were not found in %d steps",
                                 MOST_STEPS);
            step(self, first, end);
        }
    flush(self);
    return 0;
}

/* ---- Back ----------------------------------------------------------------------------------------------------- */

/* z[count][wanted] -= factor v (v' z). */
WEIR_CLONES static void reflect(double *z, const double *v, int64_t count, int64_t wanted, double factor, double *sum)
{
    for (int64_t j = 0; j < wanted; j++)
        sum[j] = 0;
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < wanted; j++)
            sum[j] += v[i] * z[i * wanted + j];
    for (int64_t i = 0; i < count; i++) {
        double by = factor * v[i];
        for (int64_t j = 0; j < wanted; j++)
            z[i * wanted + j] -= by * sum[j];
    }
}

static void fix_sign(double *vector, int64_t n)
{
    int64_t largest = 0;
    for (int64_t i = 1; i < n; i++)
        if (fabs(vector[i]) > fabs(vector[largest]))
            largest = i;
    double sign = vector[largest] < 0 ? -1 : 1;
    for (int64_t i = 0; i < n; i++)
        vector[i] *= sign;
}

/* order[n]: the places of the eigenvalues, descending; of equal ones the first. */
static void order_values(const double *values, int64_t n, int64_t wanted, int64_t *order)
{
    for (int64_t i = 0; i < n; i++)
        order[i] = i;
    for (int64_t k = 0; k < wanted; k++) {
        int64_t best = k;
        for (int64_t i = k + 1; i < n; i++)
            if (values[order[i]] > values[order[best]] ||
                (values[order[i]] == values[order[best]] && order[i] < order[best]))
                best = i;
        int64_t swap = order[k];
        order[k] = order[best];
        order[best] = swap;
    }
}

/* z: [n][wanted] */
static void give_vectors(const struct eigen *self, int64_t wanted, const int64_t *order, double *z, double *sum,
                         double *values, double *vectors)
{
    int64_t n = self->n;
    for (int64_t k = 0; k < wanted; k++) {
        values[k] = self->diagonal[order[k]];
        for (int64_t i = 0; i < n; i++)
            z[i * wanted + k] = self->vectors[order[k] * self->stride + i];
    }
    for (int64_t k = n - 3; k >= 0; k--)
        if (self->factor[k] != 0)
            reflect(z + (k + 1) * wanted, self->matrix + k * n + k + 1, n - k - 1, wanted, self->factor[k], sum);
    for (int64_t k = 0; k < wanted; k++) {
        for (int64_t i = 0; i < n; i++)
            vectors[k * n + i] = z[i * wanted + k];
        fix_sign(vectors + k * n, n);
    }
}

/* Divides numbers whose squares a double may not hold by a power of two, so that they lie near 1. Returns its exponent,
 * 0 where they stay. most: the largest magnitude. */
static int scale_matrix(double *matrix, size_t count, double most)
{
    if (most == 0 || (most > 0x1p-400 && most < 0x1p400))
        return 0;
    int exponent = ilogb(most);
    for (size_t i = 0; i < count; i++)
        matrix[i] = ldexp(matrix[i], -exponent);
    return exponent;
}

int weir_symmetric_eigen(double *matrix, int64_t n, int64_t wanted, double *values, double *vectors,
                         struct weir_pool *pool, struct weir_error *error)
{
    struct eigen self = { .n = n, .stride = (n + STRIPE - 1) / STRIPE * STRIPE, .matrix = matrix, .pool = pool };
    int result = -1;
    size_t size = (size_t)n;
    double *scratch = weir_allocate_zero(4 * size + 4, sizeof *scratch);
    double *z = weir_allocate(size, (size_t)wanted * sizeof *z);
    int64_t *order = weir_allocate(size, sizeof *order);
    self.diagonal = weir_allocate_zero(size, sizeof *self.diagonal);
    self.beside = weir_allocate_zero(size, sizeof *self.beside);
    self.factor = weir_allocate_zero(size, sizeof *self.factor);
    self.vectors = weir_allocate_zero(size, (size_t)self.stride * sizeof *self.vectors);
    self.rotations = weir_allocate(ROTATIONS, sizeof *self.rotations);
    if (!scratch || !z || !order || !self.diagonal || !self.beside || !self.factor || !self.vectors ||
        !self.rotations) {
        weir_fail_memory(error);
        goto cleanup;
    }
    double most = weir_vector_magnitude(matrix, n * n);
    if (!isfinite(most)) {
        weir_fail(error, WEIR_BAD_DATA, "a matrix whose eigenvalues are wanted has numbers that are not finite");
        goto cleanup;
    }
    int exponent = scale_matrix(matrix, size * size, most);
    for (int64_t i = 0; i < n; i++)
        self.vectors[i * self.stride + i] = 1;
    make_tridiagonal(&self, scratch);
    if (find_values(&self, error) < 0)
        goto cleanup;
    order_values(self.diagonal, n, wanted, order);
    give_vectors(&self, wanted, order, z, scratch, values, vectors);
    result = 0;
    for (int64_t k = 0; k < wanted; k++) {
        values[k] = ldexp(values[k], exponent);
        if (!isfinite(values[k]))
            result = weir_fail(error, WEIR_BAD_DATA, "an eigenvalue of a matrix is beyond the range of numbers");
    }
cleanup:
    free(scratch);
    free(z);
    free(order);
    free(self.diagonal);
    free(self.beside);
    free(self.factor);
    free(self.vectors);
    free(self.rotations);
    return result;
}
