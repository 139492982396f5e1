/* A collector as plain doubles: form, limit, sketched, count, nans, raised, lowered, least, greatest, number pending,
 * number of levels; for each level full and halvings; the pending values; the values of the full levels. */
#include "base/memory.h"
#include "math/quantile_private.h"
#include "math/sort.h"
#include <math.h>
#include <stdlib.h>

enum { FORM = 1, HEAD = 11 };

int weir_quantiles_save(struct weir_quantiles *quantiles, double **state, size_t *length, struct weir_error *error)
{
    if (weir_quantiles_settle(quantiles))
        return weir_fail_memory(error);
    int levels = 0;
    size_t full = 0, k = (size_t)quantiles->k;
    for (int level = 0; level < WEIR_QUANTILE_LEVELS; level++) {
        full += quantiles->levels[level].full;
        if (quantiles->levels[level].full || quantiles->levels[level].halvings)
            levels = level + 1;
    }
    *length = HEAD + 2 * (size_t)levels + quantiles->pending_count + full * k;
    double *p = *state = weir_allocate(*length, sizeof **state);
    if (!p)
        return weir_fail_memory(error);
    bool any = quantiles->count > 0;
    *p++ = FORM;
    *p++ = quantiles->limit;
    *p++ = quantiles->sketched;
    *p++ = (double)quantiles->count;
    *p++ = (double)quantiles->nans;
    *p++ = (double)quantiles->raised;
    *p++ = (double)quantiles->lowered;
    *p++ = any ? weir_key_value(quantiles->least) : 0;
    *p++ = any ? weir_key_value(quantiles->greatest) : 0;
    *p++ = (double)quantiles->pending_count;
    *p++ = levels;
    for (int level = 0; level < levels; level++) {
        *p++ = quantiles->levels[level].full;
        *p++ = (double)quantiles->levels[level].halvings;
    }
    for (size_t i = 0; i < quantiles->pending_count; i++)
        *p++ = weir_key_value(quantiles->pending[i]);
    for (int level = 0; level < levels; level++)
        for (size_t i = 0; quantiles->levels[level].full && i < k; i++)
            *p++ = weir_key_value(quantiles->levels[level].keys[i]);
    return 0;
}

/* Takes a whole number of 0 .. most. */
static bool take(const double **p, double most, uint64_t *out)
{
    double value = *(*p)++;
    if (!(value >= 0 && value <= most && value == floor(value)))
        return false;
    *out = (uint64_t)value;
    return true;
}

/* Takes `count` values in ascending order between least and greatest. */
static bool take_keys(const double **p, size_t count, const struct weir_quantiles *quantiles, uint64_t *keys)
{
    for (size_t i = 0; i < count; i++) {
        double value = *(*p)++;
        if (isnan(value))
            return false;
        keys[i] = weir_key(value);
        if (keys[i] < quantiles->least || keys[i] > quantiles->greatest || (i && keys[i] < keys[i - 1]))
            return false;
    }
    return true;
}

/* Fills the collector from the numbers behind form and limit: 0, -1 out of memory, 1 they contradict themselves. */
static int fill(struct weir_quantiles *quantiles, const double *p, const double *end)
{
    uint64_t sketched, count, nans, pending, levels, full;
    if (!take(&p, 1, &sketched) || !take(&p, 0x1p53, &count) || !take(&p, 0x1p53, &nans) ||
        !take(&p, 0x1p53, &quantiles->raised) || !take(&p, 0x1p53, &quantiles->lowered))
        return 1;
    double least = *p++, greatest = *p++;
    uint64_t k = (uint64_t)quantiles->k, most = sketched ? 2 * k : (uint64_t)quantiles->limit;
    if (!(least <= greatest) || !take(&p, (double)most, &pending) || !take(&p, WEIR_QUANTILE_LEVELS, &levels) ||
        (uint64_t)(end - p) < 2 * levels)
        return 1;
    uint64_t sum = pending, buffers = 0;
    for (uint64_t level = 0; level < levels; level++) {
        if (!take(&p, level && sketched, &full) || !take(&p, 0x1p53, &quantiles->levels[level].halvings))
            return 1;
        quantiles->levels[level].full = full;
        buffers += full;
        if (full && k << level >= (uint64_t)1 << 54)
            return 1;
        sum += full ? k << level : 0;
    }
    if (sum != count || (uint64_t)(end - p) != pending + buffers * k)
        return 1;
    quantiles->sketched = sketched;
    quantiles->count = (int64_t)count;
    quantiles->nans = (int64_t)nans;
    if (count) {
        quantiles->least = weir_key(least);
        quantiles->greatest = weir_key(greatest);
    }
    size_t room = 64;
    while (room < pending)
        room *= 2;
    quantiles->pending = weir_allocate(room, sizeof *quantiles->pending);
    if (sketched)
        quantiles->hand = weir_allocate(2 * k, sizeof *quantiles->hand);
    if (!quantiles->pending || (sketched && !quantiles->hand))
        return -1;
    quantiles->pending_capacity = room;
    quantiles->pending_count = pending;
    quantiles->pending_sorted = true;
    if (!take_keys(&p, pending, quantiles, quantiles->pending))
        return 1;
    for (uint64_t level = 0; level < levels; level++) {
        struct weir_quantile_level *target = &quantiles->levels[level];
        if (!target->full)
            continue;
        target->keys = weir_allocate(k, sizeof *target->keys);
        if (!target->keys)
            return -1;
        if (!take_keys(&p, k, quantiles, target->keys))
            return 1;
    }
    return 0;
}

int weir_quantiles_load(struct weir_quantiles **quantiles, const double *state, size_t length, struct weir_error *error)
{
    *quantiles = NULL;
    if (length < HEAD || state[0] != FORM)
        return weir_fail(error, WEIR_BAD_DATA, "not the state of a quantile collector");
    int limit = 256;
    while (limit < WEIR_QUANTILES_EXACT && limit != state[1])
        limit *= 2;
    if (limit != state[1])
        return weir_fail(error, WEIR_BAD_DATA, "a quantile collector cannot keep %g values", state[1]);
    struct weir_quantiles *loaded = weir_quantiles_new(limit);
    if (!loaded)
        return weir_fail_memory(error);
    int failed = fill(loaded, state + 2, state + length);
    if (failed) {
        weir_quantiles_free(loaded);
        return failed < 0 ? weir_fail_memory(error)
                          : weir_fail(error, WEIR_BAD_DATA, "the state of a quantile collector contradicts itself");
    }
    *quantiles = loaded;
    return 0;
}
