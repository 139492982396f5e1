/* How many rows of each class a sample takes: whole numbers that add up. */
#ifndef WEIR_MATH_APPORTION_H
#define WEIR_MATH_APPORTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* parts[count]: `total` in the proportion of sizes[count], by the largest remainder (Hamilton's method): each class
 * gets its quota total * size / sum(sizes) rounded down, and the classes whose quotas lost the most by that get one
 * more; equal ones by ties[count], the smallest first. At least `least` of each class, or all of a smaller one; the
 * quotas of the others are then those of what remains. No part is above its size. total must be at most the sum of the
 * sizes, and at least that of min(least, size). -1: out of memory. */
int weir_apportion(int64_t total, int64_t least, const int64_t *sizes, const uint64_t *ties, size_t count,
                   int64_t *parts);

/* parts[count]: the same of each class. total < 0: the size of the smallest class. Otherwise `total` divided by their
 * number, where it does not come out even one more of some, by ties; or the size of the smallest when that is less.
 * repeat: what a class has not is repeated, so that without a total it is the size of the largest, and a total is met.
 * -1: out of memory. */
int weir_equalize(int64_t total, bool repeat, const int64_t *sizes, const uint64_t *ties, size_t count, int64_t *parts);

#endif
