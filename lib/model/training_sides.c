/* What stands beside the features of a row: its weight, its group, the side that a split column puts it on, and whether
 * it was made of another. */
#include "base/memory.h"
#include "model/training_data_private.h"
#include <string.h>

int weir_training_check_weight(const struct weir_schema *schema, int column, struct weir_error *error)
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

static int put_weight(struct weir_training_data *data, const struct weir_batch *batch, int64_t row, int64_t to,
                      struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    const struct weir_field *field = &collector->schema->fields[collector->weight];
    const struct weir_column *column = &batch->columns[collector->weight];
    double weight = weir_valid(column, row) ? weir_number(column, field->type.kind, row) : -1;
    if (!(weight >= 0 && weight <= 1e30))
        return weir_fail_row(field, collector->stream_rows + row, "is no weight: it must be a number of 0 or more",
                             error);
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
    return weir_fail_row(field, collector->stream_rows + row, "is none of train, validation and test", error);
}

int weir_training_put_sides(struct weir_training_data *data, const struct weir_batch *batch, int64_t to,
                            struct weir_error *error)
{
    struct weir_collector *collector = data->collector;
    size_t needed = (size_t)(to + batch->rows);
    if ((collector->weight >= 0 &&
         weir_grow((void **)&data->weights, &collector->weight_capacity, needed, sizeof *data->weights)) ||
        (collector->group >= 0 &&
         weir_grow((void **)&data->groups, &collector->group_capacity, needed, sizeof *data->groups)) ||
        (collector->split >= 0 &&
         weir_grow((void **)&data->splits, &collector->split_capacity, needed, sizeof *data->splits)) ||
        (collector->made >= 0 &&
         weir_grow((void **)&data->made, &collector->made_capacity, needed, sizeof *data->made)))
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
        if (collector->made >= 0)
            data->made[to] = weir_valid(&batch->columns[collector->made], row) &&
                             weir_bit(batch->columns[collector->made].values.bytes, row);
        to++;
    }
    weir_buffer_release(&text);
    return result;
}
