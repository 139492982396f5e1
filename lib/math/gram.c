#include "math/gram.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET                __attribute__((target("avx512f")))
#define VECTOR                __m512
#define LANES                 16
#define TILE                  8
#define NAME(x)               x##_avx512
#define LOAD(from)            _mm512_loadu_ps(from)
#define STORE(to, vector)     _mm512_storeu_ps(to, vector)
#define ALL(number)           _mm512_set1_ps(number)
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#include "math/gram_kernel.inc"

#define TARGET                __attribute__((target("avx2,fma")))
#define VECTOR                __m256
#define LANES                 8
#define TILE                  6
#define NAME(x)               x##_avx2
#define LOAD(from)            _mm256_loadu_ps(from)
#define STORE(to, vector)     _mm256_storeu_ps(to, vector)
#define ALL(number)           _mm256_set1_ps(number)
#define MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#include "math/gram_kernel.inc"
#endif

typedef float floats_4 __attribute__((vector_size(16)));

static inline floats_4 load_4(const float *from)
{
    floats_4 vector;
    memcpy(&vector, from, sizeof vector);
    return vector;
}

#define TARGET
#define VECTOR                floats_4
#define LANES                 4
#define TILE                  4
#define NAME(x)               x##_plain
#define LOAD(from)            load_4(from)
#define STORE(to, vector)     memcpy(to, &(vector), sizeof(floats_4))
#define ALL(number)           ((floats_4){ number, number, number, number })
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "math/gram_kernel.inc"

enum { BLOCK_BYTES = 2 << 20 };

struct weir_gram {
    int64_t width, panel, panels; /* columns, of a panel, how many of these */
    void (*multiply)(const float *a, const float *b, int64_t rows, double *out);
    int64_t rows, held, capacity; /* taken in all, in the block, at most in it */
    float *block;                 /* [capacity / RUN][panels][RUN][panel] */
    double *products;             /* for panels i <= j: [panel][panel], a row of panels after the other */
    double *sums;                 /* [panels * panel] */
};

/* The place of panels (i, j), i <= j, among the products. */
static double *products_of(const struct weir_gram *gram, int64_t i, int64_t j)
{
    int64_t before = i * gram->panels - i * (i - 1) / 2;
    return gram->products + (before + j - i) * gram->panel * gram->panel;
}

static void choose_kernel(struct weir_gram *gram)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        gram->panel = 32;
        gram->multiply = panels_avx512;
        return;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        gram->panel = 16;
        gram->multiply = panels_avx2;
        return;
    }
#endif
    gram->panel = 8;
    gram->multiply = panels_plain;
}

static size_t product_count(const struct weir_gram *gram)
{
    return (size_t)(gram->panels * (gram->panels + 1) / 2 * gram->panel * gram->panel);
}

struct weir_gram *weir_gram_new(int64_t width)
{
    struct weir_gram *gram = weir_allocate_zero(1, sizeof *gram);
    if (!gram)
        return NULL;
    choose_kernel(gram);
    gram->width = width;
    gram->panels = (width + gram->panel - 1) / gram->panel;
    int64_t columns = gram->panels * gram->panel, runs = BLOCK_BYTES / (4 * WEIR_GRAM_RUN * columns);
    gram->capacity = (runs > 1 ? runs : 1) * WEIR_GRAM_RUN;
    gram->block = weir_allocate_aligned((size_t)(gram->capacity * columns), sizeof *gram->block);
    gram->products = weir_allocate_aligned(product_count(gram), sizeof *gram->products);
    gram->sums = weir_allocate_zero((size_t)columns, sizeof *gram->sums);
    if (!gram->block || !gram->products || !gram->sums) {
        weir_gram_free(gram);
        return NULL;
    }
    memset(gram->block, 0, (size_t)(gram->capacity * columns) * sizeof *gram->block);
    memset(gram->products, 0, product_count(gram) * sizeof *gram->products);
    return gram;
}

void weir_gram_free(struct weir_gram *gram)
{
    if (!gram)
        return;
    free(gram->block);
    free(gram->products);
    free(gram->sums);
    free(gram);
}

/* The products of one panel with itself and those behind it, over all runs of the block. */
static void multiply_panel(void *context, int index, int thread)
{
    (void)thread;
    struct weir_gram *gram = context;
    int64_t i = index, size = WEIR_GRAM_RUN * gram->panel;
    for (int64_t first = 0; first < gram->held; first += WEIR_GRAM_RUN) {
        const float *run = gram->block + first * gram->panels * gram->panel, *a = run + i * size;
        int64_t rows = gram->held - first < WEIR_GRAM_RUN ? gram->held - first : WEIR_GRAM_RUN;
        for (int64_t j = i; j < gram->panels; j++)
            gram->multiply(a, run + j * size, rows, products_of(gram, i, j));
        float sums[32] = { 0 };
        for (int64_t row = 0; row < rows; row++)
            for (int64_t c = 0; c < gram->panel; c++)
                sums[c] += a[row * gram->panel + c];
        for (int64_t c = 0; c < gram->panel; c++)
            gram->sums[i * gram->panel + c] += (double)sums[c];
    }
}

static void flush(struct weir_gram *gram, struct weir_pool *pool)
{
    if (pool)
        weir_pool_run(pool, (int)gram->panels, multiply_panel, gram);
    for (int i = 0; !pool && i < gram->panels; i++)
        multiply_panel(gram, i, 0);
    gram->held = 0;
}

int64_t weir_gram_room(const struct weir_gram *gram)
{
    return gram->capacity - gram->held;
}

/* The columns behind the last stay zero from the beginning. */
void weir_gram_place(struct weir_gram *gram, int64_t place, const float *x, int64_t rows)
{
    int64_t size = WEIR_GRAM_RUN * gram->panel;
    for (int64_t r = 0; r < rows; r++, x += gram->width) {
        int64_t at = gram->held + place + r;
        float *to = gram->block + at / WEIR_GRAM_RUN * gram->panels * size + at % WEIR_GRAM_RUN * gram->panel;
        for (int64_t first = 0; first < gram->width; first += gram->panel, to += size) {
            int64_t count = gram->width - first < gram->panel ? gram->width - first : gram->panel;
            for (int64_t c = 0; c < count; c++)
                to[c] = x[first + c];
        }
    }
}

void weir_gram_accept(struct weir_gram *gram, int64_t rows, struct weir_pool *pool)
{
    gram->rows += rows;
    gram->held += rows;
    if (gram->held == gram->capacity)
        flush(gram, pool);
}

void weir_gram_add(struct weir_gram *gram, const float *x, int64_t rows, struct weir_pool *pool)
{
    while (rows > 0) {
        int64_t room = weir_gram_room(gram), count = rows < room ? rows : room;
        weir_gram_place(gram, 0, x, count);
        weir_gram_accept(gram, count, pool);
        x += count * gram->width;
        rows -= count;
    }
}

int64_t weir_gram_take(struct weir_gram *gram, double *sums, double *products, struct weir_pool *pool)
{
    flush(gram, pool);
    int64_t rows = gram->rows, width = gram->width, panel = gram->panel;
    for (int64_t i = 0; i < width; i++)
        for (int64_t j = i; j < width; j++) {
            const double *tile = products_of(gram, i / panel, j / panel);
            products[i * width + j] = products[j * width + i] = tile[i % panel * panel + j % panel];
        }
    memcpy(sums, gram->sums, (size_t)width * sizeof *sums);
    memset(gram->products, 0, product_count(gram) * sizeof *gram->products);
    memset(gram->sums, 0, (size_t)(gram->panels * panel) * sizeof *gram->sums);
    gram->rows = 0;
    return rows;
}
