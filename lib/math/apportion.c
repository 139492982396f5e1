#include "math/apportion.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

struct claim {
    int64_t lost; /* of the quota, by rounding down: in parts of what all quotas have as denominator */
    uint64_t tie;
    size_t class;
};

static int compare(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    if (x->lost != y->lost)
        return x->lost > y->lost ? -1 : 1;
    if (x->tie != y->tie)
        return x->tie < y->tie ? -1 : 1;
    return x->class < y->class ? -1 : x->class > y->class;
}

/* One more for each of the first `more` claims. */
static void grant(struct claim *claims, size_t count, int64_t more, int64_t *parts)
{
    qsort(claims, count, sizeof *claims, compare);
    for (size_t i = 0; i < count && (int64_t)i < more; i++)
        parts[claims[i].class]++;
}

/* Gives the classes whose quota is below the least that, until no other's is: what that takes from the others may bring
 * theirs below it. parts: -1 where the quota holds. */
static void hold_least(int64_t *total, int64_t *sum, int64_t least, const int64_t *sizes, size_t count, int64_t *parts)
{
    memset(parts, 0xFF, count * sizeof *parts);
    for (bool again = least > 0; again;) {
        int64_t given = 0, gone = 0;
        for (size_t c = 0; c < count; c++) {
            int64_t wanted = sizes[c] < least ? sizes[c] : least;
            if (parts[c] >= 0 || (__int128)*total * sizes[c] >= (__int128)*sum * wanted)
                continue;
            parts[c] = wanted;
            given += wanted;
            gone += sizes[c];
        }
        *total -= given;
        *sum -= gone;
        again = gone > 0;
    }
}

int weir_apportion(int64_t total, int64_t least, const int64_t *sizes, const uint64_t *ties, size_t count,
                   int64_t *parts)
{
    struct claim *claims = weir_allocate(count, sizeof *claims);
    size_t claim_count = 0;
    int64_t sum = 0;
    if (!claims)
        return -1;
    for (size_t c = 0; c < count; c++)
        sum += sizes[c];
    hold_least(&total, &sum, least, sizes, count, parts);
    int64_t left = total;
    for (size_t c = 0; c < count; c++) {
        if (parts[c] >= 0)
            continue;
        __int128 quota = (__int128)total * sizes[c];
        parts[c] = sum ? (int64_t)(quota / sum) : 0;
        claims[claim_count++] = (struct claim){ sum ? (int64_t)(quota % sum) : 0, ties[c], c };
        left -= parts[c];
    }
    grant(claims, claim_count, left, parts);
    free(claims);
    return 0;
}

int weir_equalize(int64_t total, bool repeat, const int64_t *sizes, const uint64_t *ties, size_t count, int64_t *parts)
{
    if (count == 0)
        return 0;
    struct claim *claims = weir_allocate(count, sizeof *claims);
    int64_t smallest = INT64_MAX, largest = 0;
    if (!claims)
        return -1;
    for (size_t c = 0; c < count; c++) {
        smallest = sizes[c] < smallest ? sizes[c] : smallest;
        largest = sizes[c] > largest ? sizes[c] : largest;
        claims[c] = (struct claim){ 0, ties[c], c };
    }
    int64_t each = total < 0 ? (repeat ? largest : smallest) : total / (int64_t)count;
    int64_t more = total < 0 ? 0 : total % (int64_t)count;
    if (!repeat && each >= smallest) {
        each = smallest;
        more = 0;
    }
    for (size_t c = 0; c < count; c++)
        parts[c] = each;
    grant(claims, count, more, parts);
    free(claims);
    return 0;
}
