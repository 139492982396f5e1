#include "base/memory.h"
#include "math/sort.h"
#include "model/audit_private.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 1 << 16 };

static bool is_time(enum weir_kind kind)
{
    return kind >= WEIR_DATE32 && kind <= WEIR_DURATION;
}

/* True when the column is kept, with its form in *source. */
static bool take_source(const struct weir_field *field, struct weir_audit_source *source)
{
    const struct weir_type *type = &field->type;
    source->width = 1;
    source->storage = WEIR_STORE_FLOAT;
    source->form = WEIR_AUDIT_NUMBER;
    if (type->kind == WEIR_UTF8 || (type->kind == WEIR_DICTIONARY && type->children[0].type.kind == WEIR_UTF8)) {
        source->form = WEIR_AUDIT_TEXT;
        source->storage = WEIR_STORE_SLOT;
    } else if (is_time(type->kind)) {
        source->form = WEIR_AUDIT_TIME;
    } else if (type->kind == WEIR_FIXED_LIST && weir_feature_width(type)) {
        enum weir_kind kind = type->children[0].type.kind;
        source->form = WEIR_AUDIT_TENSOR;
        source->width = weir_feature_width(type);
        if (kind == WEIR_UINT8)
            source->storage = WEIR_STORE_UINT8;
        else if (kind == WEIR_INT8)
            source->storage = WEIR_STORE_INT8;
    } else if (weir_feature_width(type) != 1) {
        return false;
    }
    source->feature = field->role == WEIR_FEATURE;
    return source->feature || source->form != WEIR_AUDIT_TENSOR;
}

/* Floats and codes, then bytes, then a byte for each column that can say that it is missing. */
static size_t lay_out(struct weir_audit_rows *rows)
{
    size_t size = 0;
    for (int bytes = 0; bytes < 2; bytes++)
        for (size_t i = 0; i < rows->source_count; i++) {
            struct weir_audit_source *source = &rows->sources[i];
            bool narrow = source->storage == WEIR_STORE_UINT8 || source->storage == WEIR_STORE_INT8;
            if (narrow != (bytes == 1))
                continue;
            source->offset = size;
            size += (size_t)source->width * (narrow ? 1 : sizeof(float));
        }
    for (size_t i = 0; i < rows->source_count; i++)
        if (rows->sources[i].form == WEIR_AUDIT_NUMBER || rows->sources[i].form == WEIR_AUDIT_TIME)
            rows->sources[i].flag = size++;
    return (size + 3) / 4 * 4;
}

int weir_audit_rows_begin(struct weir_audit_rows *rows, const struct weir_schema *schema, size_t memory,
                          struct weir_error *error)
{
    rows->schema = schema;
    rows->sources = weir_allocate_zero((size_t)schema->count, sizeof *rows->sources);
    if (!rows->sources)
        return weir_fail_memory(error);
    for (int c = 0; c < schema->count; c++) {
        const struct weir_field *field = &schema->fields[c];
        struct weir_audit_source source = { .column = c };
        if (field->role != WEIR_FEATURE && field->role != WEIR_ID && field->role != WEIR_TIME)
            continue;
        if (take_source(field, &source)) {
            rows->sources[rows->source_count++] = source;
        } else {
            weir_buffer_string(&rows->aside, rows->aside.size ? ", '" : "'");
            weir_buffer_escaped(&rows->aside, field->name, strlen(field->name));
            weir_buffer_string(&rows->aside, "' (");
            weir_type_describe(&field->type, &rows->aside);
            weir_buffer_string(&rows->aside, ")");
        }
    }
    size_t size = lay_out(rows);
    weir_dataset_init(&rows->dataset, size ? size : 4, memory);
    return weir_buffer_check(&rows->aside, error);
}

void weir_audit_rows_release(struct weir_audit_rows *rows)
{
    for (size_t i = 0; i < rows->source_count; i++) {
        weir_intern_release(&rows->sources[i].texts);
        free(rows->sources[i].codes);
        free(rows->sources[i].sample);
        free(rows->sources[i].counts);
    }
    free(rows->sources);
    weir_buffer_release(&rows->aside);
    weir_dataset_release(&rows->dataset);
}

/* ---- Texts -------------------------------------------------------------------------------------------------- */

static int code_of(struct weir_intern *texts, const char *text, size_t length, size_t most, int32_t *code,
                   struct weir_error *error)
{
    *code = texts->count < most ? weir_intern_add(texts, text, length) : weir_intern_find(texts, text, length);
    if (*code < 0 && texts->count < most)
        return weir_fail_memory(error);
    if (*code < 0)
        *code = WEIR_AUDIT_OTHER;
    return 0;
}

static int value_code(struct weir_intern *texts, const struct weir_column *column, const struct weir_type *type,
                      int64_t row, size_t most, struct weir_buffer *scratch, int32_t *code, struct weir_error *error)
{
    if (!weir_valid(column, row)) {
        *code = WEIR_AUDIT_MISSING;
        return 0;
    }
    if (type->kind == WEIR_UTF8) {
        size_t length;
        const char *text = weir_text(column, row, &length);
        return code_of(texts, text, length, most, code, error);
    }
    weir_buffer_clear(scratch);
    weir_value_text(column, type, row, scratch);
    return weir_buffer_check(scratch, error)
               ? -1
               : code_of(texts, scratch->bytes ? scratch->bytes : "", scratch->size, most, code, error);
}

int weir_audit_codes(struct weir_intern *texts, int32_t **codes, size_t *capacity, const struct weir_column *column,
                     const struct weir_type *type, size_t most, int32_t *out, struct weir_error *error)
{
    struct weir_buffer scratch = { 0 };
    int result = 0;
    if (type->kind != WEIR_DICTIONARY) {
        for (int64_t r = 0; result == 0 && r < column->rows; r++)
            result = value_code(texts, column, type, r, most, &scratch, &out[r], error);
    } else {
        const struct weir_column *entries = &column->children[0];
        void *grown = *codes;
        if (weir_grow(&grown, capacity, (size_t)entries->rows, sizeof **codes))
            return weir_fail_memory(error);
        *codes = grown;
        for (int64_t i = 0; result == 0 && i < entries->rows; i++)
            result = value_code(texts, entries, &type->children[0].type, i, most, &scratch, &(*codes)[i], error);
        const int32_t *entry = weir_codes(column);
        for (int64_t r = 0; result == 0 && r < column->rows; r++)
            out[r] = weir_valid(column, r) ? (*codes)[entry[r]] : WEIR_AUDIT_MISSING;
    }
    weir_buffer_release(&scratch);
    return result;
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

/* Where a run of rows of one column goes. */
struct place {
    uint8_t *at; /* of the first row's numbers */
    size_t stride;
    int64_t first, rows; /* of the batch */
};

/* What is beyond a float is the largest one, for it is far out and not missing; NaN is missing. */
static float within_floats(float value, float missing)
{
    return isnan(value) ? missing : isinf(value) ? copysignf(FLT_MAX, value) : value;
}

static void put_number(struct weir_audit_source *source, const struct weir_column *column, const struct weir_type *type,
                       const struct place *to)
{
    float *x = (float *)(void *)to->at;
    int64_t stride = (int64_t)(to->stride / sizeof *x);
    weir_feature_floats(column, type, to->first, to->rows, x, stride);
    bool nulls = column->null_count > 0;
    for (int64_t r = 0; r < to->rows; r++) {
        float *value = &x[r * stride];
        *value = nulls && !weir_valid(column, to->first + r) ? NAN : within_floats(*value, NAN);
        source->missing += isnan(*value);
    }
}

static void put_time(struct weir_audit_source *source, const struct weir_column *column, const struct weir_type *type,
                     const struct place *to)
{
    for (int64_t r = 0; r < to->rows; r++) {
        float value = NAN;
        if (weir_valid(column, to->first + r)) {
            int64_t time = weir_integer(column, type->kind, to->first + r);
            if (!source->has_origin) {
                source->has_origin = true;
                source->origin = time;
            }
            value = (float)((double)time - (double)source->origin);
        } else {
            source->missing++;
        }
        memcpy(to->at + (size_t)r * to->stride, &value, sizeof value);
    }
}

static void put_tensor(struct weir_audit_source *source, const struct weir_column *column, const struct weir_type *type,
                       const struct place *to)
{
    size_t width = (size_t)source->width;
    for (int64_t r = 0; r < to->rows; r++) {
        uint8_t *at = to->at + (size_t)r * to->stride;
        if (weir_feature_missing(column, type, to->first + r)) {
            memset(at, 0, width * (source->storage == WEIR_STORE_FLOAT ? sizeof(float) : 1));
            source->missing++;
        } else if (source->storage != WEIR_STORE_FLOAT) {
            memcpy(at, column->children[0].values.bytes + (size_t)(to->first + r) * width, width);
        } else {
            float *x = (float *)(void *)at;
            weir_feature_floats(column, type, to->first + r, 1, x, source->width);
            for (size_t i = 0; i < width; i++)
                x[i] = within_floats(x[i], 0);
        }
    }
}

static void put_column(struct weir_audit_rows *rows, struct weir_audit_source *source, const struct weir_batch *batch,
                       const int32_t *codes, const struct place *record)
{
    const struct weir_type *type = &rows->schema->fields[source->column].type;
    const struct weir_column *column = &batch->columns[source->column];
    struct place to = *record;
    to.at += source->offset;
    switch (source->form) {
    case WEIR_AUDIT_NUMBER:
        put_number(source, column, type, &to);
        break;
    case WEIR_AUDIT_TIME:
        put_time(source, column, type, &to);
        break;
    case WEIR_AUDIT_TEXT:
        for (int64_t r = 0; r < to.rows; r++) {
            source->missing += codes[to.first + r] == WEIR_AUDIT_MISSING;
            memcpy(to.at + (size_t)r * to.stride, &codes[to.first + r], sizeof *codes);
        }
        break;
    case WEIR_AUDIT_TENSOR:
        put_tensor(source, column, type, &to);
        break;
    }
}

int weir_audit_rows_add(struct weir_audit_rows *rows, const struct weir_batch *batch, struct weir_error *error)
{
    int32_t *codes = weir_allocate((size_t)batch->rows * rows->source_count, sizeof *codes);
    int result = codes ? 0 : weir_fail_memory(error);
    for (size_t i = 0; result == 0 && i < rows->source_count; i++) {
        struct weir_audit_source *source = &rows->sources[i];
        if (source->form == WEIR_AUDIT_TEXT)
            result = weir_audit_codes(&source->texts, &source->codes, &source->code_capacity,
                                      &batch->columns[source->column], &rows->schema->fields[source->column].type,
                                      WEIR_AUDIT_MOST_TEXTS, codes + (size_t)batch->rows * i, error);
    }
    for (int64_t first = 0, got = 0; result == 0 && first < batch->rows; first += got) {
        enum { AT_ONCE = 256 }; /* records that stay in the nearest cache while the columns are put into them */
        int64_t wanted = batch->rows - first < AT_ONCE ? batch->rows - first : AT_ONCE;
        struct place to = { .stride = rows->dataset.record_size, .first = first };
        to.at = weir_dataset_append(&rows->dataset, wanted, &got, error);
        to.rows = got;
        if (!to.at)
            result = -1;
        for (size_t i = 0; result == 0 && i < rows->source_count; i++)
            put_column(rows, &rows->sources[i], batch, codes + (size_t)batch->rows * i, &to);
    }
    free(codes);
    rows->count = rows->dataset.rows;
    return result;
}

/* ---- The end of reading ------------------------------------------------------------------------------------- */

static int take_sample(const struct weir_audit_rows *rows, struct weir_audit_source *source)
{
    int64_t wanted = rows->count < SAMPLE ? rows->count : SAMPLE;
    uint64_t *keys = weir_allocate((size_t)wanted, 2 * sizeof *keys);
    source->sample = weir_allocate((size_t)wanted, sizeof *source->sample);
    if (!keys || !source->sample) {
        free(keys);
        return -1;
    }
    for (int64_t i = 0; i < wanted; i++) {
        float value = weir_audit_float(rows, source, i * rows->count / wanted);
        if (!isnan(value))
            keys[source->sampled++] = weir_key((double)value);
    }
    weir_sort_keys(keys, keys + wanted, (size_t)source->sampled);
    for (int64_t i = 0; i < source->sampled; i++)
        source->sample[i] = (float)weir_key_value(keys[i]);
    free(keys);
    return 0;
}

static int count_texts(const struct weir_audit_rows *rows, struct weir_audit_source *source)
{
    source->counts = weir_allocate_zero(source->texts.count, sizeof *source->counts);
    if (!source->counts)
        return -1;
    for (int64_t row = 0; row < rows->count; row++) {
        int32_t code = weir_audit_code(rows, source, row);
        if (code >= 0)
            source->counts[code]++;
        else
            source->others += code == WEIR_AUDIT_OTHER;
    }
    int64_t rare = source->others;
    for (size_t i = 0; i < source->texts.count; i++)
        rare += source->counts[i] < WEIR_AUDIT_FEW ? source->counts[i] : 0;
    source->hardly_recur = 2 * rare > rows->count - source->missing;
    return 0;
}

struct finish {
    struct weir_audit_rows *rows;
    int *failed; /* [sources] */
};

static void finish_source(void *context, int index, int thread)
{
    (void)thread;
    const struct finish *finish = context;
    struct weir_audit_source *source = &finish->rows->sources[index];
    if (source->form == WEIR_AUDIT_TEXT)
        finish->failed[index] = count_texts(finish->rows, source);
    else if (source->form != WEIR_AUDIT_TENSOR)
        finish->failed[index] = take_sample(finish->rows, source);
}

int weir_audit_rows_finish(struct weir_audit_rows *rows, struct weir_pool *pool, struct weir_error *error)
{
    if (weir_dataset_finish(&rows->dataset, error))
        return -1;
    struct finish finish = { rows, weir_allocate_zero(rows->source_count, sizeof(int)) };
    if (!finish.failed)
        return weir_fail_memory(error);
    weir_pool_run(pool, (int)rows->source_count, finish_source, &finish);
    int result = 0;
    for (size_t i = 0; i < rows->source_count; i++)
        result |= finish.failed[i];
    free(finish.failed);
    return result ? weir_fail_memory(error) : 0;
}
