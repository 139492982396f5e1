/* Texts to codes. */
#include "base/hash.h"
#include "base/number.h"
#include "stage/encode_private.h"
#include "stage/options.h"
#include <math.h>

/* Bools and numbers as text, as weir_value_text writes them: a whole number is the same text in any type. */
static int make_texts(struct weir_column *made, const struct weir_column *column, const struct weir_type *type,
                      struct weir_error *error)
{
    const struct weir_type utf8 = { .kind = WEIR_UTF8 };
    struct weir_builder builder;
    struct weir_buffer text = { 0 };
    if (weir_builder_init(&builder, &utf8) < 0)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < column->rows; row++) {
        double real = weir_valid(column, row) ? weir_number(column, type->kind, row) : (double)NAN;
        if (!isfinite(real)) {
            weir_builder_null(&builder);
            continue;
        }
        weir_buffer_clear(&text);
        if (real == 0 && type->kind != WEIR_BOOL) /* -0 too */
            weir_buffer_string(&text, "0");
        else
            weir_value_text(column, type, row, &text);
        weir_builder_text(&builder, text.bytes, text.size);
    }
    int result = text.failed ? weir_fail_memory(error) : weir_builder_finish(&builder, made, error);
    weir_buffer_release(&text);
    weir_builder_release(&builder);
    return result;
}

int weir_encode_texts_open(struct weir_encode_texts *texts, const struct weir_column *column,
                           const struct weir_type *type, struct weir_error *error)
{
    *texts = (struct weir_encode_texts){ .rows = column, .values = column };
    if (type->kind == WEIR_DICTIONARY) {
        texts->values = &column->children[0];
        texts->codes = weir_codes(column);
    } else if (weir_encode_is_category(type) && !weir_encode_is_text(type)) {
        if (make_texts(&texts->made, column, type, error) < 0)
            return -1;
        texts->rows = texts->values = &texts->made;
    }
    return 0;
}

void weir_encode_texts_close(struct weir_encode_texts *texts)
{
    weir_column_release(&texts->made);
}

static int32_t code_of(const struct weir_encode_column *encoding, const char *text, size_t length, int64_t *unknown)
{
    int64_t found = weir_counts_find(&encoding->categories, text, length);
    if (found >= 0)
        return (int32_t)found;
    (*unknown)++;
    return encoding->other;
}

/* Each of a dictionary's values is looked up once. */
static int dictionary_codes(const struct weir_encode_column *encoding, const struct weir_column *column,
                            int32_t missing, int32_t *codes, int64_t *unknown, struct weir_error *error)
{
    const struct weir_column *values = &column->children[0];
    const int32_t *from = weir_codes(column);
    int32_t *code = weir_allocate((size_t)values->rows, sizeof *code);
    bool *known = weir_allocate((size_t)values->rows, sizeof *known);
    if (!code || !known) {
        free(code);
        free(known);
        return weir_fail_memory(error);
    }
    for (int64_t i = 0; i < values->rows; i++) {
        size_t length;
        int64_t news = 0;
        bool there = weir_valid(values, i);
        const char *text = there ? weir_text(values, i, &length) : NULL;
        code[i] = there ? code_of(encoding, text, length, &news) : missing;
        known[i] = news == 0;
    }
    for (int64_t row = 0; row < column->rows; row++) {
        bool there = weir_valid(column, row);
        codes[row] = there ? code[from[row]] : missing;
        *unknown += there && !known[from[row]];
    }
    free(code);
    free(known);
    return 0;
}

static int text_codes(const struct weir_encode_column *encoding, const struct weir_column *column,
                      const struct weir_type *type, int32_t missing, int32_t *codes, int64_t *unknown,
                      struct weir_error *error)
{
    struct weir_encode_texts texts;
    if (weir_encode_texts_open(&texts, column, type, error) < 0)
        return -1;
    for (int64_t row = 0; row < column->rows; row++) {
        size_t length;
        const char *text = weir_encode_text(&texts, row, &length);
        codes[row] = text ? code_of(encoding, text, length, unknown) : missing;
    }
    weir_encode_texts_close(&texts);
    return 0;
}

int weir_encode_column_codes(const struct weir_encode_column *encoding, const struct weir_column *column,
                             const struct weir_type *type, int32_t *codes, int64_t *unknown, struct weir_error *error)
{
    int32_t missing = encoding->missing >= 0 ? encoding->missing : encoding->other;
    int64_t news = 0;
    int result = 0;
    if (type->kind == WEIR_DICTIONARY && type->children[0].type.kind == WEIR_UTF8) {
        result = dictionary_codes(encoding, column, missing, codes, &news, error);
    } else if (weir_encode_is_category(type)) {
        result = text_codes(encoding, column, type, missing, codes, &news, error);
    } else if (type->kind == WEIR_NULL) {
        for (int64_t row = 0; row < column->rows; row++)
            codes[row] = missing;
    } else {
        return weir_fail(error, WEIR_BAD_DATA, "column %s has no categories", WEIR_SHOW(encoding->name));
    }
    if (unknown)
        *unknown += news;
    return result;
}

int64_t weir_encode_hash_slot(const char *text, size_t length, int width, float *sign)
{
    uint64_t hash = weir_hash(text, length, 0);
    *sign = hash >> 63 ? -1 : 1;
    return (int64_t)(hash % (uint64_t)width);
}

/* ---- The order of values ---------------------------------------------------------------------------------------- */

/* Texts of whole numbers: negative ones first, and the shorter one of the same sign is the nearer to 0. */
static int by_size(const void *a, const void *b, void *context)
{
    const struct weir_counts *counts = context;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const char *x = weir_counts_value(counts, i), *y = weir_counts_value(counts, j);
    uint32_t m = counts->items[i].size, n = counts->items[j].size;
    bool negative = m > 0 && *x == '-', other = n > 0 && *y == '-';
    if (negative != other)
        return negative ? -1 : 1;
    int order = m != n ? (m > n) - (m < n) : memcmp(x, y, m);
    return negative ? -order : order;
}

/* Texts of any numbers. */
static int by_value(const void *a, const void *b, void *context)
{
    const struct weir_counts *counts = context;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    double x = 0, y = 0;
    weir_parse_double(weir_counts_value(counts, i), counts->items[i].size, &x);
    weir_parse_double(weir_counts_value(counts, j), counts->items[j].size, &y);
    return (x > y) - (x < y);
}

void weir_encode_sort(const struct weir_counts *counts, const struct weir_type *type, uint32_t *index, size_t count)
{
    if (weir_kind_is_integer(type->kind))
        qsort_r(index, count, sizeof *index, by_size, (void *)(uintptr_t)counts);
    else if (weir_encode_is_number(type))
        qsort_r(index, count, sizeof *index, by_value, (void *)(uintptr_t)counts);
    else
        weir_counts_sort_by_value(counts, index, count);
}

/* ---- What the trainer asks -------------------------------------------------------------------------------------- */

static const struct weir_encode_column *find_column(const struct weir_stage *stage, const char *name, size_t from)
{
    const struct weir_encode *self = stage->state;
    for (size_t i = 0; i < self->count; i++) {
        const struct weir_encode_column *column = &self->encoded[(from + i) % self->count];
        if (strcmp(column->name, name) == 0)
            return column;
    }
    return NULL;
}

enum weir_encode_form weir_encode_form(const struct weir_stage *stage, const char *name, size_t from)
{
    const struct weir_encode_column *column = find_column(stage, name, from);
    return column ? column->form : WEIR_ENCODE_NOT;
}

int weir_encode_width(const struct weir_stage *stage, const char *name, size_t from)
{
    const struct weir_encode_column *column = find_column(stage, name, from);
    return column && column->form != WEIR_ENCODE_REMOVED ? column->width : 0;
}

int weir_encode_codes(const struct weir_stage *stage, const char *name, size_t from, const struct weir_column *column,
                      const struct weir_type *type, int32_t *codes, int64_t *unknown, struct weir_error *error)
{
    const struct weir_encode_column *encoding = find_column(stage, name, from);
    if (!encoding || encoding->form != WEIR_ENCODE_CATEGORY)
        return weir_fail(error, WEIR_BUG, "%s is no category column of this stage", WEIR_SHOW(name));
    return weir_encode_column_codes(encoding, column, type, codes, unknown, error);
}
