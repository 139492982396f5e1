/* clean's report: what values a column has, before and after. */
#include "stage/clean_report_private.h"
#include <math.h>

/* Of texts, more different ones than these are not counted: a table of the most frequent says nothing of them. */
enum { MOST_TEXTS = 2048, MOST_TEXT_BYTES = 1 << 18 };

static bool is_moment(enum weir_kind kind)
{
    return kind >= WEIR_DATE32 && kind <= WEIR_DURATION;
}

enum clean_shape_kind weir_clean_shape_kind(const struct weir_field *field)
{
    enum weir_kind kind = field->type.kind;
    if (field->role == WEIR_ID)
        return CLEAN_NO_SHAPE;
    if (weir_kind_is_integer(kind) || weir_kind_is_float(kind) || is_moment(kind))
        return CLEAN_NUMBERS;
    return kind == WEIR_BOOL || weir_clean_is_text(&field->type) ? CLEAN_TEXTS : CLEAN_NO_SHAPE;
}

int weir_clean_shape_begin(struct clean_shape *shape, const struct weir_field *field, int limit)
{
    *shape = (struct clean_shape){ .kind = weir_clean_shape_kind(field), .type = &field->type };
    if (shape->kind != CLEAN_NUMBERS)
        return 0;
    weir_histogram_init(&shape->histogram, weir_kind_is_float(field->type.kind) ? WEIR_HISTOGRAM_FINEST : 0);
    shape->quantiles = weir_quantiles_new(limit);
    return shape->quantiles ? 0 : -1;
}

void weir_clean_shape_release(struct clean_shape *shape)
{
    weir_quantiles_free(shape->quantiles);
    weir_counts_release(&shape->counts);
    *shape = (struct clean_shape){ 0 };
}

static int add_numbers(struct clean_shape *shape, const struct weir_column *column, struct weir_scratch *scratch,
                       struct weir_error *error)
{
    const double *numbers;
    if (is_moment(shape->type->kind)) {
        if (weir_scratch_reserve(scratch, column->rows, error) < 0)
            return -1;
        for (int64_t row = 0; row < column->rows; row++)
            scratch->numbers[row] =
                weir_valid(column, row) ? (double)weir_integer(column, shape->type->kind, row) : (double)NAN;
        numbers = scratch->numbers;
    } else if (!(numbers = weir_scratch_view(scratch, column, shape->type->kind, error))) {
        return -1;
    }
    weir_statistics_add(&shape->statistics, numbers, (size_t)column->rows);
    weir_histogram_add(&shape->histogram, numbers, (size_t)column->rows);
    return weir_quantiles_add(shape->quantiles, numbers, (size_t)column->rows) < 0 ? weir_fail_memory(error) : 0;
}

static int count_text(struct clean_shape *shape, const char *bytes, size_t length, int64_t times,
                      struct weir_error *error)
{
    if (weir_counts_add(&shape->counts, bytes, length, times) < 0)
        return weir_fail_memory(error);
    if (shape->counts.count > MOST_TEXTS || shape->counts.bytes.size > MOST_TEXT_BYTES) {
        shape->too_many = true;
        weir_counts_release(&shape->counts);
    }
    return 0;
}

static int add_codes(struct clean_shape *shape, const struct weir_column *column, struct weir_error *error)
{
    const struct weir_column *values = &column->children[0];
    const int32_t *codes = weir_codes(column);
    int64_t *times = weir_allocate_zero((size_t)values->rows, sizeof *times);
    if (!times)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < column->rows; row++)
        if (weir_valid(column, row))
            times[codes[row]]++;
    int result = 0;
    for (int64_t i = 0; result == 0 && !shape->too_many && i < values->rows; i++) {
        size_t length = 0;
        if (times[i] == 0 || !weir_valid(values, i))
            continue;
        const char *bytes = weir_text(values, i, &length);
        result = count_text(shape, bytes, length, times[i], error);
    }
    free(times);
    return result;
}

static int add_texts(struct clean_shape *shape, const struct weir_column *column, struct weir_error *error)
{
    if (shape->too_many)
        return 0;
    if (shape->type->kind == WEIR_DICTIONARY)
        return add_codes(shape, column, error);
    for (int64_t row = 0; !shape->too_many && row < column->rows; row++) {
        size_t length = 0;
        const char *bytes;
        if (!weir_valid(column, row))
            continue;
        if (shape->type->kind == WEIR_BOOL) {
            bytes = weir_bit(column->values.bytes, row) ? "true" : "false";
            length = strlen(bytes);
        } else {
            bytes = weir_text(column, row, &length);
        }
        if (count_text(shape, bytes, length, 1, error) < 0)
            return -1;
    }
    return 0;
}

int weir_clean_shape_add(struct clean_shape *shape, const struct weir_column *column, struct weir_scratch *scratch,
                         struct weir_error *error)
{
    shape->rows += column->rows;
    shape->missing += column->null_count;
    if (shape->kind == CLEAN_NO_SHAPE || column->rows == 0)
        return 0;
    return shape->kind == CLEAN_NUMBERS ? add_numbers(shape, column, scratch, error) : add_texts(shape, column, error);
}

int weir_clean_shape_copy(struct clean_shape *to, const struct clean_shape *from, struct weir_error *error)
{
    const struct weir_type *type = to->type;
    weir_clean_shape_release(to);
    *to = *from;
    to->type = type;
    to->quantiles = NULL;
    to->counts = (struct weir_counts){ 0 };
    if (weir_counts_merge(&to->counts, &from->counts) < 0)
        return weir_fail_memory(error);
    if (!from->quantiles)
        return 0;
    double *state = NULL;
    size_t length;
    int result = weir_quantiles_save(from->quantiles, &state, &length, error);
    if (result == 0)
        result = weir_quantiles_load(&to->quantiles, state, length, error);
    free(state);
    return result;
}
