#include "base/memory.h"
#include "model/training_data_private.h"
#include <stdlib.h>
#include <string.h>

void weir_collector_release(struct weir_collector *collector)
{
    if (!collector)
        return;
    for (size_t i = 0; i < collector->source_count; i++) {
        weir_intern_release(&collector->sources[i].texts);
        free(collector->sources[i].codes);
        free(collector->sources[i].times);
    }
    free(collector->sources);
    weir_stage_free(collector->encode);
    weir_hasher_free(collector->hasher);
    free(collector->present);
    free(collector->hashes);
    free(collector);
}

void weir_training_data_release(struct weir_training_data *data)
{
    weir_collector_release(data->collector);
    weir_dataset_release(&data->dataset);
    weir_features_release(&data->features);
    weir_label_release(&data->label);
    weir_plan_release(&data->plan);
    weir_buffer_release(&data->encoded);
    free(data->weights);
    free(data->groups);
    free(data->splits);
    free(data->train);
    free(data->validation);
    *data = (struct weir_training_data){ .dataset.descriptor = -1 };
}

/* ---- Beginning -------------------------------------------------------------------------------------------- */

static int no_label(const struct weir_schema *schema, struct weir_error *error)
{
    struct weir_buffer names = { 0 };
    for (int i = 0; i < schema->count && i < 20; i++) {
        weir_buffer_string(&names, i ? ", " : "");
        weir_buffer_escaped(&names, schema->fields[i].name, strlen(schema->fields[i].name));
    }
    if (schema->count > 20)
        weir_buffer_string(&names, ", ...");
    weir_fail(error, WEIR_BAD_DATA,
              "no column is the label: name it with `--label COLUMN`, here or in the first program of the pipe; the "
              "columns are: %s",
              names.bytes ? names.bytes : "");
    weir_buffer_release(&names);
    return -1;
}

/* The one column of a role, -1 when there is none. */
static int only(const struct weir_schema *schema, enum weir_role role, int *column, struct weir_error *error)
{
    *column = weir_schema_role(schema, role, 0);
    int second = *column < 0 ? -1 : weir_schema_role(schema, role, *column + 1);
    if (second < 0)
        return 0;
    struct weir_buffer a = { 0 }, b = { 0 };
    weir_buffer_escaped(&a, schema->fields[*column].name, strlen(schema->fields[*column].name));
    weir_buffer_escaped(&b, schema->fields[second].name, strlen(schema->fields[second].name));
    weir_fail(error, WEIR_BAD_DATA,
              "both '%s' and '%s' have the role %s: a model learns with one; take the other out with `--drop`",
              a.bytes ? a.bytes : "", b.bytes ? b.bytes : "", weir_role_name(role));
    weir_buffer_release(&a);
    weir_buffer_release(&b);
    return -1;
}

static int check_weight(const struct weir_schema *schema, int column, struct weir_error *error)
{
    if (column < 0 || weir_kind_is_number(schema->fields[column].type.kind))
        return 0;
    struct weir_buffer type = { 0 };
    weir_type_describe(&schema->fields[column].type, &type);
    weir_fail(error, WEIR_BAD_DATA, "column '%s' is %s, and a weight is a number", schema->fields[column].name,
              type.bytes ? type.bytes : "");
    weir_buffer_release(&type);
    return -1;
}

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

/* Finds out how each feature column is kept; columns that give no numbers are told by weir_features_from_schema. */
static int plan_sources(struct weir_collector *collector, struct weir_error *error)
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

/* Floats and slots first, bytes behind them, so that all are aligned: returns the record's size. */
static size_t lay_out(struct weir_collector *collector)
{
    size_t size = 0;
    for (int bytes = 0; bytes < 2; bytes++)
        for (size_t i = 0; i < collector->source_count; i++) {
            struct weir_source *source = &collector->sources[i];
            bool narrow = source->storage == WEIR_STORE_UINT8 || source->storage == WEIR_STORE_INT8;
            if (narrow != (bytes == 1))
                continue;
            source->offset = size;
            size += (size_t)source->width * (narrow ? 1 : 4);
        }
    return (size + 3) / 4 * 4;
}

static int begin_encoding(struct weir_collector *collector, struct weir_error *error)
{
    bool needed = false;
    for (size_t i = 0; i < collector->source_count; i++)
        needed |= collector->sources[i].form != WEIR_SOURCE_NUMBER;
    if (!needed)
        return 0;
    if (weir_stage_new(&collector->encode, "encode", "{}", error))
        return -1;
    int result = collector->encode->kind->learn_begin(collector->encode, collector->schema, error);
    collector->learning = result == 1;
    return result < 0 ? -1 : 0;
}

int weir_training_data_begin(struct weir_training_data *data, const struct weir_schema *schema, size_t memory,
                             struct weir_error *error)
{
    *data = (struct weir_training_data){ .dataset.descriptor = -1 };
    struct weir_collector *collector = data->collector = weir_allocate_zero(1, sizeof *collector);
    if (!collector)
        return weir_fail_memory(error);
    collector->schema = schema;
    collector->hasher = weir_hasher_new();
    if (!collector->hasher)
        return weir_fail_memory(error);
    if (only(schema, WEIR_LABEL, &collector->label, error) || only(schema, WEIR_WEIGHT, &collector->weight, error) ||
        only(schema, WEIR_GROUP, &collector->group, error) || only(schema, WEIR_SPLIT, &collector->split, error) ||
        check_weight(schema, collector->weight, error))
        return -1;
    if (collector->label < 0)
        return no_label(schema, error);
    if (weir_label_init(&data->label, &schema->fields[collector->label], error) || plan_sources(collector, error) ||
        weir_plan_continue(&data->plan, schema, error) || begin_encoding(collector, error))
        return -1;
    weir_dataset_init(&data->dataset, lay_out(collector), memory);
    return 0;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

static int fail_row(const struct weir_field *field, int64_t stream_row, const char *what, struct weir_error *error)
{
    struct weir_buffer name = { 0 };
    weir_buffer_escaped(&name, field->name, strlen(field->name));
    weir_fail(error, WEIR_BAD_DATA, "row %lld: column '%s' %s", (long long)stream_row + 1, name.bytes ? name.bytes : "",
              what);
    weir_buffer_release(&name);
    return -1;
}

static int32_t load_code(const struct weir_column *column, int64_t row)
{
    return weir_load_i32(column->values.bytes + 4 * row);
}

/* A dictionary's entries get their numbers once a batch. */
static int intern_entries(struct weir_source *source, const struct weir_column *entries, struct weir_error *error)
{
    if (weir_grow((void **)&source->codes, &source->code_capacity, (size_t)entries->rows, sizeof *source->codes))
        return weir_fail_memory(error);
    for (int64_t i = 0; i < entries->rows; i++) {
        size_t length = 0;
        const char *text = weir_valid(entries, i) ? weir_text(entries, i, &length) : NULL;
        source->codes[i] = text ? weir_intern_add(&source->texts, text, length) : -1;
        if (text && source->codes[i] < 0)
            return weir_fail_memory(error);
    }
    return 0;
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

static bool has_nulls(const struct weir_column *column, const struct weir_type *type)
{
    return column->null_count || (type->kind == WEIR_FIXED_LIST && column->children[0].null_count);
}

static bool finite_floats(const float *x, int64_t count)
{
    float sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += x[i] * 0.0f; /* NaN when any is not finite */
    return sum == 0.0f;
}

/* Rows first .. first + rows - 1 of a column into the records, which are row, row + 1, ... of the dataset. */
static int put_column(struct weir_training_data *data, struct weir_source *source, const struct weir_batch *batch,
                      int64_t first, int64_t rows, int64_t row, uint8_t *record, struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    const struct weir_field *field = &collector->schema->fields[source->column];
    const struct weir_column *column = &batch->columns[source->column];
    size_t record_size = data->dataset.record_size;
    if (source->form == WEIR_SOURCE_TEXT)
        return put_texts(source, &field->type, column, first, rows, record, record_size, error);

    if (has_nulls(column, &field->type))
        for (int64_t r = first; r < first + rows; r++)
            if (weir_feature_missing(column, &field->type, r))
                return fail_row(field, collector->stream_rows + r, "is missing: put `clean` in front", error);
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
        if (!finite_floats(x + r * stride, source->width))
            return fail_row(field, collector->stream_rows + first + r,
                            "is not a number that can be learned from (NaN, infinite, or beyond 3.4e38)", error);
    return 0;
}

static int put_weight(struct weir_training_data *data, const struct weir_batch *batch, int64_t row, int64_t to,
                      struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    const struct weir_field *field = &collector->schema->fields[collector->weight];
    const struct weir_column *column = &batch->columns[collector->weight];
    double weight = weir_valid(column, row) ? weir_number(column, field->type.kind, row) : -1;
    if (!(weight >= 0 && weight <= 1e30))
        return fail_row(field, collector->stream_rows + row, "is no weight: it must be a number of 0 or more", error);
    data->weights[to] = (float)weight;
    return 0;
}

static int put_split(struct weir_training_data *data, const struct weir_batch *batch, int64_t row, int64_t to,
                     struct weir_buffer *text, struct weir_error *error)
{
    static const struct {
        const char *name;
        enum weir_split split;
    } names[] = {
        { "train", WEIR_SPLIT_TRAIN },      { "training", WEIR_SPLIT_TRAIN }, { "validation", WEIR_SPLIT_VALIDATION },
        { "valid", WEIR_SPLIT_VALIDATION }, { "val", WEIR_SPLIT_VALIDATION }, { "dev", WEIR_SPLIT_VALIDATION },
        { "test", WEIR_SPLIT_TEST }
    };
    struct weir_collector *collector = data->collector;
    const struct weir_field *field = &collector->schema->fields[collector->split];
    weir_buffer_clear(text);
    weir_value_text(&batch->columns[collector->split], &field->type, row, text);
    for (size_t i = 0; text->bytes && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(text->bytes, names[i].name) == 0) {
            data->splits[to] = (uint8_t)names[i].split;
            return 0;
        }
    return fail_row(field, collector->stream_rows + row, "is none of train, validation and test", error);
}

/* Weights, groups and splits of the rows that have a label; `to` is the first one's number. */
static int put_sides(struct weir_training_data *data, const struct weir_batch *batch, int64_t to,
                     struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    size_t needed = (size_t)(to + batch->rows);
    if ((collector->weight >= 0 &&
         weir_grow((void **)&data->weights, &collector->weight_capacity, needed, sizeof *data->weights)) ||
        (collector->group >= 0 &&
         weir_grow((void **)&data->groups, &collector->group_capacity, needed, sizeof *data->groups)) ||
        (collector->split >= 0 &&
         weir_grow((void **)&data->splits, &collector->split_capacity, needed, sizeof *data->splits)))
        return weir_fail_memory(error);
    struct weir_buffer text = { 0 };
    int result = 0;
    for (int64_t row = 0; result == 0 && row < batch->rows; row++) {
        if (!collector->present[row])
            continue;
        if (collector->weight >= 0)
            result = put_weight(data, batch, row, to, error);
        if (result == 0 && collector->group >= 0)
            data->groups[to] = weir_value_hash(&batch->columns[collector->group],
                                               &collector->schema->fields[collector->group].type, row, 0);
        if (result == 0 && collector->split >= 0)
            result = put_split(data, batch, row, to, &text, error);
        to++;
    }
    weir_buffer_release(&text);
    return result;
}

static uint64_t mix(uint64_t hash, uint64_t bits)
{
    hash = (hash ^ bits) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

/* hashes[r] = mix(hashes[r], value r), a null counting as a value of its own. */
#define DIGEST(type)                                                                                                   \
    for (int64_t r = 0; r < column->rows; r++) {                                                                       \
        type bits;                                                                                                     \
        memcpy(&bits, values + r * (int64_t)sizeof bits, sizeof bits);                                                 \
        hashes[r] = mix(hashes[r], nulls && !weir_valid(column, r) ? UINT64_C(0xA5A5A5A5A5A5A5A5) : bits);             \
    }

static void digest_fixed(const struct weir_column *column, int width, uint64_t *hashes)
{
    const uint8_t *values = column->values.bytes;
    bool nulls = column->null_count > 0;
    switch (width) {
    case 1:
        DIGEST(uint8_t)
        break;
    case 2:
        DIGEST(uint16_t)
        break;
    case 4:
        DIGEST(uint32_t)
        break;
    default:
        DIGEST(uint64_t)
        break;
    }
}

static void digest_column(const struct weir_column *column, const struct weir_type *type, uint64_t *hashes)
{
    bool list = type->kind == WEIR_FIXED_LIST;
    int width = weir_kind_width(list ? type->children[0].type.kind : type->kind);
    bool plain = width > 0 && type->kind != WEIR_DICTIONARY;
    if (plain && !list) {
        digest_fixed(column, width, hashes);
    } else if (plain && list && !has_nulls(column, type)) {
        size_t size = (size_t)type->list_size * (size_t)width;
        for (int64_t r = 0; r < column->rows; r++)
            hashes[r] = weir_hash(column->children[0].values.bytes + (size_t)r * size, size, hashes[r]);
    } else {
        for (int64_t r = 0; r < column->rows; r++)
            hashes[r] = weir_value_hash(column, type, r, hashes[r]);
    }
}

/* Every value that is learned from, row by row: the digest does not hang on the batches. */
static int digest_rows(struct weir_collector *collector, const struct weir_batch *batch, struct weir_error *error)
{
    if (weir_grow((void **)&collector->hashes, &collector->hash_capacity, (size_t)batch->rows,
                  sizeof *collector->hashes))
        return weir_fail_memory(error);
    memset(collector->hashes, 0, (size_t)batch->rows * sizeof *collector->hashes);
    for (int c = 0; c < batch->count; c++) {
        const struct weir_field *field = &collector->schema->fields[c];
        if (field->role != WEIR_ID && field->role != WEIR_PREDICTION && field->role != WEIR_TIME)
            digest_column(&batch->columns[c], &field->type, collector->hashes);
    }
    weir_hasher_add(collector->hasher, collector->hashes, (size_t)batch->rows * sizeof *collector->hashes);
    return 0;
}

/* A few records at a time, which stay in the nearest cache while the columns are put into them. */
static int put_rows(struct weir_training_data *data, const struct weir_batch *batch, int64_t first, int64_t rows,
                    struct weir_error *error)
{
    enum { AT_ONCE = 256 };
    while (rows > 0) {
        int64_t row = data->dataset.rows, got = 0;
        uint8_t *record = weir_dataset_append(&data->dataset, rows < AT_ONCE ? rows : AT_ONCE, &got, error);
        if (!record)
            return -1;
        for (size_t i = 0; i < data->collector->source_count; i++)
            if (put_column(data, &data->collector->sources[i], batch, first, got, row, record, error))
                return -1;
        first += got;
        rows -= got;
    }
    return 0;
}

int weir_training_data_add(struct weir_training_data *data, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    if (weir_grow((void **)&collector->present, &collector->present_capacity, (size_t)batch->rows, 1))
        return weir_fail_memory(error);
    if (weir_label_add(&data->label, &batch->columns[collector->label],
                       &collector->schema->fields[collector->label].type, collector->stream_rows, collector->present,
                       error))
        return -1;
    if (collector->learning && collector->encode->kind->learn(collector->encode, batch, error) < 0)
        return -1;
    for (size_t i = 0; i < collector->source_count; i++) {
        struct weir_source *source = &collector->sources[i];
        if (collector->schema->fields[source->column].type.kind == WEIR_DICTIONARY &&
            intern_entries(source, &batch->columns[source->column].children[0], error))
            return -1;
    }
    if (put_sides(data, batch, data->dataset.rows, error))
        return -1;
    for (int64_t row = 0; row < batch->rows;) {
        int64_t end = row;
        while (end < batch->rows && collector->present[end] == collector->present[row])
            end++;
        if (!collector->present[row])
            data->unlabelled += end - row;
        else if (put_rows(data, batch, row, end - row, error))
            return -1;
        row = end;
    }
    if (digest_rows(collector, batch, error))
        return -1;
    collector->stream_rows += batch->rows;
    return 0;
}
