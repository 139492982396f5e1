/* clean, its rules: what becomes of a value that breaks one: missing, the nearer end of its range, another value. */
#include "stage/clean_rules_private.h"

/* The column's bitmap with the masked rows missing, or there. */
static int mark(struct weir_column *column, const uint8_t *mask, bool there, struct weir_error *error)
{
    if (there && column->validity.size == 0)
        return 0;
    struct weir_slice made;
    size_t size = (size_t)((column->rows + 7) / 8);
    uint8_t *bits = weir_slice_new(&made, size, 1);
    if (!bits)
        return weir_fail_memory(error);
    if (column->validity.size == 0)
        memset(bits, 0xFF, size);
    else
        memcpy(bits, column->validity.bytes, size);
    for (int64_t row = 0; row < column->rows; row++) {
        if (!mask[row] || weir_bit(bits, row) == there)
            continue;
        bits[row / 8] ^= (uint8_t)(1 << row % 8);
        column->null_count += there ? -1 : 1;
    }
    weir_block_unref(column->validity.block);
    column->validity = made;
    return 0;
}

/* ---- Numbers, times, bools ------------------------------------------------------------------------------------- */

static void store(uint8_t *values, enum weir_kind kind, int64_t row, int64_t integer, double number)
{
    uint8_t bytes[8];
    size_t width = (size_t)weir_kind_width(kind);
    float single = (float)number;
    if (kind == WEIR_BOOL) {
        uint8_t bit = (uint8_t)(1 << row % 8);
        values[row / 8] = (uint8_t)(integer ? values[row / 8] | bit : values[row / 8] & ~bit);
        return;
    }
    if (kind == WEIR_FLOAT64)
        memcpy(bytes, &number, 8);
    else if (kind == WEIR_FLOAT32)
        memcpy(bytes, &single, 4);
    else
        weir_store_u64(bytes, (uint64_t)integer);
    memcpy(values + (size_t)row * width, bytes, width);
}

/* Which end of the range is the nearer one. */
static void nearer_end(const struct rules_check *check, const struct weir_column *column, int64_t row, int64_t *integer,
                       double *number)
{
    enum weir_kind kind = check->type->kind;
    if (kind == WEIR_FLOAT64 || kind == WEIR_FLOAT32) {
        bool below = weir_number(column, kind, row) < check->real_low;
        *number = below ? check->real_low : check->real_high;
        return;
    }
    int64_t value = weir_integer(column, kind, row);
    bool below = kind == WEIR_UINT64 ? (uint64_t)value < (uint64_t)check->low : value < check->low;
    *integer = below ? check->low : check->high;
}

static int change_values(const struct rules_check *check, struct weir_column *column, const uint8_t *mask,
                         struct weir_error *error)
{
    struct weir_slice made;
    struct weir_column before = *column;
    int64_t integer = check->set_integer;
    double number = check->set_real;
    uint8_t *values = weir_slice_new(&made, column->values.size, 1);
    if (!values)
        return weir_fail_memory(error);
    if (column->values.size > 0)
        memcpy(values, column->values.bytes, column->values.size);
    for (int64_t row = 0; row < column->rows; row++) {
        if (!mask[row])
            continue;
        if (check->rule->action == RULES_CLIP)
            nearer_end(check, &before, row, &integer, &number);
        store(values, check->type->kind, row, integer, number);
    }
    weir_block_unref(column->values.block);
    column->values = made;
    return mark(column, mask, true, error);
}

/* ---- Text -------------------------------------------------------------------------------------------------------- */

static void copy_texts(struct weir_builder *builder, const struct weir_column *column, const uint8_t *mask,
                       const char *value, size_t value_length)
{
    for (int64_t row = 0; row < column->rows; row++) {
        size_t length = value_length;
        const char *bytes = mask[row] ? value : weir_valid(column, row) ? weir_text(column, row, &length) : NULL;
        if (bytes)
            weir_builder_text(builder, bytes, length);
        else
            weir_builder_null(builder);
    }
}

static int copy_codes(struct weir_builder *builder, const struct weir_column *column, const uint8_t *mask,
                      const char *value, size_t value_length, struct weir_error *error)
{
    enum { NO_CODE = -1 };
    const struct weir_column *values = &column->children[0];
    int64_t *codes = weir_allocate((size_t)values->rows, sizeof *codes);
    if (!codes)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < values->rows; i++) {
        size_t length;
        const char *bytes = weir_valid(values, i) ? weir_text(values, i, &length) : NULL;
        codes[i] = bytes ? weir_builder_code(builder, bytes, length) : NO_CODE;
    }
    for (int64_t row = 0; row < column->rows; row++) {
        int64_t code = mask[row]                 ? weir_builder_code(builder, value, value_length)
                       : weir_valid(column, row) ? codes[weir_codes(column)[row]]
                                                 : NO_CODE;
        if (code >= 0)
            weir_builder_int64(builder, code);
        else
            weir_builder_null(builder);
    }
    free(codes);
    return 0;
}

static int change_texts(struct rules_check *check, struct weir_column *column, const uint8_t *mask,
                        struct weir_error *error)
{
    const char *value = json_string_value(check->rule->value);
    size_t length = json_string_length(check->rule->value);
    struct weir_column made = { 0 };
    int result = 0;
    if (check->type->kind == WEIR_DICTIONARY)
        result = copy_codes(&check->builder, column, mask, value, length, error);
    else
        copy_texts(&check->builder, column, mask, value, length);
    if (result == 0)
        result = weir_builder_finish(&check->builder, &made, error);
    if (result < 0)
        return -1;
    weir_column_release(column);
    *column = made;
    return 0;
}

int weir_clean_rules_change(struct rules_check *check, struct weir_column *column, const uint8_t *mask,
                            struct weir_error *error)
{
    if (check->rule->action == RULES_NULL)
        return check->type->kind == WEIR_NULL ? 0 : mark(column, mask, false, error);
    return check->group == RULES_TEXTS ? change_texts(check, column, mask, error)
                                       : change_values(check, column, mask, error);
}
