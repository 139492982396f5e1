#include "stage/survey.h"
#include "stage/plan.h"
#include <stdlib.h>

int weir_survey_begin(struct weir_survey *survey, const struct weir_schema *schema, int64_t wanted,
                      struct weir_error *error)
{
    *survey = (struct weir_survey){ .schema = schema, .wanted = wanted };
    survey->missing = weir_allocate_zero((size_t)schema->count, sizeof *survey->missing);
    return survey->missing && weir_batch_init(&survey->first, schema->count, 0) == 0 ? 0 : weir_fail_memory(error);
}

int weir_survey_add(struct weir_survey *survey, const struct weir_batch *batch, struct weir_error *error)
{
    int64_t more = survey->wanted - survey->first.rows;
    survey->rows += batch->rows;
    survey->batches++;
    survey->bytes += (int64_t)weir_batch_bytes(batch);
    for (int c = 0; c < batch->count; c++)
        survey->missing[c] +=
            survey->schema->fields[c].type.kind == WEIR_NULL ? batch->rows : batch->columns[c].null_count;
    if (more <= 0 || batch->rows == 0)
        return 0;
    struct weir_batch parts[2] = { survey->first, { 0 } }, joined = { 0 };
    if (weir_batch_slice(&parts[1], batch, survey->schema, 0, more < batch->rows ? more : batch->rows) < 0)
        return weir_fail_memory(error);
    bool begun = survey->first.rows > 0;
    int result = weir_batch_concatenate(&joined, begun ? parts : parts + 1, begun ? 2 : 1, survey->schema, error);
    weir_batch_release(&parts[1]);
    if (result < 0) {
        weir_batch_release(&joined);
        return -1;
    }
    weir_batch_release(&survey->first);
    survey->first = joined;
    return 0;
}

/* What the places of an encoded column stand for; metadata that is no JSON object is passed over. False: out of memory.
 */
static bool add_categories(json_t *column, const struct weir_field *field)
{
    const char *text = weir_metadata_get(&field->metadata, "weir:categories");
    struct weir_error why = { 0 };
    json_t *categories = text ? weir_json_parse(text, strlen(text), 0, &why) : NULL;
    if (!categories)
        return !text || why.status == WEIR_BAD_DATA;
    if (json_is_object(categories))
        return json_object_set_new(column, "categories", categories) == 0;
    json_decref(categories);
    return true;
}

static json_t *columns_json(const struct weir_survey *survey)
{
    json_t *columns = json_array();
    bool complete = columns != NULL;
    for (int c = 0; complete && c < survey->schema->count; c++) {
        const struct weir_field *field = &survey->schema->fields[c];
        struct weir_buffer type = { 0 };
        weir_type_describe(&field->type, &type);
        json_t *column = type.failed
                             ? NULL
                             : json_pack("{s:s, s:s, s:s, s:I}", "name", field->name, "type", type.bytes, "role",
                                         weir_role_name(field->role), "missing", (json_int_t)survey->missing[c]);
        complete = column && json_array_append_new(columns, column) == 0 && add_categories(column, field);
        weir_buffer_release(&type);
    }
    if (complete)
        return columns;
    json_decref(columns);
    return NULL;
}

static json_t *row_json(const struct weir_survey *survey, int64_t row)
{
    json_t *object = json_object();
    bool complete = object != NULL;
    for (int c = 0; complete && c < survey->schema->count; c++) {
        const struct weir_field *field = &survey->schema->fields[c];
        struct weir_buffer text = { 0 };
        weir_value_json(&survey->first.columns[c], &field->type, row, &text);
        struct weir_error why = { 0 };
        json_t *value = weir_json_parse(text.bytes ? text.bytes : "", text.size, JSON_DECODE_ANY, &why);
        if (!value && why.status == WEIR_BAD_DATA) /* what JSON has no form for (nan) */
            value = json_null();
        complete = !text.failed && json_object_set_new(object, field->name, value) == 0;
        weir_buffer_release(&text);
    }
    if (complete)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *head_json(const struct weir_survey *survey)
{
    json_t *head = json_array();
    bool complete = head != NULL;
    for (int64_t r = 0; complete && r < survey->first.rows; r++) {
        json_t *row = row_json(survey, r);
        complete = row && json_array_append_new(head, row) == 0;
    }
    if (complete)
        return head;
    json_decref(head);
    return NULL;
}

json_t *weir_survey_json(const struct weir_survey *survey, bool complete, struct weir_error *error)
{
    struct weir_plan plan = { 0 };
    struct weir_buffer pipeline = { 0 };
    json_t *steps = NULL, *columns = NULL, *head = NULL, *json = NULL;
    if (weir_plan_from_schema(&plan, survey->schema, error) < 0)
        goto cleanup;
    weir_plan_describe(&plan, &pipeline);
    steps = weir_plan_json(&plan, error);
    if (!steps)
        goto cleanup;
    columns = columns_json(survey);
    head = head_json(survey);
    if (columns && head && !pipeline.failed)
        json = json_pack("{s:s, s:I, s:I, s:I, s:b, s:O, s:s, s:O, s:O}", "kind", "stream", "rows",
                         (json_int_t)survey->rows, "batches", (json_int_t)survey->batches, "bytes",
                         (json_int_t)survey->bytes, "complete", (int)complete, "columns", columns, "pipeline",
                         pipeline.bytes ? pipeline.bytes : "", "plan", steps, "head", head);
    if (!json)
        weir_fail_memory(error);
cleanup:
    json_decref(steps);
    json_decref(columns);
    json_decref(head);
    weir_buffer_release(&pipeline);
    weir_plan_release(&plan);
    return json;
}

void weir_survey_release(struct weir_survey *survey)
{
    weir_batch_release(&survey->first);
    free(survey->missing);
    *survey = (struct weir_survey){ 0 };
}
