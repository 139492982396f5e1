/* WEIR_CLONES before a function: the compiler makes it for AVX-512, for AVX2 and for any machine, and the loader takes
 * the right one. The functions so marked have no sum whose order a wider vector would change, so all give the same
 * bits. Sanitizers run before the loader's choice can work, and get the plain one. */
#ifndef WEIR_MATH_CLONES_H
#define WEIR_MATH_CLONES_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define WEIR_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WEIR_SANITIZED 1
#endif

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(WEIR_SANITIZED)
#define WEIR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WEIR_CLONES
#endif

#endif
