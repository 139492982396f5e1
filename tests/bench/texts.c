/* The texts of the bench, as CSV on standard output; the same bytes on every machine.
 *   texts [ROWS]   doc_id, text (about 35 made-up words, a quarter of them of Cyrillic letters; frequent ones are
 *                  frequent), like: one row in ten is an earlier one with some words drawn anew, and `like` the earlier
 *                  one's doc_id when the Jaccard similarity of their sets of five characters is 0.8 or more
 * A row is drawn from its own sequence of random numbers. */
#include "base/random.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 11, VOCABULARY = 60000, MOST = 1024, SHINGLE = 5, TENTH = 10 };

struct text {
    uint32_t codes[MOST];
    int count;
};

static struct text words[VOCABULARY];

static void make_words(void)
{
    for (int w = 0; w < VOCABULARY; w++) {
        struct weir_random random;
        weir_random_init(&random, SEED, (uint64_t)w);
        words[w].count = 2 + (int)weir_random_below(&random, 9);
        for (int i = 0; i < words[w].count; i++)
            words[w].codes[i] =
                w % 4 == 3 ? 0x430 + weir_random_u32(&random) % 32 : 'a' + weir_random_u32(&random) % 26;
    }
}

/* The product of two uniform numbers prefers small ones, as languages do. */
static int draw(struct weir_random *random)
{
    return (int)(weir_random_below(random, VOCABULARY) * weir_random_below(random, VOCABULARY) / VOCABULARY);
}

/* `changed` of the row's words are others than those of the row `from`. */
static void make_text(uint64_t from, uint64_t row, int changed, struct text *text)
{
    struct weir_random random, changes;
    weir_random_init(&random, SEED + 1, from);
    weir_random_init(&changes, SEED + 2, row);
    int count = 20 + (int)weir_random_below(&random, 30);
    int drawn[64];
    for (int i = 0; i < count; i++)
        drawn[i] = draw(&random);
    for (; changed > 0; changed--)
        drawn[weir_random_below(&changes, (uint64_t)count)] = draw(&changes);
    text->count = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0)
            text->codes[text->count++] = ' ';
        memcpy(text->codes + text->count, words[drawn[i]].codes, (size_t)words[drawn[i]].count * 4);
        text->count += words[drawn[i]].count;
    }
}

static int compare(const void *a, const void *b)
{
    const uint32_t *x = *(const uint32_t *const *)a, *y = *(const uint32_t *const *)b;
    for (int i = 0; i < SHINGLE; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

static int shingles(const struct text *text, const uint32_t **set)
{
    int count = 0;
    for (int i = 0; i + SHINGLE <= text->count; i++)
        set[i] = text->codes + i;
    qsort(set, (size_t)(text->count - SHINGLE + 1), sizeof *set, compare);
    for (int i = 0; i + SHINGLE <= text->count; i++)
        if (count == 0 || compare(&set[count - 1], &set[i]) != 0)
            set[count++] = set[i];
    return count;
}

static double jaccard(const struct text *a, const struct text *b)
{
    static const uint32_t *left[MOST], *right[MOST];
    int m = shingles(a, left), n = shingles(b, right), both = 0;
    for (int i = 0, j = 0; i < m && j < n;) {
        int order = compare(&left[i], &right[j]);
        both += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    return both / (double)(m + n - both);
}

static void put(const struct text *text)
{
    for (int i = 0; i < text->count; i++) {
        uint32_t code = text->codes[i];
        if (code >= 0x80)
            putchar((int)(0xC0 | code >> 6));
        putchar((int)(code < 0x80 ? code : 0x80 | (code & 0x3F)));
    }
}

int main(int argc, char **argv)
{
    long long rows = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
    static struct text text, original;
    make_words();
    puts("doc_id,text,like");
    for (long long row = 0; row < rows; row++) {
        struct weir_random random;
        weir_random_init(&random, SEED + 3, (uint64_t)row);
        uint64_t from = (uint64_t)row;
        bool copy = row % TENTH == TENTH - 1;
        if (copy) { /* of one that is no copy itself */
            from = weir_random_below(&random, (uint64_t)row);
            from -= from % TENTH == TENTH - 1;
        }
        make_text(from, (uint64_t)row, copy ? (int)weir_random_below(&random, 4) : 0, &text);
        printf("%lld,", row);
        put(&text);
        putchar(',');
        if (copy) {
            make_text(from, from, 0, &original);
            if (jaccard(&text, &original) >= 0.8)
                printf("%llu", (unsigned long long)from);
        }
        putchar('\n');
    }
    return fflush(stdout) != 0;
}
