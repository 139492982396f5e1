#include "stage/feature_columns.h"
#include "stage/choose.h"
#include "stage/learn.h"
#include "stage/options.h"
#include "stage/state.h"

/* ---- Which -------------------------------------------------------------------------------------------------- */

static bool has_numbers(const struct weir_field *field, void *context)
{
    (void)context;
    return weir_feature_width(&field->type) > 0;
}

void weir_feature_columns_release(struct weir_feature_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        free(columns->items[i].name);
        weir_type_release(&columns->items[i].type);
    }
    free(columns->items);
    *columns = (struct weir_feature_columns){ 0 };
}

static int widen(struct weir_feature_columns *columns, int64_t width, int64_t most, struct weir_error *error)
{
    if (width > most - columns->width)
        return weir_fail(error, WEIR_BAD_DATA,
                         "the columns take more than %lld numbers a row: choose some with --column", (long long)most);
    columns->width += width;
    return 0;
}

int weir_feature_columns_choose(struct weir_feature_columns *columns, const struct weir_schema *schema,
                                const json_t *chosen, int64_t most, struct weir_error *error)
{
    int *index;
    size_t count;
    if (weir_choose_columns(schema, chosen, "features", has_numbers, NULL, &index, &count, error) < 0)
        return -1;
    int result = count > 0 ? 0 : weir_fail(error, WEIR_BAD_DATA, "no column of numbers here to make features of");
    columns->items = weir_allocate_zero(count, sizeof *columns->items);
    if (!columns->items)
        result = weir_fail_memory(error);
    for (size_t i = 0; result == 0 && i < count; i++) {
        const struct weir_field *field = &schema->fields[index[i]];
        struct weir_feature_source *source = &columns->items[columns->count++];
        source->name = weir_duplicate_string(field->name);
        source->width = weir_feature_width(&field->type);
        result = source->name && weir_type_copy(&source->type, &field->type) == 0 ? 0 : weir_fail_memory(error);
        if (result == 0)
            result = widen(columns, source->width, most, error);
    }
    free(index);
    return result;
}

json_t *weir_feature_columns_to_json(const struct weir_feature_columns *columns)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < columns->count; i++)
        weir_state_append(&list, weir_state_new_column(columns->items[i].name, &columns->items[i].type));
    return list;
}

int weir_feature_columns_from_json(struct weir_feature_columns *columns, const json_t *state, int64_t most,
                                   struct weir_error *error)
{
    const json_t *list = weir_state_columns(state, error);
    if (!list)
        return -1;
    if (json_array_size(list) == 0)
        return weir_fail(error, WEIR_BAD_DATA, "its 'columns' are none");
    columns->items = weir_allocate_zero(json_array_size(list), sizeof *columns->items);
    if (!columns->items)
        return weir_fail_memory(error);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct weir_feature_source *source = &columns->items[columns->count++];
        if (weir_state_name_and_type(json_array_get(list, i), &source->name, &source->type, error) < 0)
            return weir_fail_in(error, "column %zu", i);
        source->width = weir_feature_width(&source->type);
        if (source->width == 0)
            return weir_fail(error, WEIR_BAD_DATA, "column %s: its type is no number", WEIR_SHOW(source->name));
        if (widen(columns, source->width, most, error) < 0)
            return -1;
    }
    return 0;
}

int weir_feature_columns_check_merge(const struct weir_feature_columns *into, const struct weir_feature_columns *from,
                                     struct weir_error *error)
{
    if (into->count != from->count)
        return weir_fail(error, WEIR_BAD_DATA, "the states are of different columns");
    for (size_t i = 0; i < into->count; i++)
        if (strcmp(into->items[i].name, from->items[i].name) != 0 || into->items[i].width != from->items[i].width)
            return weir_fail(error, WEIR_BAD_DATA, "the states differ in column %s", WEIR_SHOW(into->items[i].name));
    return 0;
}

/* ---- Binding ------------------------------------------------------------------------------------------------ */

static int bind_column(struct weir_feature_bound *bound, size_t i, const struct weir_field *field,
                       struct weir_error *error)
{
    const struct weir_feature_source *source = &bound->columns->items[i];
    if (weir_feature_width(&field->type) != source->width)
        return weir_fail_type(error, "features", field, &source->type);
    struct weir_buffer reason = { 0 };
    weir_buffer_format(&reason, "%s is not a finite number", WEIR_SHOW(source->name));
    bound->reasons[i] = reason.bytes;
    if (reason.failed || weir_type_copy(&bound->types[i], &field->type) < 0)
        return weir_fail_memory(error);
    return 0;
}

int weir_feature_columns_bind(struct weir_feature_bound *bound, const struct weir_feature_columns *columns,
                              const struct weir_schema *schema, struct weir_error *error)
{
    bound->columns = columns;
    bound->index = weir_allocate(columns->count, sizeof *bound->index);
    bound->types = weir_allocate_zero(columns->count, sizeof *bound->types);
    bound->reasons = weir_allocate_zero(columns->count, sizeof *bound->reasons);
    struct weir_schema_index index = { 0 };
    if (!bound->index || !bound->types || !bound->reasons || weir_schema_index_init(&index, schema) < 0)
        return weir_fail_memory(error);
    struct weir_absent absent = { 0 };
    int result = 0;
    for (size_t i = 0; result == 0 && i < columns->count; i++) {
        bound->index[i] = weir_schema_index_find(&index, columns->items[i].name);
        if (bound->index[i] < 0)
            weir_absent_add(&absent, columns->items[i].name);
        else
            result = bind_column(bound, i, &schema->fields[bound->index[i]], error);
    }
    weir_schema_index_release(&index);
    if (result < 0)
        weir_buffer_release(&absent.names);
    return result < 0 ? -1 : weir_absent_fail(&absent, "features", error);
}

void weir_feature_bound_release(struct weir_feature_bound *bound)
{
    for (size_t i = 0; bound->columns && i < bound->columns->count; i++) {
        if (bound->types)
            weir_type_release(&bound->types[i]);
        if (bound->reasons)
            free(bound->reasons[i]);
    }
    free(bound->index);
    free(bound->types);
    free(bound->reasons);
    *bound = (struct weir_feature_bound){ 0 };
}

/* ---- Rows --------------------------------------------------------------------------------------------------- */

static bool holds_nulls(const struct weir_column *column, const struct weir_type *type)
{
    return column->null_count > 0 || (type->kind == WEIR_FIXED_LIST && column->children[0].null_count > 0);
}

static bool has_infinity(const float *x, int64_t width)
{
    for (int64_t i = 0; i < width; i++)
        if (isinf(x[i]))
            return true;
    return false;
}

int64_t weir_feature_rows(const struct weir_feature_bound *bound, const struct weir_batch *batch, const double *center,
                          int64_t first, int64_t rows, float *x, uint8_t *faults)
{
    const struct weir_feature_columns *columns = bound->columns;
    int64_t width = columns->width, offset = 0, bad = 0;
    memset(faults, WEIR_FEATURE_WHOLE, (size_t)rows);
    for (size_t c = 0; c < columns->count; offset += columns->items[c++].width) {
        const struct weir_column *column = &batch->columns[bound->index[c]];
        const struct weir_type *type = &bound->types[c];
        weir_feature_deviations(column, type, center ? center + offset : NULL, first, rows, x + offset, width);
        if (holds_nulls(column, type))
            for (int64_t r = 0; r < rows; r++)
                if (weir_feature_missing(column, type, first + r))
                    faults[r] = WEIR_FEATURE_MISSING;
    }
    if (!weir_vector_is_finite(x, rows * width))
        for (int64_t r = 0; r < rows; r++)
            if (faults[r] == WEIR_FEATURE_WHOLE && !weir_vector_is_finite(x + r * width, width))
                faults[r] = has_infinity(x + r * width, width) ? WEIR_FEATURE_INFINITE : WEIR_FEATURE_MISSING;
    for (int64_t r = 0; r < rows; r++)
        if (faults[r] != WEIR_FEATURE_WHOLE) {
            memset(x + r * width, 0, (size_t)width * sizeof *x);
            bad++;
        }
    return bad;
}

/* The column of that row with an infinite number. */
static size_t find_infinite(const struct weir_feature_bound *bound, const struct weir_batch *batch, int64_t row)
{
    size_t c = 0;
    for (; c + 1 < bound->columns->count; c++) {
        const struct weir_type *type = &bound->types[c];
        int64_t width = bound->columns->items[c].width;
        for (int64_t i = 0; i < width; i++) {
            struct weir_type number = type->kind == WEIR_FIXED_LIST ? type->children[0].type : *type;
            const struct weir_column *column = &batch->columns[bound->index[c]];
            const struct weir_column *values = type->kind == WEIR_FIXED_LIST ? &column->children[0] : column;
            if (isinf((float)weir_number(values, number.kind, row * width + i)))
                return c;
        }
    }
    return c;
}

int weir_feature_judge(struct weir_feature_bound *bound, const struct weir_batch *batch, const uint8_t *faults,
                       struct weir_reasons *reasons, struct weir_error *error)
{
    for (int64_t row = 0; row < batch->rows; row++) {
        bound->missing += faults[row] == WEIR_FEATURE_MISSING;
        if (faults[row] != WEIR_FEATURE_INFINITE)
            continue;
        size_t c = find_infinite(bound, batch, row);
        if (!reasons)
            return weir_fail(error, WEIR_BAD_DATA,
                             "column %s, row %lld: a number that is infinite or out of float32's range; clean, put in "
                             "front, takes infinite ones as missing",
                             WEIR_SHOW(bound->columns->items[c].name), (long long)(bound->rows + row + 1));
        weir_give_reason(reasons, row, bound->reasons[c]);
    }
    bound->rows += batch->rows;
    return 0;
}

int weir_feature_nulls(struct weir_column *column, const uint8_t *faults, int64_t rows)
{
    int64_t nulls = 0;
    for (int64_t row = 0; row < rows; row++)
        nulls += faults[row] != WEIR_FEATURE_WHOLE;
    column->null_count = nulls;
    if (nulls == 0)
        return 0;
    uint8_t *bits = weir_slice_new(&column->validity, (size_t)((rows + 7) / 8), 1);
    if (!bits)
        return -1;
    memset(bits, 0, column->validity.size);
    for (int64_t row = 0; row < rows; row++)
        if (faults[row] == WEIR_FEATURE_WHOLE)
            weir_bit_set(bits, row);
    return 0;
}

void weir_feature_summary(const struct weir_feature_bound *bound, struct weir_buffer *out)
{
    const struct weir_feature_columns *columns = bound->columns;
    weir_buffer_format(out, "%zu column%s of %lld number%s a row", columns->count, columns->count == 1 ? "" : "s",
                       (long long)columns->width, columns->width == 1 ? "" : "s");
    if (bound->missing > 0)
        weir_buffer_format(out, ", %lld row%s with a missing value", (long long)bound->missing,
                           bound->missing == 1 ? "" : "s");
}
