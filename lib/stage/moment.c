#include "stage/moment.h"
#include "math/sort.h"
#include <math.h>

bool weir_is_moment(const struct weir_type *type)
{
    return (type->kind >= WEIR_DATE32 && type->kind <= WEIR_DURATION) || weir_kind_is_integer(type->kind) ||
           type->kind == WEIR_FLOAT32 || type->kind == WEIR_FLOAT64;
}

static double real(const struct weir_column *column, enum weir_kind kind, int64_t row)
{
    return kind == WEIR_FLOAT32 ? (double)((const float *)(const void *)column->values.bytes)[row]
                                : ((const double *)(const void *)column->values.bytes)[row];
}

bool weir_has_moment(const struct weir_column *column, enum weir_kind kind, int64_t row)
{
    return weir_valid(column, row) && !(weir_kind_is_float(kind) && isnan(real(column, kind, row)));
}

int64_t weir_moment(const struct weir_column *column, enum weir_kind kind, int64_t row)
{
    const uint64_t flip = (uint64_t)1 << 63; /* the order of unsigned numbers becomes that of signed ones */
    if (weir_kind_is_float(kind))
        return (int64_t)(weir_key(real(column, kind, row)) ^ flip);
    int64_t number = weir_integer(column, kind, row);
    return kind == WEIR_UINT64 ? (int64_t)((uint64_t)number ^ flip) : number;
}

double weir_units_a_second(const struct weir_type *type)
{
    static const double units[] = { 1, 1e3, 1e6, 1e9 };
    switch (type->kind) {
    case WEIR_DATE32:
        return 1.0 / 86400;
    case WEIR_DATE64:
        return 1e3;
    case WEIR_TIME32:
    case WEIR_TIME64:
    case WEIR_TIMESTAMP:
    case WEIR_DURATION:
        return units[type->unit];
    default:
        return 0;
    }
}

double weir_span_seconds(char letter)
{
    switch (letter) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return 604800;
    default:
        return 0;
    }
}
