#include "math/quantile.h"
#include "base/memory.h"
#include "base/random.h"
#include "math/quantile_private.h"
#include "math/sort.h"
#include <math.h>
#include <stdlib.h>

struct weir_quantiles *weir_quantiles_new(int limit)
{
    struct weir_quantiles *quantiles = weir_allocate_zero(1, sizeof *quantiles);
    if (!quantiles)
        return NULL;
    quantiles->limit = limit;
    quantiles->k = limit / 16;
    quantiles->least = UINT64_MAX;
    return quantiles;
}

void weir_quantiles_free(struct weir_quantiles *quantiles)
{
    if (!quantiles)
        return;
    for (int level = 0; level < WEIR_QUANTILE_LEVELS; level++)
        free(quantiles->levels[level].keys);
    free(quantiles->pending);
    free(quantiles->scratch);
    free(quantiles->hand);
    free(quantiles);
}

static int reserve_pending(struct weir_quantiles *quantiles, size_t needed)
{
    if (needed <= quantiles->pending_capacity)
        return 0;
    size_t wanted = quantiles->pending_capacity ? quantiles->pending_capacity : 64;
    while (wanted < needed)
        wanted *= 2; /* the limit is a power of two */
    uint64_t *pending = weir_reallocate(quantiles->pending, wanted, sizeof *pending);
    if (!pending)
        return -1;
    quantiles->pending = pending;
    quantiles->pending_capacity = wanted;
    return 0;
}

static int sort(struct weir_quantiles *quantiles, uint64_t *keys, size_t count)
{
    if (count > quantiles->scratch_capacity) {
        uint64_t *scratch = weir_allocate(count, sizeof *scratch);
        if (!scratch)
            return -1;
        free(quantiles->scratch);
        quantiles->scratch = scratch;
        quantiles->scratch_capacity = count;
    }
    weir_sort_keys(keys, quantiles->scratch, count);
    return 0;
}

static void widen_range(struct weir_quantiles *quantiles, uint64_t least, uint64_t greatest)
{
    if (least < quantiles->least)
        quantiles->least = least;
    if (greatest > quantiles->greatest)
        quantiles->greatest = greatest;
}

int weir_quantiles_settle(struct weir_quantiles *quantiles)
{
    size_t count = quantiles->pending_count;
    if (quantiles->pending_sorted || count == 0)
        return 0;
    if (sort(quantiles, quantiles->pending, count))
        return -1;
    widen_range(quantiles, quantiles->pending[0], quantiles->pending[count - 1]);
    quantiles->pending_sorted = true;
    return 0;
}

/* Which of each two neighbours the next halving at this level keeps: 0 the even, 1 the odd ones. A coin for the first
 * of two halvings, its opposite for the second, so that their errors tend to cancel. */
static int choose(struct weir_quantiles *quantiles, int level)
{
    uint64_t halving = quantiles->levels[level].halvings++;
    struct weir_random coin;
    weir_random_init(&coin, 0x77656972, (uint64_t)level);
    coin.counter = halving / 2;
    int odd = (int)((weir_random_u32(&coin) ^ halving) & 1);
    *(odd ? &quantiles->lowered : &quantiles->raised) += (uint64_t)1 << level;
    return odd;
}

/* Every other key (odd: the second, fourth ...) of the two runs of k sorted keys merged: k keys. The first half is
 * merged from the front and the second from the back at the same time, which keeps two chains of work in flight. */
static void merge_halving(const uint64_t *a, const uint64_t *b, uint64_t *out, int k, int odd)
{
    const uint64_t *a_end = a + k - 1, *b_end = b + k - 1;
    for (int i = 0; i < k / 2; i++) {
        bool step = *b < *a;
        uint64_t first = step ? *b : *a;
        b += step;
        a += !step;
        step = *b < *a;
        uint64_t second = step ? *b : *a;
        b += step;
        a += !step;
        out[i] = odd ? second : first;

        step = *b_end >= *a_end;
        second = step ? *b_end : *a_end;
        b_end -= step;
        a_end -= !step;
        step = *b_end >= *a_end;
        first = step ? *b_end : *a_end;
        b_end -= step;
        a_end -= !step;
        out[k - 1 - i] = odd ? second : first;
    }
}

/* Takes the buffer of k keys in the first half of the hand in at the level, carrying upwards like a binary counter. */
static int lift(struct weir_quantiles *quantiles, int level)
{
    size_t k = (size_t)quantiles->k;
    uint64_t *hand = quantiles->hand;
    while (quantiles->levels[level].full) {
        merge_halving(quantiles->levels[level].keys, hand, hand + k, quantiles->k, choose(quantiles, level));
        memcpy(hand, hand + k, k * sizeof *hand);
        quantiles->levels[level].full = false;
        if (++level == WEIR_QUANTILE_LEVELS)
            return -1; /* more than 2^53 values: not in anyone's life */
    }
    struct weir_quantile_level *target = &quantiles->levels[level];
    if (!target->keys && !(target->keys = weir_allocate(k, sizeof *target->keys)))
        return -1;
    memcpy(target->keys, hand, k * sizeof *hand);
    target->full = true;
    return 0;
}

/* Turns 2 k keys of weight 1 into k of weight 2. */
static int compact(struct weir_quantiles *quantiles, uint64_t *keys)
{
    size_t k = (size_t)quantiles->k;
    if (sort(quantiles, keys, 2 * k))
        return -1;
    widen_range(quantiles, keys[0], keys[2 * k - 1]);
    int odd = choose(quantiles, 0);
    for (size_t i = 0; i < k; i++)
        quantiles->hand[i] = keys[2 * i + (size_t)odd];
    return lift(quantiles, 1);
}

/* From the exact form to the sketched: whole chunks of 2 k keys go up, the rest stays pending. */
static int begin_sketch(struct weir_quantiles *quantiles)
{
    size_t chunk = 2 * (size_t)quantiles->k, done = 0;
    if (!quantiles->hand && !(quantiles->hand = weir_allocate(chunk, sizeof *quantiles->hand)))
        return -1;
    quantiles->sketched = true;
    for (; quantiles->pending_count - done >= chunk; done += chunk)
        if (compact(quantiles, quantiles->pending + done))
            return -1;
    quantiles->pending_count -= done;
    if (quantiles->pending_count)
        memmove(quantiles->pending, quantiles->pending + done, quantiles->pending_count * sizeof *quantiles->pending);
    if (quantiles->pending_capacity > chunk) {
        uint64_t *smaller = weir_reallocate(quantiles->pending, chunk, sizeof *smaller);
        if (smaller) {
            quantiles->pending = smaller;
            quantiles->pending_capacity = chunk;
        }
        if (quantiles->scratch_capacity > chunk) {
            free(quantiles->scratch);
            quantiles->scratch = NULL;
            quantiles->scratch_capacity = 0;
        }
    }
    return 0;
}

/* Room for at least one more pending key: *room. */
static int make_room(struct weir_quantiles *quantiles, size_t wanted, size_t *room)
{
    if (!quantiles->sketched && quantiles->pending_count == (size_t)quantiles->limit && begin_sketch(quantiles))
        return -1;
    size_t most = (size_t)(quantiles->sketched ? 2 * quantiles->k : quantiles->limit);
    if (quantiles->pending_count == most) {
        if (compact(quantiles, quantiles->pending))
            return -1;
        quantiles->pending_count = 0;
    }
    *room = most - quantiles->pending_count;
    if (*room > wanted)
        *room = wanted;
    quantiles->pending_sorted = false;
    return reserve_pending(quantiles, quantiles->pending_count + *room);
}

/* The keys of n values that are no NaN go to `out`, which has room for n; returns their number. The usual case, no NaN
 * in a short run, has no store that waits for the one before. */
static size_t take_keys(const double *values, size_t n, uint64_t *out)
{
    enum { RUN = 64 };
    size_t taken = 0, i = 0;
    while (n - i >= RUN) {
        int64_t numbers = 0;
        for (size_t j = 0; j < RUN; j++) {
            out[taken + j] = weir_key(values[i + j]);
            numbers += values[i + j] == values[i + j];
        }
        if (numbers < RUN)
            break;
        taken += RUN;
        i += RUN;
    }
    for (; i < n; i++) {
        out[taken] = weir_key(values[i]);
        taken += values[i] == values[i];
    }
    return taken;
}

int weir_quantiles_add(struct weir_quantiles *quantiles, const double *values, size_t count)
{
    for (size_t i = 0; i < count;) {
        if (isnan(values[i])) { /* must not make room, which may begin the sketch */
            quantiles->nans++;
            i++;
            continue;
        }
        size_t room;
        if (make_room(quantiles, count - i, &room))
            return -1;
        uint64_t *out = quantiles->pending + quantiles->pending_count;
        size_t taken = take_keys(values + i, room, out);
        i += room;
        quantiles->pending_count += taken;
        quantiles->count += (int64_t)taken;
        quantiles->nans += (int64_t)(room - taken);
    }
    return 0;
}

static int add_keys(struct weir_quantiles *quantiles, const uint64_t *keys, size_t count)
{
    while (count) {
        size_t room;
        if (make_room(quantiles, count, &room))
            return -1;
        memcpy(quantiles->pending + quantiles->pending_count, keys, room * sizeof *keys);
        quantiles->pending_count += room;
        quantiles->count += (int64_t)room;
        keys += room;
        count -= room;
    }
    return 0;
}

int weir_quantiles_merge(struct weir_quantiles *into, const struct weir_quantiles *from, struct weir_error *error)
{
    if (into->limit != from->limit)
        return weir_fail(error, WEIR_BAD_DATA, "quantiles of %d and of %d kept values cannot be merged", into->limit,
                         from->limit);
    if (from->count > (int64_t)1 << 52 || into->count > (int64_t)1 << 52)
        return weir_fail(error, WEIR_BAD_DATA, "quantiles of more than 2^53 values");
    if (from->sketched && !into->sketched && begin_sketch(into))
        return weir_fail_memory(error);
    into->nans += from->nans;
    widen_range(into, from->least, from->greatest);
    for (int level = 1; level < WEIR_QUANTILE_LEVELS; level++) {
        if (!from->levels[level].full)
            continue;
        memcpy(into->hand, from->levels[level].keys, (size_t)from->k * sizeof *into->hand);
        if (lift(into, level))
            return weir_fail_memory(error);
        into->count += (int64_t)from->k << level;
    }
    into->raised += from->raised;
    into->lowered += from->lowered;
    if (add_keys(into, from->pending, from->pending_count))
        return weir_fail_memory(error);
    return 0;
}

int64_t weir_quantiles_count(const struct weir_quantiles *quantiles)
{
    return quantiles->count;
}

int64_t weir_quantiles_nans(const struct weir_quantiles *quantiles)
{
    return quantiles->nans;
}

bool weir_quantiles_are_exact(const struct weir_quantiles *quantiles)
{
    return !quantiles->sketched;
}

double weir_quantiles_rank_error(const struct weir_quantiles *quantiles)
{
    uint64_t most = quantiles->raised > quantiles->lowered ? quantiles->raised : quantiles->lowered;
    return quantiles->count ? (double)most / (double)quantiles->count : 0;
}

int weir_quantiles_value(struct weir_quantiles *quantiles, double q, double *value)
{
    if (quantiles->count == 0 || !(q >= 0 && q <= 1) || weir_quantiles_settle(quantiles))
        return -1;
    int64_t first, last;
    double fraction;
    weir_quantile_places(q, quantiles->count, &first, &last, &fraction);
    *value = weir_quantile_between(weir_key_value(weir_quantiles_at(quantiles, first)),
                                   weir_key_value(weir_quantiles_at(quantiles, last)), fraction);
    return 0;
}
