/* How alike two short texts are, by their code points. */
#ifndef WEIR_MATH_SIMILARITY_H
#define WEIR_MATH_SIMILARITY_H

#include <stddef.h>
#include <stdint.h>

enum { WEIR_SIMILARITY_LENGTH = 256 };

/* Jaro's similarity (JASA 84, 1989) with Winkler's bonus (1990), 0 .. 1. With m characters that both have at most
 * max(na, nb) / 2 - 1 places apart, t of them in another order (halved, rounded down), and p equal characters in front,
 * 4 at most:
 *     jaro = (m / na + m / nb + (m - t) / m) / 3;    above 0.7: jaro + p (1 - jaro) / 10
 * Two empty texts: 1. na, nb: at most WEIR_SIMILARITY_LENGTH. */
double weir_jaro_winkler(const uint32_t *a, size_t na, const uint32_t *b, size_t nb);

/* 1 - |a - b| / max(|a|, |b|), equal ones 1, never below 0; NaN when one is NaN. */
double weir_relative_similarity(double a, double b);

#endif
