#include "base/memory.h"
#include "model/training_data_private.h"
#include "stage/encode.h"
#include <stdlib.h>
#include <string.h>

/* slots[number of text], and behind them the slot of a missing value; place: the column's among those encoded. */
static int find_slots(const struct weir_collector *collector, const struct weir_source *source, size_t place,
                      int32_t **slots, struct weir_error *error)
{
    const struct weir_type type = { .kind = WEIR_UTF8 };
    const char *name = collector->schema->fields[source->column].name;
    struct weir_builder builder;
    struct weir_column column = { 0 };
    size_t count = source->texts.count + 1;
    *slots = weir_allocate(count, sizeof **slots);
    if (!*slots || weir_builder_init(&builder, &type))
        return weir_fail_memory(error);
    for (size_t i = 0; i < source->texts.count; i++) {
        size_t length;
        const char *text = weir_intern_text(&source->texts, i, &length);
        weir_builder_text(&builder, text, length);
    }
    weir_builder_null(&builder);
    int result = weir_builder_finish(&builder, &column, error);
    if (result == 0)
        result = weir_encode_codes(collector->encode, name, place, &column, &type, *slots, NULL, error);
    weir_column_release(&column);
    weir_builder_release(&builder);
    return result;
}

static int replace_texts(struct weir_training_data *data, struct weir_source *source, size_t place,
                         struct weir_error *error)
{
    int32_t *slots = NULL;
    int result = find_slots(data->collector, source, place, &slots, error);
    for (int64_t row = 0; result == 0 && row < data->dataset.rows; row++) {
        uint8_t *at = weir_dataset_record(&data->dataset, row) + source->offset;
        int32_t code;
        memcpy(&code, at, sizeof code);
        code = slots[code < 0 ? (int64_t)source->texts.count : code];
        memcpy(at, &code, sizeof code);
    }
    free(slots);
    return result;
}

/* The columns that the stage makes numbers of, also bools, alone: of an image beside them no row need be there. */
struct encoded {
    struct weir_schema schema;
    struct weir_binding binding;
};

static int bind_encoded(const struct weir_collector *collector, struct encoded *encoded, struct weir_error *error)
{
    for (size_t i = 0; i < collector->source_count; i++) {
        const struct weir_source *source = &collector->sources[i];
        const struct weir_field *field = &collector->schema->fields[source->column];
        bool taken =
            source->form == WEIR_SOURCE_TEXT || source->form == WEIR_SOURCE_TIME || field->type.kind == WEIR_BOOL;
        if (taken && !weir_schema_add_copy(&encoded->schema, field))
            return weir_fail_memory(error);
    }
    return weir_stage_bind(&encoded->binding, collector->encode, &encoded->schema, WEIR_AS_FILTER, error);
}

static void release_encoded(struct encoded *encoded)
{
    if (encoded->binding.stage)
        weir_binding_release(&encoded->binding);
    weir_schema_release(&encoded->schema);
}

/* Times become numbers as the stage makes them: rows first .. first + rows - 1 of the one column, all others null. */
static int encode_times(const struct weir_training_data *data, const struct weir_source *source,
                        struct encoded *encoded, int64_t first, int64_t rows, struct weir_error *error)
{
    const char *name = data->collector->schema->fields[source->column].name;
    const struct weir_schema *schema = &encoded->schema, *made = &encoded->binding.out;
    struct weir_batch in = { 0 }, out = { 0 };
    int result = weir_batch_init(&in, schema->count, rows) ? weir_fail_memory(error) : 0;
    for (int c = 0; result == 0 && c < schema->count; c++) {
        bool own = strcmp(schema->fields[c].name, name) == 0;
        struct weir_builder builder;
        if (weir_builder_init(&builder, &schema->fields[c].type)) {
            result = weir_fail_memory(error);
            break;
        }
        for (int64_t r = 0; r < rows; r++)
            if (own)
                weir_builder_int64(&builder, source->times[first + r]);
            else
                weir_builder_null(&builder);
        result = weir_builder_finish(&builder, &in.columns[c], error);
        weir_builder_release(&builder);
    }
    if (result == 0)
        result = encoded->binding.stage->kind->apply(&encoded->binding, &in, &out, NULL, error);
    int found = result < 0 ? -1 : weir_schema_find(made, name);
    if (result >= 0 && (found < 0 || out.rows != rows || weir_feature_width(&made->fields[found].type) != 1))
        result = weir_fail(error, WEIR_BUG, "the stage encode gives no number for '%s'", name);
    for (int64_t r = 0; result >= 0 && r < rows; r++)
        weir_feature_floats(&out.columns[found], &made->fields[found].type, r, 1,
                            (float *)(void *)(weir_dataset_record(&data->dataset, first + r) + source->offset), 1);
    weir_batch_release(&in);
    weir_batch_release(&out);
    return result < 0 ? -1 : 0;
}

static int replace_times(struct weir_training_data *data, struct weir_source *source, struct weir_error *error)
{
    enum { STEP = 8192 };
    struct encoded encoded = { 0 };
    int result = bind_encoded(data->collector, &encoded, error);
    for (int64_t first = 0; result == 0 && first < data->rows; first += STEP) {
        int64_t rows = data->rows - first < STEP ? data->rows - first : STEP;
        result = encode_times(data, source, &encoded, first, rows, error);
    }
    release_encoded(&encoded);
    free(source->times);
    source->times = NULL;
    return result;
}

static int end_encoding(struct weir_training_data *data, struct weir_binding *binding, struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    if (collector->learning) {
        int again = collector->encode->kind->learn_end(collector->encode, error);
        if (again)
            return again < 0 ? -1 : weir_fail(error, WEIR_BUG, "the stage encode wants to read its input twice");
    }
    if (weir_stage_bind(binding, collector->encode, collector->schema, WEIR_AS_FILTER, error) ||
        weir_plan_append(&data->plan, collector->encode, error))
        return -1;
    for (size_t i = 0, next = 0; i < collector->source_count; i++) {
        struct weir_source *source = &collector->sources[i];
        const struct weir_field *field = &collector->schema->fields[source->column];
        if (source->form == WEIR_SOURCE_NUMBER || source->form == WEIR_SOURCE_SPARSE)
            continue;
        size_t place = next++;
        weir_buffer_string(&data->encoded, data->encoded.size ? ", " : "");
        weir_buffer_escaped(&data->encoded, field->name, strlen(field->name));
        if (weir_encode_form(collector->encode, field->name, place) == WEIR_ENCODE_REMOVED) {
            bool empty = source->form == WEIR_SOURCE_TEXT && source->texts.count == 0;
            weir_buffer_string(&data->encoded,
                               empty ? " (left out: it has no value)" : " (left out: its values hardly recur)");
            source->storage = WEIR_STORE_NOTHING;
            continue;
        }
        source->width = weir_encode_width(collector->encode, field->name, place);
        if (source->form == WEIR_SOURCE_TEXT ? replace_texts(data, source, place, error)
                                             : replace_times(data, source, error))
            return -1;
    }
    return weir_buffer_check(&data->encoded, error);
}

int weir_training_data_finish(struct weir_training_data *data, struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    data->rows = data->dataset.rows;
    if (data->rows == 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         data->unlabelled ? "none of the %lld rows has a label" : "there is no row to learn from",
                         (long long)data->unlabelled);
    if (weir_dataset_finish(&data->dataset, error))
        return -1;
    weir_hash128_hex(weir_hasher_digest128(collector->hasher), data->digest);

    struct weir_binding binding = { 0 };
    int result = collector->encode ? end_encoding(data, &binding, error) : 0;
    if (result == 0)
        result =
            weir_features_from_schema(&data->features, collector->encode ? &binding.out : collector->schema, error);
    for (size_t i = 0; result == 0 && i < collector->source_count; i++)
        result = weir_dataset_add_segment(&data->dataset, collector->sources[i].storage, collector->sources[i].offset,
                                          collector->sources[i].width, error);
    if (result == 0 && data->features.width == 0)
        result = weir_fail(error, WEIR_BAD_DATA, "no column is left to learn from");
    int64_t width = data->dataset.width + collector->sparse_width;
    if (result == 0 && data->features.width != width)
        result = weir_fail(error, WEIR_BUG, "features of %lld numbers a row, and rows of %lld",
                           (long long)data->features.width, (long long)width);
    if (result == 0 && collector->sparse_width)
        result = weir_training_merge_entries(data, error);
    if (binding.stage)
        weir_binding_release(&binding);
    weir_collector_release(collector);
    data->collector = NULL;
    return result;
}
