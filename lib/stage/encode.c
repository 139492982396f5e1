#include "stage/choose.h"
#include "stage/encode_private.h"
#include "stage/kinds.h"
#include "stage/options.h"
#include <math.h>

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "columns", "min-count", "max-categories", NULL };
    struct weir_encode *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    double min_count = 5, max_categories = 1024;
    if (weir_option_known(stage, known, error) < 0 ||
        weir_option_list(stage->options, "columns", &self->columns_option, error) < 0 ||
        weir_option_number(stage->options, "min-count", 1, 1e9, &min_count, error) < 0 ||
        weir_option_number(stage->options, "max-categories", 1, WEIR_COUNTS_VALUES / 2, &max_categories, error) < 0)
        return -1;
    self->min_count = (int64_t)min_count;
    self->max_categories = (int64_t)max_categories;
    return 0;
}

static void destroy(struct weir_stage *stage)
{
    struct weir_encode *self = stage->state;
    if (!self)
        return;
    weir_encode_release_columns(self);
    weir_scratch_release(&self->scratch);
    free(self);
}

bool weir_encode_is_text(const struct weir_type *type)
{
    return type->kind == WEIR_UTF8 || (type->kind == WEIR_DICTIONARY && type->children[0].type.kind == WEIR_UTF8);
}

bool weir_encode_is_time(const struct weir_type *type)
{
    return type->kind >= WEIR_DATE32 && type->kind <= WEIR_DURATION;
}

/* ---- Learning ----------------------------------------------------------------------------------------------- */

static bool fits(const struct weir_field *field, void *context)
{
    (void)context;
    return weir_encode_is_text(&field->type) || weir_encode_is_time(&field->type) || field->type.kind == WEIR_BOOL;
}

static int add_columns(struct weir_encode *self, const struct weir_schema *in, struct weir_error *error)
{
    size_t count;
    if (weir_choose_columns(in, self->columns_option, "encode", fits, NULL, &self->source, &count, error) < 0)
        return -1;
    self->columns = weir_allocate_zero(count, sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    while (self->count < count) {
        const struct weir_field *field = &in->fields[self->source[self->count]];
        struct weir_encode_column *column = &self->columns[self->count++];
        column->name = weir_duplicate_string(field->name);
        if (!column->name || weir_type_copy(&column->type, &field->type) < 0)
            return weir_fail_memory(error);
        column->form = weir_encode_is_text(&column->type) ? WEIR_ENCODE_CATEGORY : WEIR_ENCODE_NUMBER;
        column->deviation = 1;
        column->learned = true;
    }
    return 0;
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct weir_encode *self = stage->state;
    weir_encode_release_columns(self);
    if (add_columns(self, in, error) < 0)
        return -1;
    for (size_t i = 0; i < self->count; i++)
        if (self->columns[i].type.kind != WEIR_BOOL)
            return 1;
    return 0;
}

static int learn_text(struct weir_encode_column *column, const struct weir_column *data, struct weir_error *error)
{
    for (int64_t row = 0; row < data->rows; row++) {
        size_t length;
        if (!weir_valid(data, row))
            continue;
        const char *text = weir_text(data, row, &length);
        if (weir_counts_add(&column->counts, text, length, 1) < 0)
            return weir_fail_memory(error);
    }
    return 0;
}

static int learn_dictionary(struct weir_encode_column *column, const struct weir_column *data, struct weir_error *error)
{
    const struct weir_column *values = &data->children[0];
    const int32_t *codes = weir_codes(data);
    for (int64_t row = 0; row < data->rows; row++) {
        size_t length;
        if (!weir_valid(data, row) || !weir_valid(values, codes[row]))
            continue;
        const char *text = weir_text(values, codes[row], &length);
        if (weir_counts_add(&column->counts, text, length, 1) < 0)
            return weir_fail_memory(error);
    }
    return 0;
}

int weir_encode_days(struct weir_scratch *scratch, const struct weir_column *column, const struct weir_type *type,
                     struct weir_error *error)
{
    static const double ticks[] = { 1, 1e3, 1e6, 1e9 }; /* in a second */
    double in_day = type->kind == WEIR_DATE32 ? 1 : type->kind == WEIR_DATE64 ? 86400e3 : 86400 * ticks[type->unit];
    if (weir_scratch_reserve(scratch, column->rows, error) < 0 ||
        weir_numbers(column, type->kind, scratch->numbers, error) < 0)
        return -1;
    for (int64_t row = 0; row < column->rows; row++)
        scratch->numbers[row] /= in_day;
    return 0;
}

static int64_t missing_rows(const struct weir_column *data, const struct weir_type *type)
{
    if (type->kind != WEIR_DICTIONARY || data->children[0].null_count == 0)
        return data->null_count;
    const int32_t *codes = weir_codes(data);
    int64_t missing = 0;
    for (int64_t row = 0; row < data->rows; row++)
        missing += !weir_valid(data, row) || !weir_valid(&data->children[0], codes[row]);
    return missing;
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_encode *self = stage->state;
    for (size_t i = 0; i < self->count; i++) {
        struct weir_encode_column *column = &self->columns[i];
        const struct weir_column *data = &batch->columns[self->source[i]];
        int result = 0;
        column->rows += data->rows;
        column->nulls += missing_rows(data, &column->type);
        if (column->type.kind == WEIR_DICTIONARY) {
            result = learn_dictionary(column, data, error);
        } else if (column->form == WEIR_ENCODE_CATEGORY) {
            result = learn_text(column, data, error);
        } else if (column->type.kind != WEIR_BOOL) {
            result = weir_encode_days(&self->scratch, data, &column->type, error);
            if (result == 0)
                weir_statistics_add(&column->statistics, self->scratch.numbers, (size_t)data->rows);
        }
        if (result < 0)
            return -1;
    }
    return 0;
}

void weir_encode_lay_out(struct weir_encode_column *column, bool missing)
{
    column->other = (int)column->categories.count;
    column->missing = missing ? column->other + 1 : -1;
    column->width = column->other + 1 + missing;
}

static int settle_category(const struct weir_encode *self, struct weir_encode_column *column, struct weir_error *error)
{
    const struct weir_counts *counts = &column->counts;
    uint32_t *index = weir_allocate(counts->count, sizeof *index);
    if (!index)
        return weir_fail_memory(error);
    size_t kept = 0;
    int64_t counted = 0;
    for (size_t i = 0; i < counts->count; i++)
        if (counts->items[i].count >= self->min_count)
            index[kept++] = (uint32_t)i;
    if (kept > (size_t)self->max_categories) {
        weir_counts_sort_by_count(counts, index, kept);
        kept = (size_t)self->max_categories;
    }
    weir_counts_sort_by_value(counts, index, kept);
    int result = 0;
    weir_counts_release(&column->categories);
    for (size_t i = 0; result == 0 && i < kept; i++) {
        const struct weir_count *item = &counts->items[index[i]];
        counted += item->count;
        if (weir_counts_add(&column->categories, weir_counts_value(counts, index[i]), item->size, 1) < 0)
            result = weir_fail_memory(error);
    }
    free(index);
    bool missing = column->nulls > 0;
    bool pooled = counted < column->rows - column->nulls;
    column->form = kept + pooled + missing <= 1 ? WEIR_ENCODE_REMOVED : WEIR_ENCODE_CATEGORY;
    weir_encode_lay_out(column, missing);
    return result;
}

int weir_encode_settle(const struct weir_encode *self, struct weir_encode_column *column, struct weir_error *error)
{
    if (weir_encode_is_text(&column->type))
        return settle_category(self, column, error);
    if (column->type.kind == WEIR_BOOL)
        return 0;
    weir_statistics_finish(&column->statistics);
    const struct weir_statistics *statistics = &column->statistics;
    column->center = statistics->mean;
    column->deviation = weir_statistics_deviation(statistics, 0);
    column->form = statistics->minimum == statistics->maximum ? WEIR_ENCODE_REMOVED : WEIR_ENCODE_NUMBER;
    if (!(column->deviation > 0))
        column->deviation = 1;
    return 0;
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct weir_encode *self = stage->state;
    for (size_t i = 0; i < self->count; i++)
        if (weir_encode_settle(self, &self->columns[i], error) < 0)
            return -1;
    return 0;
}

/* ---- What the trainer asks ------------------------------------------------------------------------------------ */

static const struct weir_encode_column *find_column(const struct weir_stage *stage, const char *name)
{
    const struct weir_encode *self = stage->state;
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->columns[i].name, name) == 0)
            return &self->columns[i];
    return NULL;
}

enum weir_encode_form weir_encode_form(const struct weir_stage *stage, const char *name)
{
    const struct weir_encode_column *column = find_column(stage, name);
    return column ? column->form : WEIR_ENCODE_NOT;
}

int weir_encode_width(const struct weir_stage *stage, const char *name)
{
    const struct weir_encode_column *column = find_column(stage, name);
    if (!column)
        return 0;
    return column->form == WEIR_ENCODE_CATEGORY ? column->width : column->form == WEIR_ENCODE_NUMBER;
}

static int32_t code_of(const struct weir_encode_column *encoding, const char *text, size_t length, int64_t *unknown)
{
    int64_t found = weir_counts_find(&encoding->categories, text, length);
    if (found >= 0)
        return (int32_t)found;
    (*unknown)++;
    return encoding->other;
}

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

int weir_encode_column_codes(const struct weir_encode_column *encoding, const struct weir_column *column,
                             const struct weir_type *type, int32_t *codes, int64_t *unknown, struct weir_error *error)
{
    int32_t missing = encoding->missing >= 0 ? encoding->missing : encoding->other;
    int64_t news = 0;
    int result = 0;
    if (type->kind == WEIR_DICTIONARY && type->children[0].type.kind == WEIR_UTF8) {
        result = dictionary_codes(encoding, column, missing, codes, &news, error);
    } else if (type->kind == WEIR_UTF8) {
        for (int64_t row = 0; row < column->rows; row++) {
            size_t length;
            const char *text = weir_valid(column, row) ? weir_text(column, row, &length) : NULL;
            codes[row] = text ? code_of(encoding, text, length, &news) : missing;
        }
    } else if (type->kind == WEIR_NULL) {
        for (int64_t row = 0; row < column->rows; row++)
            codes[row] = missing;
    } else {
        return weir_fail(error, WEIR_BAD_DATA, "column %s is no text", WEIR_SHOW(encoding->name));
    }
    if (unknown)
        *unknown += news;
    return result;
}

int weir_encode_codes(const struct weir_stage *stage, const char *name, const struct weir_column *column,
                      const struct weir_type *type, int32_t *codes, int64_t *unknown, struct weir_error *error)
{
    const struct weir_encode_column *encoding = find_column(stage, name);
    if (!encoding || encoding->form != WEIR_ENCODE_CATEGORY)
        return weir_fail(error, WEIR_BUG, "%s is no category column of this stage", WEIR_SHOW(name));
    return weir_encode_column_codes(encoding, column, type, codes, unknown, error);
}

const struct weir_stage_kind weir_encode_kind = {
    .name = "encode",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .learn_end = learn_end,
    .merge = weir_encode_merge,
    .save = weir_encode_save,
    .save_merge = weir_encode_save_merge,
    .restore = weir_encode_restore,
    .bind = weir_encode_bind,
    .apply = weir_encode_apply,
    .unbind = weir_encode_unbind,
    .summary = weir_encode_summary,
};
