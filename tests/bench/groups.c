/* Texts with planted groups of words, for word vectors; the same bytes on every machine.
 *   groups BYTES   a line a text, about so many bytes: of 15 to 59 words nine in twenty are of the 300 that all texts
 *                  share, and of the rest nine in ten are of the text's own group, one in ten of any group; within
 *                  both, frequent words are frequent as in languages (1 / rank)
 *   groups words   the groups: a line a group, its words by rank
 * Words are made of syllables that say nothing of their group. */
#include "base/random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 17, SHARED = 300, GROUPS = 250, MEMBERS = 78 };

static double shared_up_to[SHARED], members_up_to[MEMBERS];

/* Word w of all; syllables are the digits of a number that no two words have. */
static void put_word(int w)
{
    static const char consonants[] = "bcdfghjklmnprstvz", vowels[] = "aeiou";
    int digits = w < 7000 ? 2 : 3, number = w < 7000 ? (int)(w * 2731L % 7225) : (int)(w * 131071L % 614125);
    for (int i = 0; i < digits; i++, number /= 85) {
        putchar(consonants[number % 85 / 5]);
        putchar(vowels[number % 5]);
    }
    if (w % 2)
        putchar(consonants[w / 2 % 17]);
}

static int draw(const double *up_to, int count, struct weir_random *random)
{
    double at = weir_random_uniform(random) * up_to[count - 1];
    int low = 0;
    for (int high = count - 1; low < high;) {
        int middle = (low + high) / 2;
        if (up_to[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Members of a group lie GROUPS apart, so that a short word is as likely in one as in another. */
static int member(int group, int rank)
{
    return SHARED + rank * GROUPS + group;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "words") == 0) {
        for (int group = 0; group < GROUPS; group++)
            for (int rank = 0; rank < MEMBERS; rank++) {
                put_word(member(group, rank));
                putchar(rank + 1 < MEMBERS ? ' ' : '\n');
            }
        return 0;
    }
    long long bytes = argc == 2 ? atoll(argv[1]) : 0;
    if (bytes <= 0)
        return 64;
    for (int i = 0; i < SHARED; i++)
        shared_up_to[i] = (i ? shared_up_to[i - 1] : 0) + 1.0 / (i + 1);
    for (int i = 0; i < MEMBERS; i++)
        members_up_to[i] = (i ? members_up_to[i - 1] : 0) + 1.0 / (i + 3);
    struct weir_random random;
    weir_random_init(&random, SEED, 0);
    for (long long written = 0; written < bytes; written = ftell(stdout)) {
        int words = 15 + (int)weir_random_below(&random, 45), group = (int)weir_random_below(&random, GROUPS);
        for (int i = 0; i < words; i++) {
            if (i)
                putchar(' ');
            if (weir_random_below(&random, 20) < 9) {
                put_word(draw(shared_up_to, SHARED, &random));
                continue;
            }
            int of = weir_random_below(&random, 10) ? group : (int)weir_random_below(&random, GROUPS);
            put_word(member(of, draw(members_up_to, MEMBERS, &random)));
        }
        putchar('\n');
    }
    return 0;
}
