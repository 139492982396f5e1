#include "stage/ids.h"
#include <stdlib.h>

static const struct weir_type *plain_type(const struct weir_type *type)
{
    return type->kind == WEIR_DICTIONARY ? &type->children[0].type : type;
}

bool weir_ids_fit(const struct weir_type *type)
{
    type = plain_type(type);
    return weir_kind_width(type->kind) > 0 || type->kind == WEIR_UTF8 || type->kind == WEIR_BINARY;
}

int weir_ids_init(struct weir_ids *ids, const struct weir_type *type)
{
    *ids = (struct weir_ids){ 0 };
    ids->width = (size_t)weir_kind_width(plain_type(type)->kind);
    return weir_type_copy(&ids->type, plain_type(type));
}

void weir_ids_release(struct weir_ids *ids)
{
    weir_type_release(&ids->type);
    weir_buffer_release(&ids->values);
    free(ids->rows);
    free(ids->ends);
    *ids = (struct weir_ids){ 0 };
}

int weir_ids_add(struct weir_ids *ids, const struct weir_column *column, enum weir_kind kind, int64_t at, int64_t row)
{
    void *rows = ids->rows, *ends = ids->ends;
    if (!weir_valid(column, at))
        return 0;
    if (kind == WEIR_DICTIONARY) {
        at = weir_codes(column)[at];
        column = &column->children[0];
        if (!weir_valid(column, at))
            return 0;
    }
    if (weir_grow(&rows, &ids->rows_capacity, ids->count + 1, sizeof *ids->rows) < 0)
        return -1;
    ids->rows = rows;
    if (ids->width) {
        weir_buffer_append(&ids->values, column->values.bytes + (size_t)at * ids->width, ids->width);
    } else {
        size_t length;
        const char *text = weir_text(column, at, &length);
        if (weir_grow(&ends, &ids->ends_capacity, ids->count + 1, sizeof *ids->ends) < 0)
            return -1;
        ids->ends = ends;
        weir_buffer_append(&ids->values, text, length);
        ids->ends[ids->count] = ids->values.size;
    }
    ids->rows[ids->count++] = row;
    return ids->values.failed ? -1 : 0;
}

void weir_ids_put(const struct weir_ids *ids, int64_t row, struct weir_builder *out)
{
    size_t low = 0, high = ids->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ids->rows[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == ids->count || ids->rows[low] != row) {
        weir_builder_null(out);
    } else if (ids->width) {
        weir_builder_fixed(out, ids->values.bytes + low * ids->width, 1);
    } else {
        size_t from = low ? (size_t)ids->ends[low - 1] : 0;
        weir_builder_text(out, ids->values.bytes ? ids->values.bytes + from : "", (size_t)ids->ends[low] - from);
    }
}
