/* The second pass: a quantile made exact by counting around its bracket. */
#include "base/memory.h"
#include "math/around_private.h"
#include "math/quantile_private.h"
#include "math/sort.h"
#include <math.h>
#include <stdlib.h>

struct weir_refinement {
    int64_t total;       /* values in the whole run */
    int64_t first, last; /* the wanted places */
    double fraction;
    double low, high; /* the bracket, its ends among the wanted */
    int64_t below, at_low, at_high, above;
    struct weir_quantiles *inside; /* the values between low and high */
};

struct weir_refinement *weir_refinement_new(struct weir_quantiles *quantiles, double q, int limit)
{
    if (quantiles->count == 0 || !(q >= 0 && q <= 1) || weir_quantiles_settle(quantiles))
        return NULL;
    struct weir_refinement *refinement = weir_allocate_zero(1, sizeof *refinement);
    if (!refinement)
        return NULL;
    refinement->inside = weir_quantiles_new(limit);
    if (!refinement->inside) {
        free(refinement);
        return NULL;
    }
    uint64_t low, high;
    refinement->total = quantiles->count;
    weir_quantile_places(q, quantiles->count, &refinement->first, &refinement->last, &refinement->fraction);
    weir_quantiles_bracket(quantiles, refinement->first, refinement->last, &low, &high);
    refinement->low = weir_key_value(low);
    refinement->high = weir_key_value(high);
    return refinement;
}

void weir_refinement_free(struct weir_refinement *refinement)
{
    if (!refinement)
        return;
    weir_quantiles_free(refinement->inside);
    free(refinement);
}

int weir_refinement_add(struct weir_refinement *refinement, const double *values, size_t count)
{
    enum { BLOCK = 128 };
    double low = refinement->low, high = refinement->high, found[BLOCK], last[2];
    while (count) {
        size_t n = count < BLOCK ? count & ~(size_t)1 : BLOCK;
        const double *block = values;
        if (count == 1) {
            last[0] = *values;
            last[1] = NAN; /* counts nowhere */
            block = last;
            n = 2;
        }
        struct weir_around around = weir_count_around(block, n, low, high);
        refinement->below += around.below;
        refinement->at_low += around.to_low - around.below;
        refinement->above += around.above;
        if (low < high)
            refinement->at_high += around.to_high - around.below_high;
        if (around.below_high > around.to_low) {
            size_t kept = 0;
            for (size_t i = 0; i < n; i++) {
                found[kept] = block[i];
                kept += block[i] > low && block[i] < high;
            }
            if (weir_quantiles_add(refinement->inside, found, kept))
                return -1;
        }
        size_t taken = count == 1 ? 1 : n;
        values += taken;
        count -= taken;
    }
    return 0;
}

/* Whether the value at a place must be asked of those inside: the ends of the bracket are known values. */
static bool is_inside(const struct weir_refinement *refinement, int64_t place)
{
    place -= refinement->below + refinement->at_low;
    return place >= 0 && place < refinement->inside->count;
}

bool weir_refinement_is_exact(const struct weir_refinement *refinement)
{
    return !refinement->inside->sketched ||
           (!is_inside(refinement, refinement->first) && !is_inside(refinement, refinement->last));
}

int weir_refinement_narrow(struct weir_refinement *refinement)
{
    struct weir_quantiles *inside = refinement->inside, *fresh = weir_quantiles_new(inside->limit);
    if (!fresh || weir_quantiles_settle(inside)) {
        weir_quantiles_free(fresh);
        return -1;
    }
    int64_t before = refinement->below + refinement->at_low;
    int64_t first = refinement->first - before, last = refinement->last - before;
    bool first_inside = is_inside(refinement, refinement->first), last_inside = is_inside(refinement, refinement->last);
    uint64_t low, high;
    if (first_inside || last_inside) {
        /* An end that is not inside is one of the bracket's own, known already; it stays. */
        weir_quantiles_bracket(inside, first_inside ? first : last, last_inside ? last : first, &low, &high);
        if (first_inside)
            refinement->low = weir_key_value(low);
        if (last_inside)
            refinement->high = weir_key_value(high);
    }
    weir_quantiles_free(inside);
    refinement->inside = fresh;
    refinement->below = refinement->at_low = refinement->at_high = refinement->above = 0;
    return 0;
}

/* The value at a place of the sorted run: false when the bracket does not hold it. */
static bool find_place(const struct weir_refinement *refinement, int64_t place, double *value)
{
    place -= refinement->below;
    if (place < 0)
        return false;
    if (place < refinement->at_low) {
        *value = refinement->low;
        return true;
    }
    place -= refinement->at_low;
    if (place < refinement->inside->count) {
        *value = weir_key_value(weir_quantiles_at(refinement->inside, place));
        return true;
    }
    place -= refinement->inside->count;
    *value = refinement->high;
    return place < refinement->at_high;
}

int weir_refinement_value(struct weir_refinement *refinement, double *value, struct weir_error *error)
{
    double first, last;
    if (weir_quantiles_settle(refinement->inside))
        return weir_fail_memory(error);
    int64_t seen =
        refinement->below + refinement->at_low + refinement->inside->count + refinement->at_high + refinement->above;
    if (seen != refinement->total || !find_place(refinement, refinement->first, &first) ||
        !find_place(refinement, refinement->last, &last))
        return weir_fail(error, WEIR_BAD_DATA, "the second pass did not see the values of the first");
    *value = weir_quantile_between(first, last, refinement->fraction);
    return 0;
}
