/* Feature columns into records. */
#include "base/memory.h"
#include "model/training_data_private.h"
#include <string.h>

static bool needs_encoding(const struct weir_type *type)
{
    switch (type->kind) {
    case WEIR_UTF8:
    case WEIR_DATE32:
    case WEIR_DATE64:
    case WEIR_TIME32:
    case WEIR_TIME64:
    case WEIR_TIMESTAMP:
        return true;
    case WEIR_DICTIONARY:
        return type->children[0].type.kind == WEIR_UTF8;
    default:
        return false;
    }
}

static enum weir_storage storage_of(const struct weir_type *type)
{
    enum weir_kind kind = type->kind == WEIR_FIXED_LIST ? type->children[0].type.kind : type->kind;
    if (kind == WEIR_BOOL || kind == WEIR_UINT8)
        return WEIR_STORE_UINT8;
    return kind == WEIR_INT8 ? WEIR_STORE_INT8 : WEIR_STORE_FLOAT;
}

int weir_training_plan_sources(struct weir_collector *collector, struct weir_error *error)
{
    const struct weir_schema *schema = collector->schema;
    struct weir_schema numbers = { 0 };
    struct weir_feature_list checked = { 0 };
    collector->sources = weir_allocate_zero((size_t)schema->count, sizeof *collector->sources);
    int result = collector->sources ? 0 : weir_fail_memory(error);
    for (int i = 0; result == 0 && i < schema->count; i++) {
        const struct weir_field *field = &schema->fields[i];
        if (field->role != WEIR_FEATURE)
            continue;
        struct weir_source *source = &collector->sources[collector->source_count++];
        source->column = i;
        if (needs_encoding(&field->type)) {
            bool text = field->type.kind == WEIR_UTF8 || field->type.kind == WEIR_DICTIONARY;
            source->form = text ? WEIR_SOURCE_TEXT : WEIR_SOURCE_TIME;
            source->storage = text ? WEIR_STORE_SLOT : WEIR_STORE_FLOAT;
            source->width = 1;
        } else if (weir_sparse_is(&field->type)) {
            source->form = WEIR_SOURCE_SPARSE;
            source->storage = WEIR_STORE_NOTHING;
            source->width = weir_sparse_width(field, error);
            collector->sparse_width += source->width;
            if (source->width < 0)
                result = -1;
            else if (!weir_schema_add_copy(&numbers, field))
                result = weir_fail_memory(error);
        } else {
            source->storage = storage_of(&field->type);
            source->width = weir_feature_width(&field->type);
            if (!weir_schema_add_copy(&numbers, field))
                result = weir_fail_memory(error);
        }
    }
    if (result == 0)
        result = weir_features_from_schema(&checked, &numbers, error);
    if (result == 0 && collector->source_count == 0)
        result = weir_fail(error, WEIR_BAD_DATA, "no column is a feature: there is nothing to learn from");
    weir_features_release(&checked);
    weir_schema_release(&numbers);
    return result;
}

size_t weir_training_lay_out(struct weir_collector *collector)
{
    size_t size = 0;
    for (int bytes = 0; bytes < 2; bytes++)
        for (size_t i = 0; i < collector->source_count; i++) {
            struct weir_source *source = &collector->sources[i];
            if (source->form == WEIR_SOURCE_SPARSE)
                continue;
            bool narrow = source->storage == WEIR_STORE_UINT8 || source->storage == WEIR_STORE_INT8;
            if (narrow != (bytes == 1))
                continue;
            source->offset = size;
            size += (size_t)source->width * (narrow ? 1 : 4);
        }
    return (size + 3) / 4 * 4;
}

static int32_t load_code(const struct weir_column *column, int64_t row)
{
    return weir_load_i32(column->values.bytes + 4 * row);
}

static int put_texts(struct weir_source *source, const struct weir_type *type, const struct weir_column *column,
                     int64_t first, int64_t rows, uint8_t *record, size_t record_size, struct weir_error *error)
{
    for (int64_t r = 0; r < rows; r++) {
        int32_t code = -1;
        if (weir_valid(column, first + r)) {
            if (type->kind == WEIR_DICTIONARY) {
                code = source->codes[load_code(column, first + r)];
            } else {
                size_t length;
                const char *text = weir_text(column, first + r, &length);
                code = weir_intern_add(&source->texts, text, length);
                if (code < 0)
                    return weir_fail_memory(error);
            }
        }
        memcpy(record + (size_t)r * record_size + source->offset, &code, sizeof code);
    }
    return 0;
}

static int put_times(struct weir_source *source, enum weir_kind kind, const struct weir_column *column, int64_t first,
                     int64_t rows, int64_t row, struct weir_error *error)
{
    if (weir_grow((void **)&source->times, &source->time_capacity, (size_t)(row + rows), sizeof *source->times))
        return weir_fail_memory(error);
    for (int64_t r = 0; r < rows; r++)
        source->times[row + r] = weir_kind_width(kind) == 4 ? weir_load_i32(column->values.bytes + 4 * (first + r))
                                                            : weir_load_i64(column->values.bytes + 8 * (first + r));
    return 0;
}

static void put_bytes(const struct weir_source *source, const struct weir_type *type, const struct weir_column *column,
                      int64_t first, int64_t rows, uint8_t *record, size_t record_size)
{
    bool list = type->kind == WEIR_FIXED_LIST;
    const uint8_t *values = list ? column->children[0].values.bytes : column->values.bytes;
    enum weir_kind kind = list ? type->children[0].type.kind : type->kind;
    size_t width = (size_t)source->width;
    for (int64_t r = 0; r < rows; r++) {
        uint8_t *to = record + (size_t)r * record_size + source->offset;
        int64_t from = (first + r) * source->width;
        if (kind == WEIR_BOOL)
            for (size_t i = 0; i < width; i++)
                to[i] = (uint8_t)weir_bit(values, from + (int64_t)i);
        else
            memcpy(to, values + from, width);
    }
}

int weir_training_put(struct weir_training_data *data, struct weir_source *source, const struct weir_batch *batch,
                      int64_t first, int64_t rows, int64_t row, uint8_t *record, struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    const struct weir_field *field = &collector->schema->fields[source->column];
    const struct weir_column *column = &batch->columns[source->column];
    size_t record_size = data->dataset.record_size;
    if (source->form == WEIR_SOURCE_SPARSE)
        return 0;
    if (source->form == WEIR_SOURCE_TEXT)
        return put_texts(source, &field->type, column, first, rows, record, record_size, error);

    if (weir_has_nulls(column, &field->type))
        for (int64_t r = first; r < first + rows; r++)
            if (weir_feature_missing(column, &field->type, r))
                return weir_fail_row(field, collector->stream_rows + r, "is missing: put `clean` in front", error);
    if (source->form == WEIR_SOURCE_TIME)
        return put_times(source, field->type.kind, column, first, rows, row, error);
    if (source->storage != WEIR_STORE_FLOAT) {
        put_bytes(source, &field->type, column, first, rows, record, record_size);
        return 0;
    }
    float *x = (float *)(void *)(record + source->offset);
    int64_t stride = (int64_t)(record_size / sizeof *x);
    weir_feature_floats(column, &field->type, first, rows, x, stride);
    for (int64_t r = 0; r < rows; r++)
        if (!weir_feature_is_finite(x + r * stride, source->width))
            return weir_fail_row(field, collector->stream_rows + first + r,
                                 "is not a number that can be learned from (NaN, infinite, or beyond 3.4e38)", error);
    return 0;
}
