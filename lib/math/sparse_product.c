#include "math/sparse_product.h"
#include "math/clones.h"
#include <stdbool.h>
#include <string.h>

/* Entries ahead of the one at hand, whose line of x is asked for. */
enum { AHEAD = 12 };

/* One loop for each small width, which is then a constant: the sums stay in registers. */
static inline __attribute__((always_inline)) void multiply(const struct weir_sparse_matrix *matrix, int64_t first,
                                                           int64_t end, const double *restrict x, int64_t width,
                                                           double *restrict y, bool squares)
{
    const struct weir_entry *entry = matrix->entries + matrix->offsets[first];
    const struct weir_entry *last = matrix->entries + matrix->offsets[end];
    for (int64_t r = first; r < end; r++, y += width) {
        const struct weir_entry *stop = matrix->entries + matrix->offsets[r + 1];
        memset(y, 0, (size_t)width * sizeof *y);
        for (; entry < stop; entry++) {
            if (last - entry > AHEAD)
                __builtin_prefetch(x + entry[AHEAD].index * width);
            double value = squares ? (double)entry->value * entry->value : entry->value;
            const double *from = x + entry->index * width;
            for (int64_t k = 0; k < width; k++)
                y[k] += value * from[k];
        }
    }
}

static inline __attribute__((always_inline)) void product(const struct weir_sparse_matrix *matrix, int64_t first,
                                                          int64_t end, const double *x, int64_t width, double *y,
                                                          bool squares)
{
    switch (width) {
    case 1:
        multiply(matrix, first, end, x, 1, y, squares);
        break;
    case 2:
        multiply(matrix, first, end, x, 2, y, squares);
        break;
    case 3:
        multiply(matrix, first, end, x, 3, y, squares);
        break;
    case 4:
        multiply(matrix, first, end, x, 4, y, squares);
        break;
    default:
        multiply(matrix, first, end, x, width, y, squares);
        break;
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
