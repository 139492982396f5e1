/* The isolation forest where its paths are known, and rows that stand apart. */
#include "base/random.h"
#include "check.h"
#include "math/isolation.h"
#include <stdlib.h>

static struct weir_isolation *grow(const float *x, int64_t width, int sample, uint64_t seed)
{
    struct weir_isolation *forest = NULL;
    CHECK_INT(weir_isolation_new(&forest, width, sample, seed, NULL), 0);
    for (int t = 0; t < WEIR_ISOLATION_TREES; t++)
        weir_isolation_grow(forest, t, x);
    return forest;
}

static void score_one(const struct weir_isolation *forest, const float *row, int64_t width, float *score)
{
    float *x = calloc((size_t)width * WEIR_ISOLATION_BLOCK, sizeof *x);
    for (int64_t i = 0; i < width; i++)
        x[i * WEIR_ISOLATION_BLOCK] = row[i];
    weir_isolation_scores(forest, x, 1, score);
    free(x);
}

static void check_known_paths(void)
{
    float score, constant[64 * 2] = { 0 };
    struct weir_isolation *forest = grow(constant, 2, 64, 1);
    score_one(forest, (const float[]){ 0, 0 }, 2, &score);
    CHECK_NEAR((double)score, 0.5, 1e-6); /* nothing divides them: every path is the usual one */
    score_one(forest, (const float[]){ 9, -9 }, 2, &score);
    CHECK_NEAR((double)score, 0.5, 1e-6);
    weir_isolation_free(forest);

    /* One of three stands alone after one step, the other two stay together: h = 1 and 1 + c(2) = 2. */
    double usual = 2 * (log(2) + 0.57721566490153286) - 4.0 / 3;
    forest = grow((const float[]){ 0, 0, 1 }, 1, 3, 7);
    score_one(forest, (const float[]){ 1 }, 1, &score);
    CHECK_NEAR((double)score, exp2(-1 / usual), 1e-6);
    score_one(forest, (const float[]){ 0 }, 1, &score);
    CHECK_NEAR((double)score, exp2(-2 / usual), 1e-6);
    weir_isolation_free(forest);

    forest = grow((const float[]){ 5 }, 1, 1, 0); /* of one row nothing can be said */
    score_one(forest, (const float[]){ 5 }, 1, &score);
    CHECK_NEAR((double)score, 0.5, 1e-6);
    weir_isolation_free(forest);
}

/* Among uniform numbers the mean path is that of a search tree, c(n), cut off at the depth of eight. */
static void check_usual_rows(uint64_t seed)
{
    enum { WIDTH = 3, SAMPLE = WEIR_ISOLATION_SAMPLE, BLOCK = WEIR_ISOLATION_BLOCK };
    float *x = malloc(sizeof *x * WIDTH * SAMPLE), *block = malloc(sizeof *block * WIDTH * BLOCK), score[BLOCK];
    struct weir_random random;
    weir_random_init(&random, seed, 1);
    for (int i = 0; i < WIDTH * SAMPLE; i++)
        x[i] = (float)weir_random_uniform(&random);
    struct weir_isolation *forest = grow(x, WIDTH, SAMPLE, seed);
    for (int i = 0; i < WIDTH * BLOCK; i++)
        block[i] = (float)weir_random_uniform(&random);
    block[1 * BLOCK + 5] = 10; /* row 5 is far out in the second column, row 6 in all */
    for (int i = 0; i < WIDTH; i++)
        block[i * BLOCK + 6] = -10;
    weir_isolation_scores(forest, block, BLOCK, score);
    double mean = 0, most = 0;
    for (int r = 0; r < BLOCK; r++)
        if (r != 5 && r != 6) {
            mean += (double)score[r] / (BLOCK - 2);
            most = (double)score[r] > most ? (double)score[r] : most;
        }
    CHECK(mean > 0.4 && mean < 0.55);
    CHECK((double)score[5] > mean && (double)score[6] > most && (double)score[6] > 0.65);
    float again[BLOCK], one;
    struct weir_isolation *twin = grow(x, WIDTH, SAMPLE, seed), *other = grow(x, WIDTH, SAMPLE, seed + 1);
    weir_isolation_scores(twin, block, BLOCK, again);
    CHECK(memcmp(score, again, sizeof score) == 0);
    weir_isolation_scores(other, block, BLOCK, again);
    CHECK(memcmp(score, again, sizeof score) != 0);
    for (int r = 0; r < BLOCK; r += 31) { /* a row's score does not depend on the rows beside it */
        float row[WIDTH];
        for (int i = 0; i < WIDTH; i++)
            row[i] = block[i * BLOCK + r];
        score_one(forest, row, WIDTH, &one);
        CHECK(memcmp(&one, &score[r], sizeof one) == 0);
    }
    weir_isolation_free(forest);
    weir_isolation_free(twin);
    weir_isolation_free(other);
    free(x);
    free(block);
}

int main(void)
{
    check_known_paths();
    for (uint64_t seed = 0; seed < 3; seed++)
        check_usual_rows(seed);
    return check_result();
}
