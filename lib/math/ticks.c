#include "math/ticks.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* count * digit * 10^exponent, correctly rounded where the power is exact (|exponent| <= 22). */
static double scaled(double count, int digit, int exponent)
{
    double whole = count * digit;
    return exponent < 0 ? whole / pow(10, -exponent) : whole * pow(10, exponent);
}

/* The numbers of the first and the last multiple within; a rounding error's worth beyond the ends counts as within. */
static void find_multiples(double low, double high, int digit, int exponent, double *first, double *last)
{
    double step = scaled(1, digit, exponent), slack = 1e-9;
    *first = ceil(low / step - slack);
    *last = floor(high / step + slack);
}

void weir_ticks_linear(double low, double high, int most, bool whole, struct weir_ticks *ticks)
{
    static const int digits[] = { 1, 2, 5 };
    double size = fmax(fabs(low), fabs(high));
    double rough = fmax((high - low) / most, size * 4 * DBL_EPSILON);
    int exponent = (int)floor(fmax(log10(rough), -300)), which = 0; /* `rough` may be 0: a difference of 5e-324 */
    double first, last;
    if (whole && exponent < 0)
        exponent = 0;
    *ticks = (struct weir_ticks){ 0 };
    for (find_multiples(low, high, digits[which], exponent, &first, &last); last - first + 1 > most;
         find_multiples(low, high, digits[which], exponent, &first, &last)) {
        which = (which + 1) % 3;
        exponent += which == 0;
    }
    for (double count = first; count <= last && ticks->count < WEIR_TICKS_MOST; count++)
        ticks->values[ticks->count++] = scaled(count, digits[which], exponent) + 0.0;
    ticks->exponent = exponent;
}

void weir_ticks_logarithmic(double low, double high, int most, struct weir_ticks *ticks)
{
    static const int digits[] = { 1, 2, 5 };
    double decades = log10(high) - log10(low);
    if (decades < 1) {
        weir_ticks_linear(low, high, most, false, ticks);
        return;
    }
    int stride = (int)ceil((decades + 1) / most), begin = (int)floor(log10(low));
    *ticks = (struct weir_ticks){ .powers = true };
    for (int exponent = begin; exponent <= begin + (int)decades + 2; exponent++) {
        if (exponent % stride != 0)
            continue;
        for (int i = 0; i < (decades < 2 && most >= 6 ? 3 : 1); i++) {
            double value = scaled(1, digits[i], exponent);
            if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9) && ticks->count < WEIR_TICKS_MOST)
                ticks->values[ticks->count++] = value;
        }
    }
}

/* 12000 as 12,000. */
static size_t group(const char *digits, size_t length, char *text)
{
    size_t size = 0, point = length;
    for (size_t i = 0; i < length; i++)
        if (digits[i] == '.') {
            point = i;
            break;
        }
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && i < point && (point - i) % 3 == 0 && digits[i - 1] != '-')
            text[size++] = ',';
        text[size++] = digits[i];
    }
    return size;
}

size_t weir_ticks_text(const struct weir_ticks *ticks, int i, char text[WEIR_TICK_TEXT])
{
    double value = ticks->values[i], size = fmax(fabs(ticks->values[0]), fabs(ticks->values[ticks->count - 1]));
    char digits[WEIR_TICK_TEXT];
    if (ticks->powers) {
        if (value >= 1e-4 && value < 1e6)
            return group(digits, weir_format_double(value, digits), text);
        return (size_t)snprintf(text, WEIR_TICK_TEXT, "%.0fe%d", value / pow(10, floor(log10(value) + 1e-9)),
                                (int)floor(log10(value) + 1e-9));
    }
    if (size < 1e9 && ticks->exponent >= -6)
        return group(digits,
                     (size_t)snprintf(digits, sizeof digits, "%.*f", ticks->exponent < 0 ? -ticks->exponent : 0, value),
                     text);
    if (value == 0) {
        text[0] = '0';
        return 1;
    }
    int places = (int)floor(log10(fabs(value)) + 1e-9) - ticks->exponent;
    snprintf(digits, sizeof digits, "%.*e", places < 0 ? 0 : places > 17 ? 17 : places, value);
    char *at = strchr(digits, 'e');
    int exponent = 0;
    bool negative = at[1] == '-';
    for (const char *c = at + 2; *c; c++)
        exponent = exponent * 10 + (*c - '0');
    *at = '\0';
    return (size_t)snprintf(text, WEIR_TICK_TEXT, "%se%s%d", digits, negative ? "-" : "", exponent);
}

void weir_axis_widen(double *low, double *high, double share)
{
    static const double most = DBL_MAX / 8;
    *low = fmax(-most, fmin(*low, most));
    *high = fmax(-most, fmin(*high, most));
    double size = fmax(fabs(*low), fabs(*high)), more = (*high - *low) * share;
    if (!(*high - *low > size * 1e-12))
        more = size > 1e-290 ? size * 0.05 : 1;
    *low -= more;
    *high += more;
}

void weir_axis_widen_logarithmic(double *low, double *high, double share)
{
    static const double least = 1e-306, most = 1e306;
    *low = fmax(least, fmin(*low, most));
    *high = fmax(least, fmin(*high, most));
    double decades = log10(*high) - log10(*low);
    double more = decades > 1e-9 ? pow(10, fmin(decades * share, 1)) : 1.05;
    *low /= more;
    *high *= more;
}
