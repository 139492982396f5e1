/* Number to text. Decimals by R. Giulietti, "The Schubfach way to render doubles", 2020: of the shortest decimals that
 * round to the number, the nearest. */
#include "base/number.h"
#include "base/number_powers.h"
#include <math.h>
#include <string.h>

static const char PAIRS[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445"
    "46474849505152535455565758596061626364656667686970717273747576777879808182838485868788899091"
    "9293949596979899";

static int count_digits(uint64_t value)
{
    static const uint64_t powers[] = { 0,
                                       10,
                                       100,
                                       1000,
                                       10000,
                                       100000,
                                       1000000,
                                       10000000,
                                       100000000,
                                       1000000000,
                                       10000000000,
                                       100000000000,
                                       1000000000000,
                                       10000000000000,
                                       100000000000000,
                                       1000000000000000,
                                       10000000000000000,
                                       100000000000000000,
                                       1000000000000000000,
                                       10000000000000000000u };
    int guess = (64 - __builtin_clzll(value | 1)) * 1233 >> 12; /* log10 of the highest bit */
    return guess + (value >= powers[guess]);
}

/* Writes exactly `digits` digits of value, zeros in front. */
static void put_digits(char *out, uint64_t value, int digits)
{
    char *p = out + digits;
    while (digits >= 2) {
        p -= 2;
        memcpy(p, PAIRS + value % 100 * 2, 2);
        value /= 100;
        digits -= 2;
    }
    if (digits)
        p[-1] = (char)('0' + value % 10);
}

size_t weir_format_uint64(uint64_t value, char *out)
{
    int digits = count_digits(value);
    put_digits(out, value, digits);
    return (size_t)digits;
}

size_t weir_format_int64(int64_t value, char *out)
{
    if (value >= 0)
        return weir_format_uint64((uint64_t)value, out);
    *out = '-';
    return 1 + weir_format_uint64(-(uint64_t)value, out + 1);
}

/* digits * 10^exponent */
struct decimal {
    uint64_t digits;
    int exponent;
};

static int floor_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* floor(x * g / 2^128), with the lowest bit set when anything was cut off: enough to compare with halves exactly. */
static uint64_t round_to_odd(uint64_t high, uint64_t low, uint64_t x)
{
    uint64_t carry = (uint64_t)((unsigned __int128)low * x >> 64);
    unsigned __int128 product = (unsigned __int128)high * x + carry;
    return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

/* The shortest decimal between the neighbours of c * 2^q; `closer`: c is the least of its binade, so that the lower
 * neighbour is only half as far. Names as in the paper, section 8.3 and 9.10. */
static struct decimal shortest(uint64_t c, int q, bool closer)
{
    bool open = c & 1; /* the ends of the interval round to even, that is away from an odd c */
    uint64_t cb = 4 * c, cb_left = 4 * c - 2 + closer, cb_right = 4 * c + 2;
    int k = closer ? (q * 1262611 - 524031) >> 22 : (q * 1262611) >> 22;
    int h = q + floor_log2_pow10(-k) + 1;
    const uint64_t *five = weir_powers_of_five[-k - WEIR_POWER_LOWEST];
    uint64_t high = five[0], low = five[1];
    if (-k < -27 || -k > 55) { /* cut off in the table, where the method wants the next greater */
        low++;
        high += low == 0;
    }
    uint64_t v_left = round_to_odd(high, low, cb_left << h) + open;
    uint64_t v = round_to_odd(high, low, cb << h);
    uint64_t v_right = round_to_odd(high, low, cb_right << h) - open;
    uint64_t s = v >> 2;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool low_fits = v_left <= 40 * tens, high_fits = 40 * tens + 40 <= v_right;
        if (low_fits != high_fits)
            return (struct decimal){ tens + high_fits, k + 1 };
    }
    bool low_fits = v_left <= 4 * s, high_fits = 4 * s + 4 <= v_right;
    if (low_fits != high_fits)
        return (struct decimal){ s + high_fits, k };
    uint64_t middle = 4 * s + 2;
    bool up = v > middle || (v == middle && (s & 1));
    return (struct decimal){ s + up, k };
}

/* digits * 10^exponent as plain decimal from 1e-5 (excluded) to 1e16, else with an exponent. */
static size_t put_decimal(struct decimal decimal, char *out)
{
    /* Short numbers come with a dozen zeros at their end. */
    static const struct {
        uint64_t power;
        int zeros;
    } steps[] = { { 100000000, 8 }, { 100000000, 8 }, { 10000, 4 }, { 100, 2 }, { 10, 1 } };
#pragma GCC unroll 5
    for (int i = 0; i < 5; i++)
        if (decimal.digits % steps[i].power == 0) {
            decimal.digits /= steps[i].power;
            decimal.exponent += steps[i].zeros;
        }
    int digits = count_digits(decimal.digits);
    int point = digits + decimal.exponent; /* digits in front of the point */
    if (point > 16 || point < -3) {
        put_digits(out + 1, decimal.digits, digits);
        out[0] = out[1];
        size_t used = 1;
        if (digits > 1) {
            out[1] = '.';
            used = (size_t)digits + 1;
        }
        int power = point - 1;
        out[used++] = 'e';
        out[used++] = power < 0 ? '-' : '+';
        power = power < 0 ? -power : power;
        int width = power >= 100 ? 3 : 2;
        put_digits(out + used, (uint64_t)power, width);
        return used + (size_t)width;
    }
    if (point <= 0) {
        memcpy(out, "0.000", 5);
        put_digits(out + 2 - point, decimal.digits, digits);
        return (size_t)(2 - point + digits);
    }
    if (decimal.exponent >= 0) {
        put_digits(out, decimal.digits, digits);
        memset(out + digits, '0', (size_t)decimal.exponent);
        return (size_t)point;
    }
    put_digits(out + 1, decimal.digits, digits);
    memmove(out, out + 1, (size_t)point);
    out[point] = '.';
    return (size_t)digits + 1;
}

/* What needs no digits: nan, inf, zero. 0 when the value is an ordinary one. */
static size_t put_special(double value, char *out)
{
    const char *text = NULL;
    if (isnan(value))
        text = "nan";
    else if (isinf(value))
        text = value < 0 ? "-inf" : "inf";
    else if (value == 0)
        text = signbit(value) ? "-0.0" : "0";
    if (!text)
        return 0;
    size_t length = strlen(text);
    memcpy(out, text, length);
    return length;
}

size_t weir_format_double(double value, char *out)
{
    size_t sign = put_special(value, out);
    if (sign)
        return sign;
    if (value < 0) {
        *out = '-';
        sign = 1;
    }
    double magnitude = fabs(value);
    if (magnitude < 0x1p53) {
        uint64_t whole = (uint64_t)magnitude;
        if ((double)whole == magnitude && whole < 10000000000000000)
            return sign + weir_format_uint64(whole, out + sign);
    }
    uint64_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    uint64_t fraction = bits & 0xFFFFFFFFFFFFF;
    int exponent = (int)(bits >> 52);
    if (exponent == 0)
        return sign + put_decimal(shortest(fraction, -1074, false), out + sign);
    return sign + put_decimal(shortest(fraction | (uint64_t)1 << 52, exponent - 1075, fraction == 0 && exponent > 1),
                              out + sign);
}

size_t weir_format_float(float value, char *out)
{
    size_t sign = put_special(value, out);
    if (sign)
        return sign;
    if (value < 0) {
        *out = '-';
        sign = 1;
    }
    float magnitude = fabsf(value);
    if (magnitude < 0x1p24f) {
        uint64_t whole = (uint64_t)magnitude;
        if ((float)whole == magnitude)
            return sign + weir_format_uint64(whole, out + sign);
    }
    uint32_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    uint32_t fraction = bits & 0x7FFFFF;
    int exponent = (int)(bits >> 23);
    if (exponent == 0)
        return sign + put_decimal(shortest(fraction, -149, false), out + sign);
    return sign + put_decimal(shortest(fraction | 1u << 23, exponent - 150, fraction == 0 && exponent > 1), out + sign);
}
