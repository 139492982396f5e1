/* Text to number. Decimals: Clinger's exact case, then D. Lemire, "Number parsing at a gigabyte per second", 2021 (no
 * second look is needed: N. Mushtak and D. Lemire, "Fast number parsing without fallback", 2023); only a text of more
 * than 19 digits whose cut-off digits could matter goes to strtod. */
#include "base/bytes.h"
#include "base/number.h"
#include "base/number_powers.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* The digits in [p, end) as a number: false when there is none, another byte among them, or a value above `limit`. */
static bool parse_magnitude(const char *p, const char *end, uint64_t limit, uint64_t *out)
{
    if (p == end)
        return false;
    uint64_t value = 0;
    for (const char *safe = end - p > 18 ? p + 18 : end; p < safe; p++) {
        if (!is_digit(*p))
            return false;
        value = 10 * value + (uint64_t)(*p - '0');
    }
    for (; p < end; p++)
        if (!is_digit(*p) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
            return false;
    *out = value;
    return value <= limit;
}

bool weir_parse_int64(const char *text, size_t length, int64_t *out)
{
    if (length == 0)
        return false;
    bool negative = *text == '-';
    const char *p = text + (negative || *text == '+');
    uint64_t value;
    if (!parse_magnitude(p, text + length, (uint64_t)INT64_MAX + negative, &value))
        return false;
    *out = (int64_t)(negative ? -value : value);
    return true;
}

bool weir_parse_uint64(const char *text, size_t length, uint64_t *out)
{
    if (length == 0)
        return false;
    bool negative = *text == '-';
    const char *p = text + (negative || *text == '+');
    return parse_magnitude(p, text + length, negative ? 0 : UINT64_MAX, out);
}

/* A decimal, sign aside: the value is (0 or more digits) * 10^exponent. */
struct decimal {
    const char *first, *point, *end; /* the digits; point: where the '.' stands, NULL when there is none */
    size_t digits;
    int64_t exponent; /* as written, without the shift by the fraction */
};

static bool eight_digits(uint64_t word)
{
    return (((word + 0x4646464646464646) | (word - 0x3030303030303030)) & 0x8080808080808080) == 0;
}

static uint32_t eight_digits_value(uint64_t word)
{
    word -= 0x3030303030303030;
    word = word * 10 + (word >> 8);
    return (uint32_t)(((word & 0x000000FF000000FF) * 0x000F424000000064 +
                       (word >> 16 & 0x000000FF000000FF) * 0x0000271000000001) >>
                      32);
}

/* Reads the digits at p; *mantissa wraps round when there are too many, which the caller sees by their number. */
static const char *take_digits(const char *p, const char *end, uint64_t *mantissa)
{
    uint64_t value = *mantissa;
    while (end - p >= 8) {
        uint64_t word = weir_load_u64(p);
        if (!eight_digits(word))
            break;
        value = value * 100000000 + eight_digits_value(word);
        p += 8;
    }
    for (; p < end && is_digit(*p); p++)
        value = 10 * value + (uint64_t)(*p - '0');
    *mantissa = value;
    return p;
}

/* The whole of [p, end) as digits, point and exponent: false when it is none of these. */
static bool scan(const char *p, const char *end, struct decimal *decimal, uint64_t *mantissa)
{
    decimal->first = p;
    decimal->point = NULL;
    decimal->exponent = 0;
    *mantissa = 0;
    p = take_digits(p, end, mantissa);
    decimal->digits = (size_t)(p - decimal->first);
    if (p < end && *p == '.') {
        decimal->point = p;
        p = take_digits(p + 1, end, mantissa);
        decimal->digits += (size_t)(p - decimal->point) - 1;
    }
    decimal->end = p;
    if (decimal->digits == 0)
        return false;
    if (p == end)
        return true;
    if ((*p | 0x20) != 'e')
        return false;
    p++;
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end)
        return false;
    int64_t exponent = 0;
    for (; p < end && is_digit(*p); p++)
        if (exponent < (int64_t)1 << 50) /* beyond that no text is long enough to bring it back */
            exponent = 10 * exponent + (*p - '0');
    decimal->exponent = negative ? -exponent : exponent;
    return p == end;
}

/* w * 10^q, rounded to nearest even; w > 0. Infinity when too large. */
static double eisel_lemire(uint64_t w, int64_t q)
{
    if (q < WEIR_POWER_LOWEST)
        return 0;
    if (q > 308)
        return INFINITY;
    int zeros = __builtin_clzll(w);
    w <<= zeros;
    const uint64_t *five = weir_powers_of_five[q - WEIR_POWER_LOWEST];
    unsigned __int128 product = (unsigned __int128)w * five[0];
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    if ((high & 0x1FF) == 0x1FF) { /* the lower half of the power may carry into the bits that count */
        uint64_t more = (uint64_t)((unsigned __int128)w * five[1] >> 64);
        low += more;
        high += low < more;
    }
    int upper = (int)(high >> 63);
    int shift = upper + 9;
    uint64_t mantissa = high >> shift; /* 54 bits: one more than a double holds */
    int64_t exponent = ((217706 * q) >> 16) + 63 + upper - zeros + 1023;
    if (exponent <= 0) { /* subnormal */
        if (exponent <= -63)
            return 0;
        mantissa >>= 1 - exponent;
        mantissa += mantissa & 1;
        mantissa >>= 1;
        exponent = mantissa >> 52; /* rounding may have made it normal */
    } else {
        /* Half way between two doubles: only then may the odd bit be dropped, and only for few powers is it possible.
         */
        if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && mantissa << shift == high)
            mantissa &= ~(uint64_t)1;
        mantissa += mantissa & 1;
        mantissa >>= 1;
        if (mantissa >> 53) {
            mantissa >>= 1;
            exponent++;
        }
        if (exponent >= 0x7FF)
            return INFINITY;
    }
    uint64_t bits = (mantissa & 0xFFFFFFFFFFFFF) | (uint64_t)exponent << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Exact where both w and 10^|q| are doubles (W. Clinger, "How to read floating point numbers accurately", 1990). */
static double convert(uint64_t w, int64_t q)
{
    static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    if (w == 0)
        return 0;
    if (w <= (uint64_t)1 << 53 && q >= -22 && q <= 22)
        return q < 0 ? (double)w / powers[-q] : (double)w * powers[q];
    return eisel_lemire(w, q);
}

/* No double and no half way between two has more than 767 significant digits: of what follows, only whether it is
 * nothing matters. */
enum { DIGITS_THAT_COUNT = 770 };

static double by_strtod(const struct decimal *decimal, const char *first, int64_t exponent)
{
    char text[DIGITS_THAT_COUNT + 32];
    size_t used = 0;
    bool more = false;
    for (const char *p = first; p < decimal->end; p++) {
        if (p == decimal->point)
            continue;
        if (used < DIGITS_THAT_COUNT)
            text[used++] = *p;
        else {
            more |= *p != '0';
            exponent++;
        }
    }
    if (more) {
        text[used++] = '1';
        exponent--;
    }
    if (exponent > 10000 || exponent < -10000)
        exponent = exponent < 0 ? -10000 : 10000;
    snprintf(text + used, sizeof text - used, "e%d", (int)exponent);
    /* In glibc the "C" locale is a constant: nothing is allocated here, and nothing can fail. */
    locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double value = locale ? strtod_l(text, NULL, locale) : strtod(text, NULL);
    if (locale)
        freelocale(locale);
    return value;
}

/* More than 19 digits: leading zeros aside, the first 19 decide, unless the rest could push them over. */
static double convert_long(const struct decimal *decimal, uint64_t mantissa)
{
    int64_t fraction = decimal->point ? decimal->end - decimal->point - 1 : 0;
    int64_t exponent = decimal->exponent - fraction;
    const char *p = decimal->first;
    size_t digits = decimal->digits;
    while (p < decimal->end && (*p == '0' || *p == '.')) {
        digits -= *p == '0';
        p++;
    }
    if (digits <= 19)
        return convert(mantissa, exponent);
    const char *first = p;
    uint64_t w = 0;
    for (int taken = 0; taken < 19; p++)
        if (p != decimal->point) {
            w = 10 * w + (uint64_t)(*p - '0');
            taken++;
        }
    int64_t cut = exponent + (int64_t)(digits - 19);
    double below = eisel_lemire(w, cut), above = eisel_lemire(w + 1, cut);
    if (below == above)
        return below;
    return by_strtod(decimal, first, exponent);
}

static bool parse_word(const char *p, size_t length, double *out)
{
    if (length == 3 && strncasecmp(p, "nan", 3) == 0)
        *out = NAN;
    else if ((length == 3 && strncasecmp(p, "inf", 3) == 0) || (length == 8 && strncasecmp(p, "infinity", 8) == 0))
        *out = INFINITY;
    else
        return false;
    return true;
}

bool weir_parse_double(const char *text, size_t length, double *out)
{
    if (length == 0)
        return false;
    const char *p = text, *end = text + length;
    bool negative = *p == '-';
    p += negative || *p == '+';
    struct decimal decimal;
    uint64_t mantissa;
    double value;
    if (scan(p, end, &decimal, &mantissa)) {
        if (decimal.digits <= 19)
            value = convert(mantissa, decimal.exponent - (decimal.point ? decimal.end - decimal.point - 1 : 0));
        else
            value = convert_long(&decimal, mantissa);
        if (isinf(value))
            return false;
    } else if (!parse_word(p, (size_t)(end - p), &value))
        return false;
    *out = negative ? -value : value;
    return true;
}
