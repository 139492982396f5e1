#include "math/vector.h"
#include "math/clones.h"
#include <math.h>
#include <string.h>

WEIR_CLONES void weir_vector_relu(float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = x[i] < 0 ? 0 : x[i];
}

WEIR_CLONES void weir_vector_relu_backward(const float *restrict y, float *restrict gradient, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        gradient[i] = y[i] > 0 ? gradient[i] : 0;
}

WEIR_CLONES void weir_vector_add(const float *restrict x, float *restrict y, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        y[i] += x[i];
}

WEIR_CLONES void weir_vector_multiply(const float *x, const float *y, float *z, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        z[i] = x[i] * y[i];
}

WEIR_CLONES void weir_vector_scale(float *x, float factor, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] *= factor;
}

/* Those that are not have all bits of the exponent set. */
WEIR_CLONES bool weir_vector_is_finite(const float *x, int64_t n)
{
    int32_t any = 0;
    for (int64_t i = 0; i < n; i++) {
        int32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        any |= (bits & 0x7F800000) == 0x7F800000;
    }
    return any == 0;
}

void weir_vector_fill_rows(const float *x, float *rows, int64_t count, int64_t n)
{
    for (int64_t r = 0; r < count; r++)
        memcpy(rows + r * n, x, (size_t)n * sizeof *x);
}

WEIR_CLONES void weir_vector_sum_rows(const float *restrict rows, int64_t count, int64_t n, float *restrict out)
{
    memset(out, 0, (size_t)n * sizeof *out);
    for (int64_t r = 0; r < count; r++)
        for (int64_t i = 0; i < n; i++)
            out[i] += rows[r * n + i];
}

/* Sixteen running sums, so that every vector width adds in the same order. */
enum { SUMS = 16 };

WEIR_CLONES double weir_vector_square_sum(const float *x, int64_t n)
{
    double sum[SUMS] = { 0 };
    int64_t i = 0;
    for (; i + SUMS <= n; i += SUMS)
        for (int j = 0; j < SUMS; j++)
            sum[j] += (double)x[i + j] * x[i + j];
    for (int j = 0; i < n; i++, j++)
        sum[j] += (double)x[i] * x[i];
    double total = 0;
    for (int j = 0; j < SUMS; j++)
        total += sum[j];
    return total;
}

int64_t weir_vector_largest(const double *x, int64_t n)
{
    int64_t largest = 0;
    for (int64_t i = 1; i < n; i++)
        if (x[i] > x[largest])
            largest = i;
    return largest;
}

double weir_vector_magnitude(const double *x, int64_t n)
{
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        if (fabs(x[i]) > most || isnan(x[i]))
            most = fabs(x[i]);
    return most;
}

/* Between the plain order and blocks, block by block. */
WEIR_CLONES static void reorder_blocks(const float *restrict x, float *restrict y, int64_t places, int64_t channels,
                                       int64_t lanes, bool to_blocks)
{
    for (int64_t first = 0; first < channels; first += lanes) {
        int64_t count = channels - first < lanes ? channels - first : lanes;
        int64_t block = first * places; /* lanes * places a group */
        if (count == lanes && lanes == 16) {
            for (int64_t p = 0; p < places; p++)
                if (to_blocks)
                    memcpy(y + block + p * 16, x + p * channels + first, 16 * sizeof *x);
                else
                    memcpy(y + p * channels + first, x + block + p * 16, 16 * sizeof *x);
            continue;
        }
        for (int64_t p = 0; p < places; p++) {
            if (to_blocks) {
                for (int64_t l = 0; l < count; l++)
                    y[block + p * lanes + l] = x[p * channels + first + l];
                for (int64_t l = count; l < lanes; l++)
                    y[block + p * lanes + l] = 0;
            } else {
                for (int64_t l = 0; l < count; l++)
                    y[p * channels + first + l] = x[block + p * lanes + l];
            }
        }
    }
}

void weir_image_reorder(const float *x, int64_t from, float *y, int64_t to, int64_t places, int64_t channels)
{
    if (from == to) {
        memcpy(y, x, (size_t)((channels + to - 1) / to * to * places) * sizeof *x);
    } else if (from == channels) {
        reorder_blocks(x, y, places, channels, to, true);
    } else if (to == channels) {
        reorder_blocks(x, y, places, channels, from, false);
    } else {
        for (int64_t c = 0; c < (channels + to - 1) / to * to; c++)
            for (int64_t p = 0; p < places; p++)
                y[(c / to * places + p) * to + c % to] =
                    c < channels ? x[(c / from * places + p) * from + c % from] : 0;
    }
}
