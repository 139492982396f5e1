#include "eval/regression.h"
#include <math.h>
#include <stddef.h>

static double mean_of(const double *x, const uint32_t *times, int64_t rows, double *total)
{
    double sum = 0;
    *total = 0;
    for (int64_t i = 0; i < rows; i++) {
        double n = times ? times[i] : 1;
        *total += n;
        sum += n * x[i];
    }
    return sum / *total;
}

/* estimate NULL: `constant` everywhere. */
static struct weir_regression_errors measure(const double *actual, const double *estimate, double constant,
                                             const uint32_t *times, int64_t rows)
{
    double total, mean = mean_of(actual, times, rows, &total);
    double squares = 0, distances = 0, spread = 0;
    if (!(total > 0))
        return (struct weir_regression_errors){ NAN, NAN, NAN, NAN };
    for (int64_t i = 0; i < rows; i++) {
        double n = times ? times[i] : 1;
        double error = actual[i] - (estimate ? estimate[i] : constant), off = actual[i] - mean;
        squares += n * (error * error);
        distances += n * fabs(error);
        spread += n * (off * off);
    }
    return (struct weir_regression_errors){ .mse = squares / total,
                                            .rmse = sqrt(squares / total),
                                            .mae = distances / total,
                                            .r2 = total < 2     ? NAN
                                                  : spread > 0  ? 1 - squares / spread
                                                  : squares > 0 ? 0
                                                                : 1 };
}

struct weir_regression_errors weir_regression_measure(const double *actual, const double *estimate,
                                                      const uint32_t *times, int64_t rows)
{
    return measure(actual, estimate, 0, times, rows);
}

struct weir_regression_errors weir_regression_baseline(const double *actual, int64_t rows)
{
    double total, mean = mean_of(actual, NULL, rows, &total);
    return measure(actual, NULL, mean, NULL, rows);
}
