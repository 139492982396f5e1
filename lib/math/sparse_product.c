#include "math/sparse_product.h"
#include "math/clones.h"
#include <stdbool.h>
#include <string.h>

typedef double four __attribute__((vector_size(32)));
typedef double two __attribute__((vector_size(16)));

static inline __attribute__((always_inline)) double value_of(struct weir_entry entry, bool squares)
{
    double value = entry.value;
    return squares ? value * value : value;
}

/* Some columns of y for one row, those that one vector holds, in two sums that do not wait for one another. */
#define SUM_ROW(vector, x, y)                                                                                          \
    do {                                                                                                               \
        vector even = { 0 }, odd = { 0 }, from;                                                                        \
        const struct weir_entry *e = entry;                                                                            \
        for (; e + 1 < stop; e += 2) {                                                                                 \
            memcpy(&from, (x) + e[0].index * width, sizeof from);                                                      \
            even += from * value_of(e[0], squares);                                                                    \
            memcpy(&from, (x) + e[1].index * width, sizeof from);                                                      \
            odd += from * value_of(e[1], squares);                                                                     \
        }                                                                                                              \
        if (e < stop) {                                                                                                \
            memcpy(&from, (x) + e->index * width, sizeof from);                                                        \
            even += from * value_of(*e, squares);                                                                      \
        }                                                                                                              \
        even += odd;                                                                                                   \
        memcpy(y, &even, sizeof even);                                                                                 \
    } while (0)

static inline __attribute__((always_inline)) void sum_row_once(const struct weir_entry *entry,
                                                               const struct weir_entry *stop, const double *x,
                                                               int64_t width, double *y, bool squares)
{
    double sum[4] = { 0 };
    for (; entry + 3 < stop; entry += 4)
        for (int l = 0; l < 4; l++)
            sum[l] += value_of(entry[l], squares) * x[entry[l].index * width];
    for (; entry < stop; entry++)
        sum[0] += value_of(*entry, squares) * x[entry->index * width];
    *y = (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static inline __attribute__((always_inline)) void product(const struct weir_sparse_matrix *matrix, int64_t first,
                                                          int64_t end, const double *x, int64_t width, double *y,
                                                          bool squares)
{
    const struct weir_entry *entry = matrix->entries + matrix->offsets[first];
    for (int64_t r = first; r < end; r++, y += width) {
        const struct weir_entry *stop = matrix->entries + matrix->offsets[r + 1];
        int64_t k = 0;
        for (; k + 4 <= width; k += 4)
            SUM_ROW(four, x + k, y + k);
        if (k + 2 <= width) {
            SUM_ROW(two, x + k, y + k);
            k += 2;
        }
        if (k < width)
            sum_row_once(entry, stop, x + k, width, y + k, squares);
        entry = stop;
    }
}

WEIR_CLONES void weir_sparse_product(const struct weir_sparse_matrix *matrix, int64_t first, int64_t end,
                                     const double *x, int64_t width, double *y)
{
    product(matrix, first, end, x, width, y, false);
}

WEIR_CLONES void weir_sparse_product_squares(const struct weir_sparse_matrix *matrix, int64_t first, int64_t end,
                                             const double *x, int64_t width, double *y)
{
    product(matrix, first, end, x, width, y, true);
}
