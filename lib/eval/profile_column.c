/* A column of a profile, taken in batch by batch. */
#include "base/hash.h"
#include "base/utf8.h"
#include "eval/profile_private.h"
#include "math/clones.h"
#include "math/sort.h"
#include "stream/bits.h"
#include "stream/sparse.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- What there is of a type ----------------------------------------------------------------------------------- */

const struct weir_type *weir_profile_value_type(const struct weir_type *type)
{
    return type->kind == WEIR_DICTIONARY ? &type->children[0].type : type;
}

static unsigned contents_of_kind(const struct weir_type *type)
{
    enum weir_kind kind = type->kind;
    if (weir_kind_is_float(kind))
        return PROFILE_VALUES | PROFILE_POINTS | PROFILE_TOP | PROFILE_NUMBER;
    if (weir_kind_is_number(kind))
        return PROFILE_VALUES | PROFILE_POINTS | PROFILE_TOP | PROFILE_NUMBER | PROFILE_WHOLE;
    if (kind >= WEIR_DATE32 && kind <= WEIR_DURATION)
        return PROFILE_VALUES | PROFILE_POINTS | PROFILE_TOP | PROFILE_NUMBER | PROFILE_WHOLE | PROFILE_MOMENT;
    if (kind == WEIR_UTF8)
        return PROFILE_LENGTHS | PROFILE_TOP | PROFILE_CATEGORY;
    if (kind == WEIR_BINARY)
        return PROFILE_LENGTHS;
    if (kind == WEIR_LIST)
        return PROFILE_LENGTHS | (weir_sparse_is(type) ? PROFILE_VALUES : 0);
    if (kind == WEIR_FIXED_LIST && weir_kind_is_number(type->children[0].type.kind))
        return PROFILE_VALUES | (weir_kind_is_float(type->children[0].type.kind) ? 0 : PROFILE_WHOLE);
    return 0;
}

unsigned weir_profile_contents(const struct weir_type *type, enum weir_role role)
{
    return role == WEIR_ID ? 0 : contents_of_kind(weir_profile_value_type(type));
}

/* ---- Scratch --------------------------------------------------------------------------------------------------- */

static int reserve_scratch(struct profile_scratch *scratch, int64_t rows)
{
    if (rows <= scratch->capacity)
        return 0;
    weir_profile_scratch_release(scratch);
    scratch->numbers = weir_allocate((size_t)rows, sizeof *scratch->numbers);
    scratch->keys = weir_allocate((size_t)rows, sizeof *scratch->keys);
    scratch->groups = weir_allocate((size_t)rows, sizeof *scratch->groups);
    if (!scratch->numbers || !scratch->keys || !scratch->groups)
        return -1;
    scratch->capacity = rows;
    return 0;
}

void weir_profile_scratch_release(struct profile_scratch *scratch)
{
    free(scratch->numbers);
    free(scratch->keys);
    free(scratch->groups);
    *scratch = (struct profile_scratch){ 0 };
}

/* ---- Numbers --------------------------------------------------------------------------------------------------- */

/* Keys in the order of the numbers, of what is a number: how many. */
static size_t keys_of_floats(const double *numbers, int64_t rows, uint64_t *keys)
{
    size_t taken = 0;
    for (int64_t i = 0; i < rows; i++) {
        keys[taken] = weir_key(numbers[i]);
        taken += numbers[i] == numbers[i];
    }
    return taken;
}

/* The same of the whole numbers that are there, and the extremes of them. */
static size_t keys_of_whole(struct profile_measure *values, const struct weir_column *column, enum weir_kind kind,
                            uint64_t *keys)
{
    size_t taken = 0;
    int64_t least = values->least, greatest = values->greatest;
    bool signed_kind = kind != WEIR_UINT64;
    for (int64_t row = 0; row < column->rows; row++) {
        if (!weir_valid(column, row))
            continue;
        int64_t number = weir_integer(column, kind, row);
        keys[taken++] = weir_profile_whole_key(kind, number);
        if (!signed_kind && number < 0)
            continue; /* above 2^63 - 1: known as a double alone */
        least = number < least ? number : least;
        greatest = number > greatest ? number : greatest;
    }
    values->least = least;
    values->greatest = greatest;
    return taken;
}

WEIR_CLONES static void mix_keys(uint64_t *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        keys[i] = weir_mix(keys[i]);
}

static int take_numbers(struct profile_intake *intake, const struct weir_column *column, const struct weir_type *type,
                        const struct profile_labels *labels, struct profile_scratch *scratch, struct weir_error *error)
{
    struct profile_column *into = intake->column;
    enum weir_kind kind = type->kind;
    if (weir_numbers(column, kind, scratch->numbers, error))
        return -1;
    size_t keys;
    if (!weir_kind_is_float(kind)) {
        keys = keys_of_whole(&into->values, column, kind, scratch->keys);
    } else {
        keys = keys_of_floats(scratch->numbers, column->rows, scratch->keys);
        into->values.nan += column->rows - column->null_count - (int64_t)keys;
    }
    if ((into->has & PROFILE_TOP) && weir_frequent_add_numbers(&intake->frequent, scratch->keys, keys))
        return weir_fail_memory(error);
    mix_keys(scratch->keys, keys);
    if (weir_hyperloglog_add_all(&into->distinct, scratch->keys, keys) ||
        ((into->has & PROFILE_VALUES) &&
         weir_profile_measure_add(&into->values, intake->values, scratch->numbers, column->rows)))
        return weir_fail_memory(error);
    if (intake->sums)
        weir_profile_sums_numbers(intake->sums, labels, scratch->numbers, column->rows, intake->rows);
    return 0;
}

/* ---- Texts ------------------------------------------------------------------------------------------------------ */

WEIR_CLONES static int64_t count_characters(const char *text, size_t size)
{
    int64_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += ((uint8_t)text[i] & 0xC0) != 0x80;
    return count;
}

/* One text: its length, its hash, and that it occurred. */
struct text_facts {
    uint64_t hash;
    double length;
    int32_t group;
    bool known, seen;
};

static void know_text(struct profile_intake *intake, const char *text, size_t size, struct text_facts *facts,
                      bool *failed)
{
    unsigned has = intake->column->has;
    facts->hash = weir_hash(text, size, 0);
    facts->length = has & PROFILE_CATEGORY ? (double)count_characters(text, size) : (double)size;
    facts->group = intake->sums ? weir_profile_sums_category(intake->sums, facts->hash, failed) : -1;
    facts->known = true;
    *failed |= weir_hyperloglog_add(&intake->column->distinct, facts->hash) != 0;
}

static bool take_text(struct profile_intake *intake, const struct weir_column *values, int64_t at, int64_t row,
                      struct text_facts *facts, struct profile_scratch *scratch)
{
    size_t size;
    bool failed = false;
    const char *text = weir_text(values, at, &size);
    if (!facts->known)
        know_text(intake, text, size, facts, &failed);
    scratch->numbers[row] = facts->length;
    scratch->groups[row] = facts->group;
    if (intake->column->has & PROFILE_TOP)
        failed |= weir_frequent_add_text(&intake->frequent, facts->hash, text, size, 1) != 0;
    return !failed;
}

static int take_texts(struct profile_intake *intake, const struct weir_column *column,
                      const struct profile_labels *labels, struct profile_scratch *scratch, struct weir_error *error)
{
    bool coded = intake->field->type.kind == WEIR_DICTIONARY, done = true;
    const struct weir_column *values = coded ? &column->children[0] : column;
    struct text_facts *of_code = coded ? weir_allocate_zero((size_t)values->rows, sizeof *of_code) : NULL;
    int64_t missing = 0;
    if (coded && !of_code)
        return weir_fail_memory(error);
    for (int64_t row = 0; done && row < column->rows; row++) {
        struct text_facts single = { .known = false };
        int64_t at = coded && weir_valid(column, row) ? weir_codes(column)[row] : row;
        if (!weir_valid(column, row) || (coded && !weir_valid(values, at))) {
            scratch->numbers[row] = (double)NAN;
            scratch->groups[row] = -1;
            missing++;
            continue;
        }
        done = take_text(intake, values, at, row, coded ? &of_code[at] : &single, scratch);
    }
    free(of_code);
    if (!done || ((intake->column->has & PROFILE_LENGTHS) &&
                  weir_profile_measure_add(&intake->column->lengths, intake->lengths, scratch->numbers, column->rows)))
        return weir_fail_memory(error);
    intake->column->missing += missing - column->null_count;
    if (intake->sums)
        weir_profile_sums_categories(intake->sums, labels, scratch->groups, column->rows, intake->rows);
    return 0;
}

/* ---- Lists and the rest ----------------------------------------------------------------------------------------- */

static int take_hashes(struct profile_intake *intake, const struct weir_column *column, struct weir_error *error)
{
    for (int64_t row = 0; row < column->rows; row++)
        if (weir_valid(column, row) &&
            weir_hyperloglog_add(&intake->column->distinct, weir_value_hash(column, &intake->field->type, row, 0)))
            return weir_fail_memory(error);
    return 0;
}

/* Numbers within rows: items [first, first + count) of the child, but those that are missing or of missing rows. */
static int take_items(struct profile_intake *intake, const struct weir_column *items, enum weir_kind kind,
                      int64_t first, int64_t count, struct profile_scratch *scratch, struct weir_error *error)
{
    const struct weir_type type = { .kind = kind };
    struct weir_column part = { 0 };
    struct profile_measure *values = &intake->column->values;
    int result = -1;
    if (weir_column_slice(&part, items, &type, first, count) || reserve_scratch(scratch, count))
        weir_fail_memory(error);
    else if (weir_numbers(&part, kind, scratch->numbers, error) == 0) {
        if (values->whole)
            keys_of_whole(values, &part, kind, scratch->keys);
        else
            values->nan += count - part.null_count - (int64_t)keys_of_floats(scratch->numbers, count, scratch->keys);
        result = weir_profile_measure_add(values, NULL, scratch->numbers, count) ? weir_fail_memory(error) : 0;
    }
    weir_column_release(&part);
    return result;
}

static int take_tensors(struct profile_intake *intake, const struct weir_column *column,
                        struct profile_scratch *scratch, struct weir_error *error)
{
    const struct weir_type *type = &intake->field->type;
    int64_t width = type->list_size;
    for (int64_t row = 0; row < column->rows;) {
        int64_t next = row; /* runs of rows that are there, of bounded size */
        while (next < column->rows && weir_valid(column, next) && (next - row) * width < 1 << 16)
            next++;
        if (next > row && take_items(intake, &column->children[0], type->children[0].type.kind, row * width,
                                     (next - row) * width, scratch, error))
            return -1;
        row = next > row ? next : row + 1;
    }
    return take_hashes(intake, column, error);
}

static int take_lists(struct profile_intake *intake, const struct weir_column *column, struct profile_scratch *scratch,
                      struct weir_error *error)
{
    const int32_t *offsets = weir_offsets(column);
    const struct weir_type *item = &intake->field->type.children[0].type;
    for (int64_t row = 0; row < column->rows; row++)
        scratch->numbers[row] = weir_valid(column, row) ? (double)(offsets[row + 1] - offsets[row]) : (double)NAN;
    if (weir_profile_measure_add(&intake->column->lengths, intake->lengths, scratch->numbers, column->rows))
        return weir_fail_memory(error);
    for (int64_t row = 0; (intake->column->has & PROFILE_VALUES) && row < column->rows; row++)
        if (weir_valid(column, row) && offsets[row + 1] > offsets[row] &&
            take_items(intake, &column->children[0].children[1], item->children[1].type.kind, offsets[row],
                       offsets[row + 1] - offsets[row], scratch, error))
            return -1;
    return take_hashes(intake, column, error);
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

int weir_profile_intake_begin(struct profile_intake *intake, struct profile_column *column,
                              const struct weir_field *field, const struct profile_labels *labels,
                              struct weir_error *error)
{
    unsigned has = weir_profile_contents(&field->type, field->role);
    *intake = (struct profile_intake){ .column = column, .field = field };
    column->role = field->role;
    column->has = has;
    column->name = weir_duplicate_string(field->name);
    if (!column->name || weir_type_copy(&column->type, &field->type) ||
        weir_profile_measure_begin(&column->values, has & PROFILE_WHOLE, has & PROFILE_POINTS, &intake->values) ||
        weir_profile_measure_begin(&column->lengths, true, has & PROFILE_LENGTHS, &intake->lengths))
        return weir_fail_memory(error);
    bool category = has & PROFILE_CATEGORY, number = has & PROFILE_NUMBER;
    if (labels->type && (labels->has_classes || labels->has_numbers) && &field->type != labels->type &&
        (category || number) && !(intake->sums = weir_profile_sums_new(category)))
        return weir_fail_memory(error);
    return 0;
}

static int take(struct profile_intake *intake, const struct weir_column *column, const struct profile_labels *labels,
                struct profile_scratch *scratch, struct weir_error *error)
{
    const struct weir_type *type = &intake->field->type, *value = weir_profile_value_type(type);
    if (reserve_scratch(scratch, column->rows))
        return weir_fail_memory(error);
    if (value->kind == WEIR_UTF8 || type->kind == WEIR_BINARY)
        return take_texts(intake, column, labels, scratch, error);
    if (value != type) {
        struct weir_column decoded = { 0 };
        if (weir_column_decode(&decoded, column, type, error))
            return -1;
        struct weir_field plain = *intake->field;
        const struct weir_field *field = intake->field;
        plain.type = *value;
        intake->field = &plain;
        intake->column->missing += decoded.null_count - column->null_count;
        int result = take(intake, &decoded, labels, scratch, error);
        intake->field = field;
        weir_column_release(&decoded);
        return result;
    }
    if (weir_kind_is_number(type->kind) || (type->kind >= WEIR_DATE32 && type->kind <= WEIR_DURATION))
        return take_numbers(intake, column, type, labels, scratch, error);
    if (intake->column->has & PROFILE_LENGTHS)
        return take_lists(intake, column, scratch, error);
    return intake->column->has & PROFILE_VALUES ? take_tensors(intake, column, scratch, error)
                                                : take_hashes(intake, column, error);
}

int weir_profile_intake_add(struct profile_intake *intake, const struct weir_column *column,
                            const struct profile_labels *labels, struct profile_scratch *scratch,
                            struct weir_error *error)
{
    if (column->rows == 0)
        return 0;
    intake->column->missing += intake->field->type.kind == WEIR_NULL ? column->rows : column->null_count;
    if (intake->field->type.kind != WEIR_NULL && take(intake, column, labels, scratch, error))
        return -1;
    intake->rows += column->rows;
    return 0;
}

int weir_profile_intake_end(struct profile_intake *intake, int64_t min_count, struct weir_error *error)
{
    struct profile_column *column = intake->column;
    return weir_profile_measure_end(&column->values, intake->values) ||
                   weir_profile_measure_end(&column->lengths, intake->lengths) ||
                   weir_frequent_list_take(&column->top, &intake->frequent, min_count)
               ? weir_fail_memory(error)
               : 0;
}

void weir_profile_intake_release(struct profile_intake *intake)
{
    weir_quantiles_free(intake->values);
    weir_quantiles_free(intake->lengths);
    weir_frequent_release(&intake->frequent);
    weir_profile_sums_free(intake->sums);
    *intake = (struct profile_intake){ 0 };
}
