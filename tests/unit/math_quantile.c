/* lib/math/quantile and sort: exact answers against a sorted copy, the certain error, states, merging. */
#include "base/random.h"
#include "check.h"
#include "math/quantile_private.h"
#include "math/sort.h"
#include <stdlib.h>

enum { KINDS = 9 };

/* Runs of every awkward form: normal, ascending, descending, few values, half equal, over all magnitudes, a narrow
 * range far from 0, two clusters that agree in their high bits, with NaN and infinities. */
static double draw(struct weir_random *random, int kind, int64_t i)
{
    double g = weir_random_normal(random);
    switch (kind) {
    case 0:
        return g;
    case 1:
        return (double)i;
    case 2:
        return (double)-i;
    case 3:
        return floor(3 * g);
    case 4:
        return g > 0 ? 0 : g;
    case 5:
        return exp(20 * g);
    case 6:
        return 1.7e15 + floor(1e9 * g);
    case 7:
        return i % 2 ? 1e15 + (double)i : 0;
    default:
        return i % 5 == 0 ? NAN : i % 7 == 0 ? -INFINITY : i % 11 == 0 ? INFINITY : i % 3 ? -0.0 : g;
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The plain way: sort, and numpy's rule. */
static double reference(const double *sorted, int64_t count, double q)
{
    double place = q * (double)(count - 1);
    int64_t low = (int64_t)place, high = low + 1 < count ? low + 1 : low;
    double t = place - (double)low, a = sorted[low], b = sorted[high];
    if (a == b || t == 0)
        return a;
    return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* How far `value` is in rank from the place, as a share. */
static double rank_distance(const double *sorted, int64_t count, int64_t place, double value)
{
    int64_t below = 0, to = 0;
    for (int64_t i = 0; i < count; i++) {
        below += sorted[i] < value;
        to += sorted[i] <= value;
    }
    double off = place < below ? (double)(below - place) : place >= to ? (double)(place - to + 1) : 0;
    return off / (double)count;
}

static const double places[] = { 0, 0.001, 0.25, 0.5, 0.75, 0.9, 1 };
enum { PLACES = sizeof places / sizeof *places };

static void check_refinement(struct weir_quantiles *quantiles, const double *values, int64_t rows, const double *sorted,
                             int64_t count, int limit, int exact_after)
{
    struct weir_error error = { 0 };
    for (int i = 0; i < PLACES; i++) {
        struct weir_refinement *refinement = weir_refinement_new(quantiles, places[i], limit);
        double value;
        int passes = 0;
        CHECK(weir_refinement_value(refinement, &value, &error) == -1); /* nothing was seen */
        do {
            if (passes)
                CHECK(weir_refinement_narrow(refinement) == 0);
            /* however it is cut into calls */
            size_t cut = (size_t)(rows / 3);
            CHECK(weir_refinement_add(refinement, values, cut) == 0);
            CHECK(weir_refinement_add(refinement, values + cut, (size_t)rows - cut) == 0);
            passes++;
        } while (!weir_refinement_is_exact(refinement) && passes < exact_after);
        if (!CHECK(weir_refinement_is_exact(refinement)))
            fprintf(stderr, "    count %lld q %g passes %d\n", (long long)count, places[i], passes);
        CHECK(weir_refinement_value(refinement, &value, &error) == 0);
        if (!CHECK(same(value, reference(sorted, count, places[i]))))
            fprintf(stderr, "    q %g: %.17g, expected %.17g\n", places[i], value, reference(sorted, count, places[i]));
        weir_refinement_free(refinement);
    }
}

static void check_state(struct weir_quantiles *quantiles)
{
    struct weir_quantiles *copy = NULL;
    struct weir_error error = { 0 };
    double *state, *again, value = 0, other = 1;
    size_t length, length_again;
    CHECK(weir_quantiles_save(quantiles, &state, &length, &error) == 0);
    if (!CHECK(weir_quantiles_load(&copy, state, length, &error) == 0)) {
        free(state);
        return;
    }
    CHECK(weir_quantiles_save(copy, &again, &length_again, &error) == 0);
    CHECK(length == length_again && memcmp(state, again, length * sizeof *state) == 0);
    /* Both go on alike. */
    for (int i = 0; i < 20000; i++) {
        double more = sin(i);
        weir_quantiles_add(quantiles, &more, 1);
        weir_quantiles_add(copy, &more, 1);
    }
    CHECK(weir_quantiles_value(quantiles, 0.4, &value) == 0 && weir_quantiles_value(copy, 0.4, &other) == 0);
    CHECK(same(value, other));
    weir_quantiles_free(copy);

    /* A damaged state is refused or is a state: whatever is accepted can be used. */
    for (size_t at = 0; at < 60 && at < length; at++)
        for (int how = 0; how < 6; how++) {
            static const double damage[] = { NAN, -1, 1e300, 0.5, INFINITY, 3 };
            double kept = state[at];
            state[at] = damage[how];
            if (weir_quantiles_load(&copy, state, length, &error) == 0) {
                weir_quantiles_value(copy, 0.5, &value);
                weir_quantiles_add(copy, &value, 1);
                struct weir_refinement *refinement = weir_refinement_new(copy, 0.3, WEIR_QUANTILES_EXACT);
                weir_refinement_free(refinement);
                weir_quantiles_free(copy);
            } else
                CHECK(copy == NULL);
            state[at] = kept;
        }
    for (size_t cut = 0; cut < length; cut += 1 + length / 50)
        CHECK(weir_quantiles_load(&copy, state, cut, &error) == -1);
    state[3] += 1; /* a count that is not the sum of what is there */
    CHECK(weir_quantiles_load(&copy, state, length, &error) == -1);
    free(state);
    free(again);
}

static void check_run(int kind, int64_t rows, int limit)
{
    double *values = malloc((size_t)rows * sizeof *values), *sorted = malloc((size_t)rows * sizeof *sorted);
    struct weir_random random;
    weir_random_init(&random, 9, (uint64_t)kind);
    int64_t count = 0;
    struct weir_quantiles *whole = weir_quantiles_new(limit), *cut = weir_quantiles_new(limit);
    struct weir_quantiles *half = weir_quantiles_new(limit);
    for (int64_t i = 0; i < rows; i++) {
        values[i] = draw(&random, kind, rows == 1 ? 1 : i);
        if (!isnan(values[i]))
            sorted[count++] = values[i];
    }
    qsort(sorted, (size_t)count, sizeof *sorted, ascending);
    CHECK(weir_quantiles_add(whole, values, (size_t)rows) == 0);
    CHECK_INT(weir_quantiles_count(whole), count);
    CHECK_INT(weir_quantiles_nans(whole), rows - count);
    CHECK_INT(weir_quantiles_are_exact(whole), count <= limit);

    /* However it is cut into calls, and asked in between. */
    double value, other;
    for (int64_t i = 0, step = 1; i < rows; i += step, step = step * 2 % 1021 + 1) {
        CHECK(weir_quantiles_add(cut, values + i, (size_t)(i + step < rows ? step : rows - i)) == 0);
        if (step == 3)
            weir_quantiles_value(cut, 0.5, &value);
    }
    double certain = weir_quantiles_rank_error(whole);
    /* As the header states it; each level's first halving may lie on one side. */
    double k = limit / 16, doublings = log2((double)count / k);
    CHECK((certain == 0) == (count <= limit) && certain <= (doublings + 4) / (4 * k) + 1 / k);
    for (int i = 0; i < PLACES; i++) {
        CHECK(weir_quantiles_value(whole, places[i], &value) == 0 && weir_quantiles_value(cut, places[i], &other) == 0);
        CHECK(same(value, other));
        if (count <= limit)
            CHECK(same(value, reference(sorted, count, places[i])));
        else { /* between the two places both values are within the error, and so is what lies between */
            int64_t place = (int64_t)(places[i] * (double)(count - 1));
            CHECK(rank_distance(sorted, count, place, value) <= certain + 1.5 / (double)count);
        }
    }
    check_refinement(whole, values, rows, sorted, count, limit, (double)count * doublings <= limit * k ? 1 : 40);
    check_refinement(whole, values, rows, sorted, count, 256, 40); /* in less memory by more passes */

    /* Merged from two shards: the sum of the errors holds, and the second pass is exact. */
    struct weir_error error = { 0 };
    struct weir_quantiles *front = weir_quantiles_new(limit);
    CHECK(weir_quantiles_add(front, values, (size_t)(rows / 4)) == 0);
    CHECK(weir_quantiles_add(half, values + rows / 4, (size_t)(rows - rows / 4)) == 0);
    CHECK(weir_quantiles_merge(front, half, &error) == 0);
    CHECK_INT(weir_quantiles_count(front), count);
    CHECK_INT(weir_quantiles_nans(front), rows - count);
    check_refinement(front, values, rows, sorted, count, limit, 40);

    check_state(whole);
    weir_quantiles_free(whole);
    weir_quantiles_free(cut);
    weir_quantiles_free(half);
    weir_quantiles_free(front);
    free(values);
    free(sorted);
}

static void test_edges(void)
{
    struct weir_quantiles *quantiles = weir_quantiles_new(256), *other = weir_quantiles_new(512);
    struct weir_error error = { 0 };
    double value = 42, nan_value = NAN;
    CHECK(weir_quantiles_value(quantiles, 0.5, &value) == -1 && value == 42);
    CHECK(weir_refinement_new(quantiles, 0.5, WEIR_QUANTILES_EXACT) == NULL);
    weir_quantiles_add(quantiles, &nan_value, 1);
    CHECK(weir_quantiles_value(quantiles, 0.5, &value) == -1);
    value = 3;
    weir_quantiles_add(quantiles, &value, 1);
    CHECK(weir_quantiles_value(quantiles, 1, &value) == 0 && value == 3);
    CHECK(weir_quantiles_value(quantiles, 1.5, &value) == -1);
    CHECK(weir_quantiles_value(quantiles, NAN, &value) == -1);
    CHECK(weir_quantiles_merge(quantiles, other, &error) == -1);
    CHECK(strstr(error.text, "256 and of 512") != NULL);
    /* 256 values and any NaN are still exact. */
    for (int i = 0; i < 255; i++)
        weir_quantiles_add(quantiles, &value, 1);
    weir_quantiles_add(quantiles, &nan_value, 1);
    CHECK(weir_quantiles_are_exact(quantiles));
    weir_quantiles_add(quantiles, &value, 1);
    CHECK(!weir_quantiles_are_exact(quantiles));
    CHECK(weir_quantiles_value(quantiles, 0.5, &value) == 0 && value == 3);
    weir_quantiles_free(quantiles);
    weir_quantiles_free(other);
    weir_quantiles_free(NULL);
    weir_refinement_free(NULL);

    /* A second pass over other data is found out. */
    quantiles = weir_quantiles_new(256);
    for (int i = 0; i < 5000; i++)
        weir_quantiles_add(quantiles, &(double){ i }, 1);
    struct weir_refinement *refinement = weir_refinement_new(quantiles, 0.5, 256);
    for (int i = 0; i < 5000; i++)
        weir_refinement_add(refinement, &(double){ i + 4000 }, 1);
    CHECK(weir_refinement_value(refinement, &value, &error) == -1);
    CHECK_TEXT(error.text, "the second pass did not see the values of the first");
    weir_refinement_free(refinement);
    weir_quantiles_free(quantiles);
}

/* The certain error is certain, and not by a wide margin: of many runs whose chunks hold c values below 0.5, some come
 * near to what was promised, on either side, and none goes beyond. Then every bracket holds. */
static void test_certain_error(void)
{
    enum { TRIALS = 4000, ROWS = 257, CHUNK = 32 };
    struct weir_random random;
    weir_random_init(&random, 4, 4);
    int64_t most_raised = 0, most_lowered = 0, raised = 0, lowered = 0;
    int missed = 0, beyond = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        struct weir_quantiles *quantiles = weir_quantiles_new(256);
        double values[ROWS], value;
        int64_t below = 0;
        for (int chunk = 0; chunk * CHUNK < ROWS; chunk++) {
            int share = (int)weir_random_below(&random, CHUNK + 1);
            for (int i = chunk * CHUNK; i < (chunk + 1) * CHUNK && i < ROWS; i++) {
                values[i] = i % CHUNK < share ? 0 : 1;
                below += values[i] == 0;
            }
        }
        weir_quantiles_add(quantiles, values, ROWS);
        CHECK(weir_quantiles_settle(quantiles) == 0);
        int64_t place = 0; /* the estimated number of zeros */
        for (int64_t step = 256; step; step /= 2)
            if (place + step <= ROWS && weir_quantiles_at(quantiles, place + step - 1) == weir_key(0))
                place += step;
        raised = (int64_t)quantiles->raised;
        lowered = (int64_t)quantiles->lowered;
        most_raised = place - below > most_raised ? place - below : most_raised;
        most_lowered = below - place > most_lowered ? below - place : most_lowered;
        beyond += place - below > raised || below - place > lowered;
        int64_t at = below - 1 + trial % 2; /* the last zero, the first one */
        struct weir_refinement *refinement =
            weir_refinement_new(quantiles, (double)at / (ROWS - 1), WEIR_QUANTILES_EXACT);
        if (at >= 0 && at < ROWS) {
            weir_refinement_add(refinement, values, ROWS);
            missed += weir_refinement_value(refinement, &value, NULL) != 0 || fabs(value - trial % 2) > 1e-9;
        }
        weir_refinement_free(refinement);
        weir_quantiles_free(quantiles);
    }
    CHECK_INT(beyond, 0);
    CHECK_INT(missed, 0);
    CHECK(raised != lowered); /* a single last halving at the top: the sides differ */
    CHECK(most_raised > raised / 2 && most_lowered > lowered / 2);
    if (raised > lowered)
        CHECK(most_raised > lowered);
    else
        CHECK(most_lowered > raised);
}

static void test_sort(void)
{
    struct weir_random random;
    weir_random_init(&random, 2, 2);
    static const size_t counts[] = { 0, 1, 2, 127, 128, 129, 1000, 8192 };
    uint64_t *keys = malloc(8192 * sizeof *keys), *scratch = malloc(8192 * sizeof *scratch);
    struct weir_keyed *items = malloc(2 * 8192 * sizeof *items);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (int kind = 0; kind < 8; kind++) { /* kind 8 has NaN */
            size_t count = counts[c];
            uint64_t sum = 0, sum_after = 0;
            for (size_t i = 0; i < count; i++) {
                keys[i] = weir_key(draw(&random, kind, (int64_t)i));
                items[i] = (struct weir_keyed){ keys[i], i };
                sum += keys[i] * keys[i];
            }
            weir_sort_keys(keys, scratch, count);
            weir_sort_keyed(items, items + count, count);
            bool sorted = true, stable = true;
            for (size_t i = 0; i < count; i++) {
                sorted &= i == 0 || keys[i - 1] <= keys[i];
                sorted &= items[i].key == keys[i];
                stable &= i == 0 || items[i - 1].key < items[i].key || items[i - 1].item < items[i].item;
                sum_after += keys[i] * keys[i];
            }
            CHECK(sorted && stable && sum == sum_after);
        }
    free(keys);
    free(scratch);
    free(items);
    static const double ordered[] = { -INFINITY, -1e300, -1, -5e-324, 0, 5e-324, 0.1, 2, INFINITY };
    for (size_t i = 0; i < sizeof ordered / sizeof *ordered; i++) {
        CHECK(weir_key_value(weir_key(ordered[i])) == ordered[i]);
        CHECK(i == 0 || weir_key(ordered[i - 1]) < weir_key(ordered[i]));
    }
    CHECK(weir_key(-0.0) == weir_key(0.0));
}

int main(void)
{
    test_sort();
    test_edges();
    test_certain_error();
    for (int kind = 0; kind < KINDS; kind++) {
        check_run(kind, 1, 256);
        check_run(kind, 250, 256);
        check_run(kind, 500, 256);
        check_run(kind, 9000, 256); /* many passes: the bracket must shrink each time */
        check_run(kind, 30000, 4096);
    }
    check_run(0, 150000, WEIR_QUANTILES_EXACT);
    return check_result();
}
