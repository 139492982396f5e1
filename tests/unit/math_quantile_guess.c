/* Quantiles by a guess: exact against sorting, whatever the data and the cut; and no answer rather than a wrong one. */
#include "base/random.h"
#include "check.h"
#include "math/quantile_guess.h"
#include <stdlib.h>

enum { MOST = 100000 };
static double values[MOST], sorted[MOST];

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double plain(double q, size_t count)
{
    double place = q * (double)(count - 1), fraction = place - floor(place);
    size_t first = (size_t)place, last = fraction > 0 ? first + 1 : first;
    if (sorted[first] == sorted[last])
        return sorted[first];
    double difference = sorted[last] - sorted[first];
    return fraction >= 0.5 ? sorted[last] - difference * (1 - fraction) : sorted[first] + difference * fraction;
}

enum shape { NORMAL, TIED, MOSTLY_ZERO, TWO, SORTED, LATE, INFINITE, SHAPES };

static double draw(enum shape shape, size_t i, struct weir_random *random)
{
    double normal = weir_random_normal(random);
    switch (shape) {
    case NORMAL:
        return 1e6 + normal;
    case TIED:
        return floor(5 * normal);
    case MOSTLY_ZERO:
        return weir_random_below(random, 5) ? 0 : normal;
    case TWO:
        return weir_random_below(random, 2) ? -1 : 1;
    case SORTED:
        return (double)i;
    case LATE: /* the first ones are not like the rest */
        return i < 20000 ? 100 + normal : normal;
    default:
        return i % 3 == 0 ? (double)INFINITY : i % 5 == 0 ? (double)-INFINITY : normal;
    }
}

/* True when there was an answer; then it is right. */
static bool try(enum shape shape, size_t count, int limit, size_t cut, uint64_t seed)
{
    static const double wanted[] = { 0.5, 0.25, 0.999 };
    struct weir_random random;
    weir_random_init(&random, seed, (uint64_t)shape);
    size_t numbers = 0;
    for (size_t i = 0; i < count; i++) {
        bool missing = weir_random_below(&random, 10) == 0;
        values[i] = missing ? (double)NAN : draw(shape, i, &random);
        if (!missing)
            sorted[numbers++] = values[i];
    }
    qsort(sorted, numbers, sizeof *sorted, ascending);
    struct weir_quantile_guess *guess = weir_quantile_guess_new(wanted, 3, limit);
    for (size_t first = 0; first < count; first += cut)
        CHECK(weir_quantile_guess_add(guess, values + first, count - first < cut ? count - first : cut) == 0);
    CHECK_INT(weir_quantile_guess_count(guess), (long long)numbers);
    double got[3];
    bool answered = weir_quantile_guess_values(guess, got);
    for (int i = 0; answered && i < 3; i++) /* between two infinities there is no number */
        if (!CHECK(got[i] == plain(wanted[i], numbers) || (shape == INFINITE && isnan(plain(wanted[i], numbers)))))
            fprintf(stderr, "    shape %d, %zu values, limit %d, quantile %g: %.17g and %.17g\n", (int)shape, count,
                    limit, wanted[i], got[i], plain(wanted[i], numbers));
    weir_quantile_guess_free(guess);
    return answered;
}

int main(void)
{
    static const size_t counts[] = { 1, 2, 3, 100, 1000, 1025, 30000, MOST }, cuts[] = { 1, 1000, 77, MOST };
    for (int shape = 0; shape < SHAPES; shape++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (int limit = 256; limit <= 65536; limit *= 16) {
                bool first = false;
                for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
                    if (cuts[k] == 1 && counts[c] > 30000)
                        continue;
                    bool answered = try((enum shape)shape, counts[c], limit, cuts[k], c + 1);
                    if (k == 0 || (k == 1 && counts[c] > 30000))
                        first = answered;
                    CHECK(answered == first);
                }
            }
    CHECK(try(NORMAL, MOST, 65536, 999, 42));
    CHECK(try(NORMAL, MOST, 16384, 999, 42));
    CHECK(try(MOSTLY_ZERO, MOST, 4096, 999, 42));
    CHECK(try(TWO, MOST, 256, 999, 42));
    CHECK(!try(SORTED, MOST, 65536, 999, 42));
    static const double half[] = { 0.5 };
    double none;
    struct weir_quantile_guess *guess = weir_quantile_guess_new(half, 1, 256);
    CHECK(!weir_quantile_guess_values(guess, &none));
    weir_quantile_guess_free(guess);
    return check_result();
}
