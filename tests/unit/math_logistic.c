/* weir_logistic_loss against the mathematics library's long double, over scores of all sizes. */
#include "base/random.h"
#include "check.h"
#include "math/logistic.h"

enum { COUNT = 20000 };

int main(void)
{
    static double scores[COUNT], z[COUNT], targets[COUNT], loss[COUNT];
    static const double special[] = { 0, -0.0, 1e-300, -1e-300, 690, -690, 800, -800, 1e300, -1e300 };
    struct weir_random random;
    weir_random_init(&random, 3, 0);
    for (int i = 0; i < COUNT; i++) {
        double size = i % 3 == 0 ? 1 : i % 3 == 1 ? 40 : 700;
        scores[i] = i < 10 ? special[i] : size * (2 * weir_random_uniform(&random) - 1);
        targets[i] = i % 4 == 0 ? 0.05 : i % 2;
    }
    memcpy(z, scores, sizeof z);
    weir_logistic_loss(z, targets, loss, COUNT);
    double worst_loss = 0, worst_slope = 0;
    for (int i = 0; i < COUNT; i++) {
        long double score = scores[i], e = expl(-fabsl(score));
        long double whole = (score > 0 ? score : 0) + log1pl(e), chance = (score > 0 ? 1 : e) / (1 + e);
        long double off = fabsl(loss[i] - (whole - targets[i] * score)) / (whole + fabsl(targets[i] * score) + 1e-300L);
        long double slope_off = fabsl(z[i] - (chance - targets[i])) / (chance + targets[i] + 1e-300L);
        worst_loss = !(off <= worst_loss) ? (double)off : worst_loss;
        worst_slope = !(slope_off <= worst_slope) ? (double)slope_off : worst_slope;
    }
    CHECK_NEAR(worst_loss, 0, 1e-15);
    CHECK_NEAR(worst_slope, 0, 1e-15);

    double none[] = { NAN, INFINITY, -INFINITY }, whole[] = { 1, 1, 1 }, lost[3];
    weir_logistic_loss(none, whole, lost, 3);
    CHECK(!isfinite(lost[0]) && !isfinite(lost[1]) && !isfinite(lost[2]));
    /* The tail of a vector is computed as its lanes are. */
    for (int n = 1; n < 40; n++) {
        double part[40], part_loss[40];
        memcpy(part, scores, sizeof part);
        weir_logistic_loss(part, targets, part_loss, n);
        CHECK(memcmp(part, z, (size_t)n * sizeof *part) == 0 && memcmp(part_loss, loss, (size_t)n * sizeof *loss) == 0);
    }
    return check_result();
}
