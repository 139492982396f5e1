#include "math/quantile_guess.h"
#include "base/memory.h"
#include "math/around_private.h"
#include "math/quantile_private.h"
#include "math/sort.h"
#include <math.h>
#include <stdlib.h>

enum { BLOCK = 128 };

struct bracket {
    double wanted;
    double low, high; /* its ends; infinite where nothing is known */
    int64_t below, at_low, at_high, above;
    double *inside; /* the values between the ends, without them */
    size_t count;
};

struct weir_quantile_guess {
    struct bracket brackets[WEIR_GUESSES];
    int bracket_count;
    size_t limit;
    int64_t total;
    uint64_t *keys, *scratch; /* keys: of the first values, until there are limit / 4; then both are room for sorting */
    size_t key_count;
    bool guessed;
};

void weir_quantile_guess_free(struct weir_quantile_guess *guess)
{
    if (!guess)
        return;
    for (int i = 0; i < guess->bracket_count; i++)
        free(guess->brackets[i].inside);
    free(guess->keys);
    free(guess->scratch);
    free(guess);
}

struct weir_quantile_guess *weir_quantile_guess_new(const double *wanted, int count, int limit)
{
    struct weir_quantile_guess *guess = weir_allocate_zero(1, sizeof *guess);
    if (!guess)
        return NULL;
    guess->limit = (size_t)limit;
    guess->bracket_count = count;
    for (int i = 0; i < count; i++)
        guess->brackets[i].wanted = wanted[i];
    guess->keys = weir_allocate(guess->limit / 4, sizeof *guess->keys);
    if (!guess->keys) {
        weir_quantile_guess_free(guess);
        return NULL;
    }
    return guess;
}

/* Lays the bracket closer around the wanted place. `keys` are all values between its ends, sorted; places are counted
 * from the first of them. */
static void narrow(const struct weir_quantile_guess *guess, struct bracket *bracket, const uint64_t *keys, size_t count)
{
    int64_t first, last, n = guess->total, before = bracket->below + bracket->at_low;
    double fraction, q = bracket->wanted;
    weir_quantile_places(q, n, &first, &last, &fraction);
    double reach = 6 * sqrt(q * (1 - q) * (double)n) + 2, most = (double)(guess->limit / 8);
    int64_t error = (int64_t)(reach < most ? reach : most);
    int64_t from = first - before - error, to = last - before + error, end = (int64_t)count;
    if (to < 0) { /* within the values equal to the lower end, or lost */
        bracket->above += bracket->at_high + end;
        bracket->at_high = 0;
        bracket->high = bracket->low;
        bracket->count = 0;
        return;
    }
    if (from >= end) { /* likewise at the upper end */
        bracket->below += bracket->at_low + end;
        bracket->at_low = bracket->at_high;
        bracket->at_high = 0;
        bracket->low = bracket->high;
        bracket->count = 0;
        return;
    }
    int64_t kept_first = 0, kept_last = end;
    if (from >= 0) { /* keys[from] becomes the lower end */
        bracket->below += bracket->at_low;
        bracket->at_low = 0;
        bracket->low = weir_key_value(keys[from]);
        for (kept_first = 0; kept_first < end && keys[kept_first] <= keys[from]; kept_first++)
            *(keys[kept_first] < keys[from] ? &bracket->below : &bracket->at_low) += 1;
    }
    if (to < end && keys[to] > weir_key(bracket->low)) {
        bracket->above += bracket->at_high;
        bracket->at_high = 0;
        bracket->high = weir_key_value(keys[to]);
        for (; kept_last > kept_first && keys[kept_last - 1] >= keys[to]; kept_last--)
            *(keys[kept_last - 1] > keys[to] ? &bracket->above : &bracket->at_high) += 1;
    } else if (to < end) { /* a run of equal values: everything above it is above */
        bracket->above += bracket->at_high + end - kept_first;
        bracket->at_high = 0;
        bracket->high = bracket->low;
        kept_last = kept_first;
    }
    bracket->count = (size_t)(kept_last - kept_first);
    for (size_t i = 0; i < bracket->count; i++)
        bracket->inside[i] = weir_key_value(keys[kept_first + (int64_t)i]);
}

/* The first brackets, of the values that were kept so far. */
static int lay(struct weir_quantile_guess *guess)
{
    uint64_t *keys = weir_allocate(guess->limit, sizeof *keys);
    guess->scratch = weir_allocate(guess->limit, sizeof *guess->scratch);
    if (!keys || !guess->scratch) {
        free(keys);
        return -1;
    }
    weir_sort_keys(guess->keys, guess->scratch, guess->key_count);
    for (int i = 0; i < guess->bracket_count; i++) {
        struct bracket *bracket = &guess->brackets[i];
        bracket->low = (double)-INFINITY;
        bracket->high = (double)INFINITY;
        /* infinite values would be taken for ends that are open: they are at them */
        size_t first = 0, end = guess->key_count;
        while (first < end && weir_key_value(guess->keys[first]) == bracket->low)
            first++;
        while (end > first && weir_key_value(guess->keys[end - 1]) == bracket->high)
            end--;
        bracket->at_low = (int64_t)first;
        bracket->at_high = (int64_t)(guess->key_count - end);
        bracket->inside = weir_allocate(guess->limit + BLOCK, sizeof *bracket->inside);
        if (!bracket->inside) {
            free(keys);
            return -1;
        }
        narrow(guess, bracket, guess->keys + first, end - first);
    }
    free(guess->keys);
    guess->keys = keys;
    guess->key_count = 0;
    guess->guessed = true;
    return 0;
}

/* ---- Counting around a bracket ------------------------------------------------------------------------------ */

/* guess->keys: what is inside, sorted. */
static void sort_inside(struct weir_quantile_guess *guess, const struct bracket *bracket)
{
    for (size_t i = 0; i < bracket->count; i++)
        guess->keys[i] = weir_key(bracket->inside[i]);
    weir_sort_keys(guess->keys, guess->scratch, bracket->count);
}

/* Returns how many of the n values are numbers. */
static int64_t add_block(struct bracket *bracket, const double *values, size_t n)
{
    double low = bracket->low, high = bracket->high;
    struct weir_around around = weir_count_around(values, n, low, high);
    bracket->below += around.below;
    bracket->at_low += around.to_low - around.below;
    bracket->above += around.above;
    if (low < high)
        bracket->at_high += around.to_high - around.below_high;
    int64_t numbers = around.to_high + around.above;
    if (around.below_high <= around.to_low)
        return numbers;
    double *inside = bracket->inside;
    size_t count = bracket->count;
    for (size_t i = 0; i < n; i++) { /* without a branch: there is room for a block behind the limit */
        inside[count] = values[i];
        count += (size_t)(values[i] > low) & (size_t)(values[i] < high);
    }
    bracket->count = count;
    return numbers;
}

/* In blocks, but one by one when the room may run out, so that brackets are narrowed at the same values however the run
 * was cut. */
static void add_guessed(struct weir_quantile_guess *guess, const double *values, size_t count)
{
    double last[2];
    while (count > 0) {
        size_t n = count < BLOCK ? count & ~(size_t)1 : BLOCK, taken = n;
        const double *block = values;
        for (int i = 0; i < guess->bracket_count; i++)
            if (guess->brackets[i].count + BLOCK > guess->limit)
                n = 0; /* one by one */
        if (n == 0) {
            last[0] = *values;
            last[1] = (double)NAN;
            block = last;
            n = 2;
            taken = 1;
        }
        int64_t numbers = 0;
        for (int i = 0; i < guess->bracket_count; i++)
            numbers = add_block(&guess->brackets[i], block, n);
        guess->total += numbers;
        for (int i = 0; i < guess->bracket_count; i++) {
            struct bracket *bracket = &guess->brackets[i];
            if (bracket->count < guess->limit)
                continue;
            sort_inside(guess, bracket);
            narrow(guess, bracket, guess->keys, bracket->count);
        }
        values += taken;
        count -= taken;
    }
}

int weir_quantile_guess_add(struct weir_quantile_guess *guess, const double *values, size_t count)
{
    size_t i = 0, first = guess->limit / 4;
    for (; i < count && !guess->guessed; i++) {
        if (isnan(values[i]))
            continue;
        guess->keys[guess->key_count++] = weir_key(values[i]);
        guess->total++;
        if (guess->key_count == first && lay(guess) < 0)
            return -1;
    }
    add_guessed(guess, values + i, count - i);
    return 0;
}

int64_t weir_quantile_guess_count(const struct weir_quantile_guess *guess)
{
    return guess->total;
}

/* `keys`: what is inside, sorted. */
static bool at_place(const struct bracket *bracket, const uint64_t *keys, int64_t place, double *value)
{
    place -= bracket->below;
    if (place < 0)
        return false;
    *value = bracket->low;
    if (place < bracket->at_low)
        return true;
    place -= bracket->at_low;
    if (place < (int64_t)bracket->count) {
        *value = weir_key_value(keys[place]);
        return true;
    }
    *value = bracket->high;
    return place - (int64_t)bracket->count < bracket->at_high;
}

bool weir_quantile_guess_values(struct weir_quantile_guess *guess, double *values)
{
    if (guess->total == 0 || (!guess->guessed && lay(guess) < 0))
        return false;
    for (int i = 0; i < guess->bracket_count; i++) {
        struct bracket *bracket = &guess->brackets[i];
        int64_t first, last;
        double fraction, a, b;
        weir_quantile_places(bracket->wanted, guess->total, &first, &last, &fraction);
        sort_inside(guess, bracket);
        if (!at_place(bracket, guess->keys, first, &a) || !at_place(bracket, guess->keys, last, &b))
            return false;
        values[i] = weir_quantile_between(a, b, fraction);
    }
    return true;
}
