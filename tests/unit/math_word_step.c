/* The steps of word vectors beside plain sums in double. */
#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "math/word_step.h"
#include <stdlib.h>

enum { ROWS = 40, MOST = 160 };

static double plain_sigmoid(double x)
{
    return x <= -8 ? 0 : x >= 8 ? 1 : 1 / (1 + exp(-x));
}

static void test_sigmoid(void)
{
    struct weir_sigmoid sigmoid;
    weir_sigmoid_init(&sigmoid);
    double worst = 0, before = 0;
    for (int i = -90000; i <= 90000; i++) {
        double value = (double)weir_sigmoid(&sigmoid, (float)i / 10000);
        worst = fmax(worst, fabs(value - plain_sigmoid((double)((float)i / 10000))));
        CHECK(value >= before && value <= 1);
        before = value;
    }
    CHECK_NEAR(worst, 0, 4e-6);
    CHECK(weir_sigmoid(&sigmoid, (float)NAN) == 0 && weir_sigmoid(&sigmoid, (float)INFINITY) == 1);
}

struct table {
    float *rows, *hidden, *gradient; /* [ROWS][width], [width] */
    double plain[ROWS][MOST], plain_hidden[MOST], plain_gradient[MOST];
    int64_t width, used;
};

/* Numbers up to `used`, zeros behind. */
static void fill(struct table *table, int64_t used, double size, uint64_t seed)
{
    struct weir_random random;
    weir_random_init(&random, 1, seed);
    table->used = used;
    table->width = (used + WEIR_WORD_LANES - 1) / WEIR_WORD_LANES * WEIR_WORD_LANES;
    table->rows = weir_allocate_aligned(ROWS * MOST, sizeof(float));
    table->hidden = weir_allocate_aligned(MOST, sizeof(float));
    table->gradient = weir_allocate_aligned(MOST, sizeof(float));
    for (int64_t i = 0; i < ROWS + 2; i++)
        for (int64_t j = 0; j < table->width; j++) {
            float value = j < used ? (float)(weir_random_normal(&random) * size) : 0;
            float *to = i < ROWS ? table->rows + i * table->width : i == ROWS ? table->hidden : table->gradient;
            double *plain = i < ROWS ? table->plain[i] : i == ROWS ? table->plain_hidden : table->plain_gradient;
            to[j] = value;
            plain[j] = (double)value;
        }
}

static void release(struct table *table)
{
    free(table->rows);
    free(table->hidden);
    free(table->gradient);
}

static double worst_of(const struct table *table)
{
    double worst = 0;
    for (int64_t i = 0; i < ROWS + 2; i++)
        for (int64_t j = 0; j < table->width; j++) {
            const float *is = i < ROWS ? table->rows + i * table->width : i == ROWS ? table->hidden : table->gradient;
            const double *plain = i < ROWS ? table->plain[i] : i == ROWS ? table->plain_hidden : table->plain_gradient;
            double off = fabs((double)is[j] - plain[j]);
            worst = off <= worst ? worst : off; /* a NaN stays */
            if (j >= table->used)
                CHECK(is[j] == 0);
        }
    return worst;
}

static void plain_step(struct table *table, const uint32_t *targets, int count, double rate, double gain)
{
    double factor[WEIR_WORD_TARGETS];
    for (int t = 0; t < count; t++) {
        double sum = 0;
        for (int64_t j = 0; j < table->width; j++)
            sum += table->plain_hidden[j] * table->plain[targets[t]][j];
        factor[t] = rate * ((t == 0 ? 1 : 0) - plain_sigmoid(sum));
    }
    for (int64_t j = 0; j < table->width; j++) {
        double gradient = 0, hidden = table->plain_hidden[j];
        for (int t = 0; t < count; t++) {
            double *target = &table->plain[targets[t]][j];
            gradient += factor[t] * *target;
            *target += factor[t] * hidden;
        }
        table->plain_gradient[j] += gradient;
        table->plain_hidden[j] += gain * gradient;
    }
}

static void test_steps(int64_t used, int count, bool repeated, float gain)
{
    struct table table;
    struct weir_sigmoid sigmoid;
    struct weir_random random;
    weir_sigmoid_init(&sigmoid);
    weir_random_init(&random, 2, (uint64_t)used);
    fill(&table, used, 0.4, (uint64_t)used);
    for (int step = 0; step < 20; step++) {
        uint32_t targets[WEIR_WORD_TARGETS];
        for (int t = 0; t < count; t++)
            targets[t] = repeated ? (uint32_t)weir_random_below(&random, 3) : ((uint32_t)step + 7 * (uint32_t)t) % ROWS;
        weir_word_step(&sigmoid, table.hidden, table.gradient, table.rows, targets, count, 0.05F, gain, table.width);
        plain_step(&table, targets, count, (double)0.05F, (double)gain);
    }
    if (!CHECK_NEAR(worst_of(&table), 0, 2e-5))
        fprintf(stderr, "    width %d, %d targets\n", (int)used, count);
    release(&table);
}

static void test_mean_and_add(int64_t used, int64_t count)
{
    struct table table;
    struct weir_random random;
    uint32_t index[200];
    weir_random_init(&random, 3, (uint64_t)count);
    fill(&table, used, 1, (uint64_t)count);
    for (int64_t i = 0; i < count; i++)
        index[i] = (uint32_t)weir_random_below(&random, ROWS);
    weir_word_prefetch(table.rows, index, count, table.width);
    weir_word_mean(table.rows, index, count, table.width, table.hidden);
    weir_word_add(table.rows, index, count, table.width, table.gradient);
    for (int64_t j = 0; j < table.width; j++) {
        double sum = 0;
        for (int64_t i = 0; i < count; i++)
            sum += table.plain[index[i]][j];
        table.plain_hidden[j] = sum / (double)count;
    }
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < table.width; j++)
            table.plain[index[i]][j] += table.plain_gradient[j];
    CHECK_NEAR(worst_of(&table), 0, 1e-4);
    release(&table);
}

int main(void)
{
    test_sigmoid();
    static const int64_t widths[] = { 1, 15, 16, 17, 100, 160 };
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        test_steps(widths[i], 6, false, 0);
        test_steps(widths[i], 1, false, 1);
        test_steps(widths[i], WEIR_WORD_TARGETS, true, 0.5F);
        test_mean_and_add(widths[i], 1);
        test_mean_and_add(widths[i], 19);
        test_mean_and_add(widths[i], 200);
    }
    return check_result();
}
