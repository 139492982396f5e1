#include "stream/batch.h"

#include "stream/bits.h"
#include "stream/message.h"
#include <math.h>
#include <stdlib.h>

const uint8_t weir_no_bytes[64] __attribute__((aligned(64))) = { 0 };

/* What the column holds; the column itself is as it was, to be set or freed. */
static void let_go(const struct weir_column *column)
{
    weir_block_unref(column->validity.block);
    weir_block_unref(column->offsets.block);
    weir_block_unref(column->values.block);
    for (int i = 0; i < column->child_count; i++)
        let_go(&column->children[i]);
    free(column->children);
}

void weir_column_release(struct weir_column *column)
{
    let_go(column);
    *column = (struct weir_column){ 0 };
}

int weir_column_add_children(struct weir_column *column, int count)
{
    if (count == 0)
        return 0;
    column->children = weir_allocate_zero((size_t)count, sizeof *column->children);
    if (!column->children)
        return -1;
    column->child_count = count;
    return 0;
}

int weir_column_share(struct weir_column *to, const struct weir_column *from)
{
    *to = *from;
    to->children = NULL;
    to->child_count = 0;
    weir_block_ref(to->validity.block);
    weir_block_ref(to->offsets.block);
    weir_block_ref(to->values.block);
    if (weir_column_add_children(to, from->child_count)) {
        weir_column_release(to);
        return -1;
    }
    for (int i = 0; i < from->child_count; i++)
        if (weir_column_share(&to->children[i], &from->children[i])) {
            weir_column_release(to);
            return -1;
        }
    return 0;
}

void weir_batch_release(struct weir_batch *batch)
{
    for (int i = 0; i < batch->count; i++)
        let_go(&batch->columns[i]);
    free(batch->columns);
    weir_message_unref(batch->message);
    *batch = (struct weir_batch){ 0 };
}

int weir_batch_init(struct weir_batch *batch, int count, int64_t rows)
{
    *batch = (struct weir_batch){ .rows = rows };
    batch->columns = weir_allocate_zero((size_t)count, sizeof *batch->columns);
    if (!batch->columns)
        return -1;
    batch->count = count;
    return 0;
}

int weir_batch_share(struct weir_batch *to, const struct weir_batch *from)
{
    if (weir_batch_init(to, from->count, from->rows))
        return -1;
    for (int i = 0; i < from->count; i++)
        if (weir_column_share(&to->columns[i], &from->columns[i])) {
            weir_batch_release(to);
            return -1;
        }
    to->message = weir_message_ref(from->message);
    return 0;
}

int weir_column_fail_size(struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "more than 2 GiB of text or items in one batch of a column");
}

static size_t column_bytes(const struct weir_column *column)
{
    size_t bytes = column->validity.size + column->offsets.size + column->values.size;
    for (int i = 0; i < column->child_count; i++)
        bytes += column_bytes(&column->children[i]);
    return bytes;
}

size_t weir_batch_bytes(const struct weir_batch *batch)
{
    size_t bytes = 0;
    for (int i = 0; i < batch->count; i++)
        bytes += column_bytes(&batch->columns[i]);
    return bytes;
}

/* ---- slices ---- */

/* Bits first .. first + rows - 1; shared when they begin at a byte. */
static int slice_bits(struct weir_slice *to, const struct weir_slice *from, int64_t first, int64_t rows)
{
    if (from->size == 0)
        return 0;
    size_t size = (size_t)(rows + 7) / 8;
    if (first % 8 == 0) {
        *to = weir_slice_share(from);
        to->bytes += first / 8;
        to->size = size;
        return 0;
    }
    uint8_t *bits = weir_slice_new(to, size, 1);
    if (!bits)
        return -1;
    weir_bits_copy(bits, 0, from->bytes, first, rows);
    return 0;
}

static void slice_bytes(struct weir_slice *to, const struct weir_slice *from, int64_t first, int64_t count, int width)
{
    *to = weir_slice_share(from);
    to->bytes = to->bytes ? to->bytes + first * width : weir_no_bytes;
    to->size = (size_t)count * (size_t)width;
}

int weir_column_slice(struct weir_column *to, const struct weir_column *from, const struct weir_type *type,
                      int64_t first, int64_t rows)
{
    *to = (struct weir_column){ .rows = rows };
    if (slice_bits(&to->validity, &from->validity, first, rows) || weir_column_add_children(to, from->child_count))
        goto failed;
    to->null_count = to->validity.size ? rows - weir_bits_count(to->validity.bytes, rows) : 0;
    if (type->kind == WEIR_BOOL) {
        if (slice_bits(&to->values, &from->values, first, rows))
            goto failed;
    } else if (weir_kind_width(type->kind)) {
        slice_bytes(&to->values, &from->values, first, rows, weir_kind_width(type->kind));
    } else {
        to->values = weir_slice_share(&from->values);
    }
    if (from->offsets.size)
        slice_bytes(&to->offsets, &from->offsets, first, rows + 1, 4);
    for (int i = 0; i < from->child_count; i++) {
        const struct weir_column *child = &from->children[i];
        int failed;
        if (type->kind == WEIR_FIXED_LIST)
            failed = weir_column_slice(&to->children[i], child, &type->children[0].type, first * type->list_size,
                                       rows * type->list_size);
        else if (type->kind == WEIR_STRUCT)
            failed = weir_column_slice(&to->children[i], child, &type->children[i].type, first, rows);
        else
            failed = weir_column_share(&to->children[i], child);
        if (failed)
            goto failed;
    }
    return 0;
failed:
    weir_column_release(to);
    return -1;
}

int weir_batch_slice(struct weir_batch *to, const struct weir_batch *from, const struct weir_schema *schema,
                     int64_t first, int64_t rows)
{
    if (weir_batch_init(to, from->count, rows))
        return -1;
    for (int i = 0; i < from->count; i++)
        if (weir_column_slice(&to->columns[i], &from->columns[i], &schema->fields[i].type, first, rows)) {
            weir_batch_release(to);
            return -1;
        }
    return 0;
}

/* ---- columns as numbers ---- */

float weir_half(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits & 0x8000) << 16, exponent = bits >> 10 & 31, fraction = bits & 1023;
    if (exponent == 0) {
        float value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    uint32_t word = sign | (exponent == 31 ? 255u << 23 : (exponent + 112) << 23) | fraction << 13;
    float value;
    memcpy(&value, &word, sizeof value);
    return value;
}

/* Every kind with a number in its values: kind, C type. */
#define EACH_NUMBER(X)                                                                                                 \
    X(WEIR_INT8, int8_t)                                                                                               \
    X(WEIR_INT16, int16_t)                                                                                             \
    X(WEIR_INT32, int32_t)                                                                                             \
    X(WEIR_INT64, int64_t)                                                                                             \
    X(WEIR_UINT8, uint8_t)                                                                                             \
    X(WEIR_UINT16, uint16_t)                                                                                           \
    X(WEIR_UINT32, uint32_t)                                                                                           \
    X(WEIR_UINT64, uint64_t)                                                                                           \
    X(WEIR_FLOAT32, float)                                                                                             \
    X(WEIR_FLOAT64, double)                                                                                            \
    X(WEIR_DATE32, int32_t)                                                                                            \
    X(WEIR_DATE64, int64_t)                                                                                            \
    X(WEIR_TIME32, int32_t)                                                                                            \
    X(WEIR_TIME64, int64_t)                                                                                            \
    X(WEIR_TIMESTAMP, int64_t)                                                                                         \
    X(WEIR_DURATION, int64_t)                                                                                          \
    X(WEIR_DICTIONARY, int32_t)

double weir_number(const struct weir_column *column, enum weir_kind kind, int64_t row)
{
    const void *values = column->values.bytes;
    switch (kind) {
#define ONE(name, type)                                                                                                \
    case name:                                                                                                         \
        return (double)((const type *)values)[row];
        EACH_NUMBER(ONE)
#undef ONE
    case WEIR_BOOL:
        return weir_bit(values, row);
    case WEIR_FLOAT16:
        return (double)weir_half(((const uint16_t *)values)[row]);
    default:
        return (double)NAN;
    }
}

int weir_numbers(const struct weir_column *column, enum weir_kind kind, double *out, struct weir_error *error)
{
    const void *values = column->values.bytes;
    int64_t rows = column->rows;
    switch (kind) {
#define ALL(name, type)                                                                                                \
    case name:                                                                                                         \
        for (int64_t i = 0; i < rows; i++)                                                                             \
            out[i] = (double)((const type *)values)[i];                                                                \
        break;
        EACH_NUMBER(ALL)
#undef ALL
    case WEIR_BOOL:
        for (int64_t i = 0; i < rows; i++)
            out[i] = weir_bit(values, i);
        break;
    case WEIR_FLOAT16:
        for (int64_t i = 0; i < rows; i++)
            out[i] = (double)weir_half(((const uint16_t *)values)[i]);
        break;
    case WEIR_NULL:
        for (int64_t i = 0; i < rows; i++)
            out[i] = (double)NAN;
        break;
    default:
        return weir_fail(error, WEIR_BAD_DATA, "the column holds no numbers");
    }
    if (column->null_count && column->validity.size)
        for (int64_t first = 0; first < rows; first += 64)
            for (uint64_t unset = weir_bits_unset(column->validity.bytes, first, rows); unset; unset &= unset - 1)
                out[first + __builtin_ctzll(unset)] = (double)NAN;
    return 0;
}
