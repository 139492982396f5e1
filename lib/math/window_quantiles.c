/* Quantiles of windows: the numbers of the window at hand are kept in ascending order. */
#include "math/clones.h"
#include "math/quantile.h"
#include "math/sort.h"
#include "math/window.h"
#include <math.h>
#include <stdbool.h>

/* Where the quantiles of so many numbers lie. */
struct places {
    size_t count;
    int64_t first[WEIR_WINDOW_QUANTILES], last[WEIR_WINDOW_QUANTILES];
    double fraction[WEIR_WINDOW_QUANTILES];
};

static void place(struct places *places, const double *q, size_t quantiles, size_t count)
{
    for (size_t j = 0; j < quantiles && count != places->count; j++)
        weir_quantile_places(q[j], (int64_t)count, &places->first[j], &places->last[j], &places->fraction[j]);
    places->count = count;
}

/* 0 for -0: which of them lies first is chance. */
static inline double between(const struct places *places, size_t j, double first, double last)
{
    return weir_quantile_between(first, last, places->fraction[j]) + 0.0;
}

/* ---- Short windows -------------------------------------------------------------------------------------------- */

/* Numbers as whole ones in the same order, and back: what is compared, counted and moved is the same for all of them,
 * without a branch, so that the compiler makes vectors of it. */
static int64_t to_key(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ ((bits >> 63) & INT64_MAX);
}

static double from_key(int64_t key)
{
    double value;
    key ^= (key >> 63) & INT64_MAX;
    memcpy(&value, &key, sizeof value);
    return value;
}

/* Places in steps of STEP, so that loops have no rest. In front of the keys stands INT64_MIN, behind them, from `count`
 * on, INT64_MAX. */
enum { FEW = 64, STEP = 8 };
struct few {
    int64_t keys[1 + FEW + 1];
};

/* Masks where a condition would make a branch of the loads. */
static inline int64_t choose(bool condition, int64_t a, int64_t b)
{
    int64_t mask = -(int64_t)condition;
    return (a & mask) | (b & ~mask);
}

static inline int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* `to` becomes `from` with `value` for one key `old`. Of the ascending keys those between the two move by one place,
 * and what comes to a place is the middle one of `value` and the two neighbours that may come there. INT64_MAX for
 * `old` makes one more of them, for `value` one less. No more than `places` are there, before or then. */
static inline __attribute__((always_inline)) void replace_few(struct few *restrict to, const struct few *restrict from,
                                                              size_t places, int64_t old, int64_t value)
{
    const int64_t *keys = from->keys + 1, *before = from->keys, *behind = from->keys + 2;
    int64_t *made = to->keys + 1;
    if (value > old)
        for (size_t i = 0; i < places; i++)
            made[i] = choose(keys[i] < old, keys[i], greater(keys[i], lesser(behind[i], value)));
    else
        for (size_t i = 0; i < places; i++)
            made[i] = choose(keys[i] > old, keys[i], lesser(keys[i], greater(before[i], value)));
}

/* The first `count` numbers at once: each to the place that so many smaller ones leave it. */
static inline __attribute__((always_inline)) void begin_few(struct few *few, const double *x, size_t count)
{
    int64_t keys[FEW];
    few->keys[0] = INT64_MIN;
    for (size_t i = 0; i < FEW; i++)
        keys[i] = few->keys[1 + i] = INT64_MAX;
    few->keys[1 + FEW] = INT64_MAX;
    for (size_t i = 0; i < count; i++)
        keys[i] = to_key(x[i]);
    for (size_t i = 0; i < count; i++) {
        int64_t below = 0;
        for (size_t j = 0; j < i; j++)
            below += keys[j] == keys[i];
        for (size_t j = 0; j < (count + STEP - 1) / STEP * STEP; j++)
            below += keys[j] < keys[i];
        few->keys[1 + below] = keys[i];
    }
}

WEIR_CLONES static void slide_few(const double *x, const struct weir_windows *windows, double least, const double *q,
                                  size_t quantiles, double *const *out)
{
    struct few few[2], *now = &few[0], *next = &few[1];
    struct places places = { 0 };
    size_t a = 0, b = 0, most = 0; /* x[a .. b - 1] are in order; places that either may have used */
    begin_few(now, x, 0);
    begin_few(next, x, 0);
    for (size_t i = 0; i < windows->count; i++) {
        size_t first = windows->first[i], end = windows->end[i], n = end > first ? end - first : 0;
        if (first >= b) {
            begin_few(now, x + first, n);
            a = first;
            b = first + n;
        }
        while (a < first || b < end) {
            int64_t old = a < first ? to_key(x[a]) : INT64_MAX, value = b < end ? to_key(x[b]) : INT64_MAX;
            size_t needed = (b - a + (a >= first) + STEP - 1) / STEP * STEP;
            most = needed > most ? needed : most;
            replace_few(next, now, most, old, value);
            struct few *swap = now;
            now = next;
            next = swap;
            a += a < first;
            b += b < end;
        }
        if (n > 0)
            place(&places, q, quantiles, n);
        for (size_t j = 0; j < quantiles; j++) {
            out[j][i] = (double)NAN;
            if (n > 0 && (double)n >= least)
                out[j][i] = between(&places, j, from_key(now->keys[1 + places.first[j]]),
                                    from_key(now->keys[1 + places.last[j]]));
        }
    }
}

/* ---- Long windows --------------------------------------------------------------------------------------------- */

/* A stretch of the series is sorted once; a window in it is then a set of ranks, which are bits, and each quantile has
 * a cursor on one of them that moves by as many members as the quantile's place does: a step or so for each number that
 * comes or goes, whatever the window's length. A stretch is about twice as long as its longest window, so that most
 * bits are set. */
enum { LEAST_STRETCH = 4096, WORD = 64 };

struct cursor {
    size_t at, below; /* a rank of the set, and how many of the set are below */
};

struct ranks {
    struct weir_keyed *sorted; /* [length] */
    size_t *of;                /* [length] the rank of each number */
    uint64_t *bits, *filled;   /* the set, and which words of it are not 0 */
    size_t length, words, members;
    struct cursor cursors[WEIR_WINDOW_QUANTILES];
    size_t cursors_count;
};

static size_t words_for(size_t bits)
{
    return bits / WORD + 1;
}

size_t weir_window_quantiles_scratch(size_t count)
{
    size_t words = words_for(count);
    return 4 * count + words + words_for(words);
}

static void begin_ranks(struct ranks *ranks, const double *x, size_t length, double *scratch)
{
    struct weir_keyed *spare = (struct weir_keyed *)(void *)scratch + length;
    ranks->sorted = (struct weir_keyed *)(void *)scratch;
    ranks->of = (size_t *)(void *)spare;
    ranks->bits = (uint64_t *)(void *)(scratch + 4 * length);
    ranks->words = words_for(length);
    ranks->filled = ranks->bits + ranks->words;
    ranks->length = length;
    ranks->members = 0;
    for (size_t i = 0; i < length; i++)
        ranks->sorted[i] = (struct weir_keyed){ weir_key(x[i]), i };
    weir_sort_keyed(ranks->sorted, spare, length);
    for (size_t i = 0; i < length; i++)
        ranks->of[ranks->sorted[i].item] = i;
    memset(ranks->bits, 0, (ranks->words + words_for(ranks->words)) * sizeof *ranks->bits);
}

/* The next set bit behind `at`, and the last before it; there is one. */
static size_t bit_behind(const uint64_t *words, size_t at)
{
    size_t word = at / WORD;
    uint64_t rest = words[word] & ~(uint64_t)1 << at % WORD;
    while (rest == 0)
        rest = words[++word];
    return word * WORD + (size_t)__builtin_ctzll(rest);
}

static size_t bit_before(const uint64_t *words, size_t at)
{
    size_t word = at / WORD;
    uint64_t rest = words[word] & (((uint64_t)1 << at % WORD) - 1);
    while (rest == 0)
        rest = words[--word];
    return word * WORD + WORD - 1 - (size_t)__builtin_clzll(rest);
}

/* The same in the set, over words that are 0. */
static size_t member_behind(const struct ranks *ranks, size_t at)
{
    size_t word = at / WORD;
    uint64_t rest = ranks->bits[word] & ~(uint64_t)1 << at % WORD;
    if (rest == 0) {
        word = bit_behind(ranks->filled, word);
        rest = ranks->bits[word];
    }
    return word * WORD + (size_t)__builtin_ctzll(rest);
}

static size_t member_before(const struct ranks *ranks, size_t at)
{
    size_t word = at / WORD;
    uint64_t rest = ranks->bits[word] & (((uint64_t)1 << at % WORD) - 1);
    if (rest == 0) {
        word = bit_before(ranks->filled, word);
        rest = ranks->bits[word];
    }
    return word * WORD + WORD - 1 - (size_t)__builtin_clzll(rest);
}

static void insert(struct ranks *ranks, size_t rank)
{
    size_t word = rank / WORD;
    ranks->bits[word] |= (uint64_t)1 << rank % WORD;
    ranks->filled[word / WORD] |= (uint64_t)1 << word % WORD;
    for (size_t j = 0; j < ranks->cursors_count; j++)
        if (ranks->members == 0)
            ranks->cursors[j] = (struct cursor){ rank, 0 };
        else
            ranks->cursors[j].below += rank < ranks->cursors[j].at;
    ranks->members++;
}

static void leave(struct ranks *ranks, size_t rank)
{
    size_t word = rank / WORD;
    ranks->bits[word] &= ~((uint64_t)1 << rank % WORD);
    ranks->members--;
    if (ranks->bits[word] == 0)
        ranks->filled[word / WORD] &= ~((uint64_t)1 << word % WORD);
    for (size_t j = 0; j < ranks->cursors_count; j++) {
        struct cursor *cursor = &ranks->cursors[j];
        if (rank != cursor->at)
            cursor->below -= rank < cursor->at;
        else if (cursor->below < ranks->members)
            cursor->at = member_behind(ranks, rank);
        else if (ranks->members > 0) {
            cursor->at = member_before(ranks, rank);
            cursor->below--;
        }
    }
}

static void move_to(const struct ranks *ranks, struct cursor *cursor, size_t place)
{
    for (; cursor->below < place; cursor->below++)
        cursor->at = member_behind(ranks, cursor->at);
    for (; cursor->below > place; cursor->below--)
        cursor->at = member_before(ranks, cursor->at);
}

static double value_at(const struct ranks *ranks, size_t rank)
{
    return weir_key_value(ranks->sorted[rank].key);
}

/* How many of the windows lie in a stretch from the beginning of the first, and where it ends. */
static size_t stretch_of(const struct weir_windows *windows, size_t longest, size_t *end)
{
    size_t most = longest > LEAST_STRETCH ? 2 * longest : longest + LEAST_STRETCH, count = 1;
    size_t begin = windows->first[0];
    while (count < windows->count && windows->end[count] <= begin + most)
        count++;
    *end = windows->end[count - 1] > begin ? windows->end[count - 1] : begin;
    return count;
}

/* The windows of one stretch, of numbers from `begin` to `stop` - 1. */
static void slide_stretch(const double *x, const struct weir_windows *windows, size_t stop, double least,
                          const double *q, struct places *places, struct ranks *ranks, double *const *out, size_t from,
                          double *scratch)
{
    size_t begin = windows->first[0], a = 0, b = 0;
    begin_ranks(ranks, x + begin, stop - begin, scratch);
    for (size_t i = 0; i < windows->count; i++) {
        size_t first = windows->first[i] - begin,
               n = windows->end[i] > windows->first[i] ? windows->end[i] - windows->first[i] : 0;
        for (; a < first && a < b; a++)
            leave(ranks, ranks->of[a]);
        a = first;
        b = b > a ? b : a;
        for (; b < first + n; b++)
            insert(ranks, ranks->of[b]);
        if (n > 0)
            place(places, q, ranks->cursors_count, n);
        for (size_t j = 0; j < ranks->cursors_count; j++) {
            out[j][from + i] = (double)NAN;
            if (n == 0 || (double)n < least)
                continue;
            struct cursor *cursor = &ranks->cursors[j];
            move_to(ranks, cursor, (size_t)places->first[j]);
            size_t last = places->last[j] > places->first[j] ? member_behind(ranks, cursor->at) : cursor->at;
            out[j][from + i] = between(places, j, value_at(ranks, cursor->at), value_at(ranks, last));
        }
    }
}

static void slide_long(const double *x, const struct weir_windows *windows, size_t longest, double least,
                       const double *q, size_t quantiles, double *const *out, double *scratch)
{
    struct places places = { 0 };
    struct ranks ranks = { .cursors_count = quantiles };
    for (size_t from = 0, count; from < windows->count; from += count) {
        struct weir_windows rest = { windows->first + from, windows->end + from, windows->count - from };
        size_t stop;
        count = rest.count = stretch_of(&rest, longest, &stop);
        slide_stretch(x, &rest, stop, least, q, &places, &ranks, out, from, scratch);
    }
}

void weir_window_quantiles(const double *x, const struct weir_windows *windows, double least, const double *q,
                           size_t quantiles, double *const *out, double *scratch)
{
    size_t longest = 0;
    for (size_t i = 0; i < windows->count; i++)
        if (windows->end[i] > windows->first[i] && windows->end[i] - windows->first[i] > longest)
            longest = windows->end[i] - windows->first[i];
    if (longest < FEW)
        slide_few(x, windows, least, q, quantiles, out);
    else
        slide_long(x, windows, longest, least, q, quantiles, out, scratch);
}
