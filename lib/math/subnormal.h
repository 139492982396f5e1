/* Numbers below the smallest normal one (for float 1.2e-38). Many processors compute with them a hundred times slower
 * than with others, and training makes them by itself: a gradient that stays 0 leaves a moment that shrinks towards 0
 * with each step. Between the two calls the calling thread takes them for 0, in what it reads and what it writes; on
 * processors not named here the calls do nothing. */
#ifndef WEIR_MATH_SUBNORMAL_H
#define WEIR_MATH_SUBNORMAL_H

#include <stdint.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

/* The thread's setting before, for the other call. */
static inline uint64_t weir_subnormal_off(void)
{
#if defined(__SSE__)
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040); /* flush to zero, denormals are zeros */
    return before;
#elif defined(__aarch64__)
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | UINT64_C(1) << 24)); /* FZ */
    return before;
#else
    return 0;
#endif
}

static inline void weir_subnormal_restore(uint64_t before)
{
#if defined(__SSE__)
    _mm_setcsr((unsigned)before);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
    (void)before;
#endif
}

#endif
