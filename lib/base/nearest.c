#include "base/nearest.h"
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { LONGEST_NAME = 64 };

/* How many letters are wrong, missing, too many, or in each other's place, in the first LONGEST_NAME bytes (optimal
 * string alignment, three rows of the table at a time). */
static int distance(const char *a, const char *b)
{
    size_t length_a = strnlen(a, LONGEST_NAME), length_b = strnlen(b, LONGEST_NAME);
    int rows[3][LONGEST_NAME + 1], *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= length_b; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= length_a; i++) {
        int *oldest = before;
        before = above;
        above = row;
        row = oldest;
        row[0] = (int)i;
        for (size_t j = 1; j <= length_b; j++) {
            int here = tolower((unsigned char)a[i - 1]), there = tolower((unsigned char)b[j - 1]);
            int least = above[j - 1] + (here != there);
            if (above[j] + 1 < least)
                least = above[j] + 1;
            if (row[j - 1] + 1 < least)
                least = row[j - 1] + 1;
            if (i > 1 && j > 1 && here == tolower((unsigned char)b[j - 2]) &&
                tolower((unsigned char)a[i - 2]) == there && before[j - 2] + 1 < least)
                least = before[j - 2] + 1;
            row[j] = least;
        }
    }
    return row[length_b];
}

void weir_nearest_offer(struct weir_nearest *nearest, const char *candidate)
{
    int d = distance(nearest->wanted, candidate), length = (int)strnlen(nearest->wanted, LONGEST_NAME);
    int other = (int)strnlen(candidate, LONGEST_NAME), longest = length > other ? length : other;
    if (d > length / 3 + 1 || d >= longest)
        return;
    /* Of two that are as near, the one that begins with the same letter: that is rarely mistyped. */
    bool likelier =
        d == nearest->distance && nearest->name && *candidate == *nearest->wanted && *nearest->name != *nearest->wanted;
    if (!nearest->name || d < nearest->distance || likelier) {
        nearest->name = candidate;
        nearest->distance = d;
    }
}
