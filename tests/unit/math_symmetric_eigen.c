/* Eigenvectors beside a plain Jacobi method, and sums of products beside sums in double. */
#include "base/random.h"
#include "check.h"
#include "math/covariance.h"
#include "math/symmetric_eigen.h"
#include <stdlib.h>

/* Jacobi's rotations, until nothing stands beside the diagonal: values in the diagonal. */
static void jacobi(double *a, int64_t n)
{
    for (int sweep = 0; sweep < 60; sweep++)
        for (int64_t p = 0; p < n; p++)
            for (int64_t q = p + 1; q < n; q++) {
                if (fabs(a[p * n + q]) < 1e-300)
                    continue;
                double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
                double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
                double c = 1 / sqrt(t * t + 1), s = t * c;
                for (int64_t k = 0; k < n; k++) {
                    double x = a[k * n + p], y = a[k * n + q];
                    a[k * n + p] = c * x - s * y;
                    a[k * n + q] = s * x + c * y;
                }
                for (int64_t k = 0; k < n; k++) {
                    double x = a[p * n + k], y = a[q * n + k];
                    a[p * n + k] = c * x - s * y;
                    a[q * n + k] = s * x + c * y;
                }
            }
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

enum shape { FULL, LOW_RANK, ZERO, DIAGONAL, EQUAL, SCALES };

static void make(double *a, int64_t n, enum shape shape, struct weir_random *random)
{
    int64_t rank = shape == LOW_RANK ? n / 3 : n;
    double *b = calloc((size_t)(n * n), sizeof *b);
    for (int64_t i = 0; i < n * rank; i++)
        b[i] = weir_random_normal(random) * (shape == SCALES ? pow(10, -6.0 * (double)(i / n) / (double)n) : 1);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            a[i * n + j] = 0;
            for (int64_t k = 0; k < rank && (shape == FULL || shape == LOW_RANK || shape == SCALES); k++)
                a[i * n + j] += b[k * n + i] * b[k * n + j];
            if (i == j && shape == DIAGONAL)
                a[i * n + j] = (double)(i % 4);
            if (i == j && shape == EQUAL)
                a[i * n + j] = 3;
        }
    free(b);
}

static void check_eigen(int64_t n, int64_t wanted, enum shape shape, struct weir_random *random)
{
    size_t size = (size_t)(n * n);
    double *a = malloc(size * sizeof *a), *copy = malloc(size * sizeof *a), *other = malloc(size * sizeof *a);
    double *reference = malloc((size_t)n * sizeof *reference), *values = malloc((size_t)n * sizeof *values);
    double *vectors = malloc(size * sizeof *vectors), *threaded = malloc(size * sizeof *vectors);
    struct weir_pool *pool = weir_pool_new(3);
    make(a, n, shape, random);
    memcpy(copy, a, size * sizeof *a);
    memcpy(other, a, size * sizeof *a);
    jacobi(copy, n);
    double scale = 1e-300;
    for (int64_t i = 0; i < n; i++) {
        reference[i] = copy[i * n + i];
        scale = fmax(scale, fabs(reference[i]));
    }
    qsort(reference, (size_t)n, sizeof *reference, descending);
    memcpy(copy, a, size * sizeof *a);
    CHECK(weir_symmetric_eigen(copy, n, wanted, values, vectors, NULL, NULL) == 0);
    for (int64_t k = 0; k < wanted; k++) {
        CHECK_NEAR(values[k], reference[k], 1e-13 * scale * (double)n);
        double largest = 0;
        for (int64_t i = 0; i < n; i++) {
            double product = 0;
            for (int64_t j = 0; j < n; j++)
                product += a[i * n + j] * vectors[k * n + j];
            CHECK_NEAR(product, values[k] * vectors[k * n + i], 1e-13 * scale * (double)n);
            largest = fabs(vectors[k * n + i]) > fabs(largest) ? vectors[k * n + i] : largest;
        }
        CHECK(largest > 0);
        for (int64_t l = 0; l <= k; l++) {
            double product = 0;
            for (int64_t j = 0; j < n; j++)
                product += vectors[k * n + j] * vectors[l * n + j];
            CHECK_NEAR(product, k == l, 1e-13 * (double)n);
        }
    }
    CHECK(weir_symmetric_eigen(other, n, wanted, values, threaded, pool, NULL) == 0);
    CHECK(memcmp(vectors, threaded, (size_t)(wanted * n) * sizeof *vectors) == 0);
    weir_pool_free(pool);
    free(a), free(copy), free(other), free(reference), free(values), free(vectors), free(threaded);
}

/* Numbers whose squares no double holds, large or small: the same vectors, and values as much larger or smaller. */
static void check_range(struct weir_random *random)
{
    enum { N = 9 };
    static const int exponents[] = { 0, 300, 450, 700, 1010, -300, -450, -700, -1000 };
    struct weir_error error = { 0 };
    double a[N * N], matrix[N * N], values[N], vectors[N * N], first[N] = { 0 }, same[N * N] = { 0 };
    make(a, N, FULL, random);
    for (size_t e = 0; e < sizeof exponents / sizeof *exponents; e++) {
        for (int i = 0; i < N * N; i++)
            matrix[i] = ldexp(a[i], exponents[e]);
        CHECK_INT(weir_symmetric_eigen(matrix, N, N, values, vectors, NULL, &error), 0);
        for (int k = 0; k < N; k++)
            values[k] = ldexp(values[k], -exponents[e]);
        if (e == 0) {
            memcpy(first, values, sizeof first);
            memcpy(same, vectors, sizeof same);
        }
        double apart = 0;
        for (int k = 0; k < N; k++)
            apart = fabs(values[k] - first[k]) <= apart ? apart : fabs(values[k] - first[k]);
        for (int i = 0; i < N * N; i++)
            apart = fabs(vectors[i] - same[i]) <= apart ? apart : fabs(vectors[i] - same[i]);
        if (!CHECK(apart <= 1e-11 * first[0]))
            fprintf(stderr, "times 2^%d: apart by %g\n", exponents[e], apart);
    }
    for (int i = 0; i < N * N; i++)
        matrix[i] = 1e308;
    CHECK_INT(weir_symmetric_eigen(matrix, N, N, values, vectors, NULL, &error), -1);
    CHECK_TEXT(error.text, "an eigenvalue of a matrix is beyond the range of numbers");
}

/* Rows of any number and width, far from 0, taken in pieces and in two parts. */
static void check_covariance(int64_t rows, int64_t width, struct weir_random *random)
{
    float *x = malloc((size_t)(rows * width) * sizeof *x);
    double *center = malloc((size_t)width * sizeof *center), *mean = calloc((size_t)width, sizeof *mean);
    double *scratch = malloc((size_t)((width + 1) * width) * sizeof *scratch);
    double *values = malloc((size_t)(width * width) * sizeof *values);
    struct weir_pool *pool = weir_pool_new(2);
    for (int64_t i = 0; i < width; i++)
        center[i] = 1e6 * (double)(i + 1);
    for (int64_t i = 0; i < rows * width; i++) {
        x[i] = (float)(weir_random_normal(random) + 0.5 * (double)(i % width));
        mean[i % width] += (double)x[i];
    }
    struct weir_covariance whole, parts[2];
    struct weir_gram *gram = weir_gram_new(width);
    CHECK(weir_covariance_init(&whole, width) == 0 && weir_covariance_init(&parts[0], width) == 0 &&
          weir_covariance_init(&parts[1], width) == 0);
    weir_gram_add(gram, x, rows, NULL);
    weir_covariance_take(&whole, gram, center, scratch, NULL);
    double *first = malloc((size_t)(width * width) * sizeof *first);
    memcpy(first, whole.products, (size_t)(width * width) * sizeof *first);
    for (int64_t row = 0; row < rows; row += 7)
        weir_gram_add(gram, x + row * width, rows - row < 7 ? rows - row : 7, pool);
    weir_covariance_release(&whole);
    weir_covariance_init(&whole, width);
    weir_covariance_take(&whole, gram, center, scratch, pool);
    CHECK(memcmp(first, whole.products, (size_t)(width * width) * sizeof *first) == 0);
    CHECK_INT(whole.count, rows);
    int64_t half = rows / 3;
    for (int p = 0; p < 2; p++) {
        weir_gram_add(gram, x + p * half * width, p ? rows - half : half, pool);
        weir_covariance_take(&parts[p], gram, center, scratch, pool);
    }
    weir_covariance_merge(&parts[0], &parts[1]);
    weir_covariance_values(&parts[0], values);
    for (int64_t i = 0; i < width; i++) {
        CHECK_NEAR(whole.mean[i], center[i] + mean[i] / (double)rows, 1e-6 * (double)(width + 1));
        CHECK_NEAR(parts[0].mean[i], whole.mean[i], 1e-6 * (double)(width + 1));
        for (int64_t j = 0; j < width; j++) {
            double sum = 0;
            for (int64_t row = 0; row < rows; row++)
                sum += ((double)x[row * width + i] - mean[i] / (double)rows) *
                       ((double)x[row * width + j] - mean[j] / (double)rows);
            double tolerance = 2e-6 * (1 + 0.25 * (double)(width * width));
            if (rows > 1) {
                CHECK_NEAR(whole.products[i * width + j] / (double)(rows - 1), sum / (double)(rows - 1), tolerance);
                CHECK_NEAR(values[i * width + j], sum / (double)(rows - 1), tolerance);
            } else {
                CHECK(values[i * width + j] == 0);
            }
        }
    }
    weir_gram_free(gram);
    weir_pool_free(pool);
    weir_covariance_release(&whole), weir_covariance_release(&parts[0]), weir_covariance_release(&parts[1]);
    free(x), free(center), free(mean), free(scratch), free(values), free(first);
}

int main(void)
{
    struct weir_random random;
    weir_random_init(&random, 1, 2);
    static const int64_t sizes[] = { 1, 2, 3, 4, 7, 33, 60 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int shape = FULL; shape <= SCALES; shape++) {
            check_eigen(sizes[i], sizes[i], (enum shape)shape, &random);
            check_eigen(sizes[i], 1 + sizes[i] / 3, (enum shape)shape, &random);
        }
    double bad[4] = { 1, (double)NAN, (double)NAN, 1 }, value, vector[2];
    struct weir_error error = { 0 };
    CHECK(weir_symmetric_eigen(bad, 2, 1, &value, vector, NULL, &error) < 0 && error.status == WEIR_BAD_DATA);
    static const int64_t widths[] = { 1, 5, 16, 17, 40 }, rows[] = { 1, 2, 255, 256, 700 };
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++)
            check_covariance(rows[j], widths[i], &random);
    check_range(&random);
    return check_result();
}
