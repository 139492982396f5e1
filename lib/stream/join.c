#include "stream/batch.h"
#include "stream/bits.h"
#include <stdlib.h>

static int join(struct weir_column *to, const struct weir_column *const *parts, int count, const struct weir_type *type,
                struct weir_error *error);

static int join_validity(struct weir_column *to, const struct weir_column *const *parts, int count)
{
    if (to->null_count == 0)
        return 0;
    uint8_t *bits = weir_slice_new(&to->validity, (size_t)((to->rows + 7) / 8), 1);
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
    uint8_t *out = kind == WEIR_BOOL ? weir_slice_new(&to->values, (size_t)((to->rows + 7) / 8), 1)
                                     : weir_slice_new(&to->values, (size_t)to->rows, (size_t)width);
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
    int32_t *out = weir_slice_new(&to->offsets, (size_t)(to->rows + 1), 4);
    if (!out)
        return weir_fail_memory(error);
    *total = 0;
    for (int p = 0; p < count; p++) {
        const int32_t *in = weir_offsets(parts[p]);
        int64_t rows = parts[p]->rows, shift = *total - in[0];
        *total += in[rows] - in[0];
        if (*total > INT32_MAX)
            return weir_column_fail_size(error);
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
    uint8_t *out = weir_slice_new(&to->values, (size_t)total, 1);
    if (!out)
        return weir_fail_memory(error);
    for (int p = 0; p < count; p++) {
        const int32_t *in = weir_offsets(parts[p]);
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
        const int32_t *in = weir_offsets(parts[made]);
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
    if (join_validity(to, parts, count) || weir_column_add_children(to, type->child_count))
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
