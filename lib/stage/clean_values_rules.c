#include "stage/clean_values_private.h"
#include <math.h>

/* ---- Numbers ---------------------------------------------------------------------------------------------------- */

int64_t weir_clean_values_nearest(double real)
{
    double whole = nearbyint(real);
    if (whole >= 9223372036854775807.0)
        return INT64_MAX;
    return whole <= -9223372036854775808.0 ? INT64_MIN : (int64_t)whole;
}

void weir_clean_values_integer_range(enum weir_kind kind, double *low, double *high)
{
    int bits = 8 * weir_kind_width(kind);
    bool is_unsigned = kind >= WEIR_UINT8 && kind <= WEIR_UINT64;
    *high = ldexp(1, is_unsigned ? bits : bits - 1) - (bits < 64);
    *low = is_unsigned ? 0 : -ldexp(1, bits - 1);
}

bool weir_clean_values_is_among(const struct clean_set *set, double number)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->numbers[i] == number)
            return true;
    return false;
}

bool weir_clean_values_number_fine(const struct clean_column *column, enum clean_action action, enum weir_kind kind,
                                   double *number)
{
    if (column->allowed.count > 0 && !weir_clean_values_is_among(&column->allowed, *number))
        return false;
    if (!column->ranged || (*number >= column->low && *number <= column->high))
        return true;
    if (action != CLEAN_TO_CLIP)
        return false;
    bool below = *number < column->low;
    double end = weir_clean_end_within(kind, below ? column->low : column->high, below);
    if (!isfinite(end))
        return false;
    *number = end;
    return true;
}

/* ---- Text ------------------------------------------------------------------------------------------------------- */

enum clean_outcome weir_clean_values_judge_text(const struct clean_column *column, const char *bytes, size_t length)
{
    if (column->means_missing.count > 0 && weir_counts_find(&column->means_missing.texts, bytes, length) >= 0)
        return CLEAN_MEANT_MISSING;
    if (column->allowed.count > 0 && weir_counts_find(&column->allowed.texts, bytes, length) < 0)
        return CLEAN_NOT_ALLOWED;
    return CLEAN_STAYS;
}
