/* Reservoirs against the exact probabilities of every set of rows; apportionment against its definition. */
#include "base/memory.h"
#include "check.h"
#include "math/apportion.h"
#include "math/reservoir.h"
#include <stdlib.h>

enum { MOST_ROWS = 8, RUNS = 40000 };

/* The probability that the rows of the bits `set` are the first to be drawn, one after the other by weight. */
static double exact(const double *weights, int rows, unsigned set, unsigned drawn)
{
    double sum = 0, probability = 0;
    if (drawn == set)
        return 1;
    for (int r = 0; r < rows; r++)
        sum += drawn >> r & 1 ? 0 : weights[r];
    for (int r = 0; r < rows; r++)
        if (set >> r & ~drawn >> r & 1)
            probability += weights[r] / sum * exact(weights, rows, set, drawn | 1u << r);
    return probability;
}

/* The rows that are chosen, as bits, when they are offered `size` at a time. */
static unsigned draw(const double *weights, int rows, int wanted, uint64_t seed, int size)
{
    struct weir_reservoir reservoir;
    struct weir_reservoir_change changes[MOST_ROWS];
    int row_of[MOST_ROWS], entered = 0;
    unsigned set = 0;
    weir_reservoir_init(&reservoir, wanted, seed);
    for (int first = 0; first < rows; first += size) {
        int count = rows - first < size ? rows - first : size;
        int64_t made = weir_reservoir_offer(&reservoir, weights ? weights + first : NULL, count, changes);
        for (int64_t i = 0; i < made; i++) {
            row_of[entered++] = first + (int)changes[i].row;
            set |= 1u << row_of[entered - 1];
            if (changes[i].evicted >= 0)
                set &= ~(1u << row_of[changes[i].evicted]);
        }
    }
    CHECK_INT(reservoir.entered, entered);
    weir_reservoir_release(&reservoir);
    return set;
}

/* Chi-squared over all sets of `wanted` rows; 0.999 of 19 degrees is 43.8, of 5 20.5, of 55 93.2. */
static void check_sets(const double *weights, int rows, int wanted, double most)
{
    const double ones[MOST_ROWS] = { 1, 1, 1, 1, 1, 1, 1, 1 };
    static int seen[1 << MOST_ROWS];
    double chi = 0, sum = 0;
    bool same = true;
    memset(seen, 0, sizeof seen);
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        unsigned set = draw(weights, rows, wanted, seed, MOST_ROWS);
        seen[set]++;
        same &= set == draw(weights, rows, wanted, seed, 1 + (int)(seed % 5));
    }
    CHECK(same);
    for (unsigned set = 0; set < 1u << rows; set++) {
        double expected = __builtin_popcount(set) == wanted ? RUNS * exact(weights ? weights : ones, rows, set, 0) : 0;
        sum += expected;
        if (expected > 0)
            chi += (seen[set] - expected) * (seen[set] - expected) / expected;
        else
            CHECK_INT(seen[set], 0);
    }
    CHECK_NEAR(sum, RUNS, 1e-6);
    if (!CHECK(chi < most))
        fprintf(stderr, "    chi-squared %g\n", chi);
}

static void check_extremes(void)
{
    const double tiny[] = { 5e-324, 5e-324, 5e-324, 5e-324, 5e-324, 5e-324 };
    const double huge[] = { 2.9e307, 2.9e307, 2.9e307, 2.9e307, 2.9e307, 2.9e307 };
    const double far[] = { 1e-300, 1e300, 0, 5e-324, 1e308, 1e-100, 0 };
    bool right = true;
    check_sets(tiny, 6, 3, 43.8);
    check_sets(huge, 6, 3, 43.8);
    for (uint64_t seed = 0; seed < 500; seed++) {
        right &= draw(far, 7, 2, seed, 3) == (1u << 1 | 1u << 4);
        right &= draw(far, 7, 7, seed, 3) == (1u << 0 | 1u << 1 | 1u << 3 | 1u << 4 | 1u << 5);
        right &= draw(far, 7, 0, seed, 3) == 0;
    }
    CHECK(right);
}

/* A long stream: every tenth of it is as likely, and few rows enter. */
static void check_long(bool weighted)
{
    enum { ROWS = 20000, WANTED = 20, TIMES = 400, TENTHS = 10 };
    double *weights = weir_allocate(ROWS, sizeof *weights);
    int64_t *row_of = weir_allocate(ROWS, sizeof *row_of);
    struct weir_reservoir_change *changes = weir_allocate(ROWS, sizeof *changes);
    int64_t entered = 0;
    int seen[TENTHS] = { 0 };
    double chi = 0, expected = (double)TIMES * WANTED / TENTHS;
    for (int r = 0; r < ROWS; r++)
        weights[r] = 3;
    for (uint64_t seed = 0; seed < TIMES; seed++) {
        struct weir_reservoir reservoir;
        weir_reservoir_init(&reservoir, WANTED, seed);
        for (int64_t first = 0; first < ROWS; first += 1000) {
            int64_t next = reservoir.entered;
            int64_t made = weir_reservoir_offer(&reservoir, weighted ? weights + first : NULL, 1000, changes);
            for (int64_t i = 0; i < made; i++)
                row_of[next++] = first + changes[i].row;
        }
        for (size_t e = 0; e < reservoir.count; e++)
            seen[row_of[reservoir.entries[e].number] * TENTHS / ROWS]++;
        entered += reservoir.entered;
        weir_reservoir_release(&reservoir);
    }
    for (int i = 0; i < TENTHS; i++)
        chi += (seen[i] - expected) * (seen[i] - expected) / expected;
    CHECK(chi < 27.9); /* 0.999 of 9 degrees */
    CHECK_NEAR((double)entered / TIMES, WANTED * (1 + log((double)ROWS / WANTED)), 2);
    free(weights);
    free(row_of);
    free(changes);
}

static void check_apportion(void)
{
    enum { CLASSES = 9 };
    int64_t sizes[CLASSES], parts[CLASSES];
    uint64_t ties[CLASSES];
    struct weir_random random;
    bool sums = true, near = true, largest = true, ample = true;
    weir_random_init(&random, 5, 0);
    for (int round = 0; round < 2000; round++) {
        int64_t rows = 0, held = 0, least = (int64_t)weir_random_below(&random, 4);
        for (int c = 0; c < CLASSES; c++) {
            sizes[c] = 1 + (int64_t)weir_random_below(&random, c < 4 ? 5 : 400);
            ties[c] = weir_random_u64(&random);
            rows += sizes[c];
            held += sizes[c] < least ? sizes[c] : least;
        }
        int64_t total = held + (int64_t)weir_random_below(&random, (uint64_t)(rows - held) + 1), sum = 0;
        CHECK_INT(weir_apportion(total, least, sizes, ties, CLASSES, parts), 0);
        for (int c = 0; c < CLASSES; c++) {
            sum += parts[c];
            ample &= parts[c] <= sizes[c] && parts[c] >= (sizes[c] < least ? sizes[c] : least);
        }
        sums &= sum == total;
        for (int c = 0; c < CLASSES && least == 0; c++) {
            double quota = (double)total * (double)sizes[c] / (double)rows;
            near &= fabs((double)parts[c] - quota) < 1;
            for (int d = 0; d < CLASSES; d++) /* none that was rounded down had lost more than one rounded up */
                if ((double)parts[c] > quota && total * sizes[d] / rows == parts[d])
                    largest &= total * sizes[c] % rows >= total * sizes[d] % rows;
        }
    }
    CHECK(sums && near && largest && ample);
    /* Of 1000, 10 and 2 rows 100, at least 3 each: the small ones take 3 and 2, and the rest is the large one's. */
    const int64_t skewed[] = { 1000, 10, 2 }, like[] = { 5, 5, 5, 5 };
    CHECK_INT(weir_apportion(100, 3, skewed, ties, 3, parts), 0);
    CHECK(parts[0] == 95 && parts[1] == 3 && parts[2] == 2);
    /* Equal losses: the ties decide, and not the order. */
    const uint64_t order[] = { 7, 1, 9, 3 };
    CHECK_INT(weir_apportion(6, 0, like, order, 4, parts), 0);
    CHECK(parts[0] == 1 && parts[1] == 2 && parts[2] == 1 && parts[3] == 2);
    CHECK_INT(weir_apportion(0, 0, NULL, NULL, 0, parts), 0);
    const int64_t vast[] = { (int64_t)1 << 61, (int64_t)1 << 60 };
    CHECK_INT(weir_apportion((int64_t)3 << 58, 0, vast, order, 2, parts), 0);
    CHECK(parts[0] == (int64_t)1 << 59 && parts[1] == (int64_t)1 << 58);
}

static void check_equal(int64_t total, bool repeat, int64_t a, int64_t b, int64_t c)
{
    const int64_t sizes[] = { 100, 7, 30 };
    const uint64_t ties[] = { 2, 1, 3 };
    int64_t parts[3];
    CHECK_INT(weir_equalize(total, repeat, sizes, ties, 3, parts), 0);
    CHECK_INT(parts[0], a);
    CHECK_INT(parts[1], b);
    CHECK_INT(parts[2], c);
}

int main(void)
{
    const double weights[] = { 1, 5, 0, 2, 0.5, 9, 0, 2 };
    const double four[] = { 4, 1, 2, 3 };
    check_sets(NULL, 6, 3, 43.8);
    check_sets(NULL, 8, 3, 93.2);
    check_sets(four, 4, 2, 20.5);
    check_sets(weights, 8, 3, 43.8);
    check_extremes();
    check_long(false);
    check_long(true);
    check_apportion();
    check_equal(-1, false, 7, 7, 7);
    check_equal(-1, true, 100, 100, 100);
    check_equal(11, false, 4, 4, 3);
    check_equal(22, false, 7, 7, 7);
    check_equal(60, false, 7, 7, 7);
    check_equal(61, true, 20, 21, 20);
    check_equal(0, false, 0, 0, 0);
    return check_result();
}
