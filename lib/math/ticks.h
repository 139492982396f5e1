/* Round numbers along an axis: multiples of 1, 2 or 5 times a power of ten. P. Heckbert, "Nice numbers for graph
 * labels", Graphics Gems, 1990. */
#ifndef WEIR_MATH_TICKS_H
#define WEIR_MATH_TICKS_H

#include "base/number.h"

enum { WEIR_TICKS_MOST = 32, WEIR_TICK_TEXT = 64 };
struct weir_ticks {
    double values[WEIR_TICKS_MOST]; /* ascending, within the axis */
    int count;
    int exponent; /* their last digit that counts is that of 10^exponent */
    bool powers;  /* on a logarithmic axis: each is written by itself */
};

/* low < high, both finite, and their difference too; most: 2 to WEIR_TICKS_MOST. The finest step of which no more than
 * `most` multiples lie within; whole: it is 1 or larger. */
void weir_ticks_linear(double low, double high, int most, bool whole, struct weir_ticks *ticks);
/* 0 < low < high: powers of ten, over less than two of them 2 and 5 times these as well, and over less than one what
 * stands on a linear axis. */
void weir_ticks_logarithmic(double low, double high, int most, struct weir_ticks *ticks);
/* "0.25", "12,000", "1.5e9": as many decimals for all. The length; no NUL. */
size_t weir_ticks_text(const struct weir_ticks *ticks, int i, char text[WEIR_TICK_TEXT]);

/* The two ends moved apart so that data between them is not at the border: by a share of the difference; equal ones by
 * something that fits their size. Infinite and very large ones are brought within what the above can take. */
void weir_axis_widen(double *low, double *high, double share);
/* The same of a logarithmic axis, by a share of its logarithms' difference; low is above 0. */
void weir_axis_widen_logarithmic(double *low, double *high, double share);

#endif
