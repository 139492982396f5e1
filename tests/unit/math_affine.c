/* Rows through a dense layer: beside sums in double, and the same bits in any company. */
#include "base/random.h"
#include "check.h"
#include "math/affine.h"
#include <stdlib.h>

enum { ROWS = 11 };

/* Memory of exactly that many numbers, so that the sanitizers see every step beyond. */
static float *numbers(struct weir_random *random, int64_t count)
{
    float *made = malloc((size_t)count * sizeof *made);
    for (int64_t i = 0; i < count; i++)
        made[i] = (float)(2 * weir_random_uniform(random) - 1);
    return made;
}

static double reference(const float *x, const float *w, const float *bias, int64_t inputs)
{
    double sum = bias ? *bias : 0;
    for (int64_t i = 0; i < inputs; i++)
        sum += (double)w[i] * x[i];
    return sum;
}

static void check_shape(struct weir_random *random, int64_t inputs, int64_t outputs, bool with_bias)
{
    float *x = numbers(random, ROWS * inputs), *w = numbers(random, outputs * inputs);
    float *bias = with_bias ? numbers(random, outputs) : NULL;
    float *all = numbers(random, ROWS * outputs);
    weir_affine(x, ROWS, inputs, w, bias, outputs, all);
    double worst = 0;
    for (int64_t r = 0; r < ROWS; r++)
        for (int64_t o = 0; o < outputs; o++)
            worst = fmax(worst, fabs(all[r * outputs + o] -
                                     reference(x + r * inputs, w + o * inputs, bias ? bias + o : NULL, inputs)));
    if (!CHECK(worst <= 2e-7 * (double)(inputs + 1)))
        fprintf(stderr, "%lld inputs, %lld outputs: off by %g\n", (long long)inputs, (long long)outputs, worst);
    for (int64_t rows = 1; rows < ROWS; rows++) {
        float *some = numbers(random, rows * outputs);
        for (int64_t first = 0; first + rows <= ROWS; first++) {
            weir_affine(x + first * inputs, rows, inputs, w, bias, outputs, some);
            CHECK(memcmp(some, all + first * outputs, (size_t)(rows * outputs) * sizeof *some) == 0);
        }
        free(some);
    }
    free(x), free(w), free(bias), free(all);
}

int main(void)
{
    static const int64_t inputs[] = { 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100, 1600 };
    struct weir_random random;
    weir_random_init(&random, 1, 2);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        for (int64_t outputs = 1; outputs <= 10; outputs++)
            check_shape(&random, inputs[i], outputs, outputs % 3);
    return check_result();
}
