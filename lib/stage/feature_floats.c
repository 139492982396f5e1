#include "stage/feature_floats.h"
#include "math/clones.h"

static bool is_simple(enum weir_kind kind)
{
    return weir_kind_is_number(kind) && kind != WEIR_FLOAT16;
}

int64_t weir_feature_width(const struct weir_type *type)
{
    if (is_simple(type->kind))
        return 1;
    if (type->kind == WEIR_FIXED_LIST && type->child_count == 1 && is_simple(type->children[0].type.kind))
        return type->list_size;
    return 0;
}

/* x[r * stride + i] from values[(first + r) * width + i]. */
#define COPY(type)                                                                                                     \
    do {                                                                                                               \
        const type *from = (const type *)(const void *)values + first * width;                                         \
        for (int64_t r = 0; r < rows; r++)                                                                             \
            for (int64_t i = 0; i < width; i++)                                                                        \
                x[r * stride + i] = (float)from[r * width + i];                                                        \
    } while (0)
/* The same with center[i] taken off in double. */
#define COPY_DEVIATION(type)                                                                                           \
    do {                                                                                                               \
        const type *from = (const type *)(const void *)values + first * width;                                         \
        for (int64_t r = 0; r < rows; r++)                                                                             \
            for (int64_t i = 0; i < width; i++)                                                                        \
                x[r * stride + i] = (float)((double)from[r * width + i] - center[i]);                                  \
    } while (0)
#define COPY_NUMBERS(COPY)                                                                                             \
    switch (kind) {                                                                                                    \
    case WEIR_INT8:                                                                                                    \
        COPY(int8_t);                                                                                                  \
        break;                                                                                                         \
    case WEIR_INT16:                                                                                                   \
        COPY(int16_t);                                                                                                 \
        break;                                                                                                         \
    case WEIR_INT32:                                                                                                   \
        COPY(int32_t);                                                                                                 \
        break;                                                                                                         \
    case WEIR_INT64:                                                                                                   \
        COPY(int64_t);                                                                                                 \
        break;                                                                                                         \
    case WEIR_UINT8:                                                                                                   \
        COPY(uint8_t);                                                                                                 \
        break;                                                                                                         \
    case WEIR_UINT16:                                                                                                  \
        COPY(uint16_t);                                                                                                \
        break;                                                                                                         \
    case WEIR_UINT32:                                                                                                  \
        COPY(uint32_t);                                                                                                \
        break;                                                                                                         \
    case WEIR_UINT64:                                                                                                  \
        COPY(uint64_t);                                                                                                \
        break;                                                                                                         \
    case WEIR_FLOAT32:                                                                                                 \
        COPY(float);                                                                                                   \
        break;                                                                                                         \
    case WEIR_FLOAT64:                                                                                                 \
        COPY(double);                                                                                                  \
        break;                                                                                                         \
    default:                                                                                                           \
        break;                                                                                                         \
    }

static void copy_bits(const uint8_t *values, const double *center, int64_t first, int64_t rows, int64_t width, float *x,
                      int64_t stride)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < width; i++)
            x[r * stride + i] = (float)(weir_bit(values, (first + r) * width + i) - (center ? center[i] : 0));
}

static void copy_values(const uint8_t *values, enum weir_kind kind, int64_t first, int64_t rows, int64_t width,
                        float *x, int64_t stride){ COPY_NUMBERS(COPY) }

WEIR_CLONES static void copy_deviations(const uint8_t *values, enum weir_kind kind, const double *center, int64_t first,
                                        int64_t rows, int64_t width, float *x, int64_t stride)
{
    COPY_NUMBERS(COPY_DEVIATION)
}

void weir_feature_deviations(const struct weir_column *column, const struct weir_type *type, const double *center,
                             int64_t first, int64_t rows, float *x, int64_t stride)
{
    bool list = type->kind == WEIR_FIXED_LIST;
    const uint8_t *values = list ? column->children[0].values.bytes : column->values.bytes;
    enum weir_kind kind = list ? type->children[0].type.kind : type->kind;
    int64_t width = list ? type->list_size : 1;
    if (kind == WEIR_BOOL)
        copy_bits(values, center, first, rows, width, x, stride);
    else if (center)
        copy_deviations(values, kind, center, first, rows, width, x, stride);
    else
        copy_values(values, kind, first, rows, width, x, stride);
}

void weir_feature_floats(const struct weir_column *column, const struct weir_type *type, int64_t first, int64_t rows,
                         float *x, int64_t stride)
{
    weir_feature_deviations(column, type, NULL, first, rows, x, stride);
}

bool weir_feature_missing(const struct weir_column *column, const struct weir_type *type, int64_t row)
{
    if (column->null_count && !weir_valid(column, row))
        return true;
    if (type->kind != WEIR_FIXED_LIST || column->children[0].null_count == 0)
        return false;
    for (int64_t i = 0; i < type->list_size; i++)
        if (!weir_valid(&column->children[0], row * type->list_size + i))
            return true;
    return false;
}
