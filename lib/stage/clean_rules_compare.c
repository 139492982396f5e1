/* clean, its rules: comparisons across columns, or of a column with a constant.
 *
 * Whole numbers and times are compared exactly, as 128-bit integers, times in nanoseconds; as soon as one side is real,
 * both are compared as float64. Text is compared byte by byte, which is the order of its characters' code points. */
#include "stage/clean_rules_private.h"
#include <float.h>
#include <math.h>

static const int64_t unit_scales[] = { 1000000000, 1000000, 1000, 1 };

static bool is_true(enum rules_relation relation, int order)
{
    switch (relation) {
    case RULES_EQUAL:
        return order == 0;
    case RULES_UNEQUAL:
        return order != 0;
    case RULES_LESS:
        return order < 0;
    case RULES_AT_MOST:
        return order <= 0;
    case RULES_MORE:
        return order > 0;
    default:
        return order >= 0;
    }
}

/* ---- Binding ---------------------------------------------------------------------------------------------------- */

static void describe_side(const struct weir_schema *in, int at, struct rules_side *side)
{
    const struct weir_type *type = &in->fields[at].type;
    *side = (struct rules_side){ .at = at, .kind = type->kind, .scale = 1 };
    side->real = type->kind == WEIR_FLOAT32 || type->kind == WEIR_FLOAT64;
    if (type->kind == WEIR_DATE32)
        side->scale = 86400 * unit_scales[WEIR_SECOND];
    else if (type->kind == WEIR_DATE64)
        side->scale = unit_scales[WEIR_MILLI];
    else if (type->kind >= WEIR_TIME32 && type->kind <= WEIR_DURATION)
        side->scale = unit_scales[type->unit];
}

static int fail_sides(const struct rules_check *check, const char *right, struct weir_error *error)
{
    struct weir_buffer type = { 0 };
    weir_type_describe(check->type, &type);
    weir_fail(error, WEIR_BAD_DATA, "column %s is %s, which cannot be compared with %s", WEIR_SHOW(check->column),
              type.bytes ? type.bytes : "", right);
    weir_buffer_release(&type);
    return -1;
}

static int bind_constant(struct rules_check *check, struct weir_error *error)
{
    const json_t *constant = check->rule->constant;
    struct rules_side *side = &check->right;
    *side = (struct rules_side){ .at = -1, .kind = WEIR_INT64, .scale = check->left.scale };
    bool good = false;
    switch (check->group) {
    case RULES_NUMBERS:
        good = json_is_number(constant);
        side->real = json_is_real(constant);
        side->integer = json_integer_value(constant);
        side->number = json_number_value(constant);
        break;
    case RULES_BOOLS:
        good = json_is_boolean(constant);
        side->integer = json_is_true(constant);
        break;
    case RULES_TEXTS:
        good = json_is_string(constant);
        side->text = json_string_value(constant);
        side->length = json_string_length(constant);
        break;
    case RULES_DURATIONS:
        good = json_is_integer(constant);
        side->integer = json_integer_value(constant);
        break;
    default:
        /* a moment is kept as finely as it can be written, not in the column's unit */
        if (check->group == RULES_OTHERS || !json_is_string(constant))
            break;
        {
            const struct weir_type fine = { .kind = check->group == RULES_CLOCKS ? WEIR_TIME64 : WEIR_TIMESTAMP,
                                            .unit = WEIR_MICRO };
            side->scale = unit_scales[WEIR_MICRO];
            good = weir_clean_read_integer(&fine, json_string_value(constant), json_string_length(constant), false,
                                           &side->integer);
        }
    }
    return good ? 0 : fail_sides(check, "the constant that is given", error);
}

int weir_clean_rules_bind_comparison(struct rules_check *check, const struct weir_schema *in, struct weir_error *error)
{
    describe_side(in, check->at, &check->left);
    if (!check->rule->right)
        return bind_constant(check, error);
    int at = weir_schema_find(in, check->rule->right);
    enum rules_group group = weir_clean_rules_group(&in->fields[at].type);
    struct weir_buffer right = { 0 };
    describe_side(in, at, &check->right);
    if (group == check->group && group != RULES_OTHERS)
        return 0;
    weir_buffer_format(&right, "column %s, which is ", WEIR_SHOW(check->rule->right));
    weir_type_describe(&in->fields[at].type, &right);
    fail_sides(check, right.bytes ? right.bytes : "the other", error);
    weir_buffer_release(&right);
    return -1;
}

/* ---- Comparing -------------------------------------------------------------------------------------------------- */

static bool is_there(const struct rules_side *side, const struct weir_column *column, int64_t row)
{
    if (side->at < 0)
        return true;
    if (!weir_valid(column, row))
        return false;
    if (side->kind == WEIR_DICTIONARY)
        return weir_valid(&column->children[0], weir_codes(column)[row]);
    return !side->real || fabs(weir_number(column, side->kind, row)) <= DBL_MAX;
}

static __int128 whole(const struct rules_side *side, const struct weir_column *column, int64_t row)
{
    int64_t integer = side->at < 0 ? side->integer : weir_integer(column, side->kind, row);
    return side->kind == WEIR_UINT64 ? (__int128)(uint64_t)integer : (__int128)integer * side->scale;
}

static double real(const struct rules_side *side, const struct weir_column *column, int64_t row)
{
    return side->at < 0 ? side->number : weir_number(column, side->kind, row);
}

static const char *text(const struct rules_side *side, const struct weir_column *column, int64_t row, size_t *length)
{
    if (side->at < 0) {
        *length = side->length;
        return side->text;
    }
    if (side->kind == WEIR_DICTIONARY)
        return weir_text(&column->children[0], weir_codes(column)[row], length);
    return weir_text(column, row, length);
}

static int order_of_texts(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t shorter = a_length < b_length ? a_length : b_length;
    int order = shorter > 0 ? memcmp(a, b, shorter) : 0;
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

void weir_clean_rules_compare(const struct rules_check *check, const struct weir_batch *batch, uint8_t *mask)
{
    const struct rules_side *left = &check->left, *right = &check->right;
    const struct weir_column *a = &batch->columns[left->at];
    const struct weir_column *b = right->at < 0 ? NULL : &batch->columns[right->at];
    bool texts = check->group == RULES_TEXTS, reals = left->real || right->real;
    for (int64_t row = 0; row < batch->rows; row++) {
        int order;
        if (!is_there(left, a, row) || !is_there(right, b, row)) {
            mask[row] = check->rule->present;
            continue;
        }
        if (texts) {
            size_t a_length, b_length;
            const char *a_text = text(left, a, row, &a_length), *b_text = text(right, b, row, &b_length);
            order = order_of_texts(a_text, a_length, b_text, b_length);
        } else if (reals) {
            double x = real(left, a, row), y = real(right, b, row);
            order = (x > y) - (x < y);
        } else {
            __int128 x = whole(left, a, row), y = whole(right, b, row);
            order = (x > y) - (x < y);
        }
        mask[row] = !is_true(check->rule->relation, order);
    }
}
