#!/usr/bin/env python3
"""Writes number_powers.c: the powers of five in 128 bits that number_parse.c and number_format.c share.

For 0 <= q the 128 leading bits of 5^q, cut off; for q < 0 those of 1/5^-q, rounded up where the parser's proof needs it
(q >= -27) and cut off below. Sources: D. Lemire, "Number parsing at a gigabyte per second", 2021, section 5;
R. Giulietti, "The Schubfach way to render doubles", 2020, section 9 (which wants the next greater value: the formatter
adds it).

usage: python3 lib/base/number_powers.py > lib/base/number_powers.c
"""

LOWEST, HIGHEST = -342, 324


def leading_bits(q):
    if q >= 0:
        power = 5**q
        excess = power.bit_length() - 128
        return power >> excess if excess >= 0 else power << -excess
    power = 5**-q
    bits = power.bit_length() - (1 if power & (power - 1) == 0 else 0)
    if q >= -27:
        return 2 ** (bits + 127) // power + 1
    value = 2 ** (2 * bits + 128) // power + 1
    return value >> (value.bit_length() - 128)


print("/* Made by number_powers.py; not to be edited. */")
print('#include "base/number_powers.h"\n')
print("/* clang-format off */")
print("const uint64_t weir_powers_of_five[WEIR_POWER_HIGHEST - WEIR_POWER_LOWEST + 1][2] = {")
row = []
for q in range(LOWEST, HIGHEST + 1):
    value = leading_bits(q)
    assert value.bit_length() == 128
    row.append("{ 0x%016x, 0x%016x }," % (value >> 64, value & (2**64 - 1)))
    if len(row) == 2 or q == HIGHEST:
        print("    " + " ".join(row))
        row = []
print("};")
print("/* clang-format on */")
