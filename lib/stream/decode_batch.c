#include "stream/decode_private.h"

int weir_decode_batch(struct weir_decoder *decoder, struct weir_frame *frame, struct weir_source *source,
                      struct weir_batch *batch, struct weir_error *error)
{
    struct weir_cursor cursor = {
        .decoder = decoder, .source = source, .flat = &frame->flat, .body = frame->body, .error = error
    };
    const struct weir_schema *schema = &decoder->schema;
    int result = weir_cursor_open(&cursor, &frame->table);
    if (result == 0 && weir_batch_init(batch, schema->count, cursor.rows))
        result = weir_fail_memory(error);
    for (int i = 0; i < schema->count && result == 0; i++) {
        struct weir_column *column = &batch->columns[i];
        result = weir_decode_column(&cursor, &decoder->wires[i], &schema->fields[i].type, column);
        if (result == 0 && column->rows != batch->rows)
            result = weir_cursor_fail(&cursor);
        if (result)
            weir_fail_in(error, "column '%.200s'", schema->fields[i].name);
    }
    if (result == 0)
        result = weir_cursor_close(&cursor);
    if (result)
        weir_batch_release(batch);
    weir_block_unref(cursor.unpacked);
    return result;
}
