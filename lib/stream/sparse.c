#include "stream/sparse.h"
#include "base/number.h"
#include <math.h>

bool weir_sparse_is(const struct weir_type *type)
{
    if (type->kind != WEIR_LIST || type->children[0].type.kind != WEIR_STRUCT)
        return false;
    const struct weir_type *entry = &type->children[0].type;
    return entry->child_count == 2 && strcmp(entry->children[0].name, "index") == 0 &&
           entry->children[0].type.kind == WEIR_UINT32 && strcmp(entry->children[1].name, "value") == 0 &&
           entry->children[1].type.kind == WEIR_FLOAT32;
}

static int fail(const struct weir_field *field, const char *what, struct weir_error *error)
{
    struct weir_buffer name = { 0 };
    weir_buffer_escaped(&name, field->name, strlen(field->name));
    weir_fail(error, WEIR_BAD_DATA, "column '%s': %s", name.bytes ? name.bytes : "", what);
    weir_buffer_release(&name);
    return -1;
}

int64_t weir_sparse_width(const struct weir_field *field, struct weir_error *error)
{
    const char *text = weir_metadata_get(&field->metadata, WEIR_WIDTH_KEY);
    int64_t width;
    if (!text)
        return fail(field, "its rows are sparse, and no " WEIR_WIDTH_KEY " in its metadata says how wide", error);
    bool good = weir_parse_int64(text, strlen(text), &width);
    if (good && width == 0)
        return fail(field, "its sparse rows are 0 wide: no term was left of the texts that they were made of", error);
    if (!good || width < 1 || width > INT64_C(1) << 32)
        return fail(field, "its " WEIR_WIDTH_KEY " is no number from 1 to 4294967296", error);
    return width;
}

static bool name_child(struct weir_field *child, const char *name, enum weir_kind kind)
{
    child->name = weir_duplicate_string(name);
    child->type.kind = kind;
    return child->name != NULL;
}

int weir_field_make_sparse(struct weir_field *field, int64_t width)
{
    struct weir_type type = { .kind = WEIR_LIST };
    struct weir_buffer text = { 0 };
    int result = -1;
    type.children = weir_allocate_zero(1, sizeof *type.children);
    if (type.children) {
        type.child_count = 1;
        struct weir_type *entry = &type.children[0].type;
        entry->children = weir_allocate_zero(2, sizeof *entry->children);
        entry->child_count = entry->children ? 2 : 0;
        weir_buffer_format(&text, "%lld", (long long)width);
        if (entry->children && name_child(&type.children[0], "item", WEIR_STRUCT) &&
            name_child(&entry->children[0], "index", WEIR_UINT32) &&
            name_child(&entry->children[1], "value", WEIR_FLOAT32) && !text.failed &&
            weir_metadata_set(&field->metadata, WEIR_WIDTH_KEY, text.bytes) == 0)
            result = 0;
    }
    if (result == 0) {
        weir_type_release(&field->type);
        field->type = type;
    } else {
        weir_type_release(&type);
    }
    weir_buffer_release(&text);
    return result;
}

static int fail_row(const struct weir_field *field, int64_t row, const char *what, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    weir_buffer_format(&text, "row %lld of its batch %s", (long long)row + 1, what);
    int result = fail(field, text.bytes ? text.bytes : "", error);
    weir_buffer_release(&text);
    return result;
}

int weir_sparse_view(struct weir_sparse *sparse, const struct weir_field *field, const struct weir_column *column,
                     struct weir_error *error)
{
    const struct weir_column *entries = &column->children[0];
    const struct weir_column *indices = &entries->children[0], *values = &entries->children[1];
    if (entries->null_count || indices->null_count || values->null_count)
        return fail(field, "an entry of its sparse rows is null", error);
    *sparse = (struct weir_sparse){
        .rows = column->rows,
        .offsets = weir_offsets(column),
        .index = (const uint32_t *)(const void *)indices->values.bytes,
        .value = (const float *)(const void *)values->values.bytes,
    };
    return 0;
}

int weir_sparse_check(const struct weir_sparse *sparse, const struct weir_field *field, int64_t width, int64_t first,
                      int64_t rows, struct weir_error *error)
{
    for (int64_t row = first; row < first + rows; row++) {
        int64_t before = -1;
        float sum = 0; /* x - x is 0 for what is finite, and NaN otherwise */
        for (int32_t i = sparse->offsets[row]; i < sparse->offsets[row + 1]; i++) {
            if (sparse->index[i] <= before)
                return fail_row(field, row, "has indices that do not ascend", error);
            before = sparse->index[i];
            sum += sparse->value[i] - sparse->value[i];
        }
        if (before >= width)
            return fail_row(field, row, "has an index beyond its " WEIR_WIDTH_KEY, error);
        if (!(sum == 0))
            return fail_row(field, row, "has a value that is not finite", error);
    }
    return 0;
}

int weir_sparse_open(struct weir_sparse *sparse, const struct weir_field *field, const struct weir_column *column,
                     int64_t width, struct weir_error *error)
{
    if (weir_sparse_view(sparse, field, column, error))
        return -1;
    return weir_sparse_check(sparse, field, width, 0, sparse->rows, error);
}

int weir_sparse_column(struct weir_column *column, int64_t rows, struct weir_slice validity, int64_t null_count,
                       struct weir_slice offsets, struct weir_slice index, struct weir_slice value,
                       struct weir_error *error)
{
    int64_t entries = (int64_t)(index.size / sizeof(uint32_t));
    *column = (struct weir_column){ .rows = rows, .null_count = null_count, .validity = validity, .offsets = offsets };
    if (weir_column_add_children(column, 1) == 0 && weir_column_add_children(&column->children[0], 2) == 0) {
        struct weir_column *entry = &column->children[0];
        entry->rows = entries;
        entry->children[0] = (struct weir_column){ .rows = entries, .values = index };
        entry->children[1] = (struct weir_column){ .rows = entries, .values = value };
        return 0;
    }
    weir_column_release(column);
    weir_block_unref(index.block);
    weir_block_unref(value.block);
    return weir_fail_memory(error);
}
