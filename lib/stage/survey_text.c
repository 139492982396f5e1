/* The survey of a stream as text for a person. */
#include "base/text_table.h"
#include "stage/survey.h"

static void append_columns(const struct weir_survey *survey, struct weir_buffer *out)
{
    struct weir_text_table columns;
    struct weir_buffer type = { 0 };
    weir_text_table_init(&columns, 4, 1 << 3);
    weir_text_table_cell(&columns, "column");
    weir_text_table_cell(&columns, "type");
    weir_text_table_cell(&columns, "role");
    weir_text_table_cell(&columns, "missing");
    for (int c = 0; c < survey->schema->count; c++) {
        const struct weir_field *field = &survey->schema->fields[c];
        weir_buffer_clear(&type);
        weir_type_describe(&field->type, &type);
        weir_text_table_cell(&columns, field->name);
        weir_text_table_cell(&columns, type.bytes ? type.bytes : "");
        weir_text_table_cell(&columns, weir_role_name(field->role));
        weir_text_table_number(&columns, survey->missing[c]);
    }
    columns.failed |= type.failed;
    weir_buffer_release(&type);
    weir_text_table_append(&columns, 0, out);
}

static void append_pipeline(const json_t *json, struct weir_buffer *out)
{
    const char *pipeline = json_string_value(json_object_get(json, "pipeline"));
    struct weir_text_table line;
    weir_text_table_init(&line, 2, 0);
    weir_text_table_cell(&line, "plan");
    weir_text_table_cell(&line, pipeline && *pipeline ? pipeline : "none");
    weir_text_table_append(&line, 0, out);
}

void weir_survey_text(const struct weir_survey *survey, const json_t *json, struct weir_buffer *out)
{
    append_columns(survey, out);
    weir_buffer_format(out, "\n%lld row%s, %d column%s, ", (long long)survey->rows, survey->rows == 1 ? "" : "s",
                       survey->schema->count, survey->schema->count == 1 ? "" : "s");
    weir_append_size(out, survey->bytes);
    weir_buffer_format(out, " in %lld batch%s%s\n", (long long)survey->batches, survey->batches == 1 ? "" : "es",
                       json_is_true(json_object_get(json, "complete")) ? "" : "; the stream is broken off here");
    append_pipeline(json, out);
}
