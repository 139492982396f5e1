#include "model/label.h"
#include "base/memory.h"
#include "base/number.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_text(const struct weir_label *label)
{
    return label->type.kind == WEIR_UTF8;
}

int weir_label_init(struct weir_label *label, const struct weir_field *field, struct weir_error *error)
{
    const struct weir_type *type = &field->type;
    if (type->kind == WEIR_DICTIONARY)
        type = &type->children[0].type;
    bool known = type->kind == WEIR_UTF8 || (weir_kind_is_number(type->kind) && type->kind != WEIR_FLOAT16);
    if (!known || (field->type.kind == WEIR_DICTIONARY && type->kind != WEIR_UTF8)) {
        struct weir_buffer name = { 0 }, shown = { 0 };
        weir_buffer_escaped(&name, field->name, strlen(field->name));
        weir_type_describe(&field->type, &shown);
        weir_fail(error, WEIR_BAD_DATA, "the label '%s' is %s: a label is text, a number or a boolean",
                  name.bytes ? name.bytes : "", shown.bytes ? shown.bytes : "");
        weir_buffer_release(&name);
        weir_buffer_release(&shown);
        return -1;
    }
    label->name = weir_duplicate_string(field->name);
    if (!label->name || weir_type_copy(&label->type, type))
        return weir_fail_memory(error);
    return 0;
}

void weir_label_release(struct weir_label *label)
{
    free(label->name);
    weir_type_release(&label->type);
    free(label->values);
    weir_intern_release(&label->texts);
    free(label->codes);
    *label = (struct weir_label){ 0 };
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

static int64_t bits_of(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(int64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int append(struct weir_label *label, const struct weir_column *column, const struct weir_type *type, int64_t row,
                  int64_t stream_row, bool *present, struct weir_error *error)
{
    int64_t value;
    *present = false;
    if (!weir_valid(column, row))
        return 0;
    if (type->kind == WEIR_DICTIONARY) {
        value = label->codes[weir_load_i32(column->values.bytes + 4 * row)];
        if (value < 0)
            return 0;
    } else if (type->kind == WEIR_UTF8) {
        size_t length;
        const char *text = weir_text(column, row, &length);
        value = weir_intern_add(&label->texts, text, length);
        if (value < 0)
            return weir_fail_memory(error);
    } else if (weir_kind_is_float(type->kind)) {
        double number = weir_number(column, type->kind, row);
        if (!isfinite(number))
            return weir_fail(error, WEIR_BAD_DATA, "row %lld: the label '%s' is not a finite number",
                             (long long)(stream_row + row + 1), label->name);
        value = bits_of(number + 0.0); /* -0 is 0 */
    } else {
        value = weir_integer(column, type->kind, row);
    }
    label->values[label->rows++] = value;
    *present = true;
    return 0;
}

int weir_label_add(struct weir_label *label, const struct weir_column *column, const struct weir_type *type,
                   int64_t stream_row, uint8_t *present, struct weir_error *error)
{
    if (weir_grow((void **)&label->values, &label->capacity, label->rows + (size_t)column->rows, sizeof *label->values))
        return weir_fail_memory(error);
    if (type->kind == WEIR_DICTIONARY &&
        weir_intern_entries(&label->texts, &column->children[0], &label->codes, &label->code_capacity))
        return weir_fail_memory(error);
    for (int64_t row = 0; row < column->rows; row++) {
        bool there;
        if (append(label, column, type, row, stream_row, &there, error))
            return -1;
        present[row] = there;
    }
    return 0;
}

/* ---- What the values mean --------------------------------------------------------------------------------- */

enum weir_task weir_label_task(const struct weir_label *label)
{
    if (is_text(label) || label->type.kind == WEIR_BOOL)
        return WEIR_CLASSIFY;
    if (weir_kind_is_float(label->type.kind))
        return WEIR_REGRESS;
    int64_t seen[WEIR_INTEGER_CLASSES];
    int count = 0, last = 0;
    for (size_t row = 0; row < label->rows; row++) {
        int64_t value = label->values[row];
        if (count && seen[last] == value)
            continue;
        for (last = 0; last < count && seen[last] != value; last++)
            ;
        if (last < count)
            continue;
        if (count == WEIR_INTEGER_CLASSES)
            return WEIR_REGRESS;
        seen[count++] = value;
    }
    return WEIR_CLASSIFY;
}

static int compare_integers(const void *a, const void *b, void *context)
{
    (void)context;
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int compare_naturals(const void *a, const void *b, void *context)
{
    (void)context;
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int compare_reals(const void *a, const void *b, void *context)
{
    (void)context;
    double x = double_of(*(const int64_t *)a), y = double_of(*(const int64_t *)b);
    return x < y ? -1 : x > y;
}

/* By bytes, which for UTF-8 is by code points. */
static int compare_texts(const void *a, const void *b, void *context)
{
    const struct weir_intern *texts = context;
    size_t m, n;
    const char *x = weir_intern_text(texts, (size_t) * (const int64_t *)a, &m);
    const char *y = weir_intern_text(texts, (size_t) * (const int64_t *)b, &n);
    int order = memcmp(x, y, m < n ? m : n);
    return order ? order : m < n ? -1 : m > n;
}

typedef int comparison(const void *, const void *, void *);

static comparison *comparison_of(const struct weir_label *label)
{
    if (is_text(label))
        return compare_texts;
    if (weir_kind_is_float(label->type.kind))
        return compare_reals;
    return label->type.kind == WEIR_UINT64 ? compare_naturals : compare_integers;
}

static char *class_text(const struct weir_label *label, int64_t value)
{
    char text[WEIR_NUMBER_SIZE];
    size_t length;
    const char *bytes = text;
    if (is_text(label))
        bytes = weir_intern_text(&label->texts, (size_t)value, &length);
    else if (label->type.kind == WEIR_BOOL)
        length = strlen(bytes = value ? "true" : "false");
    else if (label->type.kind == WEIR_FLOAT32)
        length = weir_format_float((float)double_of(value), text);
    else if (weir_kind_is_float(label->type.kind))
        length = weir_format_double(double_of(value), text);
    else if (label->type.kind == WEIR_UINT64)
        length = weir_format_uint64((uint64_t)value, text);
    else
        length = weir_format_int64(value, text);
    return weir_duplicate_bytes(bytes, length);
}

/* A model file holds classes as JSON text, which has no NUL. */
static bool has_nul(const struct weir_label *label)
{
    return is_text(label) && label->texts.text.size && memchr(label->texts.text.bytes, 0, label->texts.text.size);
}

/* A value that was met a moment ago, as most were: what became of it stands here. */
enum { RECENT = 256 };
struct recent {
    int64_t value;
    int32_t class;
    bool met;
};

static struct recent *recent_of(struct recent recent[RECENT], int64_t value)
{
    return &recent[(uint64_t)value * 0x9E3779B97F4A7C15u >> 56];
}

/* The rows' values without most of those that repeat: their number. */
static size_t gather_values(const struct weir_label *label, int64_t *values)
{
    struct recent recent[RECENT] = { 0 };
    size_t count = 0;
    for (size_t row = 0; row < label->rows; row++) {
        int64_t value = label->values[row];
        struct recent *last = recent_of(recent, value);
        if (last->met && last->value == value)
            continue;
        *last = (struct recent){ .value = value, .met = true };
        values[count++] = value;
    }
    return count;
}

/* numbers[row]: the place of the row's value among the sorted ones. */
static void number_rows(const struct weir_label *label, const int64_t *sorted, size_t count, comparison *compare,
                        void *context, int32_t *numbers)
{
    struct recent recent[RECENT] = { 0 };
    for (size_t row = 0; row < label->rows; row++) {
        int64_t value = label->values[row];
        struct recent *last = recent_of(recent, value);
        if (!last->met || last->value != value) {
            const int64_t *found = NULL;
            size_t low = 0, high = count;
            while (!found) {
                size_t middle = low + (high - low) / 2;
                int order = compare(&value, &sorted[middle], context);
                if (order == 0)
                    found = &sorted[middle];
                else if (order < 0)
                    high = middle;
                else
                    low = middle + 1;
            }
            *last = (struct recent){ value, (int32_t)(found - sorted), true };
        }
        numbers[row] = last->class;
    }
}

static size_t drop_repeated(int64_t *sorted, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || sorted[kept - 1] != sorted[i])
            sorted[kept++] = sorted[i];
    return kept;
}

static int check_class_count(const struct weir_label *label, size_t count, struct weir_error *error)
{
    struct weir_buffer name = { 0 };
    weir_buffer_escaped(&name, label->name, strlen(label->name));
    int result = 0;
    if (count == 1)
        result = weir_fail(error, WEIR_BAD_DATA, "the label '%s' has one class only: there is nothing to tell apart",
                           name.bytes ? name.bytes : "");
    else if (count > WEIR_MAX_CLASSES)
        result = weir_fail(error, WEIR_BAD_DATA,
                           "the label '%s' has %zu different values, more than %d classes: is it an id, or a number to "
                           "be predicted (--task regress)?",
                           name.bytes ? name.bytes : "", count, WEIR_MAX_CLASSES);
    weir_buffer_release(&name);
    return result;
}

/* The different values that rows have, in their order, into sorted (room: those of all texts, or of all rows): their
 * number, or -1 when out of memory. */
static int64_t sort_values(const struct weir_label *label, comparison *compare, void *context, int64_t *sorted)
{
    if (!is_text(label)) {
        size_t count = gather_values(label, sorted);
        qsort_r(sorted, count, sizeof *sorted, compare, context);
        return (int64_t)drop_repeated(sorted, count);
    }
    uint8_t *seen = weir_allocate_zero(label->texts.count, 1);
    if (!seen)
        return -1;
    for (size_t row = 0; row < label->rows; row++)
        seen[label->values[row]] = 1;
    size_t count = 0;
    for (size_t i = 0; i < label->texts.count; i++)
        if (seen[i]) /* a dictionary may hold texts that no row has */
            sorted[count++] = (int64_t)i;
    free(seen);
    qsort_r(sorted, count, sizeof *sorted, compare, context);
    return (int64_t)count;
}

static int name_classes(const struct weir_label *label, const int64_t *sorted, size_t count, struct weir_model *model)
{
    model->classes = weir_allocate_zero(count, sizeof *model->classes);
    for (size_t i = 0; model->classes && i < count; i++)
        if ((model->classes[i] = class_text(label, sorted[i])))
            model->class_count++;
    return model->classes && (size_t)model->class_count == count ? 0 : -1;
}

int weir_label_classes(const struct weir_label *label, struct weir_model *model, int32_t **classes,
                       struct weir_error *error)
{
    if (has_nul(label))
        return weir_fail(error, WEIR_BAD_DATA, "a class of the label '%s' has a NUL byte in its text", label->name);
    comparison *compare = comparison_of(label);
    void *context = (void *)(uintptr_t)&label->texts;
    int64_t *sorted = weir_allocate(is_text(label) ? label->texts.count : label->rows, sizeof *sorted);
    int32_t *numbers = weir_allocate(label->rows, sizeof *numbers);
    int64_t count = sorted && numbers ? sort_values(label, compare, context, sorted) : -1;
    int result = count < 0 ? weir_fail_memory(error) : check_class_count(label, (size_t)count, error);
    if (result == 0 && name_classes(label, sorted, (size_t)count, model))
        result = weir_fail_memory(error);
    if (result == 0) {
        number_rows(label, sorted, (size_t)count, compare, context, numbers);
        *classes = numbers;
        numbers = NULL;
    }
    free(sorted);
    free(numbers);
    return result;
}

double weir_label_number(const struct weir_label *label, int64_t value)
{
    return weir_kind_is_float(label->type.kind) ? double_of(value)
           : label->type.kind == WEIR_UINT64    ? (double)(uint64_t)value
                                                : (double)value;
}

int weir_label_targets(const struct weir_label *label, double **targets, struct weir_error *error)
{
    if (is_text(label))
        return weir_fail(error, WEIR_BAD_DATA, "the label '%s' is text, and a value to be predicted is a number",
                         label->name);
    double *numbers = weir_allocate(label->rows, sizeof *numbers);
    if (!numbers)
        return weir_fail_memory(error);
    for (size_t row = 0; row < label->rows; row++)
        numbers[row] = weir_label_number(label, label->values[row]);
    *targets = numbers;
    return 0;
}
