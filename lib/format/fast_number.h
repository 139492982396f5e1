/* Numbers of up to 16 characters, as nearly all in a table are, read eight digits at a time without a branch for each.
 * What these do not take goes to base/number.h, with which they agree to the bit: they are its short cut and no other
 * rule. Sixteen bytes from `text` on must be readable. */
#ifndef WEIR_FORMAT_FAST_NUMBER_H
#define WEIR_FORMAT_FAST_NUMBER_H

#include "base/bytes.h"
#include "base/number.h"

/* Eight digits (values, not characters; the first in the lowest byte) as a number: pairs, then fours, then all. */
static inline uint64_t weir_eight_digits(uint64_t digits)
{
    digits = digits * 10 + (digits >> 8);
    return ((digits & 0x000000FF000000FF) * 0x000F424000000064 +
            (digits >> 16 & 0x000000FF000000FF) * 0x0000271000000001) >>
           32;
}

/* True when each byte is 0 .. 9. */
static inline bool weir_are_digits(uint64_t bytes)
{
    return (((bytes + 0x7676767676767676) | bytes) & 0x8080808080808080) == 0;
}

static inline bool weir_fast_int64(const char *text, size_t length, int64_t *out)
{
    const uint64_t zeros = 0x3030303030303030;
    size_t sign = length > 1 && *text == '-';
    const char *p = text + sign;
    size_t n = length - sign;
    int64_t value;
    if (n - 1 < 8) {
        uint64_t word = (weir_load_u64(p) ^ zeros) << (64 - 8 * n);
        if (!weir_are_digits(word))
            return weir_parse_int64(text, length, out);
        value = (int64_t)weir_eight_digits(word);
    } else if (n - 9 < 8) {
        uint64_t high = (weir_load_u64(p) ^ zeros) << (128 - 8 * n), low = weir_load_u64(p + n - 8) ^ zeros;
        if (!weir_are_digits(high) || !weir_are_digits(low))
            return weir_parse_int64(text, length, out);
        value = (int64_t)(weir_eight_digits(high) * 100000000 + weir_eight_digits(low));
    } else
        return weir_parse_int64(text, length, out);
    *out = sign ? -value : value;
    return true;
}

/* The place of the first byte 0x1e (a point, less '0'), from the lowest; 8 when there is none. */
static inline unsigned weir_point(uint64_t bytes)
{
    uint64_t zero = bytes ^ 0x1e1e1e1e1e1e1e1e;
    zero = (zero - 0x0101010101010101) & ~zero & 0x8080808080808080;
    return zero ? (unsigned)__builtin_ctzll(zero) >> 3 : 8;
}

/* Digits with at most one point: the digits as a whole number m and the number f of those behind the point give m /
 * 10^f, correctly rounded when both are exact in a double. */
static inline bool weir_fast_double(const char *text, size_t length, double *out)
{
    static const double powers[] = { 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
    const uint64_t zeros = 0x3030303030303030;
    size_t sign = length > 1 && *text == '-';
    const char *p = text + sign;
    size_t n = length - sign;
    uint64_t mantissa;
    unsigned fraction;
    if (n - 1 < 8) {
        /* Right-aligned: the last character in the highest byte, zeros below the first. */
        uint64_t word = (weir_load_u64(p) ^ zeros) << (64 - 8 * n);
        unsigned point = weir_point(word);
        fraction = 0;
        if (point < 8) {
            uint64_t below = ((uint64_t)1 << 8 * point) - 1; /* what stands before the point moves up by one */
            word = (word & ~below & ~((uint64_t)0xff << 8 * point)) | (word & below) << 8;
            fraction = 7 - point;
            if (n == 1)
                return weir_parse_double(text, length, out);
        }
        if (!weir_are_digits(word))
            return weir_parse_double(text, length, out);
        mantissa = weir_eight_digits(word);
    } else if (n - 9 < 8) {
        uint64_t high = (weir_load_u64(p) ^ zeros) << (128 - 8 * n), low = weir_load_u64(p + n - 8) ^ zeros;
        unsigned point = weir_point(low);
        fraction = 0;
        if (point < 8) {
            uint64_t below = ((uint64_t)1 << 8 * point) - 1;
            low = (low & ~below & ~((uint64_t)0xff << 8 * point)) | (low & below) << 8 | high >> 56;
            high <<= 8;
            fraction = 7 - point;
        } else if ((point = weir_point(high)) < 8) {
            uint64_t below = ((uint64_t)1 << 8 * point) - 1;
            high = (high & ~below & ~((uint64_t)0xff << 8 * point)) | (high & below) << 8;
            fraction = 15 - point;
        }
        if (!weir_are_digits(high) || !weir_are_digits(low))
            return weir_parse_double(text, length, out);
        mantissa = weir_eight_digits(high) * 100000000 + weir_eight_digits(low);
        if (mantissa > (uint64_t)1 << 53)
            return weir_parse_double(text, length, out);
    } else
        return weir_parse_double(text, length, out);
    double value = (double)(int64_t)mantissa / powers[fraction];
    uint64_t bits; /* a branch for the sign, which is as good as random, would be taken wrongly every other time */
    memcpy(&bits, &value, sizeof bits);
    bits |= (uint64_t)sign << 63;
    memcpy(out, &bits, sizeof bits);
    return true;
}

#endif
