#include "base/number.h"
#include "format/drain.h"
#include "format/jsonl_private.h"
#include <stdlib.h>

int weir_jsonl_create(struct weir_table_out *out, struct weir_error *error)
{
    (void)out;
    (void)error;
    return 0;
}

static void append_value(struct weir_buffer *buffer, const struct weir_column *column, const struct weir_type *type,
                         int64_t row)
{
    if (type->kind != WEIR_INT64 || !weir_valid(column, row) || weir_buffer_reserve(buffer, WEIR_NUMBER_SIZE))
        weir_value_json(column, type, row, buffer);
    else
        buffer->size +=
            weir_format_int64(((const int64_t *)(const void *)column->values.bytes)[row], buffer->bytes + buffer->size);
}

int weir_jsonl_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_buffer *buffer = weir_drain_buffer(out->drain), keys = { 0 };
    size_t *ends = weir_allocate((size_t)batch->count + 1, sizeof *ends);
    int code = ends ? 0 : weir_fail_memory(error);
    /* What stands before each value: {"name": or ,"name": */
    for (int i = 0; i < batch->count && code == 0; i++) {
        const char *name = out->schema.fields[i].name;
        weir_buffer_byte(&keys, i ? ',' : '{');
        weir_buffer_json_string(&keys, name, strlen(name));
        weir_buffer_byte(&keys, ':');
        ends[i] = keys.size;
    }
    if (code == 0)
        code = weir_buffer_check(&keys, error);
    for (int64_t row = 0; row < batch->rows && code == 0; row++) {
        for (int i = 0; i < batch->count; i++) {
            size_t begin = i ? ends[i - 1] : 0;
            weir_drain_append(buffer, keys.bytes + begin, ends[i] - begin);
            append_value(buffer, &batch->columns[i], &out->schema.fields[i].type, row);
        }
        weir_buffer_string(buffer, batch->count ? "}\n" : "{}\n");
        code = weir_drain_pass(out->drain, error);
    }
    weir_buffer_release(&keys);
    free(ends);
    return code;
}
