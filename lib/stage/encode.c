#include "stage/encode_private.h"
#include "stage/kinds.h"
#include "stage/options.h"
#include <math.h>

static int create(struct weir_stage *stage, struct weir_error *error)
{
    struct weir_encode *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    return weir_encode_read_options(self, stage, error);
}

static void destroy(struct weir_stage *stage)
{
    struct weir_encode *self = stage->state;
    if (!self)
        return;
    weir_encode_release_columns(self);
    weir_encode_release_label(&self->label);
    weir_scratch_release(&self->scratch);
    free(self);
}

/* ---- Learning ----------------------------------------------------------------------------------------------- */

static bool has_form(const struct weir_encode *self, enum weir_encode_form form)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->encoded[i].form == form)
            return true;
    return false;
}

static int add_columns(struct weir_encode *self, const struct weir_schema *in, struct weir_error *error)
{
    size_t count;
    if (weir_encode_choose(self, in, &self->source, &count, error) < 0)
        return -1;
    self->encoded = weir_allocate_zero(count, sizeof *self->encoded);
    if (!self->encoded)
        return weir_fail_memory(error);
    while (self->count < count) {
        const struct weir_field *field = &in->fields[self->source[self->count]];
        struct weir_encode_column *column = &self->encoded[self->count++];
        column->name = weir_duplicate_string(field->name);
        if (!column->name || weir_type_copy(&column->type, &field->type) < 0)
            return weir_fail_memory(error);
        column->form = weir_encode_planned(self, column->name, &column->type);
        column->deviation = 1;
        column->learned = true;
    }
    return 0;
}

/* Options that would be without effect are refused. */
static int check_use(const struct weir_encode *self, const json_t *options, struct weir_error *error)
{
    static const struct {
        const char *option;
        enum weir_encode_form form;
        const char *method;
    } uses[] = {
        { "order", WEIR_ENCODE_ORDINAL, "ordinal" }, { "parts", WEIR_ENCODE_CYCLIC, "cyclic" },
        { "width", WEIR_ENCODE_HASH, "hash" },       { "smoothing", WEIR_ENCODE_TARGET, "target" },
        { "folds", WEIR_ENCODE_TARGET, "target" },
    };
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (json_object_get(options, uses[i].option) && !has_form(self, uses[i].form))
            return weir_fail(error, WEIR_USAGE, "--%s needs a column with --method %s", uses[i].option, uses[i].method);
    for (size_t i = 0; self->parts && i < self->count; i++) {
        struct weir_encode_column *column = &self->encoded[i];
        if (column->form != WEIR_ENCODE_CYCLIC)
            continue;
        weir_encode_lay_out_parts(column, self->parts);
        if (column->part_count == 0)
            return weir_fail(error, WEIR_USAGE, "column %s has none of --parts", WEIR_SHOW(column->name));
    }
    return 0;
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct weir_encode *self = stage->state;
    weir_encode_release_columns(self);
    weir_encode_release_label(&self->label);
    self->second_pass = false;
    self->learned_rows = 0;
    if (add_columns(self, in, error) < 0 || check_use(self, stage->options, error) < 0)
        return -1;
    if (has_form(self, WEIR_ENCODE_TARGET) && weir_encode_find_label(self, in, error) < 0)
        return -1;
    int more = 0;
    for (size_t i = 0; i < self->count; i++) {
        struct weir_encode_column *column = &self->encoded[i];
        if (column->form == WEIR_ENCODE_HASH || column->form == WEIR_ENCODE_CYCLIC ||
            (column->form == WEIR_ENCODE_NUMBER && column->type.kind == WEIR_BOOL)) {
            if (weir_encode_settle(self, column, error) < 0)
                return -1;
        } else {
            more = 1;
        }
    }
    return more;
}

static int learn_texts(struct weir_encode *self, struct weir_encode_column *column, const struct weir_column *data,
                       struct weir_error *error)
{
    struct weir_encode_texts texts;
    bool labelled = column->form == WEIR_ENCODE_TARGET; /* only rows with a label count */
    if (weir_encode_texts_open(&texts, data, &column->type, error) < 0)
        return -1;
    int result = 0;
    for (int64_t row = 0; result == 0 && row < data->rows; row++) {
        size_t length;
        if (labelled && isnan(self->label.values[row]))
            continue;
        const char *text = weir_encode_text(&texts, row, &length);
        column->rows++;
        column->nulls += !text;
        if (text && weir_counts_add(&column->counts, text, length, 1) < 0)
            result = weir_fail_memory(error);
    }
    weir_encode_texts_close(&texts);
    return result;
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

static int learn_times(struct weir_encode *self, struct weir_encode_column *column, const struct weir_column *data,
                       struct weir_error *error)
{
    if (weir_encode_days(&self->scratch, data, &column->type, error) < 0)
        return -1;
    weir_statistics_add(&column->statistics, self->scratch.numbers, (size_t)data->rows);
    column->rows += data->rows;
    column->nulls += data->null_count;
    return 0;
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_encode *self = stage->state;
    if (self->label.source >= 0 && weir_encode_read_labels(self, batch, error) < 0)
        return -1;
    for (size_t i = 0; i < self->count; i++) {
        struct weir_encode_column *column = &self->encoded[i];
        const struct weir_column *data = &batch->columns[self->source[i]];
        int result = 0;
        if (self->second_pass)
            result = column->form == WEIR_ENCODE_TARGET ? weir_encode_learn_target(self, column, data, error) : 0;
        else if (column->form == WEIR_ENCODE_NUMBER)
            result = column->type.kind == WEIR_BOOL ? 0 : learn_times(self, column, data, error);
        else if (column->form != WEIR_ENCODE_HASH && column->form != WEIR_ENCODE_CYCLIC)
            result = learn_texts(self, column, data, error);
        if (result < 0)
            return -1;
    }
    self->learned_rows += batch->rows;
    return 0;
}

/* ---- What was learned --------------------------------------------------------------------------------------- */

int weir_encode_codes_of(const struct weir_encode_column *column)
{
    return (column->missing >= 0 ? column->missing : column->other) + 1;
}

void weir_encode_lay_out(struct weir_encode_column *column, bool missing)
{
    column->other = (int)column->categories.count;
    column->missing = missing ? column->other + 1 : -1;
    column->width = column->form == WEIR_ENCODE_CATEGORY ? weir_encode_codes_of(column) : 1;
}

/* Which values are kept, in order: index[*kept]; *counted is how often they occurred together. */
static int choose_categories(const struct weir_encode *self, const struct weir_encode_column *column, uint32_t **index,
                             size_t *kept, int64_t *counted, struct weir_error *error)
{
    const struct weir_counts *counts = &column->counts;
    int64_t most = column->form == WEIR_ENCODE_CATEGORY ? 1024 : WEIR_COUNTS_VALUES / 2;
    if (self->max_categories > 0)
        most = self->max_categories;
    *index = weir_allocate(counts->count, sizeof **index);
    if (!*index)
        return weir_fail_memory(error);
    for (size_t i = 0; i < counts->count; i++)
        if (counts->items[i].count >= self->min_count)
            (*index)[(*kept)++] = (uint32_t)i;
    if (*kept > (size_t)most) {
        weir_counts_sort_by_count(counts, *index, *kept);
        *kept = (size_t)most;
    }
    weir_encode_sort(counts, &column->type, *index, *kept);
    for (size_t i = 0; i < *kept; i++)
        *counted += counts->items[(*index)[i]].count;
    return 0;
}

static int keep_categories(struct weir_encode_column *column, const uint32_t *index, size_t kept,
                           struct weir_error *error)
{
    const struct weir_counts *counts = &column->counts;
    for (size_t i = 0; i < kept; i++)
        if (weir_counts_add(&column->categories, weir_counts_value(counts, index[i]), counts->items[index[i]].size, 1) <
            0)
            return weir_fail_memory(error);
    return 0;
}

static int new_table(struct weir_encode_column *column, struct weir_error *error)
{
    free(column->table);
    column->table = weir_allocate_zero((size_t)weir_encode_codes_of(column) * (size_t)column->width, sizeof(double));
    return column->table ? 0 : weir_fail_memory(error);
}

int weir_encode_settle_ordinal(struct weir_encode_column *column, struct weir_error *error)
{
    weir_encode_lay_out(column, true);
    if (new_table(column, error) < 0)
        return -1;
    for (int i = 0; i < column->other; i++)
        column->table[i] = i;
    column->table[column->other] = -1;
    column->table[column->missing] = (double)NAN;
    return 0;
}

static int settle_frequency(struct weir_encode_column *column, const uint32_t *index, struct weir_error *error)
{
    if (new_table(column, error) < 0)
        return -1;
    double rows = column->rows > 0 ? (double)column->rows : 1;
    for (int i = 0; i < column->other; i++)
        column->table[i] = (double)column->counts.items[index[i]].count / rows;
    if (column->missing >= 0)
        column->table[column->missing] = (double)column->nulls / rows;
    return 0;
}

static int settle_target(const struct weir_encode *self, struct weir_encode_column *column, const uint32_t *index,
                         struct weir_error *error)
{
    int32_t *code = weir_allocate(column->counts.count, sizeof *code);
    if (!code)
        return weir_fail_memory(error);
    for (size_t i = 0; i < column->counts.count; i++)
        code[i] = column->other;
    for (int i = 0; i < column->other; i++)
        code[index[i]] = i;
    int result = weir_encode_settle_target(self, column, code, error);
    free(code);
    return result;
}

static int settle_categories(const struct weir_encode *self, struct weir_encode_column *column,
                             struct weir_error *error)
{
    uint32_t *index = NULL;
    size_t kept = 0;
    int64_t counted = 0;
    bool given = false, missing = column->nulls > 0;
    weir_counts_release(&column->categories);
    int result = choose_categories(self, column, &index, &kept, &counted, error);
    if (result == 0 && column->form == WEIR_ENCODE_ORDINAL)
        result = weir_encode_given_order(self, column, &given, error);
    if (result == 0 && !given)
        result = keep_categories(column, index, kept, error);
    if (result == 0) {
        weir_encode_lay_out(column, missing);
        if (column->form == WEIR_ENCODE_ORDINAL)
            result = weir_encode_settle_ordinal(column, error);
        else if (column->form == WEIR_ENCODE_FREQUENCY)
            result = settle_frequency(column, index, error);
        else if (column->form == WEIR_ENCODE_TARGET)
            result = settle_target(self, column, index, error);
    }
    free(index);
    bool pooled = counted < column->rows - column->nulls;
    if (!given && kept + pooled + missing <= 1)
        column->form = WEIR_ENCODE_REMOVED;
    return result;
}

static void settle_times(struct weir_encode_column *column)
{
    weir_statistics_finish(&column->statistics);
    const struct weir_statistics *statistics = &column->statistics;
    column->center = statistics->mean;
    column->deviation = weir_statistics_deviation(statistics, 0);
    if (statistics->minimum == statistics->maximum)
        column->form = WEIR_ENCODE_REMOVED;
    if (!(column->deviation > 0))
        column->deviation = 1;
}

int weir_encode_settle(const struct weir_encode *self, struct weir_encode_column *column, struct weir_error *error)
{
    column->form = weir_encode_planned(self, column->name, &column->type);
    column->width = 1;
    switch (column->form) {
    case WEIR_ENCODE_NUMBER:
        if (column->type.kind != WEIR_BOOL)
            settle_times(column);
        return 0;
    case WEIR_ENCODE_HASH:
        column->width = self->hash_width;
        return 0;
    case WEIR_ENCODE_CYCLIC:
        weir_encode_lay_out_parts(column, self->parts);
        return 0;
    default:
        return settle_categories(self, column, error);
    }
}

static int settle_first_pass(struct weir_encode *self, struct weir_error *error)
{
    bool targets = self->label.source >= 0;
    if (targets && weir_encode_settle_label(self, error) < 0)
        return -1;
    for (size_t i = 0; i < self->count; i++) {
        struct weir_encode_column *column = &self->encoded[i];
        if (column->form == WEIR_ENCODE_TARGET ? weir_encode_begin_sums(self, column, error)
                                               : weir_encode_settle(self, column, error))
            return -1;
    }
    self->learned_rows = 0;
    self->second_pass = true;
    return targets;
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct weir_encode *self = stage->state;
    if (!self->second_pass)
        return settle_first_pass(self, error);
    for (size_t i = 0; i < self->count; i++)
        if (self->encoded[i].form == WEIR_ENCODE_TARGET && weir_encode_settle(self, &self->encoded[i], error) < 0)
            return -1;
    return 0;
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
