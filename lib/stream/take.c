#include "stream/batch.h"
#include "stream/bits.h"
#include <stdlib.h>

static const int32_t *offsets_of(const struct weir_column *column)
{
    return (const int32_t *)(const void *)column->offsets.bytes;
}

/* A new block of count * width bytes as the whole of *slice; the bytes to fill, or NULL. */
static void *new_slice(struct weir_slice *slice, int64_t count, int64_t width)
{
    size_t size;
    if (!weir_multiply((size_t)count, (size_t)width, &size))
        return NULL;
    struct weir_block *block = weir_block_new(size);
    if (!block)
        return NULL;
    *slice = (struct weir_slice){ block, block->bytes, size };
    return block->bytes;
}

static int fail_size(struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "more than 2 GiB of text or items in one batch of a column");
}

static int make_children(struct weir_column *column, int count)
{
    if (count == 0)
        return 0;
    column->children = weir_allocate_zero((size_t)count, sizeof *column->children);
    if (!column->children)
        return -1;
    column->child_count = count;
    return 0;
}

/* ---- rows by their index ---- */

static int take_validity(struct weir_column *to, const struct weir_column *from, const int64_t *index, int64_t count)
{
    bool nulls = from->null_count != 0;
    for (int64_t i = 0; i < count && !nulls; i++)
        nulls = index[i] < 0;
    if (!nulls)
        return 0;
    uint8_t *bits = new_slice(&to->validity, (count + 7) / 8, 1);
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
    void *out = new_slice(&to->values, count, width);
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
    uint8_t *out = new_slice(&to->values, (count + 7) / 8, 1);
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
    const int32_t *in = offsets_of(from);
    int32_t *out = new_slice(&to->offsets, count + 1, 4);
    if (!out)
        return weir_fail_memory(error);
    *total = 0;
    for (int64_t i = 0; i < count; i++) {
        out[i] = (int32_t)*total;
        if (index[i] >= 0)
            *total += in[index[i] + 1] - in[index[i]];
        if (*total > INT32_MAX)
            return fail_size(error);
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
    uint8_t *out = new_slice(&to->values, total, 1);
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
            for (int32_t item = offsets_of(from)[index[i]]; item < offsets_of(from)[index[i] + 1]; item++)
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
        uint8_t *out = new_slice(&to->children[0].values, total, width);
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
        if (make_children(to, 1) || weir_column_share(&to->children[0], &from->children[0]))
            return weir_fail_memory(error);
    } else if (make_children(to, from->child_count)) {
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
    const int32_t *codes = (const int32_t *)(const void *)from->values.bytes;
    int64_t *index = weir_allocate((size_t)from->rows, sizeof *index);
    if (!index)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < from->rows; i++)
        index[i] = weir_valid(from, i) ? codes[i] : -1;
    int result = weir_column_take(to, &from->children[0], &type->children[0].type, index, from->rows, error);
    free(index);
    return result;
}

/* ---- one after the other ---- */

static int join(struct weir_column *to, const struct weir_column *const *parts, int count, const struct weir_type *type,
                struct weir_error *error);

static int join_validity(struct weir_column *to, const struct weir_column *const *parts, int count)
{
    if (to->null_count == 0)
        return 0;
    uint8_t *bits = new_slice(&to->validity, (to->rows + 7) / 8, 1);
    if (!bits)
        return -1;
    int64_t row = 0;
    for (int p = 0; p < count; row += parts[p++]->rows) {
        if (parts[p]->null_count)
            weir_bits_copy(bits, row, parts[p]->validity.bytes, 0, parts[p]->rows);
        else
            weir_bits_fill(bits, row, parts[p]->rows, true);
    }
    return 0;
}

static int join_values(struct weir_column *to, const struct weir_column *const *parts, int count, enum weir_kind kind)
{
    int width = weir_kind_width(kind);
    uint8_t *out =
        kind == WEIR_BOOL ? new_slice(&to->values, (to->rows + 7) / 8, 1) : new_slice(&to->values, to->rows, width);
    if (!out)
        return -1;
    int64_t row = 0;
    for (int p = 0; p < count; row += parts[p++]->rows) {
        if (parts[p]->rows == 0)
            continue;
        if (kind == WEIR_BOOL)
            weir_bits_copy(out, row, parts[p]->values.bytes, 0, parts[p]->rows);
        else
            memcpy(out + row * width, parts[p]->values.bytes, (size_t)(parts[p]->rows * width));
    }
    return 0;
}

static int join_offsets(struct weir_column *to, const struct weir_column *const *parts, int count, int64_t *total,
                        struct weir_error *error)
{
    int32_t *out = new_slice(&to->offsets, to->rows + 1, 4);
    if (!out)
        return weir_fail_memory(error);
    *total = 0;
    for (int p = 0; p < count; p++) {
        const int32_t *in = offsets_of(parts[p]);
        int64_t rows = parts[p]->rows, shift = *total - in[0];
        *total += in[rows] - in[0];
        if (*total > INT32_MAX)
            return fail_size(error);
        for (int64_t i = 0; i < rows; i++)
            *out++ = (int32_t)(in[i] + shift);
    }
    *out = (int32_t)*total;
    return 0;
}

static int join_text(struct weir_column *to, const struct weir_column *const *parts, int count,
                     struct weir_error *error)
{
    int64_t total;
    if (join_offsets(to, parts, count, &total, error))
        return -1;
    uint8_t *out = new_slice(&to->values, total, 1);
    if (!out)
        return weir_fail_memory(error);
    for (int p = 0; p < count; p++) {
        const int32_t *in = offsets_of(parts[p]);
        size_t size = (size_t)(in[parts[p]->rows] - in[0]);
        if (size)
            memcpy(out, parts[p]->values.bytes + in[0], size);
        out += size;
    }
    return 0;
}

static int join_lists(struct weir_column *to, const struct weir_column *const *parts, int count,
                      const struct weir_type *type, struct weir_error *error)
{
    int64_t total;
    int result = -1, made = 0;
    const struct weir_type *item = &type->children[0].type;
    if (join_offsets(to, parts, count, &total, error))
        return -1;
    struct weir_column *slices = weir_allocate_zero((size_t)count, sizeof *slices);
    const struct weir_column **pointers = weir_allocate_zero((size_t)count, sizeof *pointers);
    if (!slices || !pointers) {
        weir_fail_memory(error);
        goto done;
    }
    for (; made < count; made++) {
        const int32_t *in = offsets_of(parts[made]);
        if (weir_column_slice(&slices[made], &parts[made]->children[0], item, in[0], in[parts[made]->rows] - in[0])) {
            weir_fail_memory(error);
            goto done;
        }
        pointers[made] = &slices[made];
    }
    result = join(&to->children[0], pointers, count, item, error);
done:
    for (int p = 0; p < made; p++)
        weir_column_release(&slices[p]);
    free(slices);
    free(pointers);
    return result;
}

static int join_children(struct weir_column *to, const struct weir_column *const *parts, int count,
                         const struct weir_type *type, struct weir_error *error)
{
    const struct weir_column **pointers = weir_allocate_zero((size_t)count, sizeof *pointers);
    int result = pointers ? 0 : weir_fail_memory(error);
    for (int child = 0; child < to->child_count && !result; child++) {
        for (int p = 0; p < count; p++)
            pointers[p] = &parts[p]->children[child];
        result = join(&to->children[child], pointers, count, &type->children[child].type, error);
    }
    free(pointers);
    return result;
}

/* Different dictionaries become one; rows that share one dictionary keep their codes. */
static int join_dictionaries(struct weir_column *to, const struct weir_column *const *parts, int count,
                             const struct weir_type *type, struct weir_error *error)
{
    const struct weir_column *first = count ? &parts[0]->children[0] : NULL;
    bool same = count > 0;
    for (int p = 1; p < count && same; p++) {
        const struct weir_column *other = &parts[p]->children[0];
        same = other->rows == first->rows && other->offsets.bytes == first->offsets.bytes &&
               other->values.bytes == first->values.bytes && other->validity.bytes == first->validity.bytes;
    }
    if (same) {
        if (join_values(to, parts, count, type->kind) || weir_column_share(&to->children[0], first))
            return weir_fail_memory(error);
        return 0;
    }
    struct weir_builder builder;
    if (weir_builder_init(&builder, type))
        return weir_fail_memory(error);
    int result = 0;
    for (int p = 0; p < count && !result; p++)
        for (int64_t row = 0; row < parts[p]->rows && !result; row++)
            result = weir_builder_copy(&builder, parts[p], row);
    weir_column_release(to);
    if (result)
        weir_fail_memory(error);
    else
        result = weir_builder_finish(&builder, to, error);
    weir_builder_release(&builder);
    return result;
}

static int join_column(struct weir_column *to, const struct weir_column *const *parts, int count,
                       const struct weir_type *type, struct weir_error *error)
{
    if (join_validity(to, parts, count) || make_children(to, type->child_count))
        return weir_fail_memory(error);
    switch (type->kind) {
    case WEIR_NULL:
        return 0;
    case WEIR_UTF8:
    case WEIR_BINARY:
        return join_text(to, parts, count, error);
    case WEIR_LIST:
        return join_lists(to, parts, count, type, error);
    case WEIR_FIXED_LIST:
    case WEIR_STRUCT:
        return join_children(to, parts, count, type, error);
    case WEIR_DICTIONARY:
        return join_dictionaries(to, parts, count, type, error);
    default:
        return join_values(to, parts, count, type->kind) ? weir_fail_memory(error) : 0;
    }
}

static int join(struct weir_column *to, const struct weir_column *const *parts, int count, const struct weir_type *type,
                struct weir_error *error)
{
    *to = (struct weir_column){ 0 };
    for (int p = 0; p < count; p++) {
        to->rows += parts[p]->rows;
        to->null_count += parts[p]->null_count;
    }
    if (join_column(to, parts, count, type, error)) {
        weir_column_release(to);
        return -1;
    }
    return 0;
}

int weir_batch_concatenate(struct weir_batch *to, const struct weir_batch *parts, int part_count,
                           const struct weir_schema *schema, struct weir_error *error)
{
    int64_t rows = 0;
    const struct weir_column **columns = weir_allocate_zero((size_t)part_count, sizeof *columns);
    if (!columns)
        return weir_fail_memory(error);
    for (int p = 0; p < part_count; p++)
        rows += parts[p].rows;
    int result = weir_batch_init(to, schema->count, rows) ? weir_fail_memory(error) : 0;
    for (int i = 0; i < schema->count && !result; i++) {
        for (int p = 0; p < part_count; p++)
            columns[p] = &parts[p].columns[i];
        result = join(&to->columns[i], columns, part_count, &schema->fields[i].type, error);
        if (result)
            weir_fail_in(error, "column '%.200s'", schema->fields[i].name);
    }
    if (result)
        weir_batch_release(to);
    free(columns);
    return result;
}
