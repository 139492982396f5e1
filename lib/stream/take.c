#include "stream/batch.h"
#include "stream/bits.h"
#include <stdlib.h>

static int take_validity(struct weir_column *to, const struct weir_column *from, const int64_t *index, int64_t count)
{
    bool nulls = from->null_count != 0;
    for (int64_t i = 0; i < count && !nulls; i++)
        nulls = index[i] < 0;
    if (!nulls)
        return 0;
    uint8_t *bits = weir_slice_new(&to->validity, (size_t)((count + 7) / 8), 1);
    if (!bits)
        return -1;
    memset(bits, 0, to->validity.size);
    int64_t present = 0;
    for (int64_t i = 0; i < count; i++)
        if (index[i] >= 0 && weir_valid(from, index[i])) {
            weir_bit_set(bits, i);
            present++;
        }
    to->null_count = count - present;
    return 0;
}

static int take_fixed(struct weir_column *to, const struct weir_column *from, int width, const int64_t *index,
                      int64_t count)
{
    void *out = weir_slice_new(&to->values, (size_t)count, (size_t)width);
    const void *in = from->values.bytes;
    if (!out)
        return -1;
#define GATHER(type)                                                                                                   \
    for (int64_t i = 0; i < count; i++)                                                                                \
        ((type *)out)[i] = index[i] < 0 ? 0 : ((const type *)in)[index[i]];
    switch (width) {
    case 1:
        GATHER(uint8_t)
        break;
    case 2:
        GATHER(uint16_t)
        break;
    case 4:
        GATHER(uint32_t)
        break;
    default:
        GATHER(uint64_t)
        break;
    }
#undef GATHER
    return 0;
}

static int take_bits(struct weir_column *to, const struct weir_column *from, const int64_t *index, int64_t count)
{
    uint8_t *out = weir_slice_new(&to->values, (size_t)((count + 7) / 8), 1);
    if (!out)
        return -1;
    memset(out, 0, to->values.size);
    for (int64_t i = 0; i < count; i++)
        if (index[i] >= 0 && weir_bit(from->values.bytes, index[i]))
            weir_bit_set(out, i);
    return 0;
}

/* Fills to->offsets from the lengths of the rows taken; the sum in *total. */
static int take_offsets(struct weir_column *to, const struct weir_column *from, const int64_t *index, int64_t count,
                        int64_t *total, struct weir_error *error)
{
    const int32_t *in = weir_offsets(from);
    int32_t *out = weir_slice_new(&to->offsets, (size_t)(count + 1), 4);
    if (!out)
        return weir_fail_memory(error);
    *total = 0;
    for (int64_t i = 0; i < count; i++) {
        out[i] = (int32_t)*total;
        if (index[i] >= 0)
            *total += in[index[i] + 1] - in[index[i]];
        if (*total > INT32_MAX)
            return weir_column_fail_size(error);
    }
    out[count] = (int32_t)*total;
    return 0;
}

static int take_text(struct weir_column *to, const struct weir_column *from, const int64_t *index, int64_t count,
                     struct weir_error *error)
{
    int64_t total;
    if (take_offsets(to, from, index, count, &total, error))
        return -1;
    uint8_t *out = weir_slice_new(&to->values, (size_t)total, 1);
    if (!out)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < count; i++) {
        size_t length;
        if (index[i] < 0)
            continue;
        const char *text = weir_text(from, index[i], &length);
        if (length)
            memcpy(out, text, length);
        out += length;
    }
    return 0;
}

static int take_list(struct weir_column *to, const struct weir_column *from, const struct weir_type *type,
                     const int64_t *index, int64_t count, struct weir_error *error)
{
    int64_t total;
    if (take_offsets(to, from, index, count, &total, error))
        return -1;
    int64_t *items = weir_allocate((size_t)total, sizeof *items);
    if (!items)
        return weir_fail_memory(error);
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++)
        if (index[i] >= 0)
            for (int32_t item = weir_offsets(from)[index[i]]; item < weir_offsets(from)[index[i] + 1]; item++)
                items[n++] = item;
    int result = weir_column_take(&to->children[0], &from->children[0], &type->children[0].type, items, total, error);
    free(items);
    return result;
}

static int take_fixed_list(struct weir_column *to, const struct weir_column *from, const struct weir_type *type,
                           const int64_t *index, int64_t count, struct weir_error *error)
{
    const struct weir_column *child = &from->children[0];
    const struct weir_type *item = &type->children[0].type;
    int64_t size = type->list_size, total;
    if (__builtin_mul_overflow(count, size, &total))
        return weir_fail_memory(error);
    int width = weir_kind_width(item->kind);
    if (width && child->null_count == 0 && item->kind != WEIR_DICTIONARY) {
        uint8_t *out = weir_slice_new(&to->children[0].values, (size_t)total, (size_t)width);
        if (!out)
            return weir_fail_memory(error);
        size_t row_bytes = (size_t)size * (size_t)width;
        for (int64_t i = 0; i < count; i++, out += row_bytes) {
            if (index[i] < 0)
                memset(out, 0, row_bytes);
            else if (row_bytes)
                memcpy(out, child->values.bytes + (size_t)index[i] * row_bytes, row_bytes);
        }
        to->children[0].rows = total;
        return 0;
    }
    int64_t *items = weir_allocate((size_t)total, sizeof *items);
    if (!items)
        return weir_fail_memory(error);
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < size; j++)
            items[n++] = index[i] < 0 ? -1 : index[i] * size + j;
    int result = weir_column_take(&to->children[0], child, item, items, total, error);
    free(items);
    return result;
}

static int take_column(struct weir_column *to, const struct weir_column *from, const struct weir_type *type,
                       const int64_t *index, int64_t count, struct weir_error *error)
{
    int width = weir_kind_width(type->kind);
    if (take_validity(to, from, index, count))
        return weir_fail_memory(error);
    if (type->kind == WEIR_DICTIONARY) {
        if (weir_column_add_children(to, 1) || weir_column_share(&to->children[0], &from->children[0]))
            return weir_fail_memory(error);
    } else if (weir_column_add_children(to, from->child_count)) {
        return weir_fail_memory(error);
    }
    switch (type->kind) {
    case WEIR_NULL:
        return 0;
    case WEIR_BOOL:
        return take_bits(to, from, index, count) ? weir_fail_memory(error) : 0;
    case WEIR_UTF8:
    case WEIR_BINARY:
        return take_text(to, from, index, count, error);
    case WEIR_LIST:
        return take_list(to, from, type, index, count, error);
    case WEIR_FIXED_LIST:
        return take_fixed_list(to, from, type, index, count, error);
    case WEIR_STRUCT:
        for (int i = 0; i < from->child_count; i++)
            if (weir_column_take(&to->children[i], &from->children[i], &type->children[i].type, index, count, error))
                return -1;
        return 0;
    default:
        return take_fixed(to, from, width, index, count) ? weir_fail_memory(error) : 0;
    }
}

int weir_column_take(struct weir_column *to, const struct weir_column *from, const struct weir_type *type,
                     const int64_t *index, int64_t count, struct weir_error *error)
{
    *to = (struct weir_column){ .rows = count };
    if (take_column(to, from, type, index, count, error)) {
        weir_column_release(to);
        return -1;
    }
    return 0;
}

int weir_batch_take(struct weir_batch *to, const struct weir_batch *from, const struct weir_schema *schema,
                    const int64_t *index, int64_t count, struct weir_error *error)
{
    if (weir_batch_init(to, from->count, count))
        return weir_fail_memory(error);
    for (int i = 0; i < from->count; i++)
        if (weir_column_take(&to->columns[i], &from->columns[i], &schema->fields[i].type, index, count, error)) {
            weir_batch_release(to);
            return weir_fail_in(error, "column '%.200s'", schema->fields[i].name);
        }
    return 0;
}

int weir_column_decode(struct weir_column *to, const struct weir_column *from, const struct weir_type *type,
                       struct weir_error *error)
{
    const int32_t *codes = weir_codes(from);
    int64_t *index = weir_allocate((size_t)from->rows, sizeof *index);
    if (!index)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < from->rows; i++)
        index[i] = weir_valid(from, i) ? codes[i] : -1;
    int result = weir_column_take(to, &from->children[0], &type->children[0].type, index, from->rows, error);
    free(index);
    return result;
}
