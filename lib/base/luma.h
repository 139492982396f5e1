/* Gray of a colour: luma as in ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B. */
#ifndef WEIR_BASE_LUMA_H
#define WEIR_BASE_LUMA_H

#include <stdint.h>

/* Of bytes, rounded to a byte. */
static inline uint8_t weir_luma(const uint8_t *rgb)
{
    return (uint8_t)((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 32768u) >> 16);
}

static inline float weir_luma_float(const float *rgb)
{
    return 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2];
}

#endif
