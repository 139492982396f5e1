/* --bad flag: rows are kept, and the column load_reason says what is wrong with them. */
#include "format/load_private.h"
#include <string.h>

static const char reason_name[] = "load_reason";

int weir_load_add_reason_field(struct weir_load *load, struct weir_error *error)
{
    if (weir_schema_find(&load->schema, reason_name) >= 0)
        return weir_fail(error, WEIR_BAD_DATA, "the input has a column '%s' already, which --bad flag would add",
                         reason_name);
    struct weir_field *field = weir_schema_add(&load->schema, reason_name, WEIR_UTF8);
    if (!field)
        return weir_fail_memory(error);
    field->role = WEIR_PREDICTION;
    return 0;
}

/* words: the table's own, or NULL. */
static void append_reason(const struct weir_load *load, int32_t flag, const char *words, struct weir_buffer *text)
{
    weir_buffer_clear(text);
    if (flag < 0) {
        weir_buffer_string(text, "the record is damaged or has too few or too many fields");
        return;
    }
    const struct weir_field *field = &load->schema.fields[load->places ? load->places[flag - 1] : flag - 1];
    weir_buffer_byte(text, '\'');
    weir_buffer_string(text, field->name);
    if (words) {
        weir_buffer_format(text, "': %s", words);
        return;
    }
    weir_buffer_string(text, "' is against its type, ");
    weir_type_describe(&field->type, text);
}

int weir_load_add_reasons(const struct weir_load *load, const struct weir_table *table, struct weir_batch *batch,
                          struct weir_error *error)
{
    const int32_t *flags = table->flags;
    const char *words = table->flag_words.size ? table->flag_words.bytes : NULL;
    struct weir_batch whole = { 0 };
    struct weir_builder builder;
    struct weir_buffer text = { 0 };
    const struct weir_type utf8 = { .kind = WEIR_UTF8 };
    if (weir_builder_init(&builder, &utf8))
        return weir_fail_memory(error);
    for (int64_t row = 0; row < batch->rows; row++) {
        if (!flags || flags[row] == 0) {
            weir_builder_null(&builder);
            continue;
        }
        append_reason(load, flags[row], words, &text);
        words += words ? strlen(words) + 1 : 0;
        weir_builder_text(&builder, text.bytes ? text.bytes : "", text.size);
    }
    int code = weir_buffer_check(&text, error);
    if (code == 0 && weir_batch_init(&whole, batch->count + 1, batch->rows))
        code = weir_fail_memory(error);
    if (code == 0)
        code = weir_builder_finish(&builder, &whole.columns[batch->count], error);
    for (int i = 0; i < batch->count && code == 0; i++) {
        whole.columns[i] = batch->columns[i];
        batch->columns[i] = (struct weir_column){ 0 };
    }
    if (code == 0) {
        weir_batch_release(batch);
        *batch = whole;
    } else {
        weir_batch_release(&whole);
    }
    weir_builder_release(&builder);
    weir_buffer_release(&text);
    return code;
}
