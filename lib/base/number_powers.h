/* Powers of five in 128 bits, for number_parse.c and number_format.c alone: [q - WEIR_POWER_LOWEST] holds the high and
 * the low half of 5^q scaled to [2^127, 2^128); how they are rounded stands in number_powers.py, which makes them. */
#ifndef WEIR_BASE_NUMBER_POWERS_H
#define WEIR_BASE_NUMBER_POWERS_H

#include <stdint.h>

enum { WEIR_POWER_LOWEST = -342, WEIR_POWER_HIGHEST = 324 };
extern const uint64_t weir_powers_of_five[WEIR_POWER_HIGHEST - WEIR_POWER_LOWEST + 1][2];

#endif
