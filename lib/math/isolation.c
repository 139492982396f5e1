#include "math/isolation.h"
#include "base/memory.h"
#include "base/random.h"
#include "math/clones.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { INNER = (1 << WEIR_ISOLATION_DEPTH) - 1, LEAVES = 1 << WEIR_ISOLATION_DEPTH };

/* A complete tree: node i has the children 2 i + 1 and 2 i + 2. A branch that ends early goes on to the left, so that
 * every path has the same number of steps. */
struct tree {
    int32_t column[INNER];
    float split[INNER]; /* below it to the left */
    float length[LEAVES];
};

struct weir_isolation {
    int64_t width;
    int sample;
    uint64_t seed;
    struct tree trees[WEIR_ISOLATION_TREES];
};

int weir_isolation_new(struct weir_isolation **out, int64_t width, int sample, uint64_t seed, struct weir_error *error)
{
    struct weir_isolation *forest = weir_allocate_zero(1, sizeof *forest);
    if (!forest)
        return weir_fail_memory(error);
    forest->width = width;
    forest->sample = sample;
    forest->seed = seed;
    *out = forest;
    return 0;
}

void weir_isolation_free(struct weir_isolation *forest)
{
    free(forest);
}

static double mean_length(int rows)
{
    const double gamma = 0.57721566490153286;
    if (rows <= 1)
        return 0;
    if (rows == 2)
        return 1;
    return 2 * (log(rows - 1) + gamma) - 2 * (double)(rows - 1) / rows;
}

struct growth {
    const struct weir_isolation *forest;
    struct tree *tree;
    const float *x;
    struct weir_random random;
    uint8_t rows[WEIR_ISOLATION_SAMPLE]; /* numbers of rows, those of a node side by side */
};

static bool range_of(const struct growth *growth, int first, int end, int64_t column, float *low, float *high)
{
    const float *x = growth->x + column * growth->forest->sample;
    *low = *high = x[growth->rows[first]];
    for (int i = first + 1; i < end; i++) {
        float value = x[growth->rows[i]];
        *low = value < *low ? value : *low;
        *high = value > *high ? value : *high;
    }
    return *low < *high;
}

/* A column at random among those that vary here; -1: none does. */
static int64_t choose_column(struct growth *growth, int first, int end, float *low, float *high)
{
    enum { TRIES = 8 };
    int64_t width = growth->forest->width, column;
    for (int i = 0; i < TRIES; i++) {
        column = (int64_t)weir_random_below(&growth->random, (uint64_t)width);
        if (range_of(growth, first, end, column, low, high))
            return column;
    }
    int64_t varying = 0;
    for (int64_t i = 0; i < width; i++)
        varying += range_of(growth, first, end, i, low, high);
    if (varying == 0)
        return -1;
    int64_t wanted = (int64_t)weir_random_below(&growth->random, (uint64_t)varying);
    for (column = 0;; column++)
        if (range_of(growth, first, end, column, low, high) && wanted-- == 0)
            return column;
}

static void grow_node(struct growth *growth, int node, int depth, int first, int end)
{
    struct tree *tree = growth->tree;
    float low, high;
    int64_t column = -1;
    if (end - first > 1 && depth < WEIR_ISOLATION_DEPTH)
        column = choose_column(growth, first, end, &low, &high);
    if (column < 0) {
        double length = depth + mean_length(end - first);
        for (; depth < WEIR_ISOLATION_DEPTH; depth++, node = 2 * node + 1) {
            tree->column[node] = 0;
            tree->split[node] = INFINITY;
        }
        tree->length[node - INNER] = (float)length;
        return;
    }
    /* Above `low` and at most `high`: neither side is empty. */
    double at = high - weir_random_uniform(&growth->random) * ((double)high - low);
    float split = (float)at > low ? (float)at : high;
    const float *x = growth->x + column * growth->forest->sample;
    int middle = first;
    for (int i = first; i < end; i++)
        if (x[growth->rows[i]] < split) {
            uint8_t row = growth->rows[i];
            growth->rows[i] = growth->rows[middle];
            growth->rows[middle++] = row;
        }
    tree->column[node] = (int32_t)column;
    tree->split[node] = split;
    grow_node(growth, 2 * node + 1, depth + 1, first, middle);
    grow_node(growth, 2 * node + 2, depth + 1, middle, end);
}

void weir_isolation_grow(struct weir_isolation *forest, int tree, const float *x)
{
    struct growth growth = { .forest = forest, .tree = &forest->trees[tree], .x = x };
    weir_random_init(&growth.random, forest->seed, (uint64_t)tree);
    for (int i = 0; i < forest->sample; i++)
        growth.rows[i] = (uint8_t)i;
    grow_node(&growth, 0, 0, 0, forest->sample);
}

/* One step down the tree, of all rows at once. */
WEIR_CLONES static void step(const struct tree *tree, const float *restrict x, int32_t *restrict node)
{
    for (int r = 0; r < WEIR_ISOLATION_BLOCK; r++) {
        int32_t at = node[r];
        bool right = !(x[(int64_t)tree->column[at] * WEIR_ISOLATION_BLOCK + r] < tree->split[at]);
        node[r] = 2 * at + 1 + right;
    }
}

void weir_isolation_scores(const struct weir_isolation *forest, const float *x, int rows, float *score)
{
    double usual = mean_length(forest->sample) * WEIR_ISOLATION_TREES, lengths[WEIR_ISOLATION_BLOCK] = { 0 };
    for (int t = 0; t < WEIR_ISOLATION_TREES; t++) {
        const struct tree *tree = &forest->trees[t];
        int32_t node[WEIR_ISOLATION_BLOCK] = { 0 };
        for (int depth = 0; depth < WEIR_ISOLATION_DEPTH; depth++)
            step(tree, x, node);
        for (int r = 0; r < rows; r++)
            lengths[r] += (double)tree->length[node[r] - INNER];
    }
    for (int r = 0; r < rows; r++)
        score[r] = usual > 0 ? (float)exp2(-lengths[r] / usual) : 0.5f;
}
