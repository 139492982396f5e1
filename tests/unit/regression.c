/* L-BFGS on functions whose minimum is known; the regressions against plain gradient descent and Gaussian elimination
 * on the same rows; the dataset's gather against what was put in. */
#include "model/regression.h"
#include "base/random.h"
#include "check.h"
#include "math/lbfgs.h"
#include <stdlib.h>

/* Rosenbrock's valley in n dimensions: minimum 0 at (1, ..., 1). */
struct rosenbrock {
    int n, evaluations;
};

static double rosenbrock(void *context, const double *x, double *gradient)
{
    struct rosenbrock *r = context;
    double sum = 0;
    r->evaluations++;
    for (int i = 0; i < r->n; i++)
        gradient[i] = 0;
    for (int i = 0; i + 1 < r->n; i++) {
        double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
        sum += 100 * a * a + b * b;
        gradient[i] += -400 * a * x[i] - 2 * b;
        gradient[i + 1] += 200 * a;
    }
    return sum;
}

/* Not finite for x <= 0: the search must come back from steps too far. Minimum of x - log x at 1. */
static double barrier(void *context, const double *x, double *gradient)
{
    (void)context;
    gradient[0] = 1 - 1 / x[0];
    return x[0] > 0 ? x[0] - log(x[0]) : NAN;
}

/* A slope that is not finite, though the value is, before one that is. */
static double broken(void *context, const double *x, double *gradient)
{
    (void)context;
    gradient[0] = NAN;
    gradient[1] = 1;
    return x[1];
}

static void check_lbfgs(void)
{
    struct rosenbrock r = { .n = 20 };
    struct weir_lbfgs_problem problem = { &r, rosenbrock, NULL };
    struct weir_lbfgs_options options = { .max_iterations = 1000, .tolerance = 1e-9 };
    struct weir_lbfgs_result result;
    double x[20];
    for (int i = 0; i < 20; i++)
        x[i] = i % 2 ? 1 : -1.2;
    CHECK(weir_lbfgs(x, 20, &problem, &options, &result) == 0);
    CHECK_INT(result.end, WEIR_LBFGS_CONVERGED);
    for (int i = 0; i < 20; i++)
        CHECK_NEAR(x[i], 1, 1e-7);
    CHECK(r.evaluations < 400);

    problem = (struct weir_lbfgs_problem){ NULL, barrier, NULL };
    x[0] = 40;
    CHECK(weir_lbfgs(x, 1, &problem, &options, &result) == 0);
    CHECK_NEAR(x[0], 1, 1e-7);
    x[0] = -1;
    CHECK(weir_lbfgs(x, 1, &problem, &options, &result) == 0);
    CHECK_INT(result.end, WEIR_LBFGS_NOT_FINITE);
    problem = (struct weir_lbfgs_problem){ NULL, broken, NULL };
    CHECK(weir_lbfgs(x, 2, &problem, &options, &result) == 0);
    CHECK_INT(result.end, WEIR_LBFGS_NOT_FINITE);
}

enum { ROWS = 300, FLOATS = 3, BYTES = 2, SLOTS = 3, WIDTH = FLOATS + SLOTS + BYTES };

struct rows {
    struct weir_dataset dataset;
    float x[ROWS][WIDTH];
    int64_t index[ROWS];
    int32_t classes[ROWS];
    double targets[ROWS];
    float weights[ROWS];
};

/* Floats of very different sizes, a category of three, two bytes. The last row's category is none. */
static void make_rows(struct rows *rows, size_t memory)
{
    struct weir_error error = { 0 };
    struct weir_random random;
    weir_random_init(&random, 5, 0);
    weir_dataset_init(&rows->dataset, FLOATS * 4 + 4 + BYTES + 2, memory);
    for (int row = 0; row < ROWS; row++) {
        int64_t got;
        uint8_t *record = weir_dataset_append(&rows->dataset, 1, &got, &error);
        float x[FLOATS] = { (float)weir_random_normal(&random), (float)(1000 + 50 * weir_random_normal(&random)),
                            (float)(0.01 * weir_random_normal(&random)) };
        int32_t slot = row == ROWS - 1 ? -1 : (int32_t)weir_random_below(&random, SLOTS);
        uint8_t bytes[BYTES] = { (uint8_t)weir_random_below(&random, 200), (uint8_t)weir_random_below(&random, 2) };
        memcpy(record, x, sizeof x);
        memcpy(record + sizeof x, &slot, sizeof slot);
        memcpy(record + sizeof x + sizeof slot, bytes, sizeof bytes);
        memcpy(rows->x[row], x, sizeof x);
        for (int s = 0; s < SLOTS; s++)
            rows->x[row][FLOATS + s] = s == slot;
        for (int b = 0; b < BYTES; b++)
            rows->x[row][FLOATS + SLOTS + b] = bytes[b];
        double score = x[0] + (x[1] - 1000) / 50 + (slot == 1) - 0.01 * bytes[0] + weir_random_normal(&random);
        rows->index[row] = row;
        rows->classes[row] = score > 1 ? 2 : score > -1;
        rows->targets[row] = 1e5 + 300 * score;
        rows->weights[row] = (float)(0.5 + weir_random_uniform(&random));
    }
    CHECK(weir_dataset_finish(&rows->dataset, &error) == 0);
    CHECK(weir_dataset_add_segment(&rows->dataset, WEIR_STORE_FLOAT, 0, 1, &error) == 0);
    CHECK(weir_dataset_add_segment(&rows->dataset, WEIR_STORE_FLOAT, 4, FLOATS - 1, &error) == 0);
    CHECK(weir_dataset_add_segment(&rows->dataset, WEIR_STORE_SLOT, 4 * FLOATS, SLOTS, &error) == 0);
    CHECK(weir_dataset_add_segment(&rows->dataset, WEIR_STORE_UINT8, 4 * FLOATS + 4, BYTES, &error) == 0);
    CHECK_INT((long long)rows->dataset.segment_count, 3);
    CHECK_INT(rows->dataset.width, WIDTH);
    float x[ROWS][WIDTH];
    weir_dataset_gather(&rows->dataset, rows->index, ROWS, x[0]);
    CHECK(memcmp(x, rows->x, sizeof x) == 0);
}

/* ---- The plain way: full Newton steps with Gaussian elimination, features as they are. ---------------------- */

enum { MOST = (WIDTH + 1) * 3 };

static void eliminate(double a[MOST][MOST + 1], int n)
{
    for (int i = 0; i < n; i++) {
        int pivot = i;
        for (int r = i + 1; r < n; r++)
            if (fabs(a[r][i]) > fabs(a[pivot][i]))
                pivot = r;
        for (int c = 0; c <= n; c++) {
            double swap = a[i][c];
            a[i][c] = a[pivot][c];
            a[pivot][c] = swap;
        }
        for (int r = 0; r < n; r++) {
            double factor = r == i || fabs(a[i][i]) < 1e-300 ? 0 : a[r][i] / a[i][i];
            for (int c = i; c <= n && factor != 0; c++)
                a[r][c] -= factor * a[i][c];
        }
    }
    for (int i = 0; i < n; i++)
        a[i][n] = fabs(a[i][i]) < 1e-300 ? 0 : a[i][n] / a[i][i];
}

/* w[output][WIDTH, then the bias] by Newton's method on the penalized softmax (outputs = classes) or logistic loss. */
static void newton(const struct rows *rows, int outputs, double l2, double w[3][WIDTH + 1])
{
    static double a[MOST][MOST + 1];
    int n = outputs * (WIDTH + 1);
    memset(w, 0, sizeof(double[3][WIDTH + 1]));
    for (int iteration = 0; iteration < 60; iteration++) {
        memset(a, 0, sizeof a);
        for (int row = 0; row < ROWS; row++) {
            double x[WIDTH + 1], p[3], sum = 0;
            for (int j = 0; j < WIDTH; j++)
                x[j] = rows->x[row][j];
            x[WIDTH] = 1;
            for (int k = 0; k < outputs; k++) {
                p[k] = 0;
                for (int j = 0; j <= WIDTH; j++)
                    p[k] += w[k][j] * x[j];
                p[k] = exp(p[k]);
                sum += p[k];
            }
            for (int k = 0; k < outputs; k++)
                p[k] = outputs == 1 ? p[k] / (1 + p[k]) : p[k] / sum;
            for (int k = 0; k < outputs; k++)
                for (int j = 0; j <= WIDTH; j++) {
                    int target = outputs == 1 ? rows->classes[row] > 0 : rows->classes[row] == k;
                    a[k * (WIDTH + 1) + j][n] -= rows->weights[row] * (p[k] - target) * x[j];
                    for (int l = 0; l < outputs; l++)
                        for (int i = 0; i <= WIDTH; i++)
                            a[k * (WIDTH + 1) + j][l * (WIDTH + 1) + i] +=
                                rows->weights[row] * p[k] * ((k == l) - p[l]) * x[j] * x[i];
                }
        }
        for (int k = 0; k < outputs; k++)
            for (int j = 0; j <= WIDTH; j++) {
                int at = k * (WIDTH + 1) + j;
                a[at][n] -= j < WIDTH ? l2 * w[k][j] : 0;
                a[at][at] += j < WIDTH ? l2 : 1e-9; /* the biases of a softmax are free together */
            }
        eliminate(a, n);
        for (int k = 0; k < outputs; k++)
            for (int j = 0; j <= WIDTH; j++)
                w[k][j] += a[k * (WIDTH + 1) + j][n];
    }
}

static double score_of(const float *x, const float *weight, float bias)
{
    double z = bias;
    for (int j = 0; j < WIDTH; j++)
        z += (double)weight[j] * x[j];
    return z;
}

static struct weir_regression problem(const struct rows *rows, enum weir_loss_kind loss, int outputs, double l2)
{
    return (struct weir_regression){ .dataset = &rows->dataset,
                                     .rows = rows->index,
                                     .count = ROWS,
                                     .classes = rows->classes,
                                     .weights = rows->weights,
                                     .loss = loss,
                                     .outputs = outputs,
                                     .l2 = l2,
                                     .max_iterations = 2000,
                                     .tolerance = 1e-9 };
}

static void check_classes(struct rows *rows, struct weir_pool *pool)
{
    struct weir_error error = { 0 };
    struct weir_regression_result result;
    float weight[3 * WIDTH], bias[3];
    double w[3][WIDTH + 1];
    struct weir_regression softmax = problem(rows, WEIR_CROSS_ENTROPY, 3, 1);
    CHECK(weir_regression_fit(&softmax, pool, weight, bias, &result, &error) == 0);
    CHECK(result.converged && result.correct > ROWS / 2);
    newton(rows, 3, 1, w);
    for (int k = 0; k < 3; k++)
        for (int j = 0; j < WIDTH; j++)
            CHECK_NEAR(weight[k * WIDTH + j], w[k][j], 1e-5);

    for (int row = 0; row < ROWS; row++)
        rows->classes[row] = rows->classes[row] > 0;
    struct weir_regression logistic = problem(rows, WEIR_BINARY_CROSS_ENTROPY, 1, 0.5);
    CHECK(weir_regression_fit(&logistic, pool, weight, bias, &result, &error) == 0);
    newton(rows, 1, 0.5, w);
    for (int j = 0; j < WIDTH; j++)
        CHECK_NEAR(weight[j], w[0][j], 1e-5);
    CHECK_NEAR(bias[0], w[0][WIDTH], 1e-3);
    double loss = 0, total = 0;
    for (int row = 0; row < ROWS; row++) {
        double z = score_of(rows->x[row], weight, bias[0]);
        loss += rows->weights[row] * (log1p(exp(-fabs(z))) + (z > 0 ? z : 0) - z * rows->classes[row]);
        total += rows->weights[row];
    }
    CHECK_NEAR(result.loss, loss / total, 1e-5);
}

/* Least squares: the residuals stand at right angles to every column; with a penalty, the gradient is its. */
static void check_values(const struct rows *rows, struct weir_pool *pool)
{
    struct weir_error error = { 0 };
    struct weir_regression_result result;
    for (int ridge = 0; ridge < 2; ridge++) {
        float weight[WIDTH], bias;
        double l2 = ridge * 10.0, squares = 0, total = 0, at[WIDTH + 1] = { 0 };
        struct weir_regression linear = problem(rows, WEIR_MSE, 1, l2);
        linear.classes = NULL;
        linear.targets = rows->targets;
        CHECK(weir_regression_fit(&linear, pool, weight, &bias, &result, &error) == 0);
        for (int row = 0; row < ROWS; row++) {
            double residual = rows->targets[row] - score_of(rows->x[row], weight, bias);
            squares += rows->weights[row] * residual * residual;
            total += rows->weights[row];
            for (int j = 0; j < WIDTH; j++)
                at[j] += rows->weights[row] * residual * rows->x[row][j];
            at[WIDTH] += rows->weights[row] * residual;
        }
        CHECK_NEAR(result.loss, squares / total, 1e-4 * squares / total);
        CHECK_NEAR(at[WIDTH], 0, 10);
        for (int j = 0; j < WIDTH; j++)
            CHECK_NEAR(at[j] - l2 * weight[j], 0, j == 1 ? 2e4 : 2e3);
    }
}

static void check_threads(const struct rows *rows)
{
    struct weir_error error = { 0 };
    struct weir_regression_result result;
    float weight[2][3 * WIDTH], bias[2][3];
    for (int threads = 1; threads <= 2; threads++) {
        struct weir_pool *pool = weir_pool_new(threads);
        struct weir_regression softmax = problem(rows, WEIR_CROSS_ENTROPY, 3, 1);
        CHECK(weir_regression_fit(&softmax, pool, weight[threads - 1], bias[threads - 1], &result, &error) == 0);
        weir_pool_free(pool);
    }
    CHECK(memcmp(weight[0], weight[1], sizeof weight[0]) == 0 && memcmp(bias[0], bias[1], sizeof bias[0]) == 0);
}

int main(void)
{
    static struct rows rows, spilled;
    struct weir_pool *pool = weir_pool_new(2);
    check_lbfgs();
    make_rows(&rows, SIZE_MAX);
    make_rows(&spilled, 0);
    CHECK(spilled.dataset.held == 0 && spilled.dataset.mapping != NULL);
    check_threads(&rows);
    check_values(&rows, pool);
    check_values(&spilled, pool);
    check_classes(&rows, pool);
    weir_dataset_release(&rows.dataset);
    weir_dataset_release(&spilled.dataset);
    weir_pool_free(pool);
    return check_result();
}
