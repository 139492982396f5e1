#include "base/hash.h"
#include "stream/batch.h"
#include "stream/bits.h"
#include <stdlib.h>

/* Texts that have a code already: an open table of code + 1, 0 for a free place. The texts themselves stand in the
 * builder's child. */
struct weir_builder_codes {
    uint32_t *slots;
    size_t mask;
    struct weir_column values; /* the child as a column, made anew when it has grown */
};

int weir_builder_init(struct weir_builder *builder, const struct weir_type *type)
{
    *builder = (struct weir_builder){ 0 };
    if (weir_type_copy(&builder->type, type))
        return -1;
    if (type->child_count) {
        builder->children = weir_allocate_zero((size_t)type->child_count, sizeof *builder->children);
        if (!builder->children)
            goto failed;
        for (; builder->child_count < type->child_count; builder->child_count++)
            if (weir_builder_init(&builder->children[builder->child_count], &type->children[builder->child_count].type))
                goto failed;
    }
    if (type->kind == WEIR_DICTIONARY && !(builder->codes = weir_allocate_zero(1, sizeof *builder->codes)))
        goto failed;
    return 0;
failed:
    weir_builder_release(builder);
    return -1;
}

void weir_builder_release(struct weir_builder *builder)
{
    for (int i = 0; i < builder->child_count; i++)
        weir_builder_release(&builder->children[i]);
    free(builder->children);
    if (builder->codes) {
        free(builder->codes->slots);
        weir_column_release(&builder->codes->values);
        free(builder->codes);
    }
    weir_buffer_release(&builder->validity);
    weir_buffer_release(&builder->offsets);
    weir_buffer_release(&builder->values);
    weir_type_release(&builder->type);
    *builder = (struct weir_builder){ 0 };
}

/* Room for `size` more bytes at the end, which the caller fills at once; NULL after a failure. */
static inline void *extend(struct weir_buffer *buffer, size_t size)
{
    if (buffer->capacity - buffer->size <= size && weir_buffer_reserve(buffer, size))
        return NULL;
    char *at = buffer->bytes + buffer->size;
    buffer->size += size;
    return at;
}

static void append_bits(struct weir_buffer *bits, int64_t first, int64_t count, bool value)
{
    size_t needed = (size_t)(first + count + 7) / 8;
    if (needed > bits->size && !extend(bits, needed - bits->size))
        return;
    if (!bits->failed)
        weir_bits_fill((uint8_t *)bits->bytes, first, count, value);
}

/* Appends `count` rows to the bitmap, which is only there once a null has come. */
static inline void add_rows(struct weir_builder *builder, int64_t count, bool present)
{
    if (!present || builder->null_count) {
        if (builder->null_count == 0)
            append_bits(&builder->validity, 0, builder->rows, true);
        append_bits(&builder->validity, builder->rows, count, present);
        if (!present)
            builder->null_count += count;
    }
    builder->rows += count;
}

/* The offset after the row that is now complete. */
static inline void add_offset(struct weir_builder *builder, size_t end)
{
    size_t size = builder->offsets.size ? 4 : 8; /* the first offset is 0 */
    char *at = extend(&builder->offsets, size);
    if (!at)
        return;
    if (end > INT32_MAX)
        builder->too_large = true;
    int32_t offset = builder->too_large ? 0 : (int32_t)end;
    if (size == 8)
        memset(at, 0, 4);
    memcpy(at + size - 4, &offset, 4);
}

void weir_builder_null(struct weir_builder *builder)
{
    enum weir_kind kind = builder->type.kind;
    int width = weir_kind_width(kind);
    if (width)
        weir_buffer_zero(&builder->values, (size_t)width);
    else if (kind == WEIR_BOOL)
        append_bits(&builder->values, builder->rows, 1, false);
    else if (kind == WEIR_UTF8 || kind == WEIR_BINARY)
        add_offset(builder, builder->values.size);
    else if (kind == WEIR_LIST)
        add_offset(builder, (size_t)builder->children[0].rows);
    else if (kind == WEIR_FIXED_LIST)
        for (int i = 0; i < builder->type.list_size; i++)
            weir_builder_null(&builder->children[0]);
    else if (kind == WEIR_STRUCT)
        for (int i = 0; i < builder->child_count; i++)
            weir_builder_null(&builder->children[i]);
    add_rows(builder, 1, false);
}

void weir_builder_int64(struct weir_builder *builder, int64_t value)
{
    int width = weir_kind_width(builder->type.kind);
    if (builder->type.kind == WEIR_BOOL) {
        append_bits(&builder->values, builder->rows, 1, value != 0);
    } else {
        char *at = extend(&builder->values, (size_t)width);
        if (!at)
            return;
        if (width == 8)
            memcpy(at, &value, 8);
        else if (width == 4)
            memcpy(at, &(int32_t){ (int32_t)value }, 4);
        else if (width == 2)
            memcpy(at, &(int16_t){ (int16_t)value }, 2);
        else
            *at = (char)value;
    }
    add_rows(builder, 1, true);
}

void weir_builder_double(struct weir_builder *builder, double value)
{
    if (builder->type.kind == WEIR_FLOAT32) {
        char *at = extend(&builder->values, sizeof(float));
        if (at)
            memcpy(at, &(float){ (float)value }, sizeof(float));
    } else {
        char *at = extend(&builder->values, sizeof value);
        if (at)
            memcpy(at, &value, sizeof value);
    }
    add_rows(builder, 1, true);
}

static bool same_text(const struct weir_builder *values, uint32_t code, const char *bytes, size_t length)
{
    const int32_t *offsets = (const int32_t *)(const void *)values->offsets.bytes;
    return (size_t)(offsets[code + 1] - offsets[code]) == length &&
           (length == 0 || memcmp(values->values.bytes + offsets[code], bytes, length) == 0);
}

static int grow_codes(struct weir_builder *builder)
{
    struct weir_builder_codes *codes = builder->codes;
    const struct weir_builder *values = &builder->children[0];
    size_t size = codes->slots ? (codes->mask + 1) * 2 : 64;
    uint32_t *slots = weir_allocate_zero(size, sizeof *slots);
    if (!slots)
        return -1;
    const int32_t *offsets = (const int32_t *)(const void *)values->offsets.bytes;
    for (uint32_t code = 0; code < (uint32_t)values->rows; code++) {
        size_t length = (size_t)(offsets[code + 1] - offsets[code]);
        size_t at = (size_t)weir_hash(values->values.bytes + offsets[code], length, 0) & (size - 1);
        while (slots[at])
            at = (at + 1) & (size - 1);
        slots[at] = code + 1;
    }
    free(codes->slots);
    codes->slots = slots;
    codes->mask = size - 1;
    return 0;
}

int64_t weir_builder_code(struct weir_builder *builder, const char *bytes, size_t length)
{
    struct weir_builder_codes *codes = builder->codes;
    struct weir_builder *values = &builder->children[0];
    if ((!codes->slots || (size_t)values->rows * 2 > codes->mask) && grow_codes(builder)) {
        builder->values.failed = true;
        return -1;
    }
    size_t at = (size_t)weir_hash(bytes, length, 0) & codes->mask;
    for (; codes->slots[at]; at = (at + 1) & codes->mask)
        if (same_text(values, codes->slots[at] - 1, bytes, length))
            return codes->slots[at] - 1;
    weir_builder_text(values, bytes, length);
    if (values->values.failed || values->offsets.failed || values->too_large) {
        builder->values.failed = true;
        return -1;
    }
    codes->slots[at] = (uint32_t)values->rows;
    return values->rows - 1;
}

void weir_builder_text(struct weir_builder *builder, const char *bytes, size_t length)
{
    if (builder->type.kind == WEIR_DICTIONARY) {
        int64_t code = weir_builder_code(builder, bytes, length);
        if (code >= 0)
            weir_builder_int64(builder, code);
        return;
    }
    char *at = extend(&builder->values, length);
    if (at && length)
        memcpy(at, bytes, length);
    add_offset(builder, builder->values.size);
    add_rows(builder, 1, true);
}

void weir_builder_fixed(struct weir_builder *builder, const void *values, int64_t count)
{
    size_t size = (size_t)count * (size_t)weir_kind_width(builder->type.kind);
    char *at = extend(&builder->values, size);
    if (at && size)
        memcpy(at, values, size);
    add_rows(builder, count, true);
}

void weir_builder_close(struct weir_builder *builder)
{
    if (builder->type.kind == WEIR_LIST)
        add_offset(builder, (size_t)builder->children[0].rows);
    add_rows(builder, 1, true);
}

int weir_builder_copy(struct weir_builder *builder, const struct weir_column *column, int64_t row)
{
    enum weir_kind kind = builder->type.kind;
    int width = weir_kind_width(kind);
    if (kind == WEIR_NULL || !weir_valid(column, row)) {
        weir_builder_null(builder);
    } else if (kind == WEIR_DICTIONARY) {
        int64_t code = weir_codes(column)[row];
        if (!weir_valid(&column->children[0], code)) {
            weir_builder_null(builder);
        } else {
            size_t length;
            const char *text = weir_text(&column->children[0], code, &length);
            weir_builder_text(builder, text, length);
        }
    } else if (width) {
        weir_builder_fixed(builder, column->values.bytes + row * width, 1);
    } else if (kind == WEIR_BOOL) {
        weir_builder_int64(builder, weir_bit(column->values.bytes, row));
    } else if (kind == WEIR_UTF8 || kind == WEIR_BINARY) {
        size_t length;
        const char *text = weir_text(column, row, &length);
        weir_builder_text(builder, text, length);
    } else {
        const int32_t *offsets = weir_offsets(column);
        int64_t first = row, last = row + 1;
        if (kind == WEIR_LIST) {
            first = offsets[row];
            last = offsets[row + 1];
        } else if (kind == WEIR_FIXED_LIST) {
            first = row * builder->type.list_size;
            last = first + builder->type.list_size;
        }
        for (int child = 0; child < builder->child_count; child++)
            for (int64_t i = first; i < last; i++)
                if (weir_builder_copy(&builder->children[child], &column->children[child], i))
                    return -1;
        weir_builder_close(builder);
    }
    return builder->values.failed || builder->offsets.failed || builder->validity.failed ? -1 : 0;
}

static int check(const struct weir_builder *builder, struct weir_error *error)
{
    if (builder->too_large || (builder->type.kind == WEIR_DICTIONARY && builder->children[0].too_large))
        return weir_column_fail_size(error);
    if (weir_buffer_check(&builder->validity, error) || weir_buffer_check(&builder->offsets, error) ||
        weir_buffer_check(&builder->values, error))
        return -1;
    for (int i = 0; i < builder->child_count; i++) {
        const struct weir_builder *child = &builder->children[i];
        if ((builder->type.kind == WEIR_STRUCT && child->rows != builder->rows) ||
            (builder->type.kind == WEIR_FIXED_LIST && child->rows != builder->rows * builder->type.list_size))
            return weir_fail(error, WEIR_BUG, "%lld rows were closed over %lld values", (long long)builder->rows,
                             (long long)child->rows);
        if (check(child, error))
            return -1;
    }
    return 0;
}

/* The buffer's memory as a slice; `buffer` is empty afterwards. */
static int move_out(struct weir_buffer *buffer, struct weir_slice *slice)
{
    slice->bytes = weir_no_bytes;
    if (buffer->size == 0)
        return 0;
    struct weir_block *block = weir_block_adopt(buffer->bytes, buffer->size);
    if (!block)
        return -1;
    *slice = (struct weir_slice){ block, block->bytes, buffer->size };
    *buffer = (struct weir_buffer){ 0 };
    return 0;
}

static int copy_out(const struct weir_buffer *buffer, struct weir_slice *slice)
{
    slice->bytes = weir_no_bytes;
    if (buffer->size == 0)
        return 0;
    void *bytes = weir_slice_new(slice, buffer->size, 1);
    if (!bytes)
        return -1;
    memcpy(bytes, buffer->bytes, buffer->size);
    return 0;
}

/* The dictionary as it now is, in a column that is shared until it grows. */
static int dictionary_out(struct weir_builder *builder, struct weir_column *column)
{
    const struct weir_builder *values = &builder->children[0];
    struct weir_column *kept = &builder->codes->values;
    if (kept->rows != values->rows || !kept->offsets.size) {
        weir_column_release(kept);
        kept->rows = values->rows;
        if (copy_out(&values->offsets, &kept->offsets) || copy_out(&values->values, &kept->values))
            return -1;
    }
    return weir_column_share(column, kept);
}

static int take_out(struct weir_builder *builder, struct weir_column *column)
{
    enum weir_kind kind = builder->type.kind;
    *column = (struct weir_column){ .rows = builder->rows, .null_count = builder->null_count };
    if ((kind == WEIR_UTF8 || kind == WEIR_BINARY || kind == WEIR_LIST) && builder->offsets.size == 0)
        weir_buffer_zero(&builder->offsets, 4);
    if (builder->offsets.failed || move_out(&builder->validity, &column->validity) ||
        move_out(&builder->offsets, &column->offsets) || move_out(&builder->values, &column->values))
        return -1;
    builder->rows = builder->null_count = 0;
    if (builder->child_count == 0)
        return 0;
    if (weir_column_add_children(column, builder->child_count))
        return -1;
    if (kind == WEIR_DICTIONARY)
        return dictionary_out(builder, &column->children[0]);
    for (int i = 0; i < builder->child_count; i++)
        if (take_out(&builder->children[i], &column->children[i]))
            return -1;
    return 0;
}

int weir_builder_finish(struct weir_builder *builder, struct weir_column *column, struct weir_error *error)
{
    if (check(builder, error))
        return -1;
    if (builder->type.kind == WEIR_DICTIONARY && builder->children[0].offsets.size == 0)
        weir_buffer_zero(&builder->children[0].offsets, 4);
    if (take_out(builder, column)) {
        weir_column_release(column);
        return weir_fail_memory(error);
    }
    return 0;
}
