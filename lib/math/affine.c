#include "math/affine.h"
#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET                  __attribute__((target("avx512f")))
#define VECTOR                  __m512
#define LANES                   16
#define TILE_ROWS               4
#define TILE_OUTPUTS            4
#define NAME(x)                 x##_avx512
#define LOAD(from)              _mm512_loadu_ps(from)
#define LOAD_FIRST(from, count) _mm512_maskz_loadu_ps((__mmask16)((1u << (count)) - 1), from)
#define MULTIPLY_ADD(a, b, c)   _mm512_fmadd_ps(a, b, c)
#define SUM(vector)             _mm512_reduce_add_ps(vector)
#include "math/affine_kernel.inc"

static const int32_t taken[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };

__attribute__((target("avx2"))) static inline __m256 load_first_8(const float *from, int64_t count)
{
    return _mm256_maskload_ps(from, _mm256_loadu_si256((const __m256i *)(const void *)(taken + 8 - count)));
}

__attribute__((target("avx2"))) static inline float sum_8(__m256 vector)
{
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(vector), _mm256_extractf128_ps(vector, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#define TARGET                  __attribute__((target("avx2,fma")))
#define VECTOR                  __m256
#define LANES                   8
#define TILE_ROWS               2
#define TILE_OUTPUTS            4
#define NAME(x)                 x##_avx2
#define LOAD(from)              _mm256_loadu_ps(from)
#define LOAD_FIRST(from, count) load_first_8(from, count)
#define MULTIPLY_ADD(a, b, c)   _mm256_fmadd_ps(a, b, c)
#define SUM(vector)             sum_8(vector)
#include "math/affine_kernel.inc"
#endif

typedef float floats_4 __attribute__((vector_size(16)));

static inline floats_4 load_first_4(const float *from, int64_t count)
{
    floats_4 vector = { 0 };
    memcpy(&vector, from, (size_t)count * sizeof *from);
    return vector;
}

#define TARGET
#define VECTOR                  floats_4
#define LANES                   4
#define TILE_ROWS               2
#define TILE_OUTPUTS            4
#define NAME(x)                 x##_plain
#define LOAD(from)              load_first_4(from, 4)
#define LOAD_FIRST(from, count) load_first_4(from, count)
#define MULTIPLY_ADD(a, b, c)   ((a) * (b) + (c))
#define SUM(vector)             (((vector)[0] + (vector)[2]) + ((vector)[1] + (vector)[3]))
#include "math/affine_kernel.inc"

void weir_affine(const float *x, int64_t rows, int64_t inputs, const float *weights, const float *bias, int64_t outputs,
                 float *y)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        affine_avx512(x, rows, inputs, weights, bias, outputs, y);
        return;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        affine_avx2(x, rows, inputs, weights, bias, outputs, y);
        return;
    }
#endif
    affine_plain(x, rows, inputs, weights, bias, outputs, y);
}
