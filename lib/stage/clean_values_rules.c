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

bool weir_clean_values_number_fine(const struct clean_column *column, enum clean_action action, double *number)
{
    bool found = column->allowed_count == 0;
    for (size_t i = 0; i < column->allowed_count && !found; i++)
        found = column->allowed_numbers[i] == *number;
    if (!found)
        return false;
    if (!column->ranged || (*number >= column->low && *number <= column->high))
        return true;
    if (action != CLEAN_TO_CLIP)
        return false;
    *number = *number < column->low ? column->low : column->high;
    return true;
}

/* ---- Text ------------------------------------------------------------------------------------------------------- */

bool weir_clean_values_text_allowed(const struct clean_column *column, const char *bytes, size_t length)
{
    return column->allowed_count == 0 || weir_counts_find(&column->allowed_texts, bytes, length) >= 0;
}
