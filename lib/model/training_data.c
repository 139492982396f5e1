#include "base/memory.h"
#include "model/training_data_private.h"
#include "stage/augment.h"
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
    weir_entries_release(&data->entries);
    weir_features_release(&data->features);
    weir_label_release(&data->label);
    weir_plan_release(&data->plan);
    weir_buffer_release(&data->encoded);
    free(data->weights);
    free(data->groups);
    free(data->splits);
    free(data->made);
    free(data->train);
    free(data->validation);
    *data = (struct weir_training_data){ .dataset.descriptor = -1, .entries.descriptor = -1 };
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

static int fail_two(const struct weir_schema *schema, int first, int second, struct weir_error *error)
{
    struct weir_buffer a = { 0 }, b = { 0 };
    weir_buffer_escaped(&a, schema->fields[first].name, strlen(schema->fields[first].name));
    weir_buffer_escaped(&b, schema->fields[second].name, strlen(schema->fields[second].name));
    weir_fail(error, WEIR_BAD_DATA,
              "both '%s' and '%s' have the role %s: a model learns with one; take the other out with `--drop`",
              a.bytes ? a.bytes : "", b.bytes ? b.bytes : "", weir_role_name(schema->fields[first].role));
    weir_buffer_release(&a);
    weir_buffer_release(&b);
    return -1;
}

/* The one column of a role, -1 when there is none. */
static int only(const struct weir_schema *schema, enum weir_role role, int *column, struct weir_error *error)
{
    *column = weir_schema_role(schema, role, 0);
    int second = *column < 0 ? -1 : weir_schema_role(schema, role, *column + 1);
    return second < 0 ? 0 : fail_two(schema, *column, second, error);
}

/* A column of the role split says on which side a row is, and one of augment's which rows were made of others. */
static int find_splits(struct weir_collector *collector, struct weir_error *error)
{
    const struct weir_schema *schema = collector->schema;
    collector->split = -1;
    collector->made = weir_made_column(schema);
    for (int i = weir_schema_role(schema, WEIR_SPLIT, 0); i >= 0; i = weir_schema_role(schema, WEIR_SPLIT, i + 1)) {
        if (i == collector->made)
            continue;
        if (collector->split >= 0)
            return fail_two(schema, collector->split, i, error);
        collector->split = i;
    }
    return 0;
}

static int begin_encoding(struct weir_collector *collector, struct weir_error *error)
{
    bool needed = false;
    for (size_t i = 0; i < collector->source_count; i++)
        needed |= collector->sources[i].form == WEIR_SOURCE_TEXT || collector->sources[i].form == WEIR_SOURCE_TIME;
    if (!needed)
        return 0;
    if (weir_stage_new(&collector->encode, "encode", "{}", error))
        return -1;
    int result = collector->encode->kind->learn_begin(collector->encode, collector->schema, error);
    collector->learning = result == 1;
    return result < 0 ? -1 : 0;
}

/* What all rows need, kept or not: the roles, the label, the plan. */
static int begin(struct weir_training_data *data, const struct weir_schema *schema, struct weir_error *error)
{
    *data = (struct weir_training_data){ .dataset.descriptor = -1, .entries.descriptor = -1 };
    struct weir_collector *collector = data->collector = weir_allocate_zero(1, sizeof *collector);
    if (!collector)
        return weir_fail_memory(error);
    collector->schema = schema;
    collector->hasher = weir_hasher_new();
    if (!collector->hasher)
        return weir_fail_memory(error);
    if (only(schema, WEIR_LABEL, &collector->label, error) || only(schema, WEIR_WEIGHT, &collector->weight, error) ||
        only(schema, WEIR_GROUP, &collector->group, error) || find_splits(collector, error) ||
        weir_training_check_weight(schema, collector->weight, error))
        return -1;
    if (collector->label < 0)
        return no_label(schema, error);
    if (weir_label_init(&data->label, &schema->fields[collector->label], error))
        return -1;
    return weir_plan_continue(&data->plan, schema, error);
}

int weir_training_data_begin(struct weir_training_data *data, const struct weir_schema *schema, size_t memory,
                             struct weir_error *error)
{
    if (begin(data, schema, error) || weir_training_plan_sources(data->collector, error) ||
        begin_encoding(data->collector, error))
        return -1;
    weir_dataset_init(&data->dataset, weir_training_lay_out(data->collector), memory);
    weir_entries_init(&data->entries, memory / 2); /* half for the rows, half for the same by columns */
    return 0;
}

int weir_training_data_begin_stream(struct weir_training_data *data, const struct weir_schema *schema,
                                    struct weir_error *error)
{
    if (begin(data, schema, error) || weir_features_from_schema(&data->features, schema, error))
        return -1;
    return data->features.width
               ? 0
               : weir_fail(error, WEIR_BAD_DATA, "no column is a feature: there is nothing to learn from");
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

int weir_fail_row(const struct weir_field *field, int64_t stream_row, const char *what, struct weir_error *error)
{
    struct weir_buffer name = { 0 };
    weir_buffer_escaped(&name, field->name, strlen(field->name));
    weir_fail(error, WEIR_BAD_DATA, "row %lld: column '%s' %s", (long long)stream_row + 1, name.bytes ? name.bytes : "",
              what);
    weir_buffer_release(&name);
    return -1;
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
            if (weir_training_put(data, &data->collector->sources[i], batch, first, got, row, record, error))
                return -1;
        if (data->collector->sparse_width && weir_training_put_entries(data, batch, first, got, error))
            return -1;
        first += got;
        rows -= got;
    }
    return 0;
}

/* Which rows have a label, and what stands beside their features; `to` is the first one's number. */
static int read_rows(struct weir_training_data *data, const struct weir_batch *batch, int64_t to,
                     struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    if (weir_grow((void **)&collector->present, &collector->present_capacity, (size_t)batch->rows, 1))
        return weir_fail_memory(error);
    if (weir_label_add(&data->label, &batch->columns[collector->label],
                       &collector->schema->fields[collector->label].type, collector->stream_rows, collector->present,
                       error))
        return -1;
    return weir_training_put_sides(data, batch, to, error);
}

int weir_training_data_read(struct weir_training_data *data, const struct weir_batch *batch, bool first,
                            struct weir_error *error)
{
    data->label.rows = 0;
    if (read_rows(data, batch, 0, error))
        return -1;
    if (!first)
        return 0;
    data->rows += (int64_t)data->label.rows;
    data->unlabelled += batch->rows - (int64_t)data->label.rows;
    data->collector->stream_rows += batch->rows;
    return weir_training_digest(data->collector, batch, error);
}

void weir_training_data_end_stream(struct weir_training_data *data)
{
    weir_hash128_hex(weir_hasher_digest128(data->collector->hasher), data->digest);
}

int weir_training_data_add(struct weir_training_data *data, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    if (read_rows(data, batch, data->dataset.rows, error))
        return -1;
    if (collector->learning && collector->encode->kind->learn(collector->encode, batch, error) < 0)
        return -1;
    for (size_t i = 0; i < collector->source_count; i++) {
        struct weir_source *source = &collector->sources[i];
        if (collector->schema->fields[source->column].type.kind == WEIR_DICTIONARY &&
            weir_intern_entries(&source->texts, &batch->columns[source->column].children[0], &source->codes,
                                &source->code_capacity))
            return weir_fail_memory(error);
    }
    if (weir_training_open_sparse(collector, batch, error))
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
    if (weir_training_digest(collector, batch, error))
        return -1;
    collector->stream_rows += batch->rows;
    return 0;
}
